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

#define VCK_TYPE_DELETE_PLAN (vck_delete_plan_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckDeletePlan, vck_delete_plan, VCK, DELETE_PLAN, GObject)

VCK_AVAILABLE_IN_1_0
GPtrArray *vck_delete_plan_list_checkpoints (VckDeletePlan *self);

VCK_AVAILABLE_IN_1_0
GPtrArray *vck_delete_plan_list_bitmaps (VckDeletePlan *self);

G_END_DECLS
