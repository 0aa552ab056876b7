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

#define VCK_TYPE_DRIVER (vck_driver_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckDriver, vck_driver, VCK, DRIVER, GObject)

VCK_AVAILABLE_IN_1_0
GPtrArray *vck_list_drivers (void);

VCK_AVAILABLE_IN_1_0
const char *const *vck_driver_get_schemes (VckDriver *self);

VCK_AVAILABLE_IN_1_0
const char *const *vck_driver_get_tools (VckDriver *self);

G_END_DECLS
