/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backup jobs of memory: from their begin to their end, in C. */

#include "support.h"

#define BACKUP                                                                                     \
  "<domainbackup><disks>"                                                                          \
  "<disk name='vda' type='file'><target file='/memory/vda.backup'/></disk>"                        \
  "<disk name='vdb' type='file'><target file='/memory/vdb.backup'/></disk>"                        \
  "</disks></domainbackup>"
#define CHECKPOINT "<domaincheckpoint><name>monday</name></domaincheckpoint>"

typedef struct
{
  guint n_progress; /* of a disk */
  guint n_states;
  guint n_ended;
  guint n_removed;
  GThread *thread;
} Seen;

static void
progress_cb (VckBackupJobDisk *disk, GParamSpec *pspec, Seen *seen)
{
  g_assert_cmpint (vck_backup_job_disk_get_bytes_done (disk), <=,
                   vck_backup_job_disk_get_bytes_total (disk));
  seen->n_progress++;
}

static void
state_cb (VckBackupJob *job, GParamSpec *pspec, Seen *seen)
{
  g_assert_cmpuint (seen->n_ended, ==, 0);
  seen->n_states++;
}

static void
removed_cb (VckDomain *domain, VckCheckpoint *checkpoint, Seen *seen)
{
  g_assert_cmpuint (seen->n_ended, ==, 0);
  seen->n_removed++;
}

static void
ended_cb (VckBackupJob *job, VckJobState state, Seen *seen)
{
  g_assert_cmpint (state, ==, vck_backup_job_get_state (job));
  seen->n_ended++;
  seen->thread = g_thread_self ();
}

/* Begins one in another thread, and watches it. */
static VckBackupJob *
begin (VckDomain *domain, Seen *seen)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (VckBackupJobDisk) disk = NULL;
  GAsyncResult *slot = NULL;
  VckBackupJob *job = NULL;

  vck_domain_begin_backup_async (domain, BACKUP, CHECKPOINT, 0, NULL, support_result_cb, &slot);
  result = support_wait (&slot);
  job = vck_domain_begin_backup_finish (domain, result, &error);
  g_assert_no_error (error);
  disk = g_list_model_get_item (vck_backup_job_get_disks (job), 0);
  g_signal_connect (disk, "notify::bytes-done", G_CALLBACK (progress_cb), seen);
  g_signal_connect (job, "notify::state", G_CALLBACK (state_cb), seen);
  g_signal_connect (job, "ended", G_CALLBACK (ended_cb), seen);
  g_signal_connect (domain, "checkpoint-removed", G_CALLBACK (removed_cb), seen);
  return job;
}

/* Waits in the main loop, also for the signal, which may come before or after the callback. */
static gboolean
wait_for (VckBackupJob *job, const Seen *seen, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  vck_backup_job_wait_async (job, NULL, support_result_cb, &slot);
  result = support_wait (&slot);
  while (seen->n_ended == 0)
    g_main_context_iteration (NULL, TRUE);
  support_drain (NULL);
  return vck_backup_job_wait_finish (job, result, error);
}

static void
test_done (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (VckBackupJob) again = NULL;
  g_autoptr (GError) error = NULL;
  Seen seen = { 0 };

  job = begin (domain, &seen);
  g_assert_true (wait_for (job, &seen, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (seen.n_ended, ==, 1);
  g_assert_cmpuint (seen.n_states, >, 0);
  g_assert_cmpuint (seen.n_progress, >, 0);
  g_assert_cmpuint (seen.n_removed, ==, 0);
  g_assert_true (seen.thread == g_thread_self ());
  g_assert_cmpint (vck_backup_job_get_bytes_done (job), ==, vck_backup_job_get_bytes_total (job));
  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, NULL, NULL), ==, 1);
  again = vck_domain_get_backup_job (domain, NULL, &error);
  g_assert_true (again == job);
  g_clear_object (&again);
  support_assert_dies (g_steal_pointer (&job));
}

/* Waiting fails if it was cancelled before, though there is nothing to wait for. */
static void
test_wait_cancelled_before (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  Seen seen = { 0 };

  job = begin (domain, &seen);
  g_assert_true (vck_backup_job_wait (job, NULL, NULL));
  g_cancellable_cancel (cancellable);
  g_assert_false (vck_backup_job_wait (job, cancellable, &error));
  support_assert_cancelled (&error);
  vck_backup_job_wait_async (job, cancellable, support_result_cb, &slot);
  result = support_wait (&slot);
  g_assert_false (vck_backup_job_wait_finish (job, result, &error));
  support_assert_cancelled (&error);
}

/* The checkpoint goes before the end is emitted. */
static void
test_cancelled (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (GError) error = NULL;
  Seen seen = { 0 };

  job = begin (domain, &seen);
  g_assert_true (vck_backup_job_cancel (job, NULL, &error));
  g_assert_false (wait_for (job, &seen, &error));
  support_assert_cancelled (&error);
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_CANCELLED);
  g_assert_cmpuint (seen.n_ended, ==, 1);
  g_assert_cmpuint (seen.n_removed, ==, 1);
  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, NULL, NULL), ==, 0);
}

static void
tick_cb (gpointer unused)
{
}

/* Does what the main context has to do until the job is known to have that speed. */
static void
wait_for_speed (VckBackupJob *job, gint64 speed)
{
  while (vck_backup_job_get_speed (job) != speed)
    {
      g_timeout_add_once (1, tick_cb, NULL);
      g_main_context_iteration (NULL, TRUE);
    }
}

/* Begins one that does not end before it can be limited, however busy the computer is. */
static VckBackupJob *
begin_limited (VckDomain *domain, guint64 speed)
{
  for (guint number = 1;; number++)
    {
      g_autofree char *xml = g_strdup_printf ("<domainbackup><disks><disk name='vda' type='file'>"
                                              "<target file='/memory/vda.%u'/></disk></disks>"
                                              "</domainbackup>",
                                              number);
      g_autoptr (GError) error = NULL;
      g_autoptr (VckBackupJob) job = vck_domain_begin_backup (domain, xml, NULL, 0, NULL, &error);

      g_assert_no_error (error);
      if (vck_backup_job_limit_speed (job, speed, NULL, &error))
        return g_steal_pointer (&job);
      support_assert_error (error, VCK_ERROR_NO_BACKUP);
      g_assert_true (vck_backup_job_wait (job, NULL, NULL));
    }
}

static void
test_limited (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (GError) error = NULL;

  job = begin_limited (domain, 1024);
  wait_for_speed (job, 1024);
  g_object_set (job, "speed", (gint64) 0, NULL);
  g_assert_true (vck_backup_job_wait (job, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (vck_backup_job_limit_speed (job, 1, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_BACKUP);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backup-memory/done", test_done);
  g_test_add_func ("/backup-memory/wait-cancelled-before", test_wait_cancelled_before);
  g_test_add_func ("/backup-memory/cancelled", test_cancelled);
  g_test_add_func ("/backup-memory/limited", test_limited);
  return g_test_run ();
}
