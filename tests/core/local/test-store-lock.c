/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A local store that several processes, or several threads, use at once. */

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store-fixture.h"

static void
test_not_locked (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = vckc_journal_new ("test");
  VckcError *error = NULL;

  g_assert_false (vckc_store_domain_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML, &error));
  assert_error (error, VCKC_ERROR_INTERNAL, "the domain '" STORE_UUID "' is not locked");
  g_assert_false (vckc_store_write_journal (fixture->store, STORE_UUID, what, NULL));
  g_assert_false (vckc_store_apply (fixture->store, STORE_UUID, what, NULL));
  g_assert_false (vckc_store_clear_journal (fixture->store, STORE_UUID, NULL));
  g_assert_false (vckc_store_domain_remove (fixture->store, STORE_UUID, NULL));
}

/* Two stores on one folder behave like two processes, but for the process id. */
static void
test_busy (StoreFixture *fixture, gconstpointer data)
{
  VckcStore *other = vckc_local_store_new (fixture->root);
  g_autofree char *holder =
      g_strdup_printf ("it is being changed by process %d (", (int) getpid ());
  VckcError *error = NULL;

  store_lock (other, STORE_UUID);
  g_assert_false (vckc_store_lock (fixture->store, STORE_UUID, 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, holder);
  store_lock (fixture->store, STORE_OTHER_UUID);
  vckc_store_unlock (fixture->store, STORE_OTHER_UUID);
  vckc_store_unlock (other, STORE_UUID);
  store_lock (fixture->store, STORE_UUID);
  vckc_store_unlock (fixture->store, STORE_UUID);
  vckc_store_free (other);
}

/* Adds one to the number that is the domain's text, so many times. */
static void
count_up (VckcStore *store, guint times)
{
  for (guint i = 0; i < times; i++)
    {
      g_autofree char *text = NULL;
      VckcStoredDomain *stored;

      store_lock (store, STORE_UUID);
      stored = store_load (store, STORE_UUID);
      text = g_strdup_printf ("%d", atoi (stored->domain_xml) + 1);
      g_assert_true (vckc_store_domain_save (store, STORE_UUID, text, NULL));
      vckc_store_unlock (store, STORE_UUID);
      vckc_stored_domain_free (stored);
    }
}

static void
test_two_processes (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcStoredDomain) stored = NULL;
  pid_t children[2];

  store_save (fixture->store, STORE_UUID, "0");
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
    store_wait_for_child (children[i]);
  stored = store_load (fixture->store, STORE_UUID);
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
test_threads (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcStoredDomain) stored = NULL;
  VckcStore *stores[3];
  GThread *threads[3];

  store_save (fixture->store, STORE_UUID, "0");
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      stores[i] = vckc_local_store_new (fixture->root);
      threads[i] = g_thread_new ("store", count_up_cb, stores[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_thread_join (threads[i]);
      vckc_store_free (stores[i]);
    }
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_cmpstr (stored->domain_xml, ==, "150");
}

/* The holder's lock goes with it, also if it leaves a child behind that has it open. */
static void
test_holder_killed (StoreFixture *fixture, gconstpointer data)
{
  pid_t child;

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  child = fork ();
  if (child == 0)
    {
      store_lock (fixture->store, STORE_UUID);
      _exit (0);
    }
  store_wait_for_child (child);
  store_lock (fixture->store, STORE_UUID);
  vckc_store_unlock (fixture->store, STORE_UUID);
}

/* A child made while we hold the lock does not keep it. */
static void
test_fork_while_held (StoreFixture *fixture, gconstpointer data)
{
  int fds[2];
  char byte;
  pid_t child;

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  g_assert_cmpint (pipe (fds), ==, 0);
  store_lock (fixture->store, STORE_UUID);
  child = fork ();
  if (child == 0)
    {
      close (fds[1]);
      _exit (read (fds[0], &byte, 1) == 0 ? 0 : 1);
    }
  vckc_store_unlock (fixture->store, STORE_UUID);
  store_lock (fixture->store, STORE_UUID);
  vckc_store_unlock (fixture->store, STORE_UUID);
  close (fds[0]);
  close (fds[1]);
  store_wait_for_child (child);
}

/* Reading without the lock gives a state before or after a change, or its journal. */
static void
test_reading_meanwhile (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) first = store_new_write ("a", "0");
  guint n_quiet = 0;
  pid_t child;

  g_hash_table_insert (first->write, g_strdup ("b"), g_strdup ("0"));
  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_change (fixture->store, STORE_UUID, first);
  child = fork ();
  if (child == 0)
    {
      for (guint i = 1; i <= 100; i++)
        {
          g_autofree char *text = g_strdup_printf ("%u", i);
          g_autoptr (VckcJournal) next = store_new_write ("a", text);

          g_hash_table_insert (next->write, g_strdup ("b"), g_strdup (text));
          store_change (fixture->store, STORE_UUID, next);
        }
      _exit (0);
    }
  while (waitpid (child, NULL, WNOHANG) == 0 || n_quiet == 0)
    {
      VckcStoredDomain *stored = NULL;
      VckcError *error = NULL;

      if (!vckc_store_domain_load (fixture->store, STORE_UUID, &stored, &error))
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

static bool
store_lock_shared (VckcStore *store, VckcError **err)
{
  return vckc_store_lock_shared (store, STORE_UUID, 0, err);
}

/* Shared locks exclude changes, not each other, and write nothing. */
static void
test_shared (StoreFixture *fixture, gconstpointer data)
{
  VckcStore *other = vckc_local_store_new (fixture->root);
  g_autofree char *path = g_build_filename (fixture->dir, "lock", NULL);
  VckcError *error = NULL;
  struct stat before;
  struct stat after;

  g_assert_false (store_lock_shared (fixture->store, &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_NO_DOMAIN, "there is no domain");
  g_assert_false (g_file_test (fixture->root, G_FILE_TEST_EXISTS));
  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  g_assert_cmpint (stat (path, &before), ==, 0);
  g_assert_true (store_lock_shared (fixture->store, NULL));
  g_assert_true (store_lock_shared (other, NULL));
  g_assert_cmpint (vckc_local_store_get_lock_fd (other, STORE_UUID), >=, 0);
  vckc_store_unlock (other, STORE_UUID);
  g_assert_false (vckc_store_lock (other, STORE_UUID, 0, &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_BUSY, "is being changed by");
  vckc_store_unlock (fixture->store, STORE_UUID);
  g_assert_cmpint (stat (path, &after), ==, 0);
  g_assert_cmpint (before.st_mtim.tv_nsec, ==, after.st_mtim.tv_nsec);
  store_lock (other, STORE_UUID);
  g_assert_false (store_lock_shared (fixture->store, &error));
  assert_error (g_steal_pointer (&error), VCKC_ERROR_BUSY, "is being changed by");
  vckc_store_unlock (other, STORE_UUID);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_true (store_lock_shared (fixture->store, NULL));
  vckc_store_unlock (fixture->store, STORE_UUID);
  g_assert_false (store_has_file (fixture, "lock"));
  vckc_store_free (other);
}

/* Waiting for the lock of a domain that is removed ends with a valid one. */
static gpointer
remove_soon_cb (gpointer data)
{
  StoreFixture *fixture = data;
  VckcError *error = NULL;
  bool ok = vckc_store_domain_remove (fixture->store, STORE_UUID, &error);

  assert_ok (ok, error);
  vckc_store_unlock (fixture->store, STORE_UUID);
  return NULL;
}

static void
test_lock_removed (StoreFixture *fixture, gconstpointer data)
{
  VckcStore *other = vckc_local_store_new (fixture->root);

  for (guint i = 0; i < 50; i++)
    {
      GThread *thread;

      store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
      store_lock (fixture->store, STORE_UUID);
      thread = g_thread_new ("remover", remove_soon_cb, fixture);
      store_lock (other, STORE_UUID);
      g_assert_true (vckc_store_domain_save (other, STORE_UUID, STORE_DOMAIN_XML, NULL));
      vckc_store_unlock (other, STORE_UUID);
      g_thread_join (thread);
      vckc_stored_domain_free (store_load (fixture->store, STORE_UUID));
    }
  vckc_store_free (other);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/store-lock/" name, StoreFixture, NULL, store_fixture_set_up, test,             \
              store_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("not-locked", test_not_locked);
  ADD ("busy", test_busy);
  ADD ("two-processes", test_two_processes);
  ADD ("threads", test_threads);
  ADD ("holder-killed", test_holder_killed);
  ADD ("fork-while-held", test_fork_while_held);
  ADD ("reading-meanwhile", test_reading_meanwhile);
  ADD ("shared", test_shared);
  ADD ("lock-removed", test_lock_removed);
  return g_test_run ();
}
