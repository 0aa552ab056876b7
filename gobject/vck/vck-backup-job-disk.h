/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <glib-object.h>

#include <vck/vck-versions.h>

G_BEGIN_DECLS

#define VCK_TYPE_BACKUP_JOB_DISK (vck_backup_job_disk_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckBackupJobDisk, vck_backup_job_disk, VCK, BACKUP_JOB_DISK, GObject)

VCK_AVAILABLE_IN_1_0
gint64 vck_backup_job_disk_get_bytes_done (VckBackupJobDisk *self);

VCK_AVAILABLE_IN_1_0
gint64 vck_backup_job_disk_get_bytes_total (VckBackupJobDisk *self);

VCK_AVAILABLE_IN_1_0
char *vck_backup_job_disk_get_error_message (VckBackupJobDisk *self);

G_END_DECLS
