/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The object of a backup job: what it shows, when it says so, and waiting, with a driver whose
 * backups do what the test says. */

#include "fake-backup.h"

typedef struct
{
  VckConnection *connection;
  VckDomain *domain;
  GString *words; /* what was emitted */
} Fixture;

static void
fixture_init (Fixture *fixture)
{
  fixture->connection = support_open ();
  fixture->domain = support_lookup_test (fixture->connection);
  fixture->words = g_string_new (NULL);
  fake_backup_init (fixture->domain);
}

static void
fixture_clear (Fixture *fixture)
{
  support_drain (NULL);
  g_clear_object (&fixture->domain);
  g_clear_object (&fixture->connection);
  g_string_free (fixture->words, TRUE);
  fake_backup_clear ();
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
notify_cb (GObject *object, GParamSpec *pspec, gpointer data)
{
  Fixture *fixture = data;

  g_string_append_printf (
      fixture->words, "%s%s",
      VCK_IS_BACKUP_JOB (object) ? "" : vck_backup_job_disk_get_name (VCK_BACKUP_JOB_DISK (object)),
      VCK_IS_BACKUP_JOB (object) ? "" : ".");
  g_string_append_printf (fixture->words, "%s ", pspec->name);
}

static void
ended_cb (VckBackupJob *job, VckJobState state, gpointer data)
{
  Fixture *fixture = data;

  g_assert_cmpint (state, ==, vck_backup_job_get_state (job));
  g_string_append_printf (fixture->words, "ended(%d) ", (int) state);
}

static VckBackupJobDisk *
get_disk (VckBackupJob *job, guint index)
{
  g_autoptr (VckBackupJobDisk) disk = g_list_model_get_item (vck_backup_job_get_disks (job), index);

  g_assert_nonnull (disk);
  return disk;
}

static void
watch (Fixture *fixture, VckBackupJob *job)
{
  g_signal_connect (job, "notify", G_CALLBACK (notify_cb), fixture);
  g_signal_connect (job, "ended", G_CALLBACK (ended_cb), fixture);
  for (guint i = 0; i < 2; i++)
    g_signal_connect (get_disk (job, i), "notify", G_CALLBACK (notify_cb), fixture);
}

/* Dispatches what is ready; returns what was emitted, and forgets it. */
static char *
emitted (Fixture *fixture)
{
  char *words;

  support_drain (NULL);
  words = g_strdup (g_strchomp (fixture->words->str));
  g_string_truncate (fixture->words, 0);
  return words;
}

static void
assert_emitted (Fixture *fixture, const char *expected)
{
  g_autofree char *words = emitted (fixture);

  g_assert_cmpstr (words, ==, expected);
}

/* The outcome of a wait whose callback is still to come. */
static gboolean
finish_wait (VckBackupJob *job, GAsyncResult **slot, GError **error)
{
  g_autoptr (GAsyncResult) result = support_wait (slot);

  return vck_backup_job_wait_finish (job, result, error);
}

static void
test_begin (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (VckBackupJob) again = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  job = vck_domain_begin_backup (fixture.domain, "refuse", NULL, 0, NULL, &error);
  g_assert_null (job);
  support_assert_error (error, VCK_ERROR_XML_ERROR);
  again = vck_domain_get_backup_job (fixture.domain, NULL, &error);
  g_assert_null (again);
  support_assert_error (error, VCK_ERROR_NO_BACKUP);

  job = fake_backup_begin (fixture.domain);
  g_assert_true (vck_backup_job_get_domain (job) == fixture.domain);
  g_assert_cmpstr (vck_backup_job_get_id (job), ==, "job-1");
  g_assert_cmpint (vck_backup_job_get_mode (job), ==, VCK_BACKUP_MODE_PUSH);
  g_assert_cmpstr (vck_backup_job_get_checkpoint_name (job), ==, "monday");
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_RUNNING);
  g_assert_null (vck_backup_job_get_error (job));
  g_assert_cmpint (vck_backup_job_get_bytes_done (job), ==, 0);
  g_assert_cmpint (vck_backup_job_get_bytes_total (job), ==, 1000);
  g_assert_cmpint (vck_backup_job_get_rate (job), ==, -1);
  g_assert_cmpuint (g_list_model_get_n_items (vck_backup_job_get_disks (job)), ==, 2);
  g_assert_cmpstr (vck_backup_job_disk_get_name (get_disk (job, 1)), ==, "vdb");
  g_assert_cmpstr (vck_backup_job_disk_get_file (get_disk (job, 1)), ==, "/backup/vdb.qcow2");
  g_assert_cmpstr (vck_backup_job_disk_get_base (get_disk (job, 0)), ==, "sunday");
  g_assert_null (vck_backup_job_disk_get_base (get_disk (job, 1)));

  again = vck_domain_get_backup_job (fixture.domain, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (again == job);
  g_assert_cmpuint (fake_backup_get_n_recovered (), ==, 2);
}

/* Properties are right at once; what is emitted waits for the context, in order. */
static void
test_progress (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  VckBackupJobDisk *disk = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  job = fake_backup_begin (fixture.domain);
  disk = get_disk (job, 0);
  watch (&fixture, job);
  assert_emitted (&fixture, "");

  fake_backup_copy (100, 0, 500, FALSE);
  fake_backup_copy (300, 0, 1000, FALSE);
  g_assert_cmpint (vck_backup_job_get_bytes_done (job), ==, 300);
  g_assert_cmpint (vck_backup_job_get_time_elapsed (job), >=, 1000);
  g_assert_cmpint (vck_backup_job_get_rate (job), >, 200);
  g_assert_cmpint (vck_backup_job_disk_get_bytes_done (disk), ==, 300);
  g_assert_cmpint (vck_backup_job_disk_get_bytes_total (disk), ==, 600);
  g_assert_cmpuint (fixture.words->len, ==, 0);
  assert_emitted (&fixture, "vda.bytes-done rate bytes-done time-elapsed");
  assert_emitted (&fixture, "");

  fake_backup_copy (300, 50, 900, FALSE);
  g_assert_cmpint (vck_backup_job_get_bytes_done (job), ==, 300);
  assert_emitted (&fixture, "");

  fake_backup_copy (600, 200, 1500, FALSE);
  fake_backup_end (VCKC_JOB_STATE_DONE, 0, NULL, FALSE);
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_DONE);
  g_assert_cmpint (vck_backup_job_get_rate (job), ==, 500);
  g_assert_true (vck_backup_job_wait (job, NULL, &error));
  assert_emitted (&fixture, "vda.bytes-done vdb.bytes-done rate bytes-done time-elapsed state "
                            "ended(3)");
  g_assert_true (get_disk (job, 0) == disk);
}

/* The time runs on without a report, and not after the end. */
static void
test_time_elapsed (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  gint64 before = 0;
  gint64 now = 0;

  fixture_init (&fixture);
  job = fake_backup_begin (fixture.domain);
  fake_backup_copy (100, 0, 5000, FALSE);
  before = vck_backup_job_get_time_elapsed (job);
  g_assert_cmpint (before, >=, 5000);
  g_usleep (50 * 1000);
  now = vck_backup_job_get_time_elapsed (job);
  g_assert_cmpint (now, >=, before + 49);

  /* A report that took longer than the one before it. */
  fake_backup_copy (200, 0, 5001, FALSE);
  g_assert_cmpint (vck_backup_job_get_time_elapsed (job), >=, now);

  fake_backup_end (VCKC_JOB_STATE_DONE, 0, NULL, FALSE);
  now = vck_backup_job_get_time_elapsed (job);
  g_usleep (20 * 1000);
  g_assert_cmpint (vck_backup_job_get_time_elapsed (job), ==, now);
}

/* The object is made of a job that has ended before the call returned, or long ago. */
static void
test_ended_before (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  fake_backup_end_at_once ();
  job = fake_backup_begin (fixture.domain);
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_DONE);
  g_assert_true (vck_backup_job_wait (job, NULL, &error));
  watch (&fixture, job);
  assert_emitted (&fixture, "ended(3)");
  assert_emitted (&fixture, "");

  support_assert_dies (g_steal_pointer (&job));
  job = vck_domain_get_backup_job (fixture.domain, NULL, &error);
  g_assert_cmpint (vck_backup_job_get_bytes_done (job), ==, 1000);
  watch (&fixture, job);
  assert_emitted (&fixture, "ended(3)");
}

static void
test_failure (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (VckBackupJob) full = NULL;
  g_autoptr (VckBackupJob) lost = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) reason = NULL;

  fixture_init (&fixture);
  job = fake_backup_begin (fixture.domain);
  watch (&fixture, job);
  fake_backup_end (VCKC_JOB_STATE_FAILED, VCKC_ERROR_NO_SPACE, "no room for 'vda'", FALSE);
  g_assert_false (vck_backup_job_wait (job, NULL, &error));
  g_assert_cmpstr (error->message, ==, "no room for 'vda'");
  support_assert_error (error, VCK_ERROR_NO_SPACE);
  g_object_get (job, "error", &reason, NULL);
  g_assert_error (reason, VCK_ERROR, VCK_ERROR_NO_SPACE);
  assert_emitted (&fixture, "vda.bytes-done vdb.bytes-done rate bytes-done time-elapsed error "
                            "state ended(4)");

  full = fake_backup_begin (fixture.domain);
  fake_backup_end (VCKC_JOB_STATE_FAILED, 0, "disk 'vda': No space left on device", FALSE);
  g_assert_false (vck_backup_job_wait (full, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_SPACE);

  lost = fake_backup_begin (fixture.domain);
  fake_backup_end (VCKC_JOB_STATE_LOST, 0, NULL, FALSE);
  g_assert_false (vck_backup_job_wait (lost, NULL, &error));
  g_assert_nonnull (strstr (error->message, "'test'"));
  support_assert_error (error, VCK_ERROR_OPERATION_FAILED);
}

/* Cancelling ends the job that the object stands for, and no other one. */
static void
test_cancel (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (VckBackupJob) next = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  fixture_init (&fixture);
  job = fake_backup_begin (fixture.domain);
  g_assert_true (vck_backup_job_cancel (job, NULL, &error));
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_CANCELLED);
  g_assert_false (vck_backup_job_wait (job, NULL, &error));
  support_assert_cancelled (&error);
  g_assert_true (vck_backup_job_cancel (job, NULL, &error));
  g_assert_cmpuint (fake_backup_get_n_aborted (), ==, 1);

  next = fake_backup_begin (fixture.domain);
  g_assert_true (next != job);
  g_assert_true (vck_backup_job_cancel (job, NULL, &error));
  g_assert_cmpint (vck_backup_job_get_state (next), ==, VCK_JOB_STATE_RUNNING);
  vck_backup_job_cancel_async (next, NULL, support_result_cb, &slot);
  result = support_wait (&slot);
  g_assert_true (vck_backup_job_cancel_finish (next, result, &error));
  g_assert_cmpint (vck_backup_job_get_state (next), ==, VCK_JOB_STATE_CANCELLED);
  g_assert_cmpuint (fake_backup_get_n_aborted (), ==, 2);
}

static gpointer
wait_thread_cb (gpointer data)
{
  GError *error = NULL;

  if (!vck_backup_job_wait (data, NULL, &error))
    return error;
  return NULL;
}

/* Two threads wait, and more callbacks than the pool has threads. */
static void
test_wait_many_times (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  GAsyncResult *results[100] = { NULL };
  GThread *threads[2] = { NULL };

  fixture_init (&fixture);
  job = fake_backup_begin (fixture.domain);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("wait", wait_thread_cb, job);
  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    vck_backup_job_wait_async (job, NULL, support_result_cb, &results[i]);
  support_drain (NULL);
  g_assert_null (results[0]);

  fake_backup_end (VCKC_JOB_STATE_DONE, 0, NULL, FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_null (g_thread_join (threads[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    g_assert_true (finish_wait (job, &results[i], NULL));
}

static gpointer
cancel_later_cb (gpointer data)
{
  g_usleep (20000);
  g_cancellable_cancel (data);
  return NULL;
}

/* A wait that is cancelled leaves the job alone. */
static void
test_wait_cancelled (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) other = g_cancellable_new ();
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread = NULL;

  fixture_init (&fixture);
  job = fake_backup_begin (fixture.domain);
  thread = g_thread_new ("cancel", cancel_later_cb, cancellable);
  g_assert_false (vck_backup_job_wait (job, cancellable, &error));
  support_assert_cancelled (&error);
  g_thread_join (thread);

  vck_backup_job_wait_async (job, other, support_result_cb, &result);
  thread = g_thread_new ("cancel", cancel_later_cb, other);
  g_assert_false (finish_wait (job, &result, &error));
  support_assert_cancelled (&error);
  g_thread_join (thread);
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_RUNNING);
  g_assert_cmpuint (fake_backup_get_n_aborted (), ==, 0);
}

/* No event says how the job goes on: the core is asked again. */
static void
test_silent (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (VckBackupJob) next = NULL;
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  job = fake_backup_begin (fixture.domain);
  fake_backup_end (VCKC_JOB_STATE_DONE, 0, NULL, TRUE);
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_RUNNING);
  g_assert_true (vck_backup_job_wait (job, NULL, &error));

  next = fake_backup_begin (fixture.domain);
  watch (&fixture, next);
  fake_backup_end (VCKC_JOB_STATE_DONE, 0, NULL, TRUE);
  vck_backup_job_wait_async (next, NULL, support_result_cb, &result);
  g_assert_true (finish_wait (next, &result, &error));
  /* The callback and the signal may come in either order. */
  while (strstr (fixture.words->str, "ended") == NULL)
    g_main_context_iteration (NULL, TRUE);
  assert_emitted (&fixture, "vda.bytes-done vdb.bytes-done rate bytes-done time-elapsed state "
                            "ended(3)");
}

/* What became of the job cannot be learnt any more. */
static void
test_result_gone (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  job = fake_backup_begin (fixture.domain);
  watch (&fixture, job);
  fake_backup_end (VCKC_JOB_STATE_DONE, 0, NULL, TRUE);
  fake_backup_forget ();
  g_assert_false (vck_backup_job_wait (job, NULL, &error));
  g_assert_nonnull (strstr (error->message, "'test'"));
  support_assert_error (error, VCK_ERROR_NO_BACKUP);
  assert_emitted (&fixture, "");
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_RUNNING);
}

/* With the connection, all waiting ends; the job does not. */
static void
test_closed (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  GAsyncResult *result = NULL;
  GAsyncResult *late = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread = NULL;

  fixture_init (&fixture);
  job = fake_backup_begin (fixture.domain);
  watch (&fixture, job);
  thread = g_thread_new ("wait", wait_thread_cb, job);
  vck_backup_job_wait_async (job, NULL, support_result_cb, &result);
  vck_connection_close (fixture.connection, &error);
  g_assert_false (finish_wait (job, &result, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  error = g_thread_join (thread);
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  vck_backup_job_wait_async (job, NULL, support_result_cb, &late);
  g_assert_false (finish_wait (job, &late, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  g_assert_false (vck_backup_job_cancel (job, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  assert_emitted (&fixture, "");
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_RUNNING);
}

static void
count_cb (guint *count)
{
  ++*count;
}

/* Too many events wait for the context: the end of the job is still emitted, once. */
static void
test_events_lost (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  guint n_removed = 0;

  fixture_init (&fixture);
  job = fake_backup_begin (fixture.domain);
  watch (&fixture, job);
  g_signal_connect_swapped (fixture.domain, "checkpoint-removed", G_CALLBACK (count_cb),
                            &n_removed);
  fake_backup_end (VCKC_JOB_STATE_DONE, 0, NULL, FALSE);
  for (guint i = 0; i <= 10000; i++)
    {
      g_autoptr (VckCheckpoint) passing = support_create (fixture.domain, "passing");

      support_delete (passing, 0);
    }
  assert_emitted (&fixture, "vda.bytes-done vdb.bytes-done rate bytes-done time-elapsed state "
                            "ended(3)");
  g_assert_cmpuint (n_removed, ==, 0);
}

/* Drops the last reference but that of a look that may be under way, which ends in the context. */
static void
let_die (VckBackupJob *job)
{
  GWeakRef weak;
  gpointer alive = NULL;

  g_weak_ref_init (&weak, job);
  g_object_unref (job);
  while ((alive = g_weak_ref_get (&weak)) != NULL)
    {
      g_object_unref (alive);
      g_main_context_iteration (NULL, FALSE);
    }
  g_weak_ref_clear (&weak);
}

/* The object goes while the job goes on, and comes back. */
static void
test_life_times (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  VckBackupJob *job = NULL;
  VckBackupJobDisk *disk = NULL;

  fixture_init (&fixture);
  job = fake_backup_begin (fixture.domain);
  disk = g_object_ref (get_disk (job, 0));
  support_drain (NULL);
  let_die (job);
  fake_backup_copy (300, 0, 1000, FALSE);
  g_assert_cmpint (vck_backup_job_disk_get_bytes_total (disk), ==, 600);
  support_assert_dies (disk);

  vck_domain_get_backup_job_async (fixture.domain, NULL, support_result_cb, &slot);
  result = support_wait (&slot);
  job = vck_domain_get_backup_job_finish (fixture.domain, result, &error);
  g_clear_object (&result);
  g_assert_no_error (error);
  g_assert_cmpint (vck_backup_job_get_bytes_done (job), ==, 300);
  fake_backup_copy (400, 0, 2000, FALSE);
  g_assert_cmpint (vck_backup_job_get_bytes_done (job), ==, 400);
  support_drain (NULL);
  let_die (job);
}

/* What nothing distinguishes from other jobs is not taken for an earlier one. */
static void
test_unnamed (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckBackupJob) job = NULL;
  g_autoptr (VckBackupJob) next = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  fake_backup_unname ();
  job = fake_backup_begin (fixture.domain);
  g_assert_null (vck_backup_job_get_id (job));
  fake_backup_end (VCKC_JOB_STATE_DONE, 0, NULL, TRUE);
  g_assert_true (vck_backup_job_wait (job, NULL, &error));
  next = fake_backup_begin (fixture.domain);
  g_assert_true (next != job);
  g_assert_cmpint (vck_backup_job_get_state (next), ==, VCK_JOB_STATE_RUNNING);
}

/* A connection that must not change anything takes up no backup, but shows it. */
static void
test_read_only (void)
{
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection =
      vck_connection_open (uri, VCK_CONNECTION_READ_ONLY, NULL, &error);
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckBackupJob) job = NULL;

  fake_backup_init (domain);
  job = vck_domain_get_backup_job (domain, NULL, &error);
  g_assert_null (job);
  support_assert_error (error, VCK_ERROR_NO_BACKUP);
  g_assert_cmpuint (fake_backup_get_n_recovered (), ==, 0);
}

/* An object that stands for nothing. */
static void
test_bare (void)
{
  g_autoptr (VckBackupJob) job = g_object_new (VCK_TYPE_BACKUP_JOB, NULL);
  g_autoptr (VckBackupJobDisk) disk = g_object_new (VCK_TYPE_BACKUP_JOB_DISK, NULL);
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (vck_backup_job_get_domain (job));
  g_assert_null (vck_backup_job_get_id (job));
  g_assert_null (vck_backup_job_get_error (job));
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_RUNNING);
  g_assert_cmpint (vck_backup_job_get_bytes_done (job), ==, -1);
  g_assert_cmpint (vck_backup_job_get_rate (job), ==, -1);
  g_assert_cmpint (vck_backup_job_disk_get_bytes_done (disk), ==, -1);
  g_assert_null (vck_backup_job_disk_get_error_message (disk));
  g_assert_false (vck_backup_job_wait (job, NULL, &error));
  g_assert_nonnull (strstr (error->message, "stands for nothing"));
  support_assert_error (error, VCK_ERROR_INVALID_ARG);
  g_assert_false (vck_backup_job_cancel (job, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_ARG);
  vck_backup_job_wait_async (job, NULL, support_result_cb, &result);
  g_assert_false (finish_wait (job, &result, &error));
  support_assert_error (error, VCK_ERROR_INVALID_ARG);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backup-job/begin", test_begin);
  g_test_add_func ("/backup-job/progress", test_progress);
  g_test_add_func ("/backup-job/time-elapsed", test_time_elapsed);
  g_test_add_func ("/backup-job/ended-before", test_ended_before);
  g_test_add_func ("/backup-job/failure", test_failure);
  g_test_add_func ("/backup-job/cancel", test_cancel);
  g_test_add_func ("/backup-job/wait-many-times", test_wait_many_times);
  g_test_add_func ("/backup-job/wait-cancelled", test_wait_cancelled);
  g_test_add_func ("/backup-job/silent", test_silent);
  g_test_add_func ("/backup-job/result-gone", test_result_gone);
  g_test_add_func ("/backup-job/closed", test_closed);
  g_test_add_func ("/backup-job/events-lost", test_events_lost);
  g_test_add_func ("/backup-job/life-times", test_life_times);
  g_test_add_func ("/backup-job/unnamed", test_unnamed);
  g_test_add_func ("/backup-job/read-only", test_read_only);
  g_test_add_func ("/backup-job/bare", test_bare);
  return g_test_run ();
}
