/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <gio/gio.h>

#include <vck/vck-checkpoint-config.h>
#include <vck/vck-domain.h>
#include <vck/vck-enums.h>
#include <vck/vck-versions.h>

G_BEGIN_DECLS

#define VCK_TYPE_CHECKPOINT_PLAN (vck_checkpoint_plan_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckCheckpointPlan, vck_checkpoint_plan, VCK, CHECKPOINT_PLAN, GObject)

VCK_AVAILABLE_IN_1_0
GPtrArray *vck_checkpoint_plan_list_disks (VckCheckpointPlan *self);

VCK_AVAILABLE_IN_1_0
VckCheckpointPlan *vck_domain_plan_checkpoint (VckDomain *self,
                                               VckCheckpointConfig *config,
                                               VckCheckpointCreateFlags flags,
                                               GCancellable *cancellable,
                                               GError **error);

VCK_AVAILABLE_IN_1_0
void vck_domain_plan_checkpoint_async (VckDomain *self,
                                       VckCheckpointConfig *config,
                                       VckCheckpointCreateFlags flags,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);

VCK_AVAILABLE_IN_1_0
VckCheckpointPlan *
vck_domain_plan_checkpoint_finish (VckDomain *self, GAsyncResult *result, GError **error);

G_END_DECLS
