/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What the classes, the generated methods and the dispatcher share.
 *
 * vck_x_get_handle() borrows the core handle of an object; it is NULL for an object made
 * by a bare g_object_new(), which the core then refuses. vck_x_wrap() takes a handle and
 * returns a reference to the object that stands for it: `origin` is the object on which the
 * call was made that returned the handle. Both may be called from any thread.
 */

#pragma once

#include <vck/vck.h>

#include "vck-identity.h"
#include "vck-list-slots.h"
#include "vck-refresher.h"
#include "vckc.h"

/* Lists. */
typedef struct _VckList VckList;
/* Events, for the list of all and those that follow it; as for vck_list_take_all(). */
void vck_checkpoint_list_take_all (VckCheckpointList *self, GPtrArray *rows /* (transfer full) */);
void vck_checkpoint_list_take_added (VckCheckpointList *self, VckCheckpoint *row);
void vck_checkpoint_list_take_changed (VckCheckpointList *self, VckCheckpoint *row);
void vck_checkpoint_list_take_removed (VckCheckpointList *self, VckCheckpoint *row);
/* As vck_list_run(), for those that follow it. */
void vck_checkpoint_list_run_parts (VckCheckpointList *self);

/* Takes over an error of the core. */
GError *vck_error_take (VckcError *error /* (transfer full) */);

VckcConnect *vck_connection_get_handle (VckConnection *self);
VckIdentity *vck_connection_get_identity (VckConnection *self);
/* Borrowed: where its signals are emitted. */
GMainContext *vck_connection_get_context (VckConnection *self);
/* As vck_dispatcher_push_job(). */
void vck_connection_push_job (VckConnection *self, VckIdentity *identity, gboolean ended);
/* The same of a disk. */
void vck_connection_push_disk (VckConnection *self, VckIdentity *identity);
/* In the context: the lists become what all events so far lead to. */
void vck_connection_apply_list_events (VckConnection *self);
/* Borrowed. */
VckListSlots *vck_connection_get_lists (VckConnection *self);
void vck_connection_emit_domain_added (VckConnection *self, VckDomain *domain);
void vck_connection_emit_domain_removed (VckConnection *self, VckDomain *domain);
/* The answer, or NULL if there is none. */
char *vck_connection_emit_authenticate (VckConnection *self,
                                        VckCredential credential,
                                        const char *prompt,
                                        const char *suggestion);
void vck_connection_emit_events_lost (VckConnection *self);
/* In the context: emits `notify` of is-open, once; the other way round, emit_closed() does. */
void vck_connection_notify_opened (VckConnection *self);
void vck_connection_emit_closed (VckConnection *self, VckCloseReason reason);

VckcDomain *vck_domain_get_handle (VckDomain *self);
VckDomain *vck_domain_wrap (gpointer origin, VckcDomain *handle /* (transfer full) */);
/* The same for a known identity, also one that was removed. A new object gets that state; if it is
 * negative, the state is read from the core. */
VckDomain *vck_domain_wrap_as (VckConnection *connection,
                               VckIdentity *identity,
                               VckcDomain *handle, /* (transfer full) */
                               gint state);
/* Emits `notify` for the properties that changed since the last call. */
void vck_domain_notify_changes (VckDomain *self);
void vck_domain_emit_checkpoint_added (VckDomain *self, VckCheckpoint *checkpoint);
void vck_domain_emit_checkpoint_removed (VckDomain *self, VckCheckpoint *checkpoint);
VckIdentity *vck_domain_get_identity (VckDomain *self);

VckListSlots *vck_domain_get_lists (VckDomain *self);

VckcDomainDisk *vck_disk_get_handle (VckDisk *self);
VckDisk *vck_disk_wrap (gpointer origin, VckcDomainDisk *handle /* (transfer full) */);
/* As vck_domain_notify_changes(). */
void vck_disk_notify_changes (VckDisk *self);
/* Events: all disks of the domain as a look of that number found them; as vck_list_take_all(). */
void
vck_disk_list_take_all (VckDiskList *self, guint64 look, GPtrArray *rows /* (transfer full) */);

VckcDomainCheckpoint *vck_checkpoint_get_handle (VckCheckpoint *self);
/* Borrowed. */
VckProperties *vck_checkpoint_get_properties (VckCheckpoint *self);
VckCheckpoint *vck_checkpoint_wrap (gpointer origin,
                                    VckcDomainCheckpoint *handle /* (transfer full) */);
/* The same for a known identity, also one that was removed. */
VckCheckpoint *vck_checkpoint_wrap_as (VckDomain *domain,
                                       VckIdentity *identity,
                                       VckcDomainCheckpoint *handle /* (transfer full) */);
/* As vck_checkpoint_get_parent(), but the connection is asked if it was not known. */
VckCheckpoint *vck_checkpoint_find_parent (VckCheckpoint *self);
VckListSlots *vck_checkpoint_get_lists (VckCheckpoint *self);
/* As vck_domain_notify_changes(). */
void vck_checkpoint_notify_changes (VckCheckpoint *self);

VckcDomainCheckpointDisk *vck_checkpoint_disk_get_handle (VckCheckpointDisk *self);
VckCheckpointDisk *
vck_checkpoint_disk_wrap (gpointer origin, VckcDomainCheckpointDisk *handle /* (transfer full) */);

VckcExtentCursor *vck_extent_cursor_get_handle (VckExtentCursor *self);
VckExtentCursor *vck_extent_cursor_wrap (gpointer origin,
                                         VckcExtentCursor *handle /* (transfer full) */);

/* A boxed copy. */
VckExtent *vck_extent_wrap (const VckcExtent *plain);

VckcBitmap *vck_bitmap_get_handle (VckBitmap *self);
VckBitmap *vck_bitmap_wrap (gpointer origin, VckcBitmap *handle /* (transfer full) */);

VckcFinding *vck_finding_get_handle (VckFinding *self);
VckFinding *vck_finding_wrap (gpointer origin, VckcFinding *handle /* (transfer full) */);

VckcImportResult *vck_import_result_get_handle (VckImportResult *self);
VckImportResult *vck_import_result_wrap (gpointer origin,
                                         VckcImportResult *handle /* (transfer full) */);

VckcRepository *vck_repository_get_handle (VckRepository *self);
VckRepository *vck_repository_wrap (gpointer origin, VckcRepository *handle /* (transfer full) */);

VckcBackup *vck_backup_get_handle (VckBackup *self);
VckBackup *vck_backup_wrap (gpointer origin, VckcBackup *handle /* (transfer full) */);

VckcBackupDisk *vck_backup_disk_get_handle (VckBackupDisk *self);
VckBackupDisk *vck_backup_disk_wrap (gpointer origin, VckcBackupDisk *handle /* (transfer full) */);

VckcJobInfo *vck_backup_job_get_handle (VckBackupJob *self);
/* The object of a job of the domain; takes the handle. */
VckBackupJob *vck_backup_job_wrap (gpointer domain, VckcJobInfo *handle /* (transfer full) */);
/* Of an object that came from a domain. */
VckIdentity *vck_backup_job_get_identity (VckBackupJob *self);
VckJobProgress *vck_backup_job_get_progress (VckBackupJob *self);
VckRefresher *vck_backup_job_get_refresher (VckBackupJob *self);
/* Emits `notify` for all that is not as it was the last time, and `ended`, once. */
void vck_backup_job_notify_changes (VckBackupJob *self);
void vck_backup_job_notify_end (VckBackupJob *self);
/* Why no end of a job will be known: the connection was closed. */
GError *vck_backup_job_new_closed_error (void);

VckcJobDisk *vck_backup_job_disk_get_handle (VckBackupJobDisk *self);
VckBackupJobDisk *vck_backup_job_disk_wrap (gpointer job,
                                            VckcJobDisk *handle /* (transfer full) */);
/* As vck_backup_job_notify_changes(). */
void vck_backup_job_disk_notify_changes (VckBackupJobDisk *self);

VckcBackupFinding *vck_backup_finding_get_handle (VckBackupFinding *self);
VckBackupFinding *vck_backup_finding_wrap (gpointer origin,
                                           VckcBackupFinding *handle /* (transfer full) */);

VckcPruneDecision *vck_prune_decision_get_handle (VckPruneDecision *self);
VckPruneDecision *vck_prune_decision_wrap (gpointer origin,
                                           VckcPruneDecision *handle /* (transfer full) */);

VckcMount *vck_mount_get_handle (VckMount *self);
VckMount *vck_mount_wrap (gpointer origin, VckcMount *handle /* (transfer full) */);

VckcBackupPlan *vck_backup_plan_get_handle (VckBackupPlan *self);
VckBackupPlan *vck_backup_plan_wrap (gpointer origin, VckcBackupPlan *handle /* (transfer full) */);

VckcBackupPlanDisk *vck_backup_plan_disk_get_handle (VckBackupPlanDisk *self);
VckBackupPlanDisk *vck_backup_plan_disk_wrap (gpointer origin,
                                              VckcBackupPlanDisk *handle /* (transfer full) */);

VckcDriverInfo *vck_driver_get_handle (VckDriver *self);
VckDriver *vck_driver_wrap (gpointer origin, VckcDriverInfo *handle /* (transfer full) */);

VckcCheckpointPlan *vck_checkpoint_plan_get_handle (VckCheckpointPlan *self);
VckCheckpointPlan *vck_checkpoint_plan_wrap (gpointer origin,
                                             VckcCheckpointPlan *handle /* (transfer full) */);

VckcCheckpointPlanDisk *vck_checkpoint_plan_disk_get_handle (VckCheckpointPlanDisk *self);
VckCheckpointPlanDisk *
vck_checkpoint_plan_disk_wrap (gpointer origin,
                               VckcCheckpointPlanDisk *handle /* (transfer full) */);

VckcDeletePlan *vck_delete_plan_get_handle (VckDeletePlan *self);
/* Reads the checkpoints. */
VckDeletePlan *vck_delete_plan_wrap (gpointer checkpoint,
                                     VckcDeletePlan *handle /* (transfer full) */);

VckcDeletePlanBitmap *vck_delete_plan_bitmap_get_handle (VckDeletePlanBitmap *self);
VckDeletePlanBitmap *
vck_delete_plan_bitmap_wrap (gpointer origin, VckcDeletePlanBitmap *handle /* (transfer full) */);
