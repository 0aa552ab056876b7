/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <vck/vck-connection.h>

G_BEGIN_DECLS

#define VCK_TYPE_DOMAIN (vck_domain_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckDomain, vck_domain, VCK, DOMAIN, GObject)

VCK_AVAILABLE_IN_1_0
const char *vck_domain_get_name (VckDomain *self);

VCK_AVAILABLE_IN_1_0
VckConnection *vck_domain_get_connection (VckDomain *self);

VCK_AVAILABLE_IN_1_0
VckDomainState vck_domain_get_state (VckDomain *self);

VCK_AVAILABLE_IN_1_0
guint vck_domain_get_refresh_interval (VckDomain *self);

VCK_AVAILABLE_IN_1_0
void vck_domain_set_refresh_interval (VckDomain *self, guint interval);

G_END_DECLS
