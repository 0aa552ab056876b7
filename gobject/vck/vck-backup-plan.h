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

#define VCK_TYPE_BACKUP_PLAN (vck_backup_plan_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckBackupPlan, vck_backup_plan, VCK, BACKUP_PLAN, GObject)

VCK_AVAILABLE_IN_1_0
GPtrArray *vck_backup_plan_list_disks (VckBackupPlan *self);

G_END_DECLS
