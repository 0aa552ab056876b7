/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <vck/vck-checkpoint.h>
#include <vck/vck-domain.h>

G_BEGIN_DECLS

#define VCK_TYPE_CHECKPOINT_LIST (vck_checkpoint_list_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckCheckpointList, vck_checkpoint_list, VCK, CHECKPOINT_LIST, GObject)

VCK_AVAILABLE_IN_1_0
VckCheckpointList *vck_domain_get_checkpoints (VckDomain *self);

VCK_AVAILABLE_IN_1_0
VckCheckpointList *vck_domain_get_root_checkpoints (VckDomain *self);

VCK_AVAILABLE_IN_1_0
VckCheckpointList *vck_checkpoint_get_children (VckCheckpoint *self);

VCK_AVAILABLE_IN_1_0
VckCheckpoint *vck_checkpoint_list_get_parent (VckCheckpointList *self);

VCK_AVAILABLE_IN_1_0
VckDomain *vck_checkpoint_list_get_domain (VckCheckpointList *self);

VCK_AVAILABLE_IN_1_0
gboolean vck_checkpoint_list_is_loading (VckCheckpointList *self);

VCK_AVAILABLE_IN_1_0
GError *vck_checkpoint_list_get_error (VckCheckpointList *self);

VCK_AVAILABLE_IN_1_0
gboolean
vck_checkpoint_list_load (VckCheckpointList *self, GCancellable *cancellable, GError **error);

VCK_AVAILABLE_IN_1_0
void vck_checkpoint_list_load_async (VckCheckpointList *self,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);

VCK_AVAILABLE_IN_1_0
gboolean
vck_checkpoint_list_load_finish (VckCheckpointList *self, GAsyncResult *result, GError **error);

G_END_DECLS
