/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assert-error.h"
#include "drivers/local/store/checkpoint-filename.h"
#include "drivers/local/store/journal-file.h"
#include "drivers/local/store/local-store.h"
#include "image-fixture.h"

#define UUID "8a6e0f4e-0000-4000-8000-000000000001"
#define OTHER_UUID "8a6e0f4e-0000-4000-8000-000000000002"
#define DOMAIN_XML "<domain>\n  <name>ä &amp; ö</name>\n</domain>\n"

typedef struct
{
  char *folder;
  char *root;  /* does not exist at first */
  char *place; /* of UUID */
  VckcStore *store;
  const VckcStoreClass *klass;
  guint n_files; /* open before the test */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = image_fixture_new ();
  fixture->root = g_build_filename (fixture->folder, "a", "b", NULL);
  fixture->place = g_build_filename (fixture->root, UUID, NULL);
  fixture->n_files = image_fixture_count_files ();
  fixture->store = vckc_local_store_new (fixture->root);
  fixture->klass = fixture->store->klass;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fixture->klass->free (fixture->store);
  g_assert_cmpuint (image_fixture_count_files (), ==, fixture->n_files);
  g_free (fixture->root);
  g_free (fixture->place);
  image_fixture_remove (fixture->folder);
}

static gint64
in_a_minute (void)
{
  return g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
}

static void
lock (VckcStore *store, const char *uuid)
{
  VckcError *error = NULL;
  bool ok = store->klass->lock (store, uuid, in_a_minute (), &error);

  assert_ok (ok, error);
}

/* Writes a domain in a lock of its own. */
static void
save (VckcStore *store, const char *uuid, const char *xml)
{
  VckcError *error = NULL;
  bool ok;

  lock (store, uuid);
  ok = store->klass->domain_save (store, uuid, xml, &error);
  assert_ok (ok, error);
  store->klass->unlock (store, uuid);
}

static guint64
generation (VckcStore *store, const char *uuid)
{
  VckcError *error = NULL;
  guint64 number = 1;
  bool ok = store->klass->generation (store, uuid, &number, &error);

  assert_ok (ok, error);
  return number;
}

static VckcStoredDomain *
load (VckcStore *store, const char *uuid)
{
  VckcStoredDomain *stored = NULL;
  VckcError *error = NULL;
  bool ok = store->klass->domain_load (store, uuid, &stored, &error);

  assert_ok (ok, error);
  return stored;
}

/* All three steps of a change, in a lock of their own. */
static void
change (VckcStore *store, const char *uuid, const VckcJournal *what)
{
  g_autoptr (VckcJournal) recovery = vckc_journal_new ("test");
  VckcError *error = NULL;
  bool ok;

  lock (store, uuid);
  ok = store->klass->write_journal (store, uuid, recovery, &error)
       && store->klass->apply (store, uuid, what, &error)
       && store->klass->clear_journal (store, uuid, &error);
  assert_ok (ok, error);
  store->klass->unlock (store, uuid);
}

static VckcJournal *
new_write (const char *name, const char *text)
{
  VckcJournal *what = vckc_journal_new ("test");

  g_hash_table_insert (what->write, g_strdup (name), g_strdup (text));
  return what;
}

/* Writes a file behind the store's back. */
static void
put_file (Fixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->place, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static bool
has_file (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->place, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static int
compare_strings_cb (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* An array of strings as one text. */
static char *
join (GPtrArray *strings)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_ptr_array_sort (strings, compare_strings_cb);
  for (guint i = 0; i < strings->len; i++)
    g_string_append_printf (text, "%s;", (char *) g_ptr_array_index (strings, i));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
list (VckcStore *store)
{
  g_autoptr (GPtrArray) uuids = NULL;
  VckcError *error = NULL;
  bool ok = store->klass->list_domains (store, true, &uuids, &error);

  assert_ok (ok, error);
  return join (uuids);
}

static void
assert_list (Fixture *fixture, const char *expected)
{
  g_autofree char *found = list (fixture->store);

  g_assert_cmpstr (found, ==, expected);
}

static void
assert_no_domain (Fixture *fixture)
{
  VckcStoredDomain *stored = NULL;
  VckcError *error = NULL;

  g_assert_false (fixture->klass->domain_load (fixture->store, UUID, &stored, &error));
  g_assert_null (stored);
  assert_error (error, VCKC_ERROR_NO_DOMAIN, "there is no domain with the UUID '" UUID "'");
  g_assert_cmpuint (generation (fixture->store, UUID), ==, 0);
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  assert_list (fixture, "");
  assert_no_domain (fixture);
  g_assert_false (g_file_test (fixture->root, G_FILE_TEST_EXISTS));
}

static void
test_domains (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcStoredDomain) stored = NULL;
  g_autofree char *stranger = g_build_filename (fixture->root, "README", NULL);
  g_autofree char *upper =
      g_build_filename (fixture->root, "8A6E0F4E-0000-4000-8000-000000000003", NULL);
  g_autofree char *file =
      g_build_filename (fixture->root, "8a6e0f4e-0000-4000-8000-000000000004", NULL);

  save (fixture->store, UUID, DOMAIN_XML);
  save (fixture->store, OTHER_UUID, "<domain/>");
  g_assert_cmpint (g_mkdir (stranger, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (upper, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  assert_list (fixture, UUID ";" OTHER_UUID ";");
  stored = load (fixture->store, UUID);
  g_assert_cmpstr (stored->domain_xml, ==, DOMAIN_XML);
  g_assert_cmpuint (stored->checkpoint_xml->len, ==, 0);
  g_assert_cmpuint (stored->unreadable->len, ==, 0);
  g_assert_null (stored->current);
  g_assert_null (stored->journal);
}

static void
assert_mode (const char *folder, const char *name, guint mode)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat info;

  g_assert_cmpint (lstat (path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 07777, ==, mode);
}

static void
test_modes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = new_write ("c", "<c/>");
  mode_t before = umask (0);

  what->set_current = true;
  what->current = g_strdup ("c");
  save (fixture->store, UUID, DOMAIN_XML);
  change (fixture->store, UUID, what);
  umask (before);
  assert_mode (fixture->root, "", 0700);
  assert_mode (fixture->place, "", 0700);
  assert_mode (fixture->place, "checkpoints", 0700);
  assert_mode (fixture->place, "tmp", 0700);
  assert_mode (fixture->place, "domain.xml", 0600);
  assert_mode (fixture->place, "checkpoints/c.xml", 0600);
  assert_mode (fixture->place, "current", 0600);
  assert_mode (fixture->place, "lock", 0600);
  assert_mode (fixture->place, "generation", 0600);
}

static void
test_changes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) first = new_write ("one", "<one/>");
  g_autoptr (VckcJournal) second = new_write ("two", "<two/>");
  g_autoptr (VckcStoredDomain) before = NULL;
  g_autoptr (VckcStoredDomain) after = NULL;
  g_autofree char *texts_before = NULL;
  g_autofree char *texts_after = NULL;

  save (fixture->store, UUID, DOMAIN_XML);
  g_hash_table_insert (first->write, g_strdup ("zero"), g_strdup ("<zero/>"));
  first->set_current = true;
  first->current = g_strdup ("one");
  change (fixture->store, UUID, first);
  before = load (fixture->store, UUID);
  texts_before = join (before->checkpoint_xml);
  g_assert_cmpstr (texts_before, ==, "<one/>;<zero/>;");
  g_assert_cmpstr (before->current, ==, "one");

  g_hash_table_insert (second->write, g_strdup ("zero"), g_strdup ("<zero again='1'/>"));
  g_ptr_array_add (second->remove, g_strdup ("one"));
  g_ptr_array_add (second->remove, g_strdup ("never-there"));
  second->set_current = true;
  change (fixture->store, UUID, second);
  after = load (fixture->store, UUID);
  texts_after = join (after->checkpoint_xml);
  g_assert_cmpstr (texts_after, ==, "<two/>;<zero again='1'/>;");
  g_assert_null (after->current);
  g_assert_null (after->journal);
}

/* A change that does not mention the current checkpoint leaves it. */
static void
test_current_stays (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) first = new_write ("one", "<one/>");
  g_autoptr (VckcJournal) second = new_write ("two", "<two/>");
  g_autoptr (VckcStoredDomain) stored = NULL;

  first->set_current = true;
  first->current = g_strdup ("one");
  save (fixture->store, UUID, DOMAIN_XML);
  change (fixture->store, UUID, first);
  change (fixture->store, UUID, second);
  stored = load (fixture->store, UUID);
  g_assert_cmpstr (stored->current, ==, "one");
}

static void
assert_same_change (const VckcJournal *a, const VckcJournal *b)
{
  GHashTableIter iter;
  gpointer name;
  gpointer text;

  g_assert_cmpstr (a->operation, ==, b->operation);
  g_assert_cmpuint (a->bitmaps->len, ==, b->bitmaps->len);
  for (guint i = 0; i < a->bitmaps->len; i++)
    {
      const VckcJournalBitmap *x = g_ptr_array_index (a->bitmaps, i);
      const VckcJournalBitmap *y = g_ptr_array_index (b->bitmaps, i);

      g_assert_cmpstr (x->target, ==, y->target);
      g_assert_cmpstr (x->path, ==, y->path);
      g_assert_cmpstr (x->format, ==, y->format);
      g_assert_cmpstr (x->bitmap, ==, y->bitmap);
    }
  g_assert_cmpuint (g_hash_table_size (a->write), ==, g_hash_table_size (b->write));
  g_hash_table_iter_init (&iter, a->write);
  while (g_hash_table_iter_next (&iter, &name, &text))
    g_assert_cmpstr (text, ==, g_hash_table_lookup (b->write, name));
  g_assert_cmpuint (a->remove->len, ==, b->remove->len);
  for (guint i = 0; i < a->remove->len; i++)
    g_assert_cmpstr (g_ptr_array_index (a->remove, i), ==, g_ptr_array_index (b->remove, i));
  g_assert_true (a->set_current == b->set_current);
  g_assert_cmpstr (a->current, ==, b->current);
}

static VckcJournal *
new_full_change (void)
{
  VckcJournal *what = new_write ("one", " <one>\n\t\\n &#10; \"ä\" [x] # ; =\r\n</one>\n\n");

  g_hash_table_insert (what->write, g_strdup ("two"), g_strdup (""));
  vckc_journal_add_bitmap (what, "vda", "/a b/ä\n=[x]\\s.qcow2 ", "qcow2", " one");
  vckc_journal_add_bitmap (what, "vdb", "/b", "qcow2", "\x01\x7f");
  g_ptr_array_add (what->remove, g_strdup ("three"));
  what->set_current = true;
  what->current = g_strdup ("two");
  return what;
}

static void
test_unfinished (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) recovery = new_full_change ();
  g_autoptr (VckcStoredDomain) stored = NULL;
  VckcError *error = NULL;
  bool ok;

  save (fixture->store, UUID, DOMAIN_XML);
  lock (fixture->store, UUID);
  ok = fixture->klass->write_journal (fixture->store, UUID, recovery, &error);
  assert_ok (ok, error);
  fixture->klass->unlock (fixture->store, UUID);
  stored = load (fixture->store, UUID);
  g_assert_nonnull (stored->journal);
  assert_same_change (stored->journal, recovery);

  lock (fixture->store, UUID);
  ok = fixture->klass->clear_journal (fixture->store, UUID, &error);
  assert_ok (ok, error);
  fixture->klass->unlock (fixture->store, UUID);
  vckc_stored_domain_free (g_steal_pointer (&stored));
  stored = load (fixture->store, UUID);
  g_assert_null (stored->journal);
}

/* Any text comes back as it was. */
static void
test_record_round_trip (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20240608);

  for (guint i = 0; i < 500; i++)
    {
      g_autoptr (VckcJournal) what = vckc_journal_new ("x");
      g_autoptr (VckcJournal) again = NULL;
      g_autofree char *text = NULL;
      VckcError *error = NULL;
      char *parts[4];

      for (guint k = 0; k < G_N_ELEMENTS (parts); k++)
        {
          g_autoptr (GString) part = g_string_new (NULL);

          for (int n = g_rand_int_range (random, 0, 20); n > 0; n--)
            g_string_append_unichar (part,
                                     (gunichar) (g_rand_boolean (random)
                                                     ? g_rand_int_range (random, 1, 128)
                                                     : g_rand_int_range (random, 128, 0xd800)));
          parts[k] = g_string_free (g_steal_pointer (&part), FALSE);
        }
      vckc_journal_add_bitmap (what, parts[0], parts[1], "qcow2", parts[2]);
      g_hash_table_insert (what->write, g_strdup ("name"), g_strdup (parts[3]));
      for (guint k = 0; k < G_N_ELEMENTS (parts); k++)
        g_free (parts[k]);
      text = vckc_journal_format (what);
      again = vckc_journal_parse (text, &error);
      assert_ok (again != NULL, error);
      assert_same_change (what, again);
    }
}

/* Cut anywhere, a stored is refused. */
static void
test_record_cut (void)
{
  g_autoptr (VckcJournal) what = new_full_change ();
  g_autofree char *text = vckc_journal_format (what);

  /* All but the last newline. */
  for (gsize length = 0; length + 1 < strlen (text); length++)
    {
      g_autofree char *part = g_strndup (text, length);
      VckcError *error = NULL;

      g_assert_null (vckc_journal_parse (part, &error));
      assert_error (error, VCKC_ERROR_SYSTEM_ERROR,
                    "cannot read the journal of an interrupted change: ");
    }
}

static void
test_record_by_hand (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { "", "Key file does not have group" },
    { "hello", "Key file contains line" },
    { "[change]\nversion=1\noperation=x\n", "'operation' in '[change]' does not stand in quotes" },
    { "[change]\nversion=2\n", "it is of version 2, and only 1 is known" },
    { "[change]\nversion=1\noperation=\"x\"\nset-current=true\ncurrent=\"../x\"\n",
      "'current' in '[change]' cannot be the name of a checkpoint" },
    { "[change]\nversion=1\noperation=\"x\"\nset-current=maybe\n", "set-current" },
    { "[change]\nversion=1\noperation=\"x\"\nset-current=true\nset-notes=false\n"
      "remove-bitmaps=1\n",
      "remove bitmap 1" },
    { "[change]\nversion=1\noperation=\"x\"\nset-current=true\nset-notes=false\n"
      "remove-bitmaps=0\nwrite-checkpoints=0\n"
      "remove-checkpoints=1\n[remove checkpoint 1]\nname=\"../../etc/passwd\"\n",
      "'name' in '[remove checkpoint 1]' cannot be the name" },
    { "[change]\nversion=1\noperation=\"x\"\nset-current=true\nset-notes=false\n"
      "remove-bitmaps=0\nwrite-checkpoints=1\n"
      "remove-checkpoints=0\n[write checkpoint 1]\nname=\".hidden\"\nxml=\"\"\n",
      "'name' in '[write checkpoint 1]' cannot be the name" },
    { "[change]\nversion=1\noperation=\"x\"\nset-current=true\nset-notes=false\n"
      "remove-bitmaps=0\nwrite-checkpoints=2147483647\nremove-checkpoints=0\n",
      "write checkpoint 1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      VckcError *error = NULL;

      g_assert_null (vckc_journal_parse (cases[i].text, &error));
      assert_error (error, VCKC_ERROR_SYSTEM_ERROR, cases[i].message);
    }
}

static void
test_names (void)
{
  static const char *const good[] = { "a", "A-1_2.3", "-", "_", "a..b", "20240101T000000Z", "a." };
  static const char *const bad[] = { "",    ".",    "..", ".a",   "../x",  "a/b", "/",
                                     "a b", "a\nb", "ä",  "\xff", "a\x7f", "a:b", "a%b" };
  g_autofree char *longest = g_strnfill (VCKC_STORE_MAX_NAME, 'a');
  g_autofree char *too_long = g_strnfill (VCKC_STORE_MAX_NAME + 1, 'a');

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (vckc_store_name_is_valid (good[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (vckc_store_name_is_valid (bad[i]));
  g_assert_true (vckc_store_name_is_valid (longest));
  g_assert_false (vckc_store_name_is_valid (too_long));
}

static void
assert_refused (Fixture *fixture, VckcJournal *what, VckcErrorCode code, const char *part)
{
  VckcError *error = NULL;

  g_assert_false (fixture->klass->write_journal (fixture->store, UUID, what, &error));
  assert_error (error, code, part);
  error = NULL;
  g_assert_false (fixture->klass->apply (fixture->store, UUID, what, &error));
  assert_error (error, code, part);
  vckc_journal_free (what);
}

static void
test_hostile_changes (Fixture *fixture, gconstpointer data)
{
  g_autofree char *long_name = g_strnfill (4096, 'n');
  g_autofree char *long_text = g_strnfill (4 * 1024 * 1024 + 1, 't');
  g_autoptr (VckcStoredDomain) stored = NULL;
  VckcJournal *what;

  save (fixture->store, UUID, DOMAIN_XML);
  lock (fixture->store, UUID);
  assert_refused (fixture, new_write ("../x", ""), VCKC_ERROR_INVALID_ARG,
                  "'../x' cannot be the name of a checkpoint: use at most 251 letters");
  assert_refused (fixture, new_write (long_name, ""), VCKC_ERROR_INVALID_ARG, "nnn…' cannot be");
  assert_refused (fixture, new_write ("a", long_text), VCKC_ERROR_XML_ERROR,
                  "the description of the checkpoint is larger than 4194304 bytes");
  assert_refused (fixture, new_write ("a", "\xff"), VCKC_ERROR_XML_ERROR, "is not UTF-8");
  what = new_write ("a", "");
  g_ptr_array_add (what->remove, g_strdup ("../../domain"));
  assert_refused (fixture, what, VCKC_ERROR_INVALID_ARG, "'../../domain' cannot be");
  what = new_write ("a", "");
  what->current = g_strdup (".");
  assert_refused (fixture, what, VCKC_ERROR_INVALID_ARG, "'.' cannot be");
  fixture->klass->unlock (fixture->store, UUID);
  stored = load (fixture->store, UUID);
  g_assert_cmpuint (stored->checkpoint_xml->len, ==, 0);
  g_assert_null (stored->journal);
}

static void
test_longest_name (Fixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_strnfill (VCKC_STORE_MAX_NAME, 'n');
  g_autoptr (VckcJournal) what = new_write (name, "<n/>");
  g_autoptr (VckcStoredDomain) stored = NULL;

  what->set_current = true;
  what->current = g_strdup (name);
  save (fixture->store, UUID, DOMAIN_XML);
  change (fixture->store, UUID, what);
  stored = load (fixture->store, UUID);
  g_assert_cmpuint (stored->checkpoint_xml->len, ==, 1);
  g_assert_cmpstr (stored->current, ==, name);
}

static void
test_hostile_domains (Fixture *fixture, gconstpointer data)
{
  static const char *const bad[] = {
    "", ".", "..", ("../" UUID), "8A6E0F4E-0000-4000-8000-000000000001", "x"
  };
  g_autofree char *long_text = g_strnfill (4 * 1024 * 1024 + 1, 't');
  VckcStoredDomain *stored = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      VckcError *error = NULL;

      g_assert_false (fixture->klass->lock (fixture->store, bad[i], in_a_minute (), &error));
      assert_error (error, VCKC_ERROR_INTERNAL, "is not the UUID of a domain");
      error = NULL;
      g_assert_false (fixture->klass->domain_load (fixture->store, bad[i], &stored, &error));
      assert_error (error, VCKC_ERROR_INTERNAL, "is not the UUID of a domain");
      g_assert_cmpuint (generation (fixture->store, bad[i]), ==, 0);
    }
  lock (fixture->store, UUID);
  g_assert_false (fixture->klass->domain_save (fixture->store, UUID, long_text, NULL));
  g_assert_false (fixture->klass->domain_save (fixture->store, UUID, "\xff", NULL));
  fixture->klass->unlock (fixture->store, UUID);
  assert_list (fixture, "");
}

/* What cannot be read is told and left alone; the rest is read. */
static void
test_hostile_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = new_write ("good", "<good/>");
  g_autoptr (VckcStoredDomain) stored = NULL;
  g_autofree char *link = g_build_filename (fixture->place, "checkpoints", "link.xml", NULL);
  g_autofree char *fifo = g_build_filename (fixture->place, "checkpoints", "fifo.xml", NULL);
  g_autofree char *folder = g_build_filename (fixture->place, "checkpoints", "folder.xml", NULL);
  g_autofree char *huge = g_strnfill (4 * 1024 * 1024 + 1, 'x');
  g_autofree char *texts = NULL;
  g_autofree char *unreadable = NULL;

  save (fixture->store, UUID, DOMAIN_XML);
  change (fixture->store, UUID, what);
  put_file (fixture, "checkpoints/.hidden.xml", "<hidden/>");
  put_file (fixture, "checkpoints/a b.xml", "<blank/>");
  put_file (fixture, "checkpoints/.xml", "<empty/>");
  put_file (fixture, "checkpoints/latin.xml", "\xe4");
  put_file (fixture, "checkpoints/huge.xml", huge);
  put_file (fixture, "checkpoints/note.txt", "not ours");
  put_file (fixture, "current", "../good\n");
  put_file (fixture, "pending", "[change]\nversion=1\n");
  g_assert_cmpint (symlink ("good.xml", link), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  stored = load (fixture->store, UUID);
  texts = join (stored->checkpoint_xml);
  unreadable = join (stored->unreadable);
  g_assert_cmpstr (texts, ==, "<good/>;");
  g_assert_cmpstr (unreadable, ==, ";.hidden;a b;current;fifo;folder;huge;latin;link;");
  g_assert_null (stored->current);
  g_assert_null (stored->journal);
  g_assert_nonnull (stored->journal_problem);
  g_assert_true (has_file (fixture, "checkpoints/note.txt"));
}

static void
test_unreadable_domain (Fixture *fixture, gconstpointer data)
{
  VckcStoredDomain *stored = NULL;
  VckcError *error = NULL;

  save (fixture->store, UUID, DOMAIN_XML);
  put_file (fixture, "domain.xml", "\xff");
  g_assert_false (fixture->klass->domain_load (fixture->store, UUID, &stored, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "/" UUID "/domain.xml' is not UTF-8 text");
}

static void
test_not_locked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = vckc_journal_new ("test");
  VckcError *error = NULL;

  g_assert_false (fixture->klass->domain_save (fixture->store, UUID, DOMAIN_XML, &error));
  assert_error (error, VCKC_ERROR_INTERNAL, "the domain '" UUID "' is not locked");
  g_assert_false (fixture->klass->write_journal (fixture->store, UUID, what, NULL));
  g_assert_false (fixture->klass->apply (fixture->store, UUID, what, NULL));
  g_assert_false (fixture->klass->clear_journal (fixture->store, UUID, NULL));
  g_assert_false (fixture->klass->domain_remove (fixture->store, UUID, NULL));
}

static void
test_root_is_a_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *parent = g_path_get_dirname (fixture->root);
  g_autoptr (GPtrArray) uuids = NULL;
  VckcError *error = NULL;

  g_assert_true (g_file_set_contents (parent, "", 0, NULL));
  g_assert_false (fixture->klass->lock (fixture->store, UUID, in_a_minute (), &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot create the folder '");
  error = NULL;
  g_assert_false (fixture->klass->list_domains (fixture->store, false, &uuids, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot open the folder '");
}

/* Wherever there is no more space, the old state stays, and nothing else. */
static void
test_no_space (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = new_write ("a", "<a/>");
  g_autoptr (VckcStoredDomain) stored = NULL;
  g_autofree char *tmp = g_build_filename (fixture->place, "tmp", NULL);
  VckcError *error = NULL;
  struct rlimit before;
  GDir *dir;

  save (fixture->store, UUID, DOMAIN_XML);
  lock (fixture->store, UUID);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &(struct rlimit){ 1, before.rlim_max }), ==, 0);
  g_assert_false (fixture->klass->domain_save (fixture->store, UUID, "<new/>", &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "/" UUID "/domain.xml': File too large");
  error = NULL;
  g_assert_false (fixture->klass->write_journal (fixture->store, UUID, what, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "/" UUID "/pending': File too large");
  error = NULL;
  g_assert_false (fixture->klass->apply (fixture->store, UUID, what, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "/" UUID "/checkpoints/a.xml': File too large");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_DFL);
  dir = g_dir_open (tmp, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
  g_dir_close (dir);
  fixture->klass->unlock (fixture->store, UUID);
  stored = load (fixture->store, UUID);
  g_assert_cmpstr (stored->domain_xml, ==, DOMAIN_XML);
  g_assert_cmpuint (stored->checkpoint_xml->len, ==, 0);
  g_assert_null (stored->journal);
}

/* More texts than are kept open at once. */
static void
test_many_checkpoints (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = vckc_journal_new ("test");
  g_autoptr (VckcStoredDomain) stored = NULL;

  for (guint i = 0; i < 200; i++)
    g_hash_table_insert (what->write, g_strdup_printf ("c%u", i), g_strdup_printf ("<c%u/>", i));
  save (fixture->store, UUID, DOMAIN_XML);
  change (fixture->store, UUID, what);
  stored = load (fixture->store, UUID);
  g_assert_cmpuint (stored->checkpoint_xml->len, ==, 200);
}

/* Two stores on one folder are as two processes, but for the process id. */
static void
test_busy (Fixture *fixture, gconstpointer data)
{
  VckcStore *other = vckc_local_store_new (fixture->root);
  g_autofree char *holder =
      g_strdup_printf ("it is being changed by process %d (", (int) getpid ());
  VckcError *error = NULL;

  lock (other, UUID);
  g_assert_false (fixture->klass->lock (fixture->store, UUID, 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, holder);
  lock (fixture->store, OTHER_UUID);
  fixture->klass->unlock (fixture->store, OTHER_UUID);
  other->klass->unlock (other, UUID);
  lock (fixture->store, UUID);
  fixture->klass->unlock (fixture->store, UUID);
  other->klass->free (other);
}

/* Adds one to the number that is the domain's text, so many times. */
static void
count_up (VckcStore *store, guint times)
{
  for (guint i = 0; i < times; i++)
    {
      g_autofree char *text = NULL;
      VckcStoredDomain *stored;

      lock (store, UUID);
      stored = load (store, UUID);
      text = g_strdup_printf ("%d", atoi (stored->domain_xml) + 1);
      g_assert_true (store->klass->domain_save (store, UUID, text, NULL));
      store->klass->unlock (store, UUID);
      vckc_stored_domain_free (stored);
    }
}

static void
wait_for (pid_t child)
{
  int status;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
test_two_processes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcStoredDomain) stored = NULL;
  pid_t children[2];

  save (fixture->store, UUID, "0");
  for (gsize i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = fork ();
      if (children[i] != 0)
        continue;
      count_up (fixture->store, 100);
      _exit (0);
    }
  count_up (fixture->store, 100);
  for (gsize i = 0; i < G_N_ELEMENTS (children); i++)
    wait_for (children[i]);
  stored = load (fixture->store, UUID);
  g_assert_cmpstr (stored->domain_xml, ==, "300");
}

static gpointer
count_up_cb (gpointer store)
{
  count_up (store, 50);
  return NULL;
}

/* Each thread with a store of its own: in one store the engine's job keeps threads apart. */
static void
test_threads (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcStoredDomain) stored = NULL;
  VckcStore *stores[3];
  GThread *threads[3];

  save (fixture->store, UUID, "0");
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      stores[i] = vckc_local_store_new (fixture->root);
      threads[i] = g_thread_new ("store", count_up_cb, stores[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_thread_join (threads[i]);
      fixture->klass->free (stores[i]);
    }
  stored = load (fixture->store, UUID);
  g_assert_cmpstr (stored->domain_xml, ==, "150");
}

/* The holder's lock goes with it, also if it leaves a child behind that has it open. */
static void
test_holder_killed (Fixture *fixture, gconstpointer data)
{
  pid_t child;

  save (fixture->store, UUID, DOMAIN_XML);
  child = fork ();
  if (child == 0)
    {
      lock (fixture->store, UUID);
      _exit (0);
    }
  wait_for (child);
  lock (fixture->store, UUID);
  fixture->klass->unlock (fixture->store, UUID);
}

/* A child made while we hold the lock does not keep it. */
static void
test_fork_while_held (Fixture *fixture, gconstpointer data)
{
  int fds[2];
  char byte;
  pid_t child;

  save (fixture->store, UUID, DOMAIN_XML);
  g_assert_cmpint (pipe (fds), ==, 0);
  lock (fixture->store, UUID);
  child = fork ();
  if (child == 0)
    {
      close (fds[1]);
      _exit (read (fds[0], &byte, 1) == 0 ? 0 : 1);
    }
  fixture->klass->unlock (fixture->store, UUID);
  lock (fixture->store, UUID);
  fixture->klass->unlock (fixture->store, UUID);
  close (fds[0]);
  close (fds[1]);
  wait_for (child);
}

/* Who reads without the lock sees a state before or after a change, or its record. */
static void
test_reading_meanwhile (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) first = new_write ("a", "0");
  guint n_quiet = 0;
  pid_t child;

  g_hash_table_insert (first->write, g_strdup ("b"), g_strdup ("0"));
  save (fixture->store, UUID, DOMAIN_XML);
  change (fixture->store, UUID, first);
  child = fork ();
  if (child == 0)
    {
      for (guint i = 1; i <= 100; i++)
        {
          g_autofree char *text = g_strdup_printf ("%u", i);
          g_autoptr (VckcJournal) next = new_write ("a", text);

          g_hash_table_insert (next->write, g_strdup ("b"), g_strdup (text));
          change (fixture->store, UUID, next);
        }
      _exit (0);
    }
  while (waitpid (child, NULL, WNOHANG) == 0 || n_quiet == 0)
    {
      VckcStoredDomain *stored = NULL;
      VckcError *error = NULL;

      if (!fixture->klass->domain_load (fixture->store, UUID, &stored, &error))
        {
          g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_BUSY);
          vckc_error_free (error);
          continue;
        }
      if (stored->journal == NULL)
        {
          n_quiet++;
          g_assert_cmpuint (stored->checkpoint_xml->len, ==, 2);
          g_assert_cmpstr (g_ptr_array_index (stored->checkpoint_xml, 0), ==,
                           g_ptr_array_index (stored->checkpoint_xml, 1));
        }
      vckc_stored_domain_free (stored);
    }
}

static void
test_generation (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = new_write ("a", "<a/>");
  VckcStore *other = vckc_local_store_new (fixture->root);
  GHashTable *seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

#define ASSERT_NEW()                                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    guint64 now_ = generation (fixture->store, UUID);                                              \
    g_assert_cmpuint (now_, !=, 0);                                                                \
    g_assert_true (g_hash_table_add (seen, g_memdup2 (&now_, sizeof now_)));                       \
    g_assert_cmpuint (generation (fixture->store, UUID), ==, now_);                                \
  }                                                                                                \
  G_STMT_END
  save (other, UUID, DOMAIN_XML);
  ASSERT_NEW ();
  save (other, UUID, DOMAIN_XML);
  ASSERT_NEW ();
  lock (other, UUID);
  g_assert_true (other->klass->write_journal (other, UUID, what, NULL));
  ASSERT_NEW ();
  g_assert_true (other->klass->apply (other, UUID, what, NULL));
  ASSERT_NEW ();
  g_assert_true (other->klass->clear_journal (other, UUID, NULL));
  ASSERT_NEW ();
  other->klass->unlock (other, UUID);
#undef ASSERT_NEW
  /* Looking, and locking for nothing, is no change. */
  vckc_stored_domain_free (load (other, UUID));
  lock (other, UUID);
  other->klass->unlock (other, UUID);
  g_assert_true (g_hash_table_contains (seen, &(guint64){ generation (fixture->store, UUID) }));
  /* A file put there by hand is. */
  put_file (fixture, "checkpoints/b.xml", "<b/>");
  g_assert_false (g_hash_table_contains (seen, &(guint64){ generation (fixture->store, UUID) }));
  g_hash_table_unref (seen);
  other->klass->free (other);
}

static void
remove_domain (Fixture *fixture)
{
  VckcError *error = NULL;
  bool ok;

  lock (fixture->store, UUID);
  ok = fixture->klass->domain_remove (fixture->store, UUID, &error);
  assert_ok (ok, error);
  fixture->klass->unlock (fixture->store, UUID);
}

static void
test_remove (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = new_write ("a", "<a/>");
  VckcError *error = NULL;

  what->set_current = true;
  what->current = g_strdup ("a");
  save (fixture->store, UUID, DOMAIN_XML);
  change (fixture->store, UUID, what);
  remove_domain (fixture);
  g_assert_false (g_file_test (fixture->place, G_FILE_TEST_EXISTS));
  assert_list (fixture, "");
  assert_no_domain (fixture);
  lock (fixture->store, UUID);
  g_assert_false (fixture->klass->domain_remove (fixture->store, UUID, &error));
  assert_error (error, VCKC_ERROR_NO_DOMAIN, "there is no domain with the UUID");
  fixture->klass->unlock (fixture->store, UUID);
  g_assert_false (g_file_test (fixture->place, G_FILE_TEST_EXISTS));
}

/* An image that somebody put into the folder is not ours to remove. */
static void
test_remove_spares_strangers (Fixture *fixture, gconstpointer data)
{
  save (fixture->store, UUID, DOMAIN_XML);
  put_file (fixture, "disk.qcow2", "precious");
  put_file (fixture, "checkpoints/note.txt", "precious");
  remove_domain (fixture);
  assert_list (fixture, "");
  assert_no_domain (fixture);
  g_assert_true (has_file (fixture, "disk.qcow2"));
  g_assert_true (has_file (fixture, "checkpoints/note.txt"));
  g_assert_false (has_file (fixture, "domain.xml"));
}

static void
assert_listed_without_tidying (Fixture *fixture, const char *expected)
{
  g_autoptr (GPtrArray) uuids = NULL;
  g_autofree char *found = NULL;

  g_assert_true (fixture->klass->list_domains (fixture->store, false, &uuids, NULL));
  found = join (uuids);
  g_assert_cmpstr (found, ==, expected);
}

/* A removal that was cut short is finished by whoever looks next and may write. */
static void
test_remove_interrupted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = new_write ("a", "<a/>");
  g_autofree char *from = g_build_filename (fixture->place, "domain.xml", NULL);
  g_autofree char *to = g_build_filename (fixture->place, "removed", NULL);

  save (fixture->store, UUID, DOMAIN_XML);
  change (fixture->store, UUID, what);
  g_assert_cmpint (g_rename (from, to), ==, 0);
  assert_no_domain (fixture);
  assert_listed_without_tidying (fixture, "");
  g_assert_true (has_file (fixture, "removed"));
  assert_list (fixture, "");
  g_assert_false (g_file_test (fixture->place, G_FILE_TEST_EXISTS));
}

/* A definition that was cut short leaves a folder, which goes. */
static void
test_define_interrupted (Fixture *fixture, gconstpointer data)
{
  g_autofree char *empty = g_build_filename (fixture->root, OTHER_UUID, NULL);
  pid_t child = fork ();

  if (child == 0)
    {
      lock (fixture->store, UUID);
      _exit (0);
    }
  wait_for (child);
  g_assert_cmpint (g_mkdir (empty, 0700), ==, 0);
  g_assert_true (g_file_test (fixture->place, G_FILE_TEST_EXISTS));
  assert_list (fixture, "");
  g_assert_false (g_file_test (fixture->place, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (empty, G_FILE_TEST_EXISTS));
}

/* Without a sign that the domain was to be removed, its checkpoints stay. */
static void
test_domain_lost (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = new_write ("a", "<a/>");
  g_autoptr (VckcStoredDomain) stored = NULL;
  g_autofree char *file = g_build_filename (fixture->place, "domain.xml", NULL);

  save (fixture->store, UUID, DOMAIN_XML);
  change (fixture->store, UUID, what);
  g_assert_cmpint (g_unlink (file), ==, 0);
  assert_list (fixture, "");
  save (fixture->store, UUID, DOMAIN_XML);
  stored = load (fixture->store, UUID);
  g_assert_cmpuint (stored->checkpoint_xml->len, ==, 1);
}

/* Half-written files go with the next lock, not when somebody looks. Other files stay. */
static void
test_leftovers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcStoredDomain) stored = NULL;
  VckcStore *other = vckc_local_store_new (fixture->root);

  save (fixture->store, UUID, DOMAIN_XML);
  lock (other, UUID);
  put_file (fixture, "tmp/" OTHER_UUID, "<dom");
  put_file (fixture, "tmp/strange", "precious");
  other->klass->unlock (other, UUID);
  stored = load (fixture->store, UUID);
  g_assert_true (stored->untidy);
  g_assert_true (has_file (fixture, "tmp/" OTHER_UUID));
  lock (other, UUID);
  other->klass->unlock (other, UUID);
  g_assert_false (has_file (fixture, "tmp/" OTHER_UUID));
  g_assert_true (has_file (fixture, "tmp/strange"));
  other->klass->free (other);
}

static bool
lock_shared (VckcStore *store, VckcError **err)
{
  return store->klass->lock_shared (store, UUID, 0, err);
}

/* Readers keep away who wants to change the domain, not each other, and write nothing. */
static void
test_shared (Fixture *fixture, gconstpointer data)
{
  VckcStore *other = vckc_local_store_new (fixture->root);
  g_autofree char *path = g_build_filename (fixture->place, "lock", NULL);
  VckcError *error = NULL;
  struct stat before;
  struct stat after;

  g_assert_false (lock_shared (fixture->store, &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_NO_DOMAIN, "there is no domain");
  g_assert_false (g_file_test (fixture->root, G_FILE_TEST_EXISTS));
  save (fixture->store, UUID, DOMAIN_XML);
  g_assert_cmpint (stat (path, &before), ==, 0);
  g_assert_true (lock_shared (fixture->store, NULL));
  g_assert_true (lock_shared (other, NULL));
  g_assert_cmpint (vckc_local_store_get_lock_fd (other, UUID), >=, 0);
  other->klass->unlock (other, UUID);
  g_assert_false (other->klass->lock (other, UUID, 0, &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_BUSY, "is being changed by");
  fixture->klass->unlock (fixture->store, UUID);
  g_assert_cmpint (stat (path, &after), ==, 0);
  g_assert_cmpint (before.st_mtim.tv_nsec, ==, after.st_mtim.tv_nsec);
  lock (other, UUID);
  g_assert_false (lock_shared (fixture->store, &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_BUSY, "is being changed by");
  other->klass->unlock (other, UUID);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_true (lock_shared (fixture->store, NULL));
  fixture->klass->unlock (fixture->store, UUID);
  g_assert_false (has_file (fixture, "lock"));
  other->klass->free (other);
}

/* A folder of ours that leads elsewhere: what is there is not touched. */
static void
test_linked_folders (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "tmp", "checkpoints" };
  g_autofree char *elsewhere = g_build_filename (fixture->folder, "elsewhere", NULL);
  g_autofree char *precious = g_build_filename (elsewhere, "a.xml", NULL);
  g_autofree char *from = g_build_filename (fixture->place, "domain.xml", NULL);
  g_autofree char *to = g_build_filename (fixture->place, "removed", NULL);

  g_assert_cmpint (g_mkdir (elsewhere, 0700), ==, 0);
  g_assert_true (g_file_set_contents (precious, "precious", -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *folder = g_build_filename (fixture->place, names[i], NULL);
      VckcError *error = NULL;

      save (fixture->store, UUID, DOMAIN_XML);
      g_assert_cmpint (g_rmdir (folder), ==, 0);
      g_assert_cmpint (symlink (elsewhere, folder), ==, 0);
      g_assert_false (fixture->klass->lock (fixture->store, UUID, 0, &error));
      assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "it is a link, and links are not followed");
      g_assert_cmpint (g_rename (from, to), ==, 0);
      assert_list (fixture, "");
      g_assert_true (g_file_test (precious, G_FILE_TEST_EXISTS));
      g_assert_cmpint (g_unlink (folder), ==, 0);
    }
}

/* A FIFO keeps nobody waiting. */
static void
test_fifos (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "generation", "lock", "pending", "current", "domain.xml" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->place, names[i], NULL);
      VckcStoredDomain *stored = NULL;
      VckcError *error = NULL;
      bool loaded;

      save (fixture->store, UUID, DOMAIN_XML);
      g_unlink (path);
      g_assert_cmpint (mkfifo (path, 0600), ==, 0);
      g_assert_cmpuint (generation (fixture->store, UUID), !=, 0);
      loaded = fixture->klass->domain_load (fixture->store, UUID, &stored, NULL);
      g_assert_true (loaded == !g_str_equal (names[i], "domain.xml"));
      if (loaded)
        vckc_stored_domain_free (stored);
      if (fixture->klass->lock (fixture->store, UUID, 0, &error))
        {
          g_assert_true (fixture->klass->domain_save (fixture->store, UUID, DOMAIN_XML, NULL));
          fixture->klass->unlock (fixture->store, UUID);
        }
      else
        {
          g_assert_cmpstr (names[i], ==, "lock");
          assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot open the lock file");
        }
      g_unlink (path);
    }
}

/* The record of a change that is too large to be one is not read. */
static void
test_huge_record (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->place, "pending", NULL);
  g_autoptr (VckcStoredDomain) stored = NULL;

  save (fixture->store, UUID, DOMAIN_XML);
  put_file (fixture, "pending", "[change]\n");
  g_assert_cmpint (truncate (path, 256 * 1024 * 1024), ==, 0);
  stored = load (fixture->store, UUID);
  g_assert_null (stored->journal);
  g_assert_nonnull (strstr (stored->journal_problem, "/pending' is larger than 67108864 bytes"));
}

/* Who waits for the lock of a domain that is removed gets one that is good. */
static gpointer
remove_soon_cb (gpointer data)
{
  Fixture *fixture = data;
  VckcError *error = NULL;
  bool ok = fixture->klass->domain_remove (fixture->store, UUID, &error);

  assert_ok (ok, error);
  fixture->klass->unlock (fixture->store, UUID);
  return NULL;
}

static void
test_lock_removed (Fixture *fixture, gconstpointer data)
{
  VckcStore *other = vckc_local_store_new (fixture->root);

  for (guint i = 0; i < 50; i++)
    {
      GThread *thread;

      save (fixture->store, UUID, DOMAIN_XML);
      lock (fixture->store, UUID);
      thread = g_thread_new ("remover", remove_soon_cb, fixture);
      lock (other, UUID);
      g_assert_true (other->klass->domain_save (other, UUID, DOMAIN_XML, NULL));
      other->klass->unlock (other, UUID);
      g_thread_join (thread);
      vckc_stored_domain_free (load (fixture->store, UUID));
    }
  other->klass->free (other);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/local-store/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/local-store/names", test_names);
  g_test_add_func ("/vck/local-store/record-round-trip", test_record_round_trip);
  g_test_add_func ("/vck/local-store/record-cut", test_record_cut);
  g_test_add_func ("/vck/local-store/record-by-hand", test_record_by_hand);
  ADD ("empty", test_empty);
  ADD ("domains", test_domains);
  ADD ("modes", test_modes);
  ADD ("changes", test_changes);
  ADD ("current-stays", test_current_stays);
  ADD ("unfinished", test_unfinished);
  ADD ("hostile-changes", test_hostile_changes);
  ADD ("longest-name", test_longest_name);
  ADD ("hostile-domains", test_hostile_domains);
  ADD ("hostile-files", test_hostile_files);
  ADD ("unreadable-domain", test_unreadable_domain);
  ADD ("not-locked", test_not_locked);
  ADD ("root-is-a-file", test_root_is_a_file);
  ADD ("no-space", test_no_space);
  ADD ("many-checkpoints", test_many_checkpoints);
  ADD ("busy", test_busy);
  ADD ("two-processes", test_two_processes);
  ADD ("threads", test_threads);
  ADD ("holder-killed", test_holder_killed);
  ADD ("fork-while-held", test_fork_while_held);
  ADD ("reading-meanwhile", test_reading_meanwhile);
  ADD ("generation", test_generation);
  ADD ("remove", test_remove);
  ADD ("remove-spares-strangers", test_remove_spares_strangers);
  ADD ("remove-interrupted", test_remove_interrupted);
  ADD ("define-interrupted", test_define_interrupted);
  ADD ("domain-lost", test_domain_lost);
  ADD ("leftovers", test_leftovers);
  ADD ("shared", test_shared);
  ADD ("linked-folders", test_linked_folders);
  ADD ("fifos", test_fifos);
  ADD ("huge-record", test_huge_record);
  ADD ("lock-removed", test_lock_removed);
  return g_test_run ();
}
