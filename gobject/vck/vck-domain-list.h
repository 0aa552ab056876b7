/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <vck/vck-domain.h>

G_BEGIN_DECLS

#define VCK_TYPE_DOMAIN_LIST (vck_domain_list_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckDomainList, vck_domain_list, VCK, DOMAIN_LIST, GObject)

VCK_AVAILABLE_IN_1_0
VckDomainList *vck_connection_get_domains (VckConnection *self);

VCK_AVAILABLE_IN_1_0
VckConnection *vck_domain_list_get_connection (VckDomainList *self);

VCK_AVAILABLE_IN_1_0
gboolean vck_domain_list_is_loading (VckDomainList *self);

VCK_AVAILABLE_IN_1_0
GError *vck_domain_list_get_error (VckDomainList *self);

VCK_AVAILABLE_IN_1_0
gboolean vck_domain_list_load (VckDomainList *self, GCancellable *cancellable, GError **error);

VCK_AVAILABLE_IN_1_0
void vck_domain_list_load_async (VckDomainList *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

VCK_AVAILABLE_IN_1_0
gboolean vck_domain_list_load_finish (VckDomainList *self, GAsyncResult *result, GError **error);

G_END_DECLS
