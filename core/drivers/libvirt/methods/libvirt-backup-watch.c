/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/methods/libvirt-backup-watch.h"

#include "drivers/libvirt/cache/libvirt-backup-starts.h"
#include "drivers/libvirt/cache/libvirt-cache-update.h"
#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/link/libvirt-threads.h"
#include "drivers/libvirt/methods/libvirt-backup-info.h"

/* How long to wait before libvirt is asked again, which grows to the second figure; in
 * microseconds. Progress is reported at most four times a second. */
#define FIRST_WAIT 2000
#define LAST_WAIT 250000
/* How often the end is looked for again until its event comes. */
#define N_LATE 12
/* How long libvirt shows a backup that has ended, at most; in microseconds. */
#define CLEAN_UP (2 * G_TIME_SPAN_SECOND)
/* Milliseconds by which libvirt's clock may differ. */
#define BEGIN_SLACK 5

typedef struct
{
  VckcLibvirtConnection *connection; /* owned reference */
  virDomainPtr domain;               /* owned reference */
  VckcLibvirtBackup *backup;         /* owned reference */
  VckcLibvirtJobEnd *end;            /* (nullable), owned */
  bool has_event;                    /* of an end, which may be that of an earlier job */
  VckcLibvirtJob event;              /* that event */
  gint64 event_taken;                /* when it was seen; g_get_monotonic_time() */
  gint64 begun;                      /* when libvirt had begun it; g_get_monotonic_time() */
  guint n_late;                      /* how often the event of the end was missed */
  gint64 last_done;                  /* as last reported */
  gint64 last_report;                /* when; g_get_monotonic_time() */
} BackupWatch;

static void
backup_watch_free (BackupWatch *watch)
{
  vckc_libvirt_job_end_free (watch->end);
  vckc_libvirt_job_clear (&watch->event);
  virDomainFree (watch->domain);
  vckc_libvirt_backup_unref (watch->backup);
  vckc_libvirt_connection_unref (watch->connection);
  g_free (watch);
}

/* Is it the checkpoint that was made with the backup, and not another one of that name? */
static bool
is_own_checkpoint (virDomainCheckpointPtr checkpoint, const VckcLibvirtBackup *backup)
{
  g_autoptr (VckcCheckpointDef) def =
      vckc_libvirt_read_checkpoint (checkpoint, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, NULL);

  return def != NULL && def->creation_time == backup->creation_time;
}

bool
vckc_libvirt_backup_delete_checkpoint (VckcDomain *domain,
                                       const VckcLibvirtBackup *backup,
                                       VckcError **err)
{
  virDomainPtr pointer = vckc_libvirt_get_domain (domain);
  VCKC_AUTO_CHECKPOINT checkpoint =
      backup->checkpoint != NULL ? virDomainCheckpointLookupByName (pointer, backup->checkpoint, 0)
                                 : NULL;
  const unsigned int flags =
      virDomainIsActive (pointer) == 1 ? 0 : VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY;

  if (checkpoint == NULL || !is_own_checkpoint (checkpoint, backup))
    {
      virResetLastError ();
      return true;
    }
  if (virDomainCheckpointDelete (checkpoint, flags) < 0)
    {
      vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                              "checkpoint '%s' of the backup cannot be deleted",
                              backup->checkpoint);
      return false;
    }
  vckc_libvirt_cache_remove (domain, checkpoint);
  return true;
}

static void
backup_watch_delete_checkpoint (VckcDomain *domain,
                                const VckcLibvirtBackup *backup,
                                VckcError **err)
{
  if (!vckc_libvirt_domain_lock (domain, err))
    return;
  vckc_libvirt_backup_delete_checkpoint (domain, backup, err);
  vckc_libvirt_domain_unlock (domain);
}

/* Adds to the error of a result. */
static void
backup_watch_add_problem (VckcJobInfo *info, const VckcError *problem)
{
  const char *message = vckc_error_get_message (problem);
  char *text =
      info->error != NULL ? g_strdup_printf ("%s; %s", info->error, message) : g_strdup (message);

  g_free (info->error);
  info->error = text;
}

/* Has libvirt forgotten how the backup of a domain that runs on has ended? Then it may have ended
 * well, and its checkpoint is left alone. */
static bool
is_end_unknown (VckcDomain *domain, const VckcLibvirtJob *job)
{
  return job->type == VIR_DOMAIN_JOB_NONE
         && virDomainIsActive (vckc_libvirt_get_domain (domain)) == 1;
}

/* libvirt has one number of it, for humans; not knowing it is no failure. It may start QEMU to find
 * out, which takes a second, so it is not asked while a backup begins. */
static char *
backup_watch_find_qemu (VckcDomain *domain)
{
  unsigned long version = 0;

  if (virConnectGetVersion (virDomainGetConnect (vckc_libvirt_get_domain (domain)), &version) < 0)
    virResetLastError ();
  return version > 0 ? g_strdup_printf ("%lu.%lu.%lu", version / 1000000, version / 1000 % 1000,
                                        version % 1000)
                     : NULL;
}

static void
backup_watch_finish (VckcDomain *domain, VckcLibvirtBackup *backup, const VckcLibvirtJob *job)
{
  g_autoptr (VckcJobInfo) info = vckc_libvirt_backup_info_new_ended (backup, job);
  g_autoptr (VckcError) problem = NULL;

  if (info->state != VCKC_JOB_STATE_DONE && backup->checkpoint != NULL
      && !is_end_unknown (domain, job))
    backup_watch_delete_checkpoint (domain, backup, &problem);
  if (problem != NULL)
    backup_watch_add_problem (info, problem);
  info->qemu = backup_watch_find_qemu (domain);
  vckc_libvirt_backup_starts_remove (domain);
  if (vckc_libvirt_backups_set_result (domain, backup, info))
    vckc_event_queue_push_job (domain->connect->events, VCKC_EVENT_JOB_ENDED, domain, info);
}

static void
backup_watch_report (BackupWatch *watch, VckcDomain *domain, const VckcLibvirtJob *job)
{
  const gint64 now = g_get_monotonic_time ();
  g_autoptr (VckcJobInfo) info = NULL;

  if (job->bytes_done == watch->last_done || now - watch->last_report < LAST_WAIT
      || !vckc_event_queue_has_subscribers (domain->connect->events))
    return;
  info = vckc_libvirt_backup_info_new_running (domain, watch->backup, job);
  watch->last_done = job->bytes_done;
  watch->last_report = now;
  vckc_event_queue_push_job (domain->connect->events, VCKC_EVENT_JOB_PROGRESS, domain, info);
}

/* How the backup ended, which has been seen. What libvirt keeps may be the result of another job,
 * so the event is waited for a while; and a result that is lost says nothing of the backup. */
static bool
backup_watch_find_end (BackupWatch *watch, VckcDomain *domain, VckcLibvirtJob *ret_job)
{
  const unsigned int completed =
      VIR_DOMAIN_JOB_STATS_COMPLETED | VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED;

  if (watch->end != NULL && watch->n_late++ < N_LATE)
    return false;
  return vckc_libvirt_job_query (domain, completed, ret_job, NULL);
}

/* Can the backup under way, of which libvirt was asked at `asked`, have begun after this one? */
static bool
is_later_job (const BackupWatch *watch, const VckcLibvirtJob *job, gint64 asked)
{
  const gint64 since = (asked - watch->begun) / G_TIME_SPAN_MILLISECOND;

  return job->time_elapsed >= 0 && job->time_elapsed + BEGIN_SLACK < since;
}

static void
backup_watch_take_event (BackupWatch *watch)
{
  if (!watch->has_event && watch->end != NULL)
    {
      watch->has_event = vckc_libvirt_job_end_take (watch->end, &watch->event);
      watch->event_taken = g_get_monotonic_time ();
    }
}

/* A backup is shown to run, `job`, although an event came. That was of the end of this one, as
 * libvirt shows a backup until it has cleaned up after it, and another may have begun since; or of
 * a job that ended just before this one began, and longer than this one lasts. While libvirt begins
 * or ends a backup it has no figures, and it is not known which one that is. */
static void
backup_watch_examine_event (BackupWatch *watch, const VckcLibvirtJob *job)
{
  const gint64 answered = g_get_monotonic_time ();
  const gint64 since = (answered - watch->begun) / G_TIME_SPAN_MILLISECOND;
  const bool is_of_earlier =
      job->time_elapsed >= since + BEGIN_SLACK && watch->event.time_elapsed > job->time_elapsed;

  if (!watch->has_event || job->time_elapsed < 0
      || (!is_of_earlier && answered - watch->event_taken < CLEAN_UP))
    return;
  watch->has_event = false;
  vckc_libvirt_job_clear (&watch->event);
}

/* Asks libvirt once. Returns whether the backup runs, as far as is known. */
static bool
backup_watch_step (BackupWatch *watch, VckcDomain *domain)
{
  g_auto (VckcLibvirtJob) job = { 0 };
  g_auto (VckcLibvirtJob) result = { 0 };
  g_autoptr (VckcError) error = NULL;
  gint64 asked;
  bool gone;

  /* Before the question: what ends after the answer is seen at the next step. */
  backup_watch_take_event (watch);
  asked = g_get_monotonic_time ();
  if (vckc_libvirt_job_query (domain, 0, &job, &error) && job.is_backup
      && (!watch->has_event || !is_later_job (watch, &job, asked)))
    {
      backup_watch_examine_event (watch, &job);
      backup_watch_report (watch, domain, &job);
      return true;
    }
  if (watch->has_event)
    {
      backup_watch_finish (domain, watch->backup, &watch->event);
      return false;
    }
  /* What cannot be asked has not ended, unless there is nothing left to be asked. */
  gone = error != NULL && vckc_error_get_code (error) == VCKC_ERROR_NO_DOMAIN;
  if (!gone && (error != NULL || !backup_watch_find_end (watch, domain, &result)))
    return virConnectIsAlive (watch->connection->conn) == 1;
  backup_watch_finish (domain, watch->backup, &result);
  return false;
}

/* No longer than the connection is open. */
static void
backup_watch_sleep (VckcLibvirtConnection *connection, gint64 deadline)
{
  vckc_mutex_lock (&connection->mutex);
  while (vckc_libvirt_threads_wait_locked (connection, deadline))
    ;
  vckc_mutex_unlock (&connection->mutex);
}

/* Waits so many microseconds, but not longer than until the event of the end comes; libvirt may
 * show the backup for a moment after it. Returns how long to wait the next time. */
static gint64
backup_watch_wait (BackupWatch *watch, gint64 wait)
{
  const gint64 deadline = g_get_monotonic_time () + wait;

  if (watch->end == NULL || watch->has_event)
    backup_watch_sleep (watch->connection, deadline);
  else if (vckc_libvirt_job_end_await (watch->end, deadline))
    return FIRST_WAIT;
  return MIN (2 * wait, LAST_WAIT);
}

static void
backup_watch_run_cb (gpointer data)
{
  BackupWatch *watch = data;
  gint64 wait = FIRST_WAIT;

  for (bool running = true; running;)
    {
      g_autoptr (VckcConnect) connect = NULL;
      g_autoptr (VckcDomain) domain = NULL;

      wait = backup_watch_wait (watch, wait);
      connect = vckc_libvirt_connection_ref_connect (watch->connection);
      if (connect == NULL || g_atomic_int_get (&connect->open) == 0)
        break;
      virDomainRef (watch->domain);
      domain = vckc_libvirt_domain_new (connect, watch->domain);
      running = backup_watch_step (watch, domain);
      vckc_event_queue_deliver (connect->events);
    }
  backup_watch_free (watch);
}

/* A backup that cannot be followed is not begun. With the domain lock. */
static void
backup_watch_give_up (BackupWatch *watch, VckcDomain *domain, GError *gerror, VckcError **err)
{
  VckcError *error = NULL;

  vckc_set_error_from_gerror (&error, VCKC_ERROR_SYSTEM_ERROR, gerror,
                              "cannot follow the backup of domain '%s'", domain->name);
  vckc_libvirt_job_end_backup (domain, NULL);
  vckc_libvirt_backup_delete_checkpoint (domain, watch->backup, NULL);
  vckc_libvirt_backups_remove (domain, watch->backup);
  backup_watch_free (watch);
  vckc_propagate_error (err, error);
}

bool
vckc_libvirt_backup_watch (VckcDomain *domain,
                           VckcLibvirtBackup *backup,
                           VckcLibvirtJobEnd *end,
                           VckcError **err)
{
  BackupWatch *watch = g_new0 (BackupWatch, 1);
  GError *gerror = NULL;

  watch->connection = vckc_libvirt_connection_ref (vckc_libvirt_get_connection (domain->connect));
  watch->domain = vckc_libvirt_get_domain (domain);
  virDomainRef (watch->domain);
  watch->backup = vckc_libvirt_backup_ref (backup);
  watch->end = end;
  watch->last_done = -1;
  watch->begun = g_get_monotonic_time ();
  watch->last_report = g_get_monotonic_time ();
  if (vckc_libvirt_threads_start (watch->connection, "vck-backup", backup_watch_run_cb, watch,
                                  &gerror))
    return true;
  backup_watch_give_up (watch, domain, gerror, err);
  return false;
}
