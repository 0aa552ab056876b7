/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Pruning and restoring are killed at every call by which they change something outside, which a
 * preloaded library counts. Then all that is listed has the content that it had, through the
 * headers and through the manifests, and the next run does what the killed one should have done.
 */

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>

#include "assert-error.h"
#include "backup-fixture.h"
#include "image-fixture.h"

typedef struct
{
  BackupFixture base;
  char *saved; /* a copy of the store */
  char *mark;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  backup_fixture_set_up (&fixture->base, data);
  backup_fixture_add_chain (&fixture->base, 3);
  fixture->saved = g_build_filename (fixture->base.folder, "saved", NULL);
  fixture->mark = g_build_filename (fixture->base.folder, "mark", NULL);
  g_free (image_fixture_run (
      (const char *const[]){ "cp", "-a", fixture->base.path, fixture->saved, NULL }));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->saved);
  g_free (fixture->mark);
  backup_fixture_tear_down (&fixture->base, data);
}

static void
renew (Fixture *fixture)
{
  g_free (image_fixture_run ((const char *const[]){ "rm", "-rf", fixture->base.path, NULL }));
  g_free (image_fixture_run (
      (const char *const[]){ "cp", "-a", fixture->saved, fixture->base.path, NULL }));
  backup_fixture_reopen (&fixture->base);
  g_unlink (fixture->mark);
}

/* Runs the actor, which is killed at that point, or with the mode "full" finds all file systems
 * full from there on; 0 for none. Returns whether that happened. */
static bool
act (Fixture *fixture,
     guint point,
     const char *mode,
     const char *command,
     const char *id,
     const char *to)
{
  g_autofree char *number = g_strdup_printf ("%u", point);
  g_auto (GStrv) environment = g_get_environ ();
  const char *argv[] = {
    g_getenv ("BACKUP_ACTOR"), fixture->base.path, FIXTURE_DOMAIN, command, id, to, NULL
  };
  g_autofree char *errors = NULL;
  GError *gerror = NULL;
  int status;

  if (point > 0)
    {
      environment = g_environ_setenv (environment, "LD_PRELOAD", g_getenv ("CRASH_POINTS"), TRUE);
      environment =
          g_environ_setenv (environment, "ASAN_OPTIONS", "verify_asan_link_order=0", TRUE);
      environment = g_environ_setenv (environment, "VCK_CRASH_PROGRAM", "backup-actor", TRUE);
      environment = g_environ_setenv (environment, "VCK_CRASH_MODE", mode, TRUE);
      environment = g_environ_setenv (environment, "VCK_CRASH_AT", number, TRUE);
      environment = g_environ_setenv (environment, "VCK_CRASH_MARK", fixture->mark, TRUE);
    }
  g_spawn_sync (NULL, (char **) argv, environment, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                &errors, &status, &gerror);
  g_assert_no_error (gerror);
  if (WIFSIGNALED (status))
    {
      g_assert_cmpint (WTERMSIG (status), ==, 9);
      g_assert_true (g_file_test (fixture->mark, G_FILE_TEST_EXISTS));
      return true;
    }
  if (WIFEXITED (status) && WEXITSTATUS (status) == 1 && g_strcmp0 (mode, "full") == 0)
    {
      g_assert_nonnull (strstr (errors, "No space left on device"));
      return true;
    }
  if (!WIFEXITED (status) || WEXITSTATUS (status) != 0)
    g_error ("%s at point %u: %s", command, point, errors);
  return false;
}

static void
assert_no_leftovers (Fixture *fixture)
{
  const char *const argv[] = { "find", fixture->base.path, "-name", ".*", NULL };

  image_fixture_run_quietly (argv);
}

static void
test_prune (Fixture *fixture, gconstpointer data)
{
  guint point = 1;

  for (; act (fixture, point, "kill", "prune", NULL, NULL); point++)
    {
      guint left = backup_fixture_check (&fixture->base);

      g_assert_cmpuint (left, >=, 1);
      g_assert_cmpuint (left, <=, 3);
      act (fixture, 0, NULL, "prune", NULL, NULL);
      g_assert_cmpuint (backup_fixture_check (&fixture->base), ==, 1);
      assert_no_leftovers (fixture);
      renew (fixture);
    }
  g_assert_cmpuint (backup_fixture_check (&fixture->base), ==, 1);
  g_test_message ("%u points", point - 1);
  g_assert_cmpuint (point, >, 20);
}

/* From every fourth call on there is no room: the prune fails in order, and works later. */
static void
test_full (Fixture *fixture, gconstpointer data)
{
  guint point = 1;

  for (; act (fixture, point, "full", "prune", NULL, NULL); point += 4)
    {
      backup_fixture_check (&fixture->base);
      act (fixture, 0, NULL, "prune", NULL, NULL);
      g_assert_cmpuint (backup_fixture_check (&fixture->base), ==, 1);
      assert_no_leftovers (fixture);
      renew (fixture);
    }
  g_assert_cmpuint (point, >, 20);
}

static void
test_restore (Fixture *fixture, gconstpointer data)
{
  const char *id = backup_fixture_get_id (&fixture->base, 2);
  g_autofree char *key = g_strdup_printf ("%s/vda", id);
  g_autofree char *to = g_build_filename (fixture->base.folder, "to", NULL);
  g_autofree char *left = g_strconcat (to, ".vck-restore", NULL);
  const char *wanted = g_hash_table_lookup (fixture->base.hashes, key);
  guint point = 1;
  bool killed;

  do
    {
      g_autofree char *hash = NULL;

      g_unlink (fixture->mark);
      g_unlink (to);
      killed = act (fixture, point, "kill", "restore", id, to);
      if (!g_file_test (to, G_FILE_TEST_EXISTS))
        act (fixture, 0, NULL, "restore", id, to);
      hash = backup_fixture_hash_image (&fixture->base, to, "qcow2");
      g_assert_cmpstr (hash, ==, wanted);
      g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
      point++;
    }
  while (killed);
  g_test_message ("%u points", point - 2);
  g_assert_cmpuint (point, >, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/vck/backup/crash/prune", Fixture, NULL, set_up, test_prune, tear_down);
  g_test_add ("/vck/backup/crash/full", Fixture, NULL, set_up, test_full, tear_down);
  g_test_add ("/vck/backup/crash/restore", Fixture, NULL, set_up, test_restore, tear_down);
  return g_test_run ();
}
