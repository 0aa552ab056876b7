/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a domain that is off, from its checkpoints. */

#define _GNU_SOURCE /* prlimit() */

#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../describe-deletion.h"
#include "backup-fixture.h"
#include "image-fixture.h"

#define FORM(n) GUINT_TO_POINTER (n)
#define LARGE FORM (1000)

/* Each point reads as the disks were at the time, whatever came later; a checkpoint that is deleted
 * in between takes nothing away from the others. */
static void
test_truth (BackupFixture *fixture, gconstpointer form)
{
  enum
  {
    N_POINTS = 4
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (GPOINTER_TO_UINT (form) + 100);
  char *hashes[N_POINTS][BACKUP_DISKS];

  for (guint point = 0; point < N_POINTS; point++)
    {
      g_autofree char *name = g_strdup_printf ("p%u", point);
      g_autofree char *base = point > 0 ? g_strdup_printf ("p%u", point - 1) : NULL;

      for (guint i = 0; i < BACKUP_DISKS; i++)
        {
          backup_images_change (fixture->images[i], fixture->sizes[i], rand);
          hashes[point][i] = backup_images_hash (fixture->images[i], "qcow2");
        }
      backup_fixture_back_up (fixture, name, base);
    }
  backup_fixture_assert_list (fixture, "p0 p1 p2 p3");
  for (guint point = 0; point < N_POINTS; point++)
    for (guint i = 0; i < BACKUP_DISKS; i++)
      {
        g_autofree char *name = g_strdup_printf ("p%u", point);
        g_autofree char *file = backup_fixture_get_file (fixture, i, name);
        g_autofree char *hash = backup_images_hash (file, "qcow2");

        g_assert_cmpstr (hash, ==, hashes[point][i]);
        g_free (hashes[point][i]);
      }
}

/* One storage daemon is started for a backup, and none to delete its checkpoint. */
static void
test_one_daemon (BackupFixture *fixture, gconstpointer form)
{
  g_autofree char *log = g_build_filename (fixture->folder, "log", NULL);
  g_autofree char *body =
      g_strdup_printf ("echo started >>'%s'\nexec qemu-storage-daemon \"$@\"", log);
  g_autofree char *daemon = image_fixture_make_script (fixture->folder, "daemon", body);
  g_autofree char *text = NULL;
  VckcDomainCheckpoint *one;
  VckcError *error = NULL;
  int result;

  backup_fixture_back_up (fixture, "one", NULL);
  g_setenv ("VCK_QEMU_STORAGE_DAEMON", daemon, TRUE);
  backup_fixture_back_up (fixture, "two", "one");
  one = vckc_domain_checkpoint_lookup_by_name (fixture->domain, "one", 0, NULL);
  result = vckc_domain_checkpoint_delete (one, 0, &error);
  assert_ok (result == 0, error);
  vckc_domain_checkpoint_unref (one, NULL);
  g_unsetenv ("VCK_QEMU_STORAGE_DAEMON");
  backup_fixture_assert_list (fixture, "two");
  g_assert_true (g_file_get_contents (log, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "started\n");
}

/* Without a storage daemon a backup cannot be begun, and nothing is left of it. */
static void
test_no_daemon (BackupFixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;

  g_setenv ("VCK_QEMU_STORAGE_DAEMON", "/nonexistent", TRUE);
  g_assert_false (backup_fixture_try_begin (fixture, "one", NULL, 0, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "/nonexistent");
  error = NULL;
  g_assert_null (vckc_domain_get_job_info (fixture->domain, 0, &error));
  assert_error (error, VCKC_ERROR_NO_BACKUP, "under way");
  g_unsetenv ("VCK_QEMU_STORAGE_DAEMON");
  g_assert_false (backup_fixture_has_file (fixture, 0, "one"));
  g_assert_false (backup_fixture_has_file (fixture, 1, "one"));
  backup_fixture_assert_list (fixture, "");
  backup_fixture_back_up (fixture, "one", NULL);
}

/* Files that are made for a backup stay when it is done. */
static void
test_made_files (BackupFixture *fixture, gconstpointer form)
{
  g_autofree char *file = backup_fixture_get_file (fixture, 0, "one");
  g_autofree char *before = backup_images_hash (fixture->images[0], "qcow2");
  g_autofree char *hash = NULL;
  VckcError *error = NULL;

  backup_fixture_begin (fixture, "one", NULL);
  g_free (backup_fixture_wait (fixture, VCKC_JOB_STATE_DONE));
  hash = backup_images_hash (file, "qcow2");
  g_assert_cmpstr (hash, ==, before);

  g_assert_false (backup_fixture_try_begin (fixture, "one", NULL, 0, &error));
  assert_error (error, VCKC_ERROR_CHECKPOINT_EXISTS, "already has a checkpoint 'one'");
  error = NULL;
  backup_fixture_make_files (fixture, "two", NULL);
  g_assert_false (backup_fixture_try_begin (fixture, "two", NULL, 0, &error));
  assert_error (error, VCKC_ERROR_INVALID_ARG, "exists already");
  g_assert_true (backup_fixture_has_file (fixture, 0, "two"));
  backup_fixture_assert_list (fixture, "one");
}

/* A file that is an image of the domain, or that of another disk, under another name. */
static void
test_same_file (BackupFixture *fixture, gconstpointer form)
{
  g_autofree char *file = backup_fixture_get_file (fixture, 0, "one");
  g_autofree char *other = backup_fixture_get_file (fixture, 1, "one");
  const char *const files[] = { file, other };
  g_autofree char *before = backup_images_hash (fixture->images[0], "qcow2");
  g_autofree char *after = NULL;
  VckcError *error = NULL;

  backup_fixture_make_files (fixture, "one", NULL);
  g_assert_cmpint (g_unlink (files[1]), ==, 0);
  g_assert_cmpint (link (files[0], files[1]), ==, 0);
  g_assert_false (
      backup_fixture_try_begin (fixture, "one", NULL, VCKC_BACKUP_BEGIN_REUSE_EXTERNAL, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "is the same file as");
  error = NULL;
  g_assert_cmpint (g_unlink (files[1]), ==, 0);
  g_assert_cmpint (link (fixture->images[0], files[1]), ==, 0);
  g_assert_false (
      backup_fixture_try_begin (fixture, "one", NULL, VCKC_BACKUP_BEGIN_REUSE_EXTERNAL, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "is the same file as");
  error = NULL;
  g_assert_cmpint (g_unlink (files[1]), ==, 0);
  g_assert_cmpint (symlink (fixture->images[0], files[1]), ==, 0);
  g_assert_false (
      backup_fixture_try_begin (fixture, "one", NULL, VCKC_BACKUP_BEGIN_REUSE_EXTERNAL, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "is the same file as");
  backup_fixture_assert_list (fixture, "");
  after = backup_images_hash (fixture->images[0], "qcow2");
  g_assert_cmpstr (before, ==, after);
}

/* What is asked after the end, and until when. */
static void
test_result (BackupFixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;
  VckcJobInfo *info;

  g_assert_null (vckc_domain_get_job_info (fixture->domain, 0, &error));
  assert_error (error, VCKC_ERROR_NO_BACKUP, "under way");
  error = NULL;
  backup_fixture_begin (fixture, "one", NULL);
  g_free (backup_fixture_wait (fixture, VCKC_JOB_STATE_DONE));
  g_assert_null (vckc_domain_get_job_info (fixture->domain, 0, &error));
  assert_error (error, VCKC_ERROR_NO_BACKUP, "under way");
  error = NULL;

  backup_fixture_disconnect (fixture);
  backup_fixture_connect (fixture);
  info = vckc_domain_get_job_info (fixture->domain, VCKC_JOB_INFO_COMPLETED, &error);
  assert_ok (info != NULL, error);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, VCKC_JOB_STATE_DONE);
  g_assert_cmpstr (vckc_job_info_get_checkpoint (info, NULL), ==, "one");
  g_assert_cmpint (vckc_job_info_get_bytes_done (info, NULL), ==,
                   vckc_job_info_get_bytes_total (info, NULL));
  vckc_job_info_unref (info, NULL);
  g_assert_null (vckc_domain_get_job_info (fixture->domain, VCKC_JOB_INFO_COMPLETED, &error));
  assert_error (error, VCKC_ERROR_NO_BACKUP, "left a result");
}

static VckcDomainCheckpoint *
look_up (BackupFixture *fixture, const char *name)
{
  return vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, NULL);
}

/* While it goes on checkpoints can be looked at, and not be changed. Cancelled, it leaves nothing,
 * and earlier checkpoints as they were. */
static void
test_cancel (BackupFixture *fixture, gconstpointer form)
{
  VckcCheckpointConfig config = { .policy = VCKC_DISK_POLICY_TRACKABLE };
  VckcError *error = NULL;
  VckcDomainCheckpoint *zero;
  int result;

  backup_fixture_back_up (fixture, "zero", NULL);
  image_fixture_write (fixture->images[1], 65536, 65536);
  backup_fixture_begin (fixture, "one", NULL);
  backup_fixture_assert_list (fixture, "zero one");
  g_assert_false (backup_fixture_try_begin (fixture, "two", NULL, 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
  error = NULL;
  zero = look_up (fixture, "zero");
  g_assert_cmpint (vckc_domain_checkpoint_delete (zero, 0, &error), ==, -1);
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
  error = NULL;
  g_assert_null (
      vckc_domain_checkpoint_create_xml (fixture->domain, "<domaincheckpoint/>", 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
  error = NULL;
  g_assert_null (vckc_domain_plan_checkpoint (fixture->domain, &config, 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
  error = NULL;
  g_assert_null (vckc_domain_checkpoint_plan_delete (zero, 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
  error = NULL;

  result = vckc_domain_abort_job (fixture->domain, &error);
  assert_ok (result == 0, error);
  g_free (backup_fixture_wait (fixture, VCKC_JOB_STATE_CANCELLED));
  backup_fixture_assert_list (fixture, "zero");
  g_assert_false (backup_fixture_has_file (fixture, 0, "one"));
  g_assert_false (backup_fixture_has_file (fixture, 1, "one"));
  g_assert_cmpint (vckc_domain_abort_job (fixture->domain, &error), ==, -1);
  assert_error (error, VCKC_ERROR_NO_BACKUP, "under way");
  error = NULL;

  result = vckc_domain_checkpoint_delete (zero, 0, &error);
  assert_ok (result == 0, error);
  vckc_domain_checkpoint_unref (zero, NULL);
}

/* The only child of any thread of this process. */
static pid_t
find_child (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *task;
  int child = 0;

  while (child == 0 && (task = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *file = g_strdup_printf ("/proc/self/task/%s/children", task);
      g_autofree char *text = NULL;

      if (g_file_get_contents (file, &text, NULL, NULL))
        child = atoi (text);
    }
  g_assert_cmpint (child, >, 0);
  return child;
}

/* A file that cannot become as large as it must: the backup fails, and leaves nothing. */
static void
test_file_is_full (BackupFixture *fixture, gconstpointer form)
{
  const struct rlimit small = { 1024 * 1024, 1024 * 1024 };
  g_autofree char *why = NULL;

  /* The daemon inherits it. */
  signal (SIGXFSZ, SIG_IGN);
  backup_fixture_begin (fixture, "one", NULL);
  g_assert_cmpint (prlimit (find_child (), RLIMIT_FSIZE, &small, NULL), ==, 0);
  signal (SIGXFSZ, SIG_DFL);
  why = backup_fixture_wait (fixture, VCKC_JOB_STATE_FAILED);
  g_assert_nonnull (strstr (why, "File too large"));
  backup_fixture_assert_list (fixture, "");
  g_assert_false (backup_fixture_has_file (fixture, 0, "one"));
  g_assert_false (backup_fixture_has_file (fixture, 1, "one"));
}

/* With the daemon, all that it copied is lost, and no more. */
static void
test_daemon_is_killed (BackupFixture *fixture, gconstpointer form)
{
  g_autofree char *why = NULL;

  backup_fixture_back_up (fixture, "zero", NULL);
  backup_fixture_begin (fixture, "one", NULL);
  kill (find_child (), SIGKILL);
  why = backup_fixture_wait (fixture, VCKC_JOB_STATE_LOST);
  g_assert_nonnull (strstr (why, "signal 9"));
  backup_fixture_assert_list (fixture, "zero");
  g_assert_false (backup_fixture_has_file (fixture, 0, "one"));
  backup_fixture_back_up (fixture, "one", "zero");
}

/* A program that closes its last connection cancels its backup. */
static void
test_closed (BackupFixture *fixture, gconstpointer form)
{
  backup_fixture_begin (fixture, "one", NULL);
  backup_fixture_disconnect (fixture);
  image_fixture_assert_no_child ();
  backup_fixture_connect (fixture);
  backup_fixture_assert_list (fixture, "");
  g_assert_false (backup_fixture_has_file (fixture, 0, "one"));
  backup_fixture_back_up (fixture, "one", NULL);
}

/* A program begins a backup and is killed. */
static void
begin_and_die (BackupFixture *fixture)
{
  pid_t child;

  backup_fixture_disconnect (fixture);
  image_fixture_await_threads ();
  child = fork ();
  if (child == 0)
    {
      backup_fixture_connect (fixture);
      backup_fixture_begin (fixture, "one", NULL);
      vckc_domain_set_job_speed (fixture->domain, 1024 * 1024, NULL);
      kill (getpid (), SIGKILL);
    }
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  backup_fixture_connect (fixture);
}

/* Planning leaves what is left of a backup, and deleting takes it back first. */
static void
test_left (BackupFixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;
  VckcDomainCheckpoint *zero, *one;
  VckcDeletePlan *plan;
  g_autofree char *text = NULL;

  backup_fixture_back_up (fixture, "zero", NULL);
  begin_and_die (fixture);
  zero = look_up (fixture, "zero");
  one = look_up (fixture, "one");
  g_assert_null (vckc_domain_checkpoint_plan_delete (one, 0, &error));
  assert_error (error, VCKC_ERROR_NO_DOMAIN_CHECKPOINT, "whose program ended before it did");
  error = NULL;
  plan = vckc_domain_checkpoint_plan_delete (zero, VCKC_CHECKPOINT_DELETE_CHILDREN, &error);
  assert_ok (plan != NULL, error);
  text = describe_deletion (plan);
  g_assert_cmpstr (text, ==, "zero(vda/zero- vdb/zero-)");
  vckc_delete_plan_unref (plan, NULL);
  backup_fixture_assert_list (fixture, "zero one");

  g_assert_cmpint (vckc_domain_checkpoint_delete (one, 0, &error), ==, -1);
  assert_error (error, VCKC_ERROR_NO_DOMAIN_CHECKPOINT, "'one'");
  error = NULL;
  backup_fixture_assert_list (fixture, "zero");
  assert_ok (vckc_domain_checkpoint_delete (zero, VCKC_CHECKPOINT_DELETE_CHILDREN, &error) == 0,
             error);
  vckc_domain_checkpoint_unref (zero, NULL);
  vckc_domain_checkpoint_unref (one, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < n_backup_forms; i++)
    {
      g_autofree char *path = g_strdup_printf ("/backup/truth/%u", i);

      g_test_add (path, BackupFixture, FORM (i), backup_fixture_set_up, test_truth,
                  backup_fixture_tear_down);
    }
  g_test_add ("/backup/made-files", BackupFixture, FORM (1), backup_fixture_set_up, test_made_files,
              backup_fixture_tear_down);
  g_test_add ("/backup/one-daemon", BackupFixture, FORM (0), backup_fixture_set_up, test_one_daemon,
              backup_fixture_tear_down);
  g_test_add ("/backup/no-daemon", BackupFixture, FORM (0), backup_fixture_set_up, test_no_daemon,
              backup_fixture_tear_down);
  g_test_add ("/backup/same-file", BackupFixture, FORM (0), backup_fixture_set_up, test_same_file,
              backup_fixture_tear_down);
  g_test_add ("/backup/result", BackupFixture, FORM (0), backup_fixture_set_up, test_result,
              backup_fixture_tear_down);
  g_test_add ("/backup/cancel", BackupFixture, LARGE, backup_fixture_set_up, test_cancel,
              backup_fixture_tear_down);
  g_test_add ("/backup/file-is-full", BackupFixture, LARGE, backup_fixture_set_up,
              test_file_is_full, backup_fixture_tear_down);
  g_test_add ("/backup/daemon-is-killed", BackupFixture, LARGE, backup_fixture_set_up,
              test_daemon_is_killed, backup_fixture_tear_down);
  g_test_add ("/backup/closed", BackupFixture, LARGE, backup_fixture_set_up, test_closed,
              backup_fixture_tear_down);
  g_test_add ("/backup/left", BackupFixture, LARGE, backup_fixture_set_up, test_left,
              backup_fixture_tear_down);
  return g_test_run ();
}
