/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <gio/gio.h>

#include <vck/vck-checkpoint.h>
#include <vck/vck-domain.h>
#include <vck/vck-enums.h>
#include <vck/vck-versions.h>

G_BEGIN_DECLS

#define VCK_TYPE_CHECKPOINT_DISK_CONFIG (vck_checkpoint_disk_config_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckCheckpointDiskConfig,
                      vck_checkpoint_disk_config,
                      VCK,
                      CHECKPOINT_DISK_CONFIG,
                      GObject)

VCK_AVAILABLE_IN_1_0
const char *vck_checkpoint_disk_config_get_target (VckCheckpointDiskConfig *self);

VCK_AVAILABLE_IN_1_0
gboolean vck_checkpoint_disk_config_is_tracked (VckCheckpointDiskConfig *self);

VCK_AVAILABLE_IN_1_0
const char *vck_checkpoint_disk_config_get_bitmap (VckCheckpointDiskConfig *self);

#define VCK_TYPE_CHECKPOINT_CONFIG (vck_checkpoint_config_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckCheckpointConfig, vck_checkpoint_config, VCK, CHECKPOINT_CONFIG, GObject)

VCK_AVAILABLE_IN_1_0
VckCheckpointConfig *vck_checkpoint_config_new (void);

VCK_AVAILABLE_IN_1_0
VckCheckpointConfig *vck_checkpoint_config_new_from_xml (const char *xml, GError **error);

VCK_AVAILABLE_IN_1_0
char *vck_checkpoint_config_to_xml (VckCheckpointConfig *self, GError **error);

VCK_AVAILABLE_IN_1_0
const char *vck_checkpoint_config_get_name (VckCheckpointConfig *self);

VCK_AVAILABLE_IN_1_0
void vck_checkpoint_config_set_name (VckCheckpointConfig *self, const char *name);

VCK_AVAILABLE_IN_1_0
const char *vck_checkpoint_config_get_description (VckCheckpointConfig *self);

VCK_AVAILABLE_IN_1_0
void vck_checkpoint_config_set_description (VckCheckpointConfig *self, const char *description);

VCK_AVAILABLE_IN_1_0
VckDiskPolicy vck_checkpoint_config_get_disk_policy (VckCheckpointConfig *self);

VCK_AVAILABLE_IN_1_0
void vck_checkpoint_config_set_disk_policy (VckCheckpointConfig *self, VckDiskPolicy disk_policy);

VCK_AVAILABLE_IN_1_0
GListModel *vck_checkpoint_config_get_disks (VckCheckpointConfig *self);

VCK_AVAILABLE_IN_1_0
void
vck_checkpoint_config_track (VckCheckpointConfig *self, const char *target, const char *bitmap);

VCK_AVAILABLE_IN_1_0
void vck_checkpoint_config_skip (VckCheckpointConfig *self, const char *target);

/* Creating checkpoints of a domain. */

VCK_AVAILABLE_IN_1_0
VckCheckpoint *vck_domain_create_checkpoint (VckDomain *self,
                                             VckCheckpointConfig *config,
                                             VckCheckpointCreateFlags flags,
                                             GCancellable *cancellable,
                                             GError **error);

VCK_AVAILABLE_IN_1_0
void vck_domain_create_checkpoint_async (VckDomain *self,
                                         VckCheckpointConfig *config,
                                         VckCheckpointCreateFlags flags,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);

VCK_AVAILABLE_IN_1_0
VckCheckpoint *
vck_domain_create_checkpoint_finish (VckDomain *self, GAsyncResult *result, GError **error);

G_END_DECLS
