/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/methods/backup-run.h"

#include <gio/gio.h>

#include "base/lock.h"
#include "managed/methods/backup-thread.h"

/* A call that waits until the thread has begun. */
typedef struct
{
  VckcEngine *engine;
  VckcManagedDomain *domain;
  VckcBackupRequest *request; /* (nullable) */
  VckcBackupBeginFunc begin;
  GCancellable *cancellable; /* (nullable) */
  VckcMutex mutex;           /* covers what follows */
  VckcCond changed;
  bool done;
  bool ok;
  VckcError *error;
} BackupCall;

/* `call` is not to be touched afterwards. */
static void
backup_call_return (BackupCall *call, bool ok, VckcError *error)
{
  vckc_mutex_lock (&call->mutex);
  call->done = true;
  call->ok = ok;
  call->error = error;
  vckc_cond_broadcast (&call->changed);
  vckc_mutex_unlock (&call->mutex);
}

static gpointer
backup_run_cb (gpointer data)
{
  BackupCall *call = data;
  VckcEngine *engine = call->engine;
  g_autoptr (VckcManagedDomain) domain = vckc_managed_domain_ref (call->domain);
  g_autoptr (VckcBackupJob) job = NULL;
  VckcBlockBackup *backup = NULL;
  VckcError *error = NULL;
  bool ok;

  vckc_engine_enter_thread (engine);
  if (call->cancellable != NULL)
    g_cancellable_push_current (call->cancellable);
  ok = call->begin (engine, domain, call->request, &job, &backup, &error);
  if (call->cancellable != NULL)
    g_cancellable_pop_current (call->cancellable);
  backup_call_return (call, ok, error);
  if (job != NULL)
    vckc_backup_thread_run (job, backup);
  g_clear_pointer (&job, vckc_backup_job_unref);
  g_clear_pointer (&domain, vckc_managed_domain_unref);
  vckc_engine_flush (engine);
  vckc_engine_leave_thread (engine);
  return NULL;
}

static bool
backup_call_start_thread (BackupCall *call, VckcError **err)
{
  GError *gerror = NULL;
  GThread *thread;

  /* It cannot leave, and so be joined, before GLib has made what it needs to join it. */
  vckc_mutex_lock (&call->engine->mutex);
  call->engine->ref_count++;
  thread = g_thread_try_new ("vck-backup", backup_run_cb, call, &gerror);
  vckc_mutex_unlock (&call->engine->mutex);
  if (thread == NULL)
    {
      vckc_engine_unref (call->engine);
      vckc_set_error_from_gerror (err, VCKC_ERROR_SYSTEM_ERROR, gerror,
                                  "cannot start a thread for the backup");
      return false;
    }
  g_thread_unref (thread);
  return true;
}

bool
vckc_backup_run (VckcEngine *engine,
                 VckcManagedDomain *domain,
                 VckcBackupRequest *request,
                 VckcBackupBeginFunc begin,
                 VckcError **err)
{
  BackupCall call = { .engine = engine,
                      .domain = domain,
                      .request = request,
                      .begin = begin,
                      .cancellable = g_cancellable_get_current () };

  vckc_mutex_init (&call.mutex);
  vckc_cond_init (&call.changed);
  if (backup_call_start_thread (&call, err))
    {
      vckc_mutex_lock (&call.mutex);
      while (!call.done)
        vckc_cond_wait (&call.changed, &call.mutex);
      vckc_mutex_unlock (&call.mutex);
      if (call.error != NULL)
        vckc_propagate_error (err, call.error);
    }
  vckc_cond_clear (&call.changed);
  vckc_mutex_clear (&call.mutex);
  return call.ok;
}
