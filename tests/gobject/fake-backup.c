/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fake-backup.h"

#include "base/error-private.h"
#include "handles/handles.h"
#include "handles/job-info.h"
#include "vck-private.h"

typedef struct
{
  VckcDriver driver;
  VckcDomain *domain; /* borrowed */
  GMutex lock;        /* covers what follows */
  VckcJobInfo *job;   /* owned; NULL if none is under way */
  VckcJobInfo *result;
  gboolean ends_at_once;
  gboolean unnamed;
  guint n_begun;
  guint n_aborted;
  guint n_recovered;
} FakeBackup;

static FakeBackup fake;

static void
job_info_add_disk (VckcJobInfo *info, const char *name, gint64 done, gint64 total)
{
  VckcJobDisk *disk = vckc_job_disk_new (name);

  disk->file = g_strconcat ("/backup/", name, ".qcow2", NULL);
  disk->base = g_strcmp0 (name, "vda") == 0 ? g_strdup ("sunday") : NULL;
  disk->bytes_done = done;
  disk->bytes_total = total;
  g_ptr_array_add (info->disks, disk);
}

static VckcJobInfo *
job_info_make (const char *id, VckcJobState state, gint64 vda, gint64 vdb, gint64 time)
{
  VckcJobInfo *info = vckc_job_info_new (state, VCKC_BACKUP_MODE_PUSH);

  info->id = g_strdup (id);
  info->checkpoint = g_strdup ("monday");
  info->time_elapsed = time;
  job_info_add_disk (info, "vda", vda, 600);
  job_info_add_disk (info, "vdb", vdb, 400);
  return info;
}

static void
fake_emit (VckcEventType type, VckcJobInfo *info)
{
  vckc_event_queue_push_job (fake.domain->connect->events, type, fake.domain, info);
}

static void
fake_set (VckcJobInfo **slot, VckcJobInfo *info)
{
  vckc_object_unref (*slot);
  *slot = info != NULL ? vckc_object_ref (info) : NULL;
}

static int
begin (VckcDomain *domain,
       const char *backup_xml,
       const char *checkpoint_xml,
       unsigned int flags,
       VckcError **err)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake.lock);
  g_autofree char *id = NULL;
  g_autoptr (VckcJobInfo) info = NULL;
  g_autoptr (VckcJobInfo) end = NULL;

  if (g_str_equal (backup_xml, "refuse"))
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR, "this is no backup");
      return -1;
    }
  fake.n_begun++;
  id = fake.unnamed ? NULL : g_strdup_printf ("job-%u", fake.n_begun);
  info = job_info_make (id, VCKC_JOB_STATE_RUNNING, 0, 0, 0);
  end = job_info_make (id, VCKC_JOB_STATE_DONE, 600, 400, 10);
  fake_set (&fake.job, fake.ends_at_once ? NULL : info);
  fake_set (&fake.result, fake.ends_at_once ? end : NULL);
  fake_emit (VCKC_EVENT_JOB_STARTED, info);
  if (fake.ends_at_once)
    fake_emit (VCKC_EVENT_JOB_ENDED, end);
  return 0;
}

static VckcJobInfo *
get_job_info (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake.lock);
  VckcJobInfo *info = (flags & VCKC_JOB_INFO_COMPLETED) != 0 ? fake.result : fake.job;

  if (info != NULL)
    return vckc_object_ref (info);
  vckc_set_error (err, VCKC_ERROR_NO_BACKUP, "there is no backup");
  return NULL;
}

static int
abort_job (VckcDomain *domain, VckcError **err)
{
  g_mutex_lock (&fake.lock);
  fake.n_aborted++;
  g_mutex_unlock (&fake.lock);
  fake_backup_end (VCKC_JOB_STATE_CANCELLED, 0, NULL, FALSE);
  return 0;
}

static int
recover (VckcDomain *domain, VckcError **err)
{
  g_mutex_lock (&fake.lock);
  fake.n_recovered++;
  g_mutex_unlock (&fake.lock);
  return 0;
}

void
fake_backup_init (VckDomain *domain)
{
  fake.domain = vck_domain_get_handle (domain);
  fake.driver = *fake.domain->connect->driver;
  fake.driver.domain_backup_begin = begin;
  fake.driver.domain_get_job_info = get_job_info;
  fake.driver.domain_abort_job = abort_job;
  fake.driver.domain_recover_backup = recover;
  fake.domain->connect->driver = &fake.driver;
  fake.n_begun = fake.n_aborted = fake.n_recovered = 0;
  fake.ends_at_once = fake.unnamed = FALSE;
}

void
fake_backup_clear (void)
{
  fake_set (&fake.job, NULL);
  fake_set (&fake.result, NULL);
}

void
fake_backup_end_at_once (void)
{
  fake.ends_at_once = TRUE;
}

void
fake_backup_unname (void)
{
  fake.unnamed = TRUE;
}

void
fake_backup_copy (gint64 vda, gint64 vdb, gint64 time, gboolean silent)
{
  g_autoptr (VckcJobInfo) info = NULL;

  g_mutex_lock (&fake.lock);
  info = job_info_make (fake.job->id, VCKC_JOB_STATE_RUNNING, vda, vdb, time);
  fake_set (&fake.job, info);
  if (!silent)
    fake_emit (VCKC_EVENT_JOB_PROGRESS, info);
  g_mutex_unlock (&fake.lock);
  vckc_event_queue_flush (fake.domain->connect->events);
}

void
fake_backup_end (VckcJobState state, VckcErrorCode code, const char *error, gboolean silent)
{
  g_autoptr (VckcJobInfo) info = NULL;

  g_mutex_lock (&fake.lock);
  info = job_info_make (fake.job->id, state, 600, 400, 2000);
  info->code = code;
  info->error = g_strdup (error);
  fake_set (&fake.result, info);
  fake_set (&fake.job, NULL);
  if (!silent)
    fake_emit (VCKC_EVENT_JOB_ENDED, info);
  g_mutex_unlock (&fake.lock);
  vckc_event_queue_flush (fake.domain->connect->events);
}

void
fake_backup_forget (void)
{
  g_mutex_lock (&fake.lock);
  fake_set (&fake.result, NULL);
  g_mutex_unlock (&fake.lock);
}

guint
fake_backup_get_n_aborted (void)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake.lock);

  return fake.n_aborted;
}

guint
fake_backup_get_n_recovered (void)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&fake.lock);

  return fake.n_recovered;
}

VckBackupJob *
fake_backup_begin (VckDomain *domain)
{
  g_autoptr (GError) error = NULL;
  VckBackupJob *job = vck_domain_begin_backup (domain, "<domainbackup/>", NULL, 0, NULL, &error);

  g_assert_no_error (error);
  return job;
}
