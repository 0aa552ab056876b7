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

#define VCK_TYPE_EXTENT (vck_extent_get_type ())

typedef struct _VckExtent VckExtent;

/**
 * VckExtent:
 * @offset: where it begins on the disk, in bytes
 * @length: its length in bytes, never 0
 * @flags: what is known of it
 *
 * A part of a disk that was written to, as [method@Checkpoint.list_extents] and
 * [method@ExtentCursor.read] return it.
 *
 * Since: 1.0
 */
struct _VckExtent
{
  guint64 offset;
  guint64 length;
  VckExtentFlags flags;
};

VCK_AVAILABLE_IN_1_0
GType vck_extent_get_type (void);

VCK_AVAILABLE_IN_1_0
VckExtent *vck_extent_copy (const VckExtent *self);

VCK_AVAILABLE_IN_1_0
void vck_extent_free (VckExtent *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckExtent, vck_extent_free)

G_END_DECLS
