/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(VCK_H_INSIDE) && !defined(VCK_COMPILATION)
#error "Only <vck/vck.h> can be included directly."
#endif

#include <glib-object.h>

#include <vck/vck-enums.h>
#include <vck/vck-versions.h>

G_BEGIN_DECLS

/**
 * VCK_ERROR:
 *
 * The error domain of Vck. Errors of this domain have a code of [error@Vck.Error].
 *
 * Since: 1.0
 */
#define VCK_ERROR (vck_error_quark ())

VCK_AVAILABLE_IN_1_0
GQuark vck_error_quark (void);

VCK_AVAILABLE_IN_1_0
int vck_error_get_libvirt_code (const GError *error);

VCK_AVAILABLE_IN_1_0
int vck_error_get_libvirt_domain (const GError *error);

VCK_AVAILABLE_IN_1_0
const char *vck_error_get_libvirt_message (const GError *error);

G_END_DECLS
