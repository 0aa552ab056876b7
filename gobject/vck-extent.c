/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

G_DEFINE_BOXED_TYPE (VckExtent, vck_extent, vck_extent_copy, vck_extent_free)

/**
 * vck_extent_copy: (skip)
 * @self: an extent
 *
 * Copies an extent.
 *
 * Returns: (transfer full): the copy, to be freed with vck_extent_free()
 *
 * Since: 1.0
 */
VckExtent *
vck_extent_copy (const VckExtent *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_memdup2 (self, sizeof *self);
}

/**
 * vck_extent_free: (skip)
 * @self: (transfer full): an extent
 *
 * Frees an extent.
 *
 * Since: 1.0
 */
void
vck_extent_free (VckExtent *self)
{
  g_free (self);
}

VckExtent *
vck_extent_wrap (const VckcExtent *plain)
{
  VckExtent *self = g_new0 (VckExtent, 1);

  self->offset = plain->offset;
  self->length = plain->length;
  self->flags = (VckExtentFlags) plain->flags;
  return self;
}
