/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <vck/vck-backup-job-disk.h>
#include <vck/vck-domain.h>

G_BEGIN_DECLS

#define VCK_TYPE_BACKUP_JOB (vck_backup_job_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckBackupJob, vck_backup_job, VCK, BACKUP_JOB, GObject)

VCK_AVAILABLE_IN_1_0
VckDomain *vck_backup_job_get_domain (VckBackupJob *self);

VCK_AVAILABLE_IN_1_0
VckJobState vck_backup_job_get_state (VckBackupJob *self);

VCK_AVAILABLE_IN_1_0
GError *vck_backup_job_get_error (VckBackupJob *self);

VCK_AVAILABLE_IN_1_0
gint64 vck_backup_job_get_bytes_done (VckBackupJob *self);

VCK_AVAILABLE_IN_1_0
gint64 vck_backup_job_get_bytes_total (VckBackupJob *self);

VCK_AVAILABLE_IN_1_0
gint64 vck_backup_job_get_rate (VckBackupJob *self);

VCK_AVAILABLE_IN_1_0
gint64 vck_backup_job_get_time_elapsed (VckBackupJob *self);

VCK_AVAILABLE_IN_1_0
gint64 vck_backup_job_get_temp_used (VckBackupJob *self);

VCK_AVAILABLE_IN_1_0
gint64 vck_backup_job_get_temp_total (VckBackupJob *self);

VCK_AVAILABLE_IN_1_0
gint64 vck_backup_job_get_speed (VckBackupJob *self);

VCK_AVAILABLE_IN_1_0
GListModel *vck_backup_job_get_disks (VckBackupJob *self);

VCK_AVAILABLE_IN_1_0
gboolean vck_backup_job_wait (VckBackupJob *self, GCancellable *cancellable, GError **error);

VCK_AVAILABLE_IN_1_0
void vck_backup_job_wait_async (VckBackupJob *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);

VCK_AVAILABLE_IN_1_0
gboolean vck_backup_job_wait_finish (VckBackupJob *self, GAsyncResult *result, GError **error);

VCK_AVAILABLE_IN_1_0
gboolean vck_backup_job_cancel (VckBackupJob *self, GCancellable *cancellable, GError **error);

VCK_AVAILABLE_IN_1_0
void vck_backup_job_cancel_async (VckBackupJob *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

VCK_AVAILABLE_IN_1_0
gboolean vck_backup_job_cancel_finish (VckBackupJob *self, GAsyncResult *result, GError **error);

VCK_AVAILABLE_IN_1_0
gboolean vck_backup_job_limit_speed (VckBackupJob *self,
                                     guint64 speed,
                                     GCancellable *cancellable,
                                     GError **error);

VCK_AVAILABLE_IN_1_0
void vck_backup_job_limit_speed_async (VckBackupJob *self,
                                       guint64 speed,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);

VCK_AVAILABLE_IN_1_0
gboolean
vck_backup_job_limit_speed_finish (VckBackupJob *self, GAsyncResult *result, GError **error);

/* The jobs of a domain. */

VCK_AVAILABLE_IN_1_0
VckBackupJob *vck_domain_begin_backup (VckDomain *self,
                                       const char *backup_xml,
                                       const char *checkpoint_xml,
                                       VckBackupBeginFlags flags,
                                       GCancellable *cancellable,
                                       GError **error);

VCK_AVAILABLE_IN_1_0
void vck_domain_begin_backup_async (VckDomain *self,
                                    const char *backup_xml,
                                    const char *checkpoint_xml,
                                    VckBackupBeginFlags flags,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

VCK_AVAILABLE_IN_1_0
VckBackupJob *
vck_domain_begin_backup_finish (VckDomain *self, GAsyncResult *result, GError **error);

VCK_AVAILABLE_IN_1_0
VckBackupJob *
vck_domain_get_backup_job (VckDomain *self, GCancellable *cancellable, GError **error);

VCK_AVAILABLE_IN_1_0
void vck_domain_get_backup_job_async (VckDomain *self,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);

VCK_AVAILABLE_IN_1_0
VckBackupJob *
vck_domain_get_backup_job_finish (VckDomain *self, GAsyncResult *result, GError **error);

G_END_DECLS
