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

#define VCK_TYPE_BITMAP (vck_bitmap_get_type ())

VCK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (VckBitmap, vck_bitmap, VCK, BITMAP, GObject)

G_END_DECLS
