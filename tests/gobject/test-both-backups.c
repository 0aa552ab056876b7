/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backup jobs on memory: and on local:, as in every language: see tests/languages/scenario.md. */

#include "backend.h"

#include <string.h>

#define MONDAY "<domaincheckpoint><name>monday</name></domaincheckpoint>"
#define SIZE (G_GUINT64_CONSTANT (16) << 20)

/* The document of a backup of both disks. */
static char *
make_xml (Backend *self, guint number)
{
  g_autofree char *vda = backend_new_file (self, "vda", number);
  g_autofree char *vdb = backend_new_file (self, "vdb", number);

  return g_strdup_printf ("<domainbackup><disks>"
                          "<disk name='vda' type='file'><target file='%s'/></disk>"
                          "<disk name='vdb' type='file'><target file='%s'/></disk>"
                          "</disks></domainbackup>",
                          vda, vdb);
}

static void
assert_no_checkpoint (Backend *self)
{
  g_assert_cmpint (vck_domain_count_checkpoints (self->domain, 0, NULL, NULL), ==, 0);
}

/* Begins one that does not end before it is limited, however busy the computer is. */
static VckBackupJob *
begin_limited (Backend *self)
{
  backend_write (self, SIZE);
  for (guint number = 1;; number++)
    {
      g_autofree char *xml = make_xml (self, number);
      g_autoptr (GError) error = NULL;
      g_autoptr (VckBackupJob) job =
          vck_domain_begin_backup (self->domain, xml, MONDAY, 0, NULL, &error);
      g_autoptr (VckCheckpoint) made = NULL;

      g_assert_no_error (error);
      if (vck_backup_job_limit_speed (job, 1024, NULL, &error))
        return g_steal_pointer (&job);
      support_assert_error (error, VCK_ERROR_NO_BACKUP);
      g_assert_true (vck_backup_job_wait (job, NULL, NULL));
      made = vck_domain_lookup_checkpoint (self->domain, "monday", NULL, NULL);
      support_delete (made, 0);
    }
}

static void
note_cb (VckBackupJob *job, GParamSpec *pspec, GString *seen)
{
  if (vck_backup_job_get_state (job) == VCK_JOB_STATE_DONE)
    g_string_append (seen, "state ");
}

static void
ended_cb (VckBackupJob *job, VckJobState state, GString *seen)
{
  g_string_append_printf (seen, "ended %d", (int) state);
}

static void
assert_done (Backend *self, VckBackupJob *job)
{
  g_autoptr (VckBackupJob) again = vck_domain_get_backup_job (self->domain, NULL, NULL);
  g_autoptr (GError) failure = vck_backup_job_get_error (job);

  g_assert_true (again == job);
  g_assert_no_error (failure);
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_DONE);
  g_assert_cmpint (vck_backup_job_get_bytes_done (job), ==, vck_backup_job_get_bytes_total (job));
  g_assert_cmpint (vck_domain_count_checkpoints (self->domain, 0, NULL, NULL), ==, 1);
}

static void
test_follow (Backend *self, gconstpointer with_images)
{
  g_autofree char *xml = make_xml (self, 1);
  g_autofree char *expected = g_strdup_printf ("state ended %d", (int) VCK_JOB_STATE_DONE);
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckBackupJob) job = NULL;
  GListModel *disks = NULL;

  backend_write (self, SIZE);
  g_assert_null (vck_domain_get_backup_job (self->domain, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_BACKUP);
  job = vck_domain_begin_backup (self->domain, xml, MONDAY, 0, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (job, "notify::state", G_CALLBACK (note_cb), seen);
  g_signal_connect (job, "ended", G_CALLBACK (ended_cb), seen);
  disks = vck_backup_job_get_disks (job);
  g_assert_cmpuint (g_list_model_get_n_items (disks), ==, 2);
  g_assert_true (vck_backup_job_get_domain (job) == self->domain);
  g_assert_cmpint (vck_backup_job_get_mode (job), ==, VCK_BACKUP_MODE_PUSH);
  g_assert_cmpstr (vck_backup_job_get_checkpoint_name (job), ==, "monday");

  g_assert_true (vck_backup_job_wait (job, NULL, &error));
  g_assert_no_error (error);
  assert_done (self, job);
  while (strstr (seen->str, "ended") == NULL)
    g_main_context_iteration (NULL, TRUE);
  support_drain (NULL);
  g_assert_cmpstr (seen->str, ==, expected);
}

static void
test_cancel (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckBackupJob) job = begin_limited (self);
  g_autoptr (GError) error = NULL;

  g_assert_true (vck_backup_job_cancel (job, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (vck_backup_job_wait (job, NULL, &error));
  support_assert_cancelled (&error);
  g_assert_cmpint (vck_backup_job_get_state (job), ==, VCK_JOB_STATE_CANCELLED);
  assert_no_checkpoint (self);
  g_assert_true (vck_backup_job_cancel (job, NULL, &error));
  g_assert_no_error (error);
}

static void
test_cancel_wait (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckBackupJob) job = begin_limited (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  vck_backup_job_wait_async (job, cancellable, support_result_cb, &slot);
  g_cancellable_cancel (cancellable);
  result = support_wait (&slot);
  g_assert_false (vck_backup_job_wait_finish (job, result, &error));
  support_assert_cancelled (&error);
  g_object_set (job, "speed", (gint64) 0, NULL);
  g_assert_true (vck_backup_job_wait (job, NULL, &error));
  g_assert_no_error (error);
}

static void
tick_cb (gpointer unused)
{
}

static void
test_limit (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckBackupJob) job = begin_limited (self);
  g_autoptr (GError) error = NULL;

  while (vck_backup_job_get_speed (job) != 1024)
    {
      g_timeout_add_once (1, tick_cb, NULL);
      g_main_context_iteration (NULL, TRUE);
    }
  g_object_set (job, "speed", (gint64) 0, NULL);
  g_assert_true (vck_backup_job_wait (job, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (vck_backup_job_limit_speed (job, 1, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_BACKUP);
}

static void
test_refuse (Backend *self, gconstpointer with_images)
{
  static const char broken[] = "<domainbackup><disks><disk/></disks></domainbackup>";
  g_autoptr (VckBackupJob) job = begin_limited (self);
  g_autofree char *xml = make_xml (self, 0);
  g_autoptr (GError) error = NULL;

  g_assert_null (vck_domain_begin_backup (self->domain, xml, NULL, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_BUSY);
  g_assert_null (vck_domain_begin_backup (self->domain, broken, NULL, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_XML_INVALID_SCHEMA);
  g_object_set (job, "speed", (gint64) 0, NULL);
  g_assert_true (vck_backup_job_wait (job, NULL, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_BOTH ("/both/backup-job/", "follow", test_follow);
  ADD_BOTH ("/both/backup-job/", "cancel", test_cancel);
  ADD_BOTH ("/both/backup-job/", "cancel-wait", test_cancel_wait);
  ADD_BOTH ("/both/backup-job/", "limit", test_limit);
  ADD_BOTH ("/both/backup-job/", "refuse", test_refuse);

  return g_test_run ();
}
