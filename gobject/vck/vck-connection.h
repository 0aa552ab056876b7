/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <gio/gio.h>

#include <vck/vck-enums.h>
#include <vck/vck-versions.h>

G_BEGIN_DECLS

#define VCK_TYPE_CONNECTION (vck_connection_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckConnection, vck_connection, VCK, CONNECTION, GObject)

VCK_AVAILABLE_IN_1_0
VckConnection *vck_connection_new (const char *uri, VckConnectionFlags flags);

VCK_AVAILABLE_IN_1_0
VckConnection *vck_connection_open (const char *uri,
                                    VckConnectionFlags flags,
                                    GCancellable *cancellable,
                                    GError **error);

VCK_AVAILABLE_IN_1_0
void vck_connection_open_async (const char *uri,
                                VckConnectionFlags flags,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);

VCK_AVAILABLE_IN_1_0
VckConnection *vck_connection_open_finish (GAsyncResult *result, GError **error);

VCK_AVAILABLE_IN_1_0
gboolean vck_connection_close (VckConnection *self, GError **error);

VCK_AVAILABLE_IN_1_0
void vck_connection_close_async (VckConnection *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

VCK_AVAILABLE_IN_1_0
gboolean vck_connection_close_finish (VckConnection *self, GAsyncResult *result, GError **error);

VCK_AVAILABLE_IN_1_0
const char *vck_connection_get_uri (VckConnection *self);

VCK_AVAILABLE_IN_1_0
VckConnectionFlags vck_connection_get_flags (VckConnection *self);

G_END_DECLS
