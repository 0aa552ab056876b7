/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A backup that this process follows, in a thread of its own, while it is under way. The domain
 * refers to it as long; what is known of it before and afterwards is the domain's backup status.
 */

#pragma once

#include "handles/job-info.h"
#include "managed/engine.h"

struct _VckcBackupJob
{
  gint ref_count;            /* atomic */
  VckcEngine *engine;        /* to which its thread has a reference */
  VckcManagedDomain *domain; /* owned reference */
  gint64 begun;              /* g_get_monotonic_time() */
  /* covered by the engine's mutex: */
  VckcBackupStatus *status; /* owned */
  bool cancelled;           /* it was asked to end */
  bool finishing;           /* all is copied */
  bool ended;               /* all is stored, or taken back, as the status says */
};

VckcBackupJob *vckc_backup_job_new (VckcEngine *engine,
                                    VckcManagedDomain *domain,
                                    VckcBackupStatus *status /* (transfer full) */);
VckcBackupJob *vckc_backup_job_ref (VckcBackupJob *job);
void vckc_backup_job_unref (VckcBackupJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBackupJob, vckc_backup_job_unref)

/* As a snapshot for the user; with the mutex held. */
VckcJobInfo *vckc_backup_job_describe_locked (const VckcBackupJob *job);
/* The same of a status alone. `elapsed` in microseconds, -1 if not known. */
VckcJobInfo *
vckc_backup_status_describe (const VckcBackupStatus *status, bool finishing, gint64 elapsed);

/* Queues an event of the job for all connections; with the mutex held. */
void vckc_backup_job_emit_locked (VckcBackupJob *job, VckcEventType type);
