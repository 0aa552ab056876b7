/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A local store in which the files, or what is to be written, cannot be trusted. */

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store-fixture.h"

static void
assert_refused (StoreFixture *fixture, VckcJournal *what, VckcErrorCode code, const char *part)
{
  VckcError *error = NULL;

  g_assert_false (vckc_store_write_journal (fixture->store, STORE_UUID, what, &error));
  assert_error (error, code, part);
  error = NULL;
  g_assert_false (vckc_store_apply (fixture->store, STORE_UUID, what, &error));
  assert_error (error, code, part);
  vckc_journal_unref (what);
}

static void
test_hostile_changes (StoreFixture *fixture, gconstpointer data)
{
  g_autofree char *long_name = g_strnfill (4096, 'n');
  g_autofree char *long_text = g_strnfill (4 * 1024 * 1024 + 1, 't');
  g_autoptr (VckcStoredDomain) stored = NULL;
  VckcJournal *what;

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_lock (fixture->store, STORE_UUID);
  assert_refused (fixture, store_new_write ("../x", ""), VCKC_ERROR_INVALID_ARG,
                  "'../x' cannot be the name of a checkpoint; use at most 251 letters");
  assert_refused (fixture, store_new_write (long_name, ""), VCKC_ERROR_INVALID_ARG,
                  "nnn…' cannot be");
  assert_refused (fixture, store_new_write ("a", long_text), VCKC_ERROR_XML_ERROR,
                  "the description of the checkpoint is larger than 4194304 bytes");
  assert_refused (fixture, store_new_write ("a", "\xff"), VCKC_ERROR_XML_ERROR, "is not UTF-8");
  what = store_new_write ("a", "");
  g_ptr_array_add (what->remove, g_strdup ("../../domain"));
  assert_refused (fixture, what, VCKC_ERROR_INVALID_ARG, "'../../domain' cannot be");
  what = store_new_write ("a", "");
  what->current = g_strdup (".");
  assert_refused (fixture, what, VCKC_ERROR_INVALID_ARG, "'.' cannot be");
  vckc_store_unlock (fixture->store, STORE_UUID);
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_cmpuint (stored->checkpoint_xml->len, ==, 0);
  g_assert_null (stored->journal);
}

static void
test_hostile_domains (StoreFixture *fixture, gconstpointer data)
{
  static const char *const bad[] = {
    "", ".", "..", ("../" STORE_UUID), "8A6E0F4E-0000-4000-8000-000000000001", "x"
  };
  g_autofree char *long_text = g_strnfill (4 * 1024 * 1024 + 1, 't');
  VckcStoredDomain *stored = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      VckcError *error = NULL;

      g_assert_false (vckc_store_lock (fixture->store, bad[i], store_in_a_minute (), &error));
      assert_error (error, VCKC_ERROR_INTERNAL, "is not the UUID of a domain");
      error = NULL;
      g_assert_false (vckc_store_domain_load (fixture->store, bad[i], &stored, &error));
      assert_error (error, VCKC_ERROR_INTERNAL, "is not the UUID of a domain");
      g_assert_cmpuint (store_get_generation (fixture->store, bad[i]), ==, 0);
    }
  store_lock (fixture->store, STORE_UUID);
  g_assert_false (vckc_store_domain_save (fixture->store, STORE_UUID, long_text, NULL));
  g_assert_false (vckc_store_domain_save (fixture->store, STORE_UUID, "\xff", NULL));
  vckc_store_unlock (fixture->store, STORE_UUID);
  store_assert_list (fixture, "");
}

/* Files that cannot be read are reported and kept; the rest is read. */
static void
test_hostile_files (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = store_new_write ("good", "<good/>");
  g_autoptr (VckcStoredDomain) stored = NULL;
  g_autofree char *link = g_build_filename (fixture->dir, "checkpoints", "link.xml", NULL);
  g_autofree char *fifo = g_build_filename (fixture->dir, "checkpoints", "fifo.xml", NULL);
  g_autofree char *folder = g_build_filename (fixture->dir, "checkpoints", "folder.xml", NULL);
  g_autofree char *huge = g_strnfill (4 * 1024 * 1024 + 1, 'x');
  g_autofree char *texts = NULL;
  g_autofree char *unreadable = NULL;

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_change (fixture->store, STORE_UUID, what);
  store_put_file (fixture, "checkpoints/.hidden.xml", "<hidden/>");
  store_put_file (fixture, "checkpoints/a b.xml", "<blank/>");
  store_put_file (fixture, "checkpoints/.xml", "<empty/>");
  store_put_file (fixture, "checkpoints/latin.xml", "\xe4");
  store_put_file (fixture, "checkpoints/huge.xml", huge);
  store_put_file (fixture, "checkpoints/note.txt", "no checkpoint");
  store_put_file (fixture, "current", "../good\n");
  store_put_file (fixture, "pending", "[change]\nversion=1\n");
  g_assert_cmpint (symlink ("good.xml", link), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  stored = store_load (fixture->store, STORE_UUID);
  texts = store_join (stored->checkpoint_xml);
  unreadable = store_join (stored->unreadable);
  g_assert_cmpstr (texts, ==, "<good/>;");
  g_assert_cmpstr (unreadable, ==, ";.hidden;a b;current;fifo;folder;huge;latin;link;");
  g_assert_null (stored->current);
  g_assert_null (stored->journal);
  g_assert_nonnull (stored->journal_problem);
  g_assert_true (store_has_file (fixture, "checkpoints/note.txt"));
}

static void
test_unreadable_domain (StoreFixture *fixture, gconstpointer data)
{
  VckcStoredDomain *stored = NULL;
  VckcError *error = NULL;

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_put_file (fixture, "domain.xml", "\xff");
  g_assert_false (vckc_store_domain_load (fixture->store, STORE_UUID, &stored, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "/" STORE_UUID "/domain.xml' is not UTF-8 text");
}

static void
test_root_is_a_file (StoreFixture *fixture, gconstpointer data)
{
  g_autofree char *parent = g_path_get_dirname (fixture->root);
  g_autoptr (GPtrArray) uuids = NULL;
  VckcError *error = NULL;

  g_assert_true (g_file_set_contents (parent, "", 0, NULL));
  g_assert_false (vckc_store_lock (fixture->store, STORE_UUID, store_in_a_minute (), &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot create the folder '");
  error = NULL;
  g_assert_false (vckc_store_list_domains (fixture->store, false, &uuids, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot open the folder '");
}

/* Wherever there is no more space, the old state stays, and nothing else. */
static void
test_no_space (StoreFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcJournal) what = store_new_write ("a", "<a/>");
  g_autoptr (VckcStoredDomain) stored = NULL;
  g_autofree char *tmp = g_build_filename (fixture->dir, "tmp", NULL);
  VckcError *error = NULL;
  struct rlimit before;
  GDir *dir;

  store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
  store_lock (fixture->store, STORE_UUID);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &(struct rlimit){ 1, before.rlim_max }), ==, 0);
  g_assert_false (vckc_store_domain_save (fixture->store, STORE_UUID, "<new/>", &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "/" STORE_UUID "/domain.xml': File too large");
  error = NULL;
  g_assert_false (vckc_store_write_journal (fixture->store, STORE_UUID, what, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "/" STORE_UUID "/pending': File too large");
  error = NULL;
  g_assert_false (vckc_store_apply (fixture->store, STORE_UUID, what, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR,
                "/" STORE_UUID "/checkpoints/a.xml': File too large");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_DFL);
  dir = g_dir_open (tmp, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
  g_dir_close (dir);
  vckc_store_unlock (fixture->store, STORE_UUID);
  stored = store_load (fixture->store, STORE_UUID);
  g_assert_cmpstr (stored->domain_xml, ==, STORE_DOMAIN_XML);
  g_assert_cmpuint (stored->checkpoint_xml->len, ==, 0);
  g_assert_null (stored->journal);
}

/* A link instead of a folder: what is behind it is not touched. */
static void
test_linked_folders (StoreFixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "tmp", "checkpoints" };
  g_autofree char *elsewhere = g_build_filename (fixture->folder, "elsewhere", NULL);
  g_autofree char *precious = g_build_filename (elsewhere, "a.xml", NULL);
  g_autofree char *from = g_build_filename (fixture->dir, "domain.xml", NULL);
  g_autofree char *to = g_build_filename (fixture->dir, "removed", NULL);

  g_assert_cmpint (g_mkdir (elsewhere, 0700), ==, 0);
  g_assert_true (g_file_set_contents (precious, "precious", -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *folder = g_build_filename (fixture->dir, names[i], NULL);
      VckcError *error = NULL;

      store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
      g_assert_cmpint (g_rmdir (folder), ==, 0);
      g_assert_cmpint (symlink (elsewhere, folder), ==, 0);
      g_assert_false (vckc_store_lock (fixture->store, STORE_UUID, 0, &error));
      assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "it is a link, and links are not followed");
      g_assert_cmpint (g_rename (from, to), ==, 0);
      store_assert_list (fixture, "");
      g_assert_true (g_file_test (precious, G_FILE_TEST_EXISTS));
      g_assert_cmpint (g_unlink (folder), ==, 0);
    }
}

/* Reading a FIFO does not block. */
static void
test_fifos (StoreFixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "generation", "lock", "pending", "current", "domain.xml" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->dir, names[i], NULL);
      VckcStoredDomain *stored = NULL;
      VckcError *error = NULL;
      bool loaded;

      store_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML);
      g_unlink (path);
      g_assert_cmpint (mkfifo (path, 0600), ==, 0);
      g_assert_cmpuint (store_get_generation (fixture->store, STORE_UUID), !=, 0);
      loaded = vckc_store_domain_load (fixture->store, STORE_UUID, &stored, NULL);
      g_assert_true (loaded == !g_str_equal (names[i], "domain.xml"));
      if (loaded)
        vckc_stored_domain_free (stored);
      if (vckc_store_lock (fixture->store, STORE_UUID, 0, &error))
        {
          g_assert_true (
              vckc_store_domain_save (fixture->store, STORE_UUID, STORE_DOMAIN_XML, NULL));
          vckc_store_unlock (fixture->store, STORE_UUID);
        }
      else
        {
          g_assert_cmpstr (names[i], ==, "lock");
          assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot open the lock file");
        }
      g_unlink (path);
    }
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/store-hostile/" name, StoreFixture, NULL, store_fixture_set_up, test,          \
              store_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("hostile-changes", test_hostile_changes);
  ADD ("hostile-domains", test_hostile_domains);
  ADD ("hostile-files", test_hostile_files);
  ADD ("unreadable-domain", test_unreadable_domain);
  ADD ("root-is-a-file", test_root_is_a_file);
  ADD ("no-space", test_no_space);
  ADD ("linked-folders", test_linked_folders);
  ADD ("fifos", test_fifos);
  return g_test_run ();
}
