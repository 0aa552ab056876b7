/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <vck/vck-domain.h>

G_BEGIN_DECLS

#define VCK_TYPE_CHECKPOINT (vck_checkpoint_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckCheckpoint, vck_checkpoint, VCK, CHECKPOINT, GObject)

VCK_AVAILABLE_IN_1_0
VckDomain *vck_checkpoint_get_domain (VckCheckpoint *self);

VCK_AVAILABLE_IN_1_0
VckConnection *vck_checkpoint_get_connection (VckCheckpoint *self);

VCK_AVAILABLE_IN_1_0
char *vck_checkpoint_get_description (VckCheckpoint *self);

VCK_AVAILABLE_IN_1_0
GDateTime *vck_checkpoint_get_creation_time (VckCheckpoint *self);

VCK_AVAILABLE_IN_1_0
char *vck_checkpoint_get_parent_name (VckCheckpoint *self);

VCK_AVAILABLE_IN_1_0
VckCheckpoint *vck_checkpoint_get_parent (VckCheckpoint *self);

VCK_AVAILABLE_IN_1_0
char *vck_checkpoint_get_uuid (VckCheckpoint *self);

VCK_AVAILABLE_IN_1_0
gint64 vck_checkpoint_get_size (VckCheckpoint *self);

VCK_AVAILABLE_IN_1_0
VckCheckpointState vck_checkpoint_get_state (VckCheckpoint *self);

VCK_AVAILABLE_IN_1_0
GDateTime *vck_checkpoint_get_measured_at (VckCheckpoint *self);

G_END_DECLS
