/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a process asks of a backup that another one follows, or has left; off and running. */

#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backup-fixture.h"
#include "checkpoint-steps.h"
#include "image-fixture.h"
#include "machine-fixture.h"
#include "managed/find-domain.h"
#include "managed/job.h"
#include "managed/methods/backup-recover.h"
#include "pull-fixture.h"

#define LARGE GUINT_TO_POINTER (1000)
#define SLOW (1024 * 1024)
#define LIMIT (60 * G_TIME_SPAN_SECOND)

typedef struct
{
  BackupFixture backup;
  MachineFixture *machine; /* (nullable) */
  pid_t other;             /* the process that follows the backup */
  bool alone;              /* it is of one disk, without a checkpoint */
  bool apart;              /* and to a folder of its own */
} Fixture;

static void
set_up_off (Fixture *fixture, gconstpointer unused)
{
  backup_fixture_set_up (&fixture->backup, LARGE);
}

static void
set_up_running (Fixture *fixture, gconstpointer unused)
{
  set_up_off (fixture, NULL);
  fixture->machine = machine_fixture_start_drives (fixture->backup.qmp, fixture->backup.images);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_clear_pointer (&fixture->machine, machine_fixture_free);
  backup_fixture_tear_down (&fixture->backup, LARGE);
}

static void
set_speed (Fixture *fixture, guint64 speed)
{
  VckcError *error = NULL;
  bool set = vckc_domain_set_job_speed (fixture->backup.domain, speed, &error) == 0;

  assert_ok (set, error);
}

/* Nothing is written to the images. */
static void
begin_alone (Fixture *fixture)
{
  g_autofree char *file =
      backup_fixture_get_file (&fixture->backup, 0, fixture->apart ? "apart/one" : "one");
  g_autofree char *xml = g_strdup_printf (
      "<domainbackup><disks><disk name='vda' type='file'><target file='%s'/></disk>"
      "<disk name='vdb' backup='no'/></disks></domainbackup>",
      file);
  VckcError *error = NULL;
  bool begun = vckc_domain_backup_begin (fixture->backup.domain, xml, NULL, 0, &error) == 0;

  assert_ok (begun, error);
}

static void
begin (Fixture *fixture, bool pull)
{
  if (pull)
    {
      pull_fixture_begin (&fixture->backup, "one", NULL);
      return;
    }
  if (fixture->alone)
    begin_alone (fixture);
  else
    backup_fixture_begin (&fixture->backup, "one", NULL);
  set_speed (fixture, SLOW);
}

/* Begins a backup in another process, slowly. That follows it, and ends with the job's state, or is
 * killed at once. */
static void
begin_elsewhere (Fixture *fixture, bool pull, bool die)
{
  int ends[2];
  char byte;

  backup_fixture_disconnect (&fixture->backup);
  g_assert_cmpint (pipe (ends), ==, 0);
  fixture->other = fork ();
  if (fixture->other == 0)
    {
      VckcJobInfo *info;

      backup_fixture_connect (&fixture->backup);
      begin (fixture, pull);
      if (die)
        kill (getpid (), SIGKILL);
      g_assert_cmpint (write (ends[1], "", 1), ==, 1);
      info = vckc_domain_wait_job (fixture->backup.domain, NULL);
      execl ("/bin/sh", "sh", "-c", "exit $0",
             g_strdup_printf ("%d", (int) vckc_job_info_get_state (info, NULL)), NULL);
      abort ();
    }
  close (ends[1]);
  g_assert_cmpint (read (ends[0], &byte, 1), ==, die ? 0 : 1);
  close (ends[0]);
  backup_fixture_connect (&fixture->backup);
}

/* The other process has seen the job end in that state. */
static void
assert_other_ends (Fixture *fixture, VckcJobState state)
{
  int status;

  g_assert_cmpint (waitpid (fixture->other, &status, 0), ==, fixture->other);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, state);
}

static void
abort_job (Fixture *fixture)
{
  VckcError *error = NULL;
  bool aborted = vckc_domain_abort_job (fixture->backup.domain, &error) == 0;

  assert_ok (aborted, error);
}

static void
assert_nothing_left (Fixture *fixture)
{
  backup_fixture_assert_list (&fixture->backup, "");
  for (guint i = 0; i < BACKUP_DISKS; i++)
    g_assert_false (backup_fixture_has_file (&fixture->backup, i, "one"));
}

static void
test_abort (Fixture *fixture, gconstpointer unused)
{
  begin_elsewhere (fixture, false, false);
  abort_job (fixture);
  assert_other_ends (fixture, VCKC_JOB_STATE_CANCELLED);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_CANCELLED));
  assert_nothing_left (fixture);
}

/* A pull ends well by that. */
static void
test_abort_pull (Fixture *fixture, gconstpointer unused)
{
  begin_elsewhere (fixture, true, false);
  abort_job (fixture);
  assert_other_ends (fixture, VCKC_JOB_STATE_DONE);
  backup_fixture_assert_list (&fixture->backup, "one");
  pull_fixture_assert_no_files (&fixture->backup);
}

/* Begins a backup in another process, which ends before that. */
static void
leave (Fixture *fixture)
{
  int status;

  begin_elsewhere (fixture, false, true);
  g_assert_cmpint (waitpid (fixture->other, &status, 0), ==, fixture->other);
}

static void
recover (Fixture *fixture)
{
  VckcError *error = NULL;
  bool recovered = vckc_domain_recover_backup (fixture->backup.domain, &error) == 0;

  assert_ok (recovered, error);
}

/* What QEMU goes on with is ended by the process that wants it to. */
static void
test_abort_left (Fixture *fixture, gconstpointer unused)
{
  leave (fixture);
  abort_job (fixture);
  g_free (backup_fixture_wait (&fixture->backup, fixture->machine != NULL ? VCKC_JOB_STATE_CANCELLED
                                                                          : VCKC_JOB_STATE_LOST));
  assert_nothing_left (fixture);
}

/* What is left of a backup that nothing goes on with is removed without a storage daemon, unless
 * that takes bitmaps out of the images. */
static void
test_abort_without_daemon (Fixture *fixture, gconstpointer unused)
{
  fixture->alone = true;
  leave (fixture);
  g_assert_true (backup_fixture_has_file (&fixture->backup, 0, "one"));
  g_setenv ("VCK_QEMU_STORAGE_DAEMON", "/nonexistent", TRUE);
  abort_job (fixture);
  g_unsetenv ("VCK_QEMU_STORAGE_DAEMON");
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_LOST));
  assert_nothing_left (fixture);
}

/* The request reaches whichever process takes the backup up. */
static void
test_abort_taken_up (Fixture *fixture, gconstpointer unused)
{
  VckcEngine *engine;
  VckcManagedDomain *domain;
  bool left = false;

  leave (fixture);
  engine = vckc_engine_of (fixture->backup.connect);
  domain = vckc_engine_get_domain (fixture->backup.domain, NULL);
  g_assert_true (vckc_job_begin (engine, domain, NULL));
  g_assert_true (vckc_backup_ask (engine, domain, true, 0, &left, NULL));
  g_assert_true (left);
  vckc_job_end (engine, domain);
  vckc_managed_domain_unref (domain);
  recover (fixture);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_CANCELLED));
  assert_nothing_left (fixture);
}

/* QEMU goes on with the backup, whatever has become of its files. */
static void
assert_under_way (Fixture *fixture)
{
  VckcError *error = NULL;

  g_assert_false (backup_fixture_try_begin (&fixture->backup, "two", NULL, 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
}

/* Without one of its files it can only fail, and QEMU is made to end it first. */
static void
test_file_is_gone (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *file = backup_fixture_get_file (&fixture->backup, 0, "one");
  g_autofree char *why = NULL;

  leave (fixture);
  g_assert_cmpint (g_unlink (file), ==, 0);
  assert_under_way (fixture);
  recover (fixture);
  why = backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_FAILED);
  g_assert_nonnull (strstr (why, "can no longer be opened"));
  assert_nothing_left (fixture);
  g_assert_cmpuint (machine_fixture_count_jobs (fixture->machine, NULL), ==, 0);
}

/* A file that cannot be opened for now: nothing is removed, and it can be taken up later. */
static void
test_file_is_not_opened (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *file = backup_fixture_get_file (&fixture->backup, 0, "one");
  g_autofree char *aside = g_strconcat (file, ".aside", NULL);
  VckcError *error = NULL;

  leave (fixture);
  g_assert_cmpint (g_rename (file, aside), ==, 0);
  g_assert_cmpint (g_mkdir (file, 0700), ==, 0);
  assert_under_way (fixture);
  g_assert_cmpint (vckc_domain_recover_backup (fixture->backup.domain, &error), ==, -1);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot open the backup file");
  backup_fixture_assert_list (&fixture->backup, "one");
  g_assert_cmpint (g_rmdir (file), ==, 0);
  g_assert_cmpint (g_rename (aside, file), ==, 0);
  recover (fixture);
  set_speed (fixture, 0);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
  backup_fixture_assert_list (&fixture->backup, "one");
}

/* Nor is a file gone if its folder is not there: that may not be mounted. */
static void
test_folder_is_gone (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *folder = g_build_filename (fixture->backup.folder, "vda-apart", NULL);
  g_autofree char *aside = g_strconcat (folder, ".aside", NULL);
  VckcError *error = NULL;

  fixture->alone = fixture->apart = true;
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  leave (fixture);
  g_assert_cmpint (g_rename (folder, aside), ==, 0);
  assert_under_way (fixture);
  g_assert_cmpint (vckc_domain_recover_backup (fixture->backup.domain, &error), ==, -1);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "vda-apart' is not there");
  g_assert_cmpint (g_rename (aside, folder), ==, 0);
  recover (fixture);
  set_speed (fixture, 0);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
}

/* A file that is there instead of the one that was made is not written to, and no backup. */
static void
test_file_is_another (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *file = backup_fixture_get_file (&fixture->backup, 0, "one");
  g_autofree char *text = NULL;
  VckcError *error = NULL;

  leave (fixture);
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_true (g_file_set_contents (file, "other", -1, NULL));
  assert_under_way (fixture);
  g_assert_cmpint (vckc_domain_recover_backup (fixture->backup.domain, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "is another file");
  abort_job (fixture);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_CANCELLED));
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "other");
  g_assert_cmpint (g_unlink (file), ==, 0);
  assert_nothing_left (fixture);
  g_assert_cmpuint (machine_fixture_count_jobs (fixture->machine, NULL), ==, 0);
}

/* It can be aborted all the same. */
static void
test_abort_not_opened (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *file = backup_fixture_get_file (&fixture->backup, 0, "one");

  leave (fixture);
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_mkdir (file, 0700), ==, 0);
  abort_job (fixture);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_CANCELLED));
  g_assert_cmpint (g_rmdir (file), ==, 0);
  assert_nothing_left (fixture);
  g_assert_cmpuint (machine_fixture_count_jobs (fixture->machine, NULL), ==, 0);
}

/* The domain gets another definition, in which the first image has that name. */
static void
replace_image (Fixture *fixture, const char *image)
{
  g_free (fixture->backup.images[0]);
  fixture->backup.images[0] = g_strdup (image);
  backup_fixture_define (&fixture->backup);
}

/* QEMU goes on with the images that it has, whatever the domain is to have. */
static void
test_other_image (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *other = g_strconcat (fixture->backup.images[0], ".other", NULL);

  leave (fixture);
  replace_image (fixture, other);
  assert_under_way (fixture);
  recover (fixture);
  set_speed (fixture, 0);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
}

static void
assert_findings (Fixture *fixture, unsigned int repair, int expected)
{
  VckcError *error = NULL;
  VckcFinding **findings = NULL;
  int n = vckc_domain_repair_checkpoints (fixture->backup.domain, &findings, repair, &error);

  assert_ok (n >= 0, error);
  g_assert_cmpint (n, ==, expected);
  for (int i = 0; i < n; i++)
    {
      g_assert_cmpint (vckc_finding_get_kind (findings[i], NULL), ==, VCKC_FINDING_BITMAP_ORPHAN);
      vckc_finding_unref (findings[i], NULL);
    }
  free (findings);
}

/* If it ends otherwise, bitmaps are only removed from images that both have. The other one is known
 * as what a backup has left when the domain has that image again. */
static void
test_other_image_aborted (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *image = g_strdup (fixture->backup.images[0]);
  g_autofree char *other = g_strconcat (image, ".other", NULL);

  leave (fixture);
  replace_image (fixture, other);
  abort_job (fixture);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_CANCELLED));
  assert_nothing_left (fixture);
  replace_image (fixture, image);
  assert_findings (fixture, VCKC_REPAIR_ORPHANS, 1);
  assert_findings (fixture, 0, 0);
  backup_fixture_begin (&fixture->backup, "one", NULL);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
}

/* That nothing listens does not mean that QEMU is gone: it still holds the images. */
static void
test_other_image_unreachable (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *aside = g_strconcat (fixture->backup.qmp, ".aside", NULL);
  g_autofree char *other = g_strconcat (fixture->backup.images[0], ".other", NULL);
  VckcError *error = NULL;

  leave (fixture);
  replace_image (fixture, other);
  g_assert_cmpint (g_rename (fixture->backup.qmp, aside), ==, 0);
  g_assert_cmpint (vckc_domain_recover_backup (fixture->backup.domain, &error), ==, -1);
  assert_error (error, VCKC_ERROR_BUSY, fixture->backup.folder);
  g_assert_true (backup_fixture_has_file (&fixture->backup, 0, "one"));
  g_assert_cmpint (g_rename (aside, fixture->backup.qmp), ==, 0);
  recover (fixture);
  set_speed (fixture, 0);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
}

/* The image that it was begun with cannot be found any more. If that is not the domain's either,
 * the backup is lost, and QEMU, if it runs, is made to end it first. */
static void
test_lost_image (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *image = g_strdup (fixture->backup.images[0]);
  g_autofree char *link = g_strconcat (image, ".link", NULL);

  g_assert_cmpint (symlink (image, link), ==, 0);
  replace_image (fixture, link);
  fixture->alone = fixture->machine == NULL; /* or the last daemon may still hold the image */
  leave (fixture);
  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_true (g_file_set_contents (link, "other", -1, NULL));
  replace_image (fixture, image);
  recover (fixture);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_LOST));
  assert_nothing_left (fixture);
  if (fixture->machine != NULL)
    g_assert_cmpuint (machine_fixture_count_jobs (fixture->machine, NULL), ==, 0);
}

/* Afterwards there is nothing to be aborted or limited. */
static void
test_nothing (Fixture *fixture, gconstpointer unused)
{
  VckcError *error = NULL;

  g_assert_cmpint (vckc_domain_abort_job (fixture->backup.domain, &error), ==, -1);
  assert_error (error, VCKC_ERROR_NO_BACKUP, "no backup of domain 'vm' is under way");
  error = NULL;
  g_assert_cmpint (vckc_domain_set_job_speed (fixture->backup.domain, 1, &error), ==, -1);
  assert_error (error, VCKC_ERROR_NO_BACKUP, "no backup of domain 'vm' is under way");
  error = NULL;
  g_assert_cmpint (vckc_domain_set_job_speed (fixture->backup.domain, G_MAXUINT64, &error), ==, -1);
  assert_error (error, VCKC_ERROR_INVALID_ARG, "too large");
}

static VckcJobInfo *
get_info (Fixture *fixture)
{
  VckcError *error = NULL;
  VckcJobInfo *info = vckc_domain_get_job_info (fixture->backup.domain, 0, &error);

  assert_ok (info != NULL, error);
  return info;
}

/* --- the limit --- */

/* So much that it takes longer than LIMIT, with the limit. */
#define MUCH ((guint64) 2 * BACKUP_DISKS * 32 * SLOW)

static bool
other_has_ended (const Fixture *fixture)
{
  siginfo_t ended = { 0 };

  g_assert_cmpint (waitid (P_PID, (id_t) fixture->other, &ended, WEXITED | WNOHANG | WNOWAIT), ==,
                   0);
  return ended.si_pid != 0;
}

/* The other process has the backup limited, with much left to copy: QEMU shows it, and a storage
 * daemon, which cannot be asked, has not ended after a second. False if the limit came too late. */
static bool
await_limit (Fixture *fixture)
{
  const gint64 start = g_get_monotonic_time ();

  while (!other_has_ended (fixture))
    {
      const gint64 passed = g_get_monotonic_time () - start;

      if (fixture->machine != NULL)
        {
          const guint64 left = machine_fixture_get_limited (fixture->machine, SLOW);

          if (left > 0)
            return left >= MUCH;
        }
      else if (passed > G_TIME_SPAN_SECOND)
        return true;
      g_assert_cmpint (passed, <, LIMIT);
      g_usleep (1000);
    }
  return false;
}

/* Removes a backup that is done, or soon will be. */
static void
take_back (Fixture *fixture)
{
  vckc_domain_set_job_speed (fixture->backup.domain, 0, NULL); /* refused if it is done */
  assert_other_ends (fixture, VCKC_JOB_STATE_DONE);
  delete_checkpoint (fixture->backup.domain, "one");
  for (guint i = 0; i < BACKUP_DISKS; i++)
    {
      g_autofree char *file = backup_fixture_get_file (&fixture->backup, i, "one");

      g_assert_cmpint (g_unlink (file), ==, 0);
    }
}

/* QEMU copies without a limit at first, and may be done before it is limited. Then it begins
 * again. */
static void
begin_limited (Fixture *fixture)
{
  const guint times = 20;

  for (guint i = 0; i < times; i++)
    {
      begin_elsewhere (fixture, false, false);
      if (await_limit (fixture))
        return;
      take_back (fixture);
    }
  g_error ("%u backups were as good as done before they were limited", times);
}

/* QEMU limits nothing any more, before it could have ended with the limit it had at `start`. */
static void
await_no_limit (Fixture *fixture, gint64 start)
{
  while (machine_fixture_get_limited (fixture->machine, SLOW) > 0)
    {
      g_assert_cmpint (g_get_monotonic_time () - start, <, LIMIT);
      g_usleep (1000);
    }
}

static void
test_speed (Fixture *fixture, gconstpointer unused)
{
  VckcJobInfo *info;
  gint64 start;

  begin_limited (fixture);
  info = get_info (fixture);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, VCKC_JOB_STATE_RUNNING);
  g_assert_cmpint (vckc_job_info_get_speed (info, NULL), ==, SLOW);
  vckc_job_info_unref (info, NULL);
  start = g_get_monotonic_time ();
  set_speed (fixture, 0);
  if (fixture->machine != NULL)
    await_no_limit (fixture, start);
  assert_other_ends (fixture, VCKC_JOB_STATE_DONE);
  g_assert_cmpint (g_get_monotonic_time () - start, <, LIMIT);
  backup_fixture_assert_list (&fixture->backup, "one");
}

/* The limit that QEMU has is not known to the process that takes the backup up, and the one that
 * was to take it away died before it did. */
static void
test_speed_left (Fixture *fixture, gconstpointer unused)
{
  gint64 start;
  int status;

  begin_limited (fixture);
  start = g_get_monotonic_time ();
  g_assert_cmpint (kill (fixture->other, SIGSTOP), ==, 0);
  set_speed (fixture, 0);
  g_assert_cmpint (kill (fixture->other, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (fixture->other, &status, 0), ==, fixture->other);
  g_assert_cmpuint (machine_fixture_get_limited (fixture->machine, SLOW), >, 0);
  recover (fixture);
  await_no_limit (fixture, start);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
}

/* What a pull takes for the time being is known; there is nothing to be limited. */
static void
test_temp (Fixture *fixture, gconstpointer unused)
{
  const gint64 deadline = g_get_monotonic_time () + LIMIT;
  VckcError *error = NULL;
  gint64 total = -1, used = -1;

  pull_fixture_begin (&fixture->backup, "one", NULL);
  machine_fixture_write (fixture->machine, "b", 0, 16 * SLOW);
  while (used < 16 * SLOW)
    {
      VckcJobInfo *info = get_info (fixture);

      total = vckc_job_info_get_temp_total (info, NULL);
      used = vckc_job_info_get_temp_used (info, NULL);
      vckc_job_info_unref (info, NULL);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (10000);
    }
  g_assert_cmpint (total, ==, (gint64) (fixture->backup.sizes[0] + fixture->backup.sizes[1]));
  g_assert_cmpint (vckc_domain_set_job_speed (fixture->backup.domain, 1, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_UNSUPPORTED, "in pull mode");
  pull_fixture_end (&fixture->backup);
}

#define ADD(name, set_up, function)                                                                \
  g_test_add ("/job-requests/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("off/abort", set_up_off, test_abort);
  ADD ("off/abort-pull", set_up_off, test_abort_pull);
  ADD ("off/abort-left", set_up_off, test_abort_left);
  ADD ("off/abort-without-daemon", set_up_off, test_abort_without_daemon);
  ADD ("off/lost-image", set_up_off, test_lost_image);
  ADD ("off/speed", set_up_off, test_speed);
  ADD ("off/nothing", set_up_off, test_nothing);
  ADD ("running/abort", set_up_running, test_abort);
  ADD ("running/abort-pull", set_up_running, test_abort_pull);
  ADD ("running/abort-left", set_up_running, test_abort_left);
  ADD ("running/abort-taken-up", set_up_running, test_abort_taken_up);
  ADD ("running/abort-not-opened", set_up_running, test_abort_not_opened);
  ADD ("running/file-is-gone", set_up_running, test_file_is_gone);
  ADD ("running/file-is-not-opened", set_up_running, test_file_is_not_opened);
  ADD ("running/folder-is-gone", set_up_running, test_folder_is_gone);
  ADD ("running/file-is-another", set_up_running, test_file_is_another);
  ADD ("running/other-image", set_up_running, test_other_image);
  ADD ("running/other-image-aborted", set_up_running, test_other_image_aborted);
  ADD ("running/other-image-unreachable", set_up_running, test_other_image_unreachable);
  ADD ("running/lost-image", set_up_running, test_lost_image);
  ADD ("running/speed", set_up_running, test_speed);
  ADD ("running/speed-left", set_up_running, test_speed_left);
  ADD ("running/temp", set_up_running, test_temp);
  return g_test_run ();
}
