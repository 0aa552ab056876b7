/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <vck/vck-domain.h>

G_BEGIN_DECLS

#define VCK_TYPE_DISK_LIST (vck_disk_list_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckDiskList, vck_disk_list, VCK, DISK_LIST, GObject)

VCK_AVAILABLE_IN_1_0
VckDiskList *vck_domain_get_disks (VckDomain *self);

VCK_AVAILABLE_IN_1_0
VckDomain *vck_disk_list_get_domain (VckDiskList *self);

VCK_AVAILABLE_IN_1_0
gboolean vck_disk_list_is_loading (VckDiskList *self);

VCK_AVAILABLE_IN_1_0
GError *vck_disk_list_get_error (VckDiskList *self);

VCK_AVAILABLE_IN_1_0
gboolean vck_disk_list_load (VckDiskList *self, GCancellable *cancellable, GError **error);

VCK_AVAILABLE_IN_1_0
void vck_disk_list_load_async (VckDiskList *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);

VCK_AVAILABLE_IN_1_0
gboolean vck_disk_list_load_finish (VckDiskList *self, GAsyncResult *result, GError **error);

G_END_DECLS
