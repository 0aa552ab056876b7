/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a local store keeps, and how it is laid out in files. */

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/local/store/checkpoint-filename.h"
#include "store-fixture.h"

static void
store_assert_no_domain (StoreFixture *fixture)
{
  VckcStoredDomain *stored = NULL;
  VckcError *error = NULL;

  g_assert_false (vckc_store_domain_load (fixture->store, STORE_UUID, &stored, &error));
  g_assert_null (stored);
  assert_error (error, VCKC_ERROR_NO_DOMAIN, "there is no domain with the UUID '" STORE_UUID "'");
  g_assert_cmpuint (store_get_generation (fixture->store, STORE_UUID), ==, 0);
}

static void
test_empty (StoreFixture *fixture, gconstpointer data)
{
  store_assert_list (fixture, "");
  store_assert_no_domain (fixture);
  g_assert_false (g_file_test (fixture->root, G_FILE_TEST_EXISTS));
}

static void
test_domains (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcStoredDomain) stored = NULL;
  g_autofree char *foreign = g_build_filename (fixture->root, "README", NULL);
  g_autofree char *upper =
      g_build_filename (fixture->root, "8A6E0F4E-0000-4000-8000-000000000003", NULL);
  g_autofree char *file =
      g_build_filename (fixture->root, "8a6e0f4e-0000-4000-8000-000000000004", NULL);

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_save (fixture->store, STORE_OTHER_UUID, "<domain/>");
  g_assert_cmpint (g_mkdir (foreign, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (upper, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  store_assert_list (fixture, STORE_UUID ";" STORE_OTHER_UUID ";");
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_cmpstr (stored->domain_xml, ==, STORE_DOMAIN_XML);
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
test_modes (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = store_new_write ("c", "<c/>");
  mode_t before = umask (0);

  what->set_current = true;
  what->current = g_strdup ("c");
  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_change (fixture->store, STORE_UUID, what);
  umask (before);
  assert_mode (fixture->root, "", 0700);
  assert_mode (fixture->dir, "", 0700);
  assert_mode (fixture->dir, "checkpoints", 0700);
  assert_mode (fixture->dir, "tmp", 0700);
  assert_mode (fixture->dir, "domain.xml", 0600);
  assert_mode (fixture->dir, "checkpoints/c.xml", 0600);
  assert_mode (fixture->dir, "current", 0600);
  assert_mode (fixture->dir, "lock", 0600);
  assert_mode (fixture->dir, "generation", 0600);
}

static void
test_changes (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) first = store_new_write ("one", "<one/>");
  g_autoptr (VckcJournal) second = store_new_write ("two", "<two/>");
  g_autoptr (VckcStoredDomain) before = NULL;
  g_autoptr (VckcStoredDomain) after = NULL;
  g_autofree char *texts_before = NULL;
  g_autofree char *texts_after = NULL;

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  g_hash_table_insert (first->write, g_strdup ("zero"), g_strdup ("<zero/>"));
  first->set_current = true;
  first->current = g_strdup ("one");
  store_change (fixture->store, STORE_UUID, first);
  before = store_load (fixture->store, STORE_UUID);
  texts_before = store_join (before->checkpoint_xml);
  g_assert_cmpstr (texts_before, ==, "<one/>;<zero/>;");
  g_assert_cmpstr (before->current, ==, "one");

  g_hash_table_insert (second->write, g_strdup ("zero"), g_strdup ("<zero again='1'/>"));
  g_ptr_array_add (second->remove, g_strdup ("one"));
  g_ptr_array_add (second->remove, g_strdup ("never-there"));
  second->set_current = true;
  store_change (fixture->store, STORE_UUID, second);
  after = store_load (fixture->store, STORE_UUID);
  texts_after = store_join (after->checkpoint_xml);
  g_assert_cmpstr (texts_after, ==, "<two/>;<zero again='1'/>;");
  g_assert_null (after->current);
  g_assert_null (after->journal);
}

/* A change that does not mention the current checkpoint leaves it. */
static void
test_current_stays (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) first = store_new_write ("one", "<one/>");
  g_autoptr (VckcJournal) second = store_new_write ("two", "<two/>");
  g_autoptr (VckcStoredDomain) stored = NULL;

  first->set_current = true;
  first->current = g_strdup ("one");
  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_change (fixture->store, STORE_UUID, first);
  store_change (fixture->store, STORE_UUID, second);
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_cmpstr (stored->current, ==, "one");
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
test_longest_name (StoreFixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_strnfill (VCKC_STORE_MAX_NAME, 'n');
  g_autoptr (VckcJournal) what = store_new_write (name, "<n/>");
  g_autoptr (VckcStoredDomain) stored = NULL;

  what->set_current = true;
  what->current = g_strdup (name);
  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_change (fixture->store, STORE_UUID, what);
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_cmpuint (stored->checkpoint_xml->len, ==, 1);
  g_assert_cmpstr (stored->current, ==, name);
}

/* More texts than are kept open at once. */
static void
test_many_checkpoints (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = vckc_journal_new ("test");
  g_autoptr (VckcStoredDomain) stored = NULL;

  for (guint i = 0; i < 200; i++)
    g_hash_table_insert (what->write, g_strdup_printf ("c%u", i), g_strdup_printf ("<c%u/>", i));
  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_change (fixture->store, STORE_UUID, what);
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_cmpuint (stored->checkpoint_xml->len, ==, 200);
}

static void
test_generation (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = store_new_write ("a", "<a/>");
  VckcStore *other = vckc_local_store_new (fixture->root);
  GHashTable *seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

#define ASSERT_NEW()                                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    guint64 now_ = store_get_generation (fixture->store, STORE_UUID);                              \
    g_assert_cmpuint (now_, !=, 0);                                                                \
    g_assert_true (g_hash_table_add (seen, g_memdup2 (&now_, sizeof now_)));                       \
    g_assert_cmpuint (store_get_generation (fixture->store, STORE_UUID), ==, now_);                \
  }                                                                                                \
  G_STMT_END
  store_save (other, STORE_UUID, STORE_DOMAIN_XML);
  ASSERT_NEW ();
  store_save (other, STORE_UUID, STORE_DOMAIN_XML);
  ASSERT_NEW ();
  store_lock (other, STORE_UUID);
  g_assert_true (vckc_store_write_journal (other, STORE_UUID, what, NULL));
  ASSERT_NEW ();
  g_assert_true (vckc_store_apply (other, STORE_UUID, what, NULL));
  ASSERT_NEW ();
  g_assert_true (vckc_store_clear_journal (other, STORE_UUID, NULL));
  ASSERT_NEW ();
  vckc_store_unlock (other, STORE_UUID);
#undef ASSERT_NEW
  /* Looking, and locking for nothing, is no change. */
  vckc_stored_domain_free (store_load (other, STORE_UUID));
  store_lock (other, STORE_UUID);
  vckc_store_unlock (other, STORE_UUID);
  g_assert_true (g_hash_table_contains (
      seen, &(guint64){ store_get_generation (fixture->store, STORE_UUID) }));
  /* A file put there by hand is. */
  store_put_file (fixture, "checkpoints/b.xml", "<b/>");
  g_assert_false (g_hash_table_contains (
      seen, &(guint64){ store_get_generation (fixture->store, STORE_UUID) }));
  g_hash_table_unref (seen);
  vckc_store_free (other);
}

static void
store_remove_domain (StoreFixture *fixture)
{
  VckcError *error = NULL;
  bool ok;

  store_lock (fixture->store, STORE_UUID);
  ok = vckc_store_domain_remove (fixture->store, STORE_UUID, &error);
  assert_ok (ok, error);
  vckc_store_unlock (fixture->store, STORE_UUID);
}

static void
test_remove (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = store_new_write ("a", "<a/>");
  VckcError *error = NULL;

  what->set_current = true;
  what->current = g_strdup ("a");
  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_change (fixture->store, STORE_UUID, what);
  store_remove_domain (fixture);
  g_assert_false (g_file_test (fixture->dir, G_FILE_TEST_EXISTS));
  store_assert_list (fixture, "");
  store_assert_no_domain (fixture);
  store_lock (fixture->store, STORE_UUID);
  g_assert_false (vckc_store_domain_remove (fixture->store, STORE_UUID, &error));
  assert_error (error, VCKC_ERROR_NO_DOMAIN, "there is no domain with the UUID");
  vckc_store_unlock (fixture->store, STORE_UUID);
  g_assert_false (g_file_test (fixture->dir, G_FILE_TEST_EXISTS));
}

/* Files of other programs in the folder are not removed. */
static void
test_remove_keeps_foreign_files (StoreFixture *fixture, gconstpointer data)
{
  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_put_file (fixture, "disk.qcow2", "precious");
  store_put_file (fixture, "checkpoints/note.txt", "precious");
  store_remove_domain (fixture);
  store_assert_list (fixture, "");
  store_assert_no_domain (fixture);
  g_assert_true (store_has_file (fixture, "disk.qcow2"));
  g_assert_true (store_has_file (fixture, "checkpoints/note.txt"));
  g_assert_false (store_has_file (fixture, "domain.xml"));
}

static void
assert_listed_without_tidying (StoreFixture *fixture, const char *expected)
{
  g_autoptr (GPtrArray) uuids = NULL;
  g_autofree char *found = NULL;

  g_assert_true (vckc_store_list_domains (fixture->store, false, &uuids, NULL));
  found = store_join (uuids);
  g_assert_cmpstr (found, ==, expected);
}

/* An interrupted removal is completed when the domains are next listed with the right to write. */
static void
test_remove_interrupted (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = store_new_write ("a", "<a/>");
  g_autofree char *from = g_build_filename (fixture->dir, "domain.xml", NULL);
  g_autofree char *to = g_build_filename (fixture->dir, "removed", NULL);

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_change (fixture->store, STORE_UUID, what);
  g_assert_cmpint (g_rename (from, to), ==, 0);
  store_assert_no_domain (fixture);
  assert_listed_without_tidying (fixture, "");
  g_assert_true (store_has_file (fixture, "removed"));
  store_assert_list (fixture, "");
  g_assert_false (g_file_test (fixture->dir, G_FILE_TEST_EXISTS));
}

/* A definition that was cut short leaves a folder, which goes. */
static void
test_define_interrupted (StoreFixture *fixture, gconstpointer data)
{
  g_autofree char *empty = g_build_filename (fixture->root, STORE_OTHER_UUID, NULL);
  pid_t child = fork ();

  if (child == 0)
    {
      store_lock (fixture->store, STORE_UUID);
      _exit (0);
    }
  store_wait_for_child (child);
  g_assert_cmpint (g_mkdir (empty, 0700), ==, 0);
  g_assert_true (g_file_test (fixture->dir, G_FILE_TEST_EXISTS));
  store_assert_list (fixture, "");
  g_assert_false (g_file_test (fixture->dir, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (empty, G_FILE_TEST_EXISTS));
}

/* Without a sign that the domain was to be removed, its checkpoints stay. */
static void
test_domain_lost (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = store_new_write ("a", "<a/>");
  g_autoptr (VckcStoredDomain) stored = NULL;
  g_autofree char *file = g_build_filename (fixture->dir, "domain.xml", NULL);

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_change (fixture->store, STORE_UUID, what);
  g_assert_cmpint (g_unlink (file), ==, 0);
  store_assert_list (fixture, "");
  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_cmpuint (stored->checkpoint_xml->len, ==, 1);
}

/* Half-written files are removed with the next lock, not when the domain is read. Other files
 * stay. */
static void
test_leftovers (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcStoredDomain) stored = NULL;
  VckcStore *other = vckc_local_store_new (fixture->root);

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_lock (other, STORE_UUID);
  store_put_file (fixture, "tmp/" STORE_OTHER_UUID, "<dom");
  store_put_file (fixture, "tmp/strange", "precious");
  vckc_store_unlock (other, STORE_UUID);
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_true (stored->untidy);
  g_assert_true (store_has_file (fixture, "tmp/" STORE_OTHER_UUID));
  store_lock (other, STORE_UUID);
  vckc_store_unlock (other, STORE_UUID);
  g_assert_false (store_has_file (fixture, "tmp/" STORE_OTHER_UUID));
  g_assert_true (store_has_file (fixture, "tmp/strange"));
  vckc_store_free (other);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/local-store/" name, StoreFixture, NULL, store_fixture_set_up, test,            \
              store_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/local-store/names", test_names);
  ADD ("empty", test_empty);
  ADD ("domains", test_domains);
  ADD ("modes", test_modes);
  ADD ("changes", test_changes);
  ADD ("current-stays", test_current_stays);
  ADD ("longest-name", test_longest_name);
  ADD ("many-checkpoints", test_many_checkpoints);
  ADD ("generation", test_generation);
  ADD ("remove", test_remove);
  ADD ("remove-keeps-foreign-files", test_remove_keeps_foreign_files);
  ADD ("remove-interrupted", test_remove_interrupted);
  ADD ("define-interrupted", test_define_interrupted);
  ADD ("domain-lost", test_domain_lost);
  ADD ("leftovers", test_leftovers);
  return g_test_run ();
}
