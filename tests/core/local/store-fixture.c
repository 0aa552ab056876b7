/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "store-fixture.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "image-fixture.h"

void
store_fixture_set_up (StoreFixture *fixture, gconstpointer data)
{
  fixture->folder = image_fixture_new ();
  fixture->root = g_build_filename (fixture->folder, "a", "b", NULL);
  fixture->dir = g_build_filename (fixture->root, STORE_UUID, NULL);
  fixture->n_files = image_fixture_count_files ();
  fixture->store = vckc_local_store_new (fixture->root);
}

void
store_fixture_tear_down (StoreFixture *fixture, gconstpointer data)
{
  vckc_store_free (fixture->store);
  g_assert_cmpuint (image_fixture_count_files (), ==, fixture->n_files);
  g_free (fixture->root);
  g_free (fixture->dir);
  image_fixture_remove (fixture->folder);
}

gint64
store_in_a_minute (void)
{
  return g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
}

void
store_lock (VckcStore *store, const char *uuid)
{
  VckcError *error = NULL;
  bool ok = vckc_store_lock (store, uuid, store_in_a_minute (), &error);

  assert_ok (ok, error);
}

void
store_save (VckcStore *store, const char *uuid, const char *xml)
{
  VckcError *error = NULL;
  bool ok;

  store_lock (store, uuid);
  ok = vckc_store_domain_save (store, uuid, xml, &error);
  assert_ok (ok, error);
  vckc_store_unlock (store, uuid);
}

guint64
store_get_generation (VckcStore *store, const char *uuid)
{
  VckcError *error = NULL;
  guint64 number = 1;
  bool ok = vckc_store_get_generation (store, uuid, &number, &error);

  assert_ok (ok, error);
  return number;
}

VckcStoredDomain *
store_load (VckcStore *store, const char *uuid)
{
  VckcStoredDomain *stored = NULL;
  VckcError *error = NULL;
  bool ok = vckc_store_domain_load (store, uuid, &stored, &error);

  assert_ok (ok, error);
  return stored;
}

void
store_change (VckcStore *store, const char *uuid, const VckcJournal *what)
{
  g_autoptr (VckcJournal) recovery = vckc_journal_new ("test");
  VckcError *error = NULL;
  bool ok;

  store_lock (store, uuid);
  ok = vckc_store_write_journal (store, uuid, recovery, &error)
       && vckc_store_apply (store, uuid, what, &error)
       && vckc_store_clear_journal (store, uuid, &error);
  assert_ok (ok, error);
  vckc_store_unlock (store, uuid);
}

VckcJournal *
store_new_write (const char *name, const char *text)
{
  VckcJournal *what = vckc_journal_new ("test");

  g_hash_table_insert (what->write, g_strdup (name), g_strdup (text));
  return what;
}

void
store_put_file (StoreFixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->dir, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

bool
store_has_file (StoreFixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->dir, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static int
compare_strings_cb (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
store_join (GPtrArray *strings)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_ptr_array_sort (strings, compare_strings_cb);
  for (guint i = 0; i < strings->len; i++)
    g_string_append_printf (text, "%s;", (char *) g_ptr_array_index (strings, i));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
store_list (VckcStore *store)
{
  g_autoptr (GPtrArray) uuids = NULL;
  VckcError *error = NULL;
  bool ok = vckc_store_list_domains (store, true, &uuids, &error);

  assert_ok (ok, error);
  return store_join (uuids);
}

void
store_assert_list (StoreFixture *fixture, const char *expected)
{
  g_autofree char *found = store_list (fixture->store);

  g_assert_cmpstr (found, ==, expected);
}

void
store_wait_for_child (pid_t child)
{
  int status;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}
