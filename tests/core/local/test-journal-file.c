/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The journal of a change, as text and in the store. */

#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/local/store/journal-file.h"
#include "store-fixture.h"

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
  VckcJournal *what = store_new_write ("one", " <one>\n\t\\n &#10; \"ä\" [x] # ; =\r\n</one>\n\n");

  g_hash_table_insert (what->write, g_strdup ("two"), g_strdup (""));
  vckc_journal_add_bitmap (what, "vda", "/a b/ä\n=[x]\\s.qcow2 ", "qcow2", " one");
  vckc_journal_add_bitmap (what, "vdb", "/b", "qcow2", "\x01\x7f");
  g_ptr_array_add (what->remove, g_strdup ("three"));
  what->set_current = true;
  what->current = g_strdup ("two");
  return what;
}

static void
test_unfinished (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) recovery = new_full_change ();
  g_autoptr (VckcStoredDomain) stored = NULL;
  VckcError *error = NULL;
  bool ok;

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_lock (fixture->store, STORE_UUID);
  ok = vckc_store_write_journal (fixture->store, STORE_UUID, recovery, &error);
  assert_ok (ok, error);
  vckc_store_unlock (fixture->store, STORE_UUID);
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_nonnull (stored->journal);
  assert_same_change (stored->journal, recovery);

  store_lock (fixture->store, STORE_UUID);
  ok = vckc_store_clear_journal (fixture->store, STORE_UUID, &error);
  assert_ok (ok, error);
  vckc_store_unlock (fixture->store, STORE_UUID);
  vckc_stored_domain_free (g_steal_pointer (&stored));
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_null (stored->journal);
}

/* Any text comes back as it was. */
static void
test_round_trip (void)
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
test_truncated (void)
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
test_edited_by_hand (void)
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

/* A file that is too large to be a journal is not read. */
static void
test_huge (StoreFixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->dir, "pending", NULL);
  g_autoptr (VckcStoredDomain) stored = NULL;

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_put_file (fixture, "pending", "[change]\n");
  g_assert_cmpint (truncate (path, 256 * 1024 * 1024), ==, 0);
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_null (stored->journal);
  g_assert_nonnull (strstr (stored->journal_problem, "/pending' is larger than 67108864 bytes"));
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/journal-file/" name, StoreFixture, NULL, store_fixture_set_up, test,           \
              store_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/journal-file/round-trip", test_round_trip);
  g_test_add_func ("/vck/journal-file/truncated", test_truncated);
  g_test_add_func ("/vck/journal-file/edited-by-hand", test_edited_by_hand);
  ADD ("unfinished", test_unfinished);
  ADD ("huge", test_huge);
  return g_test_run ();
}
