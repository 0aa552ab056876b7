/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/image-identity.h"

void
vckc_image_identity_clear (VckcImageIdentity *identity)
{
  g_clear_pointer (&identity->path, g_free);
  identity->number = 0;
  identity->birth = 0;
}

void
vckc_image_identity_copy (const VckcImageIdentity *identity, VckcImageIdentity *ret_copy)
{
  *ret_copy = *identity;
  ret_copy->path = g_strdup (identity->path);
}

void
vckc_image_identity_init (VckcImageIdentity *identity, const char *path, const VckcBlockImage *now)
{
  *identity = (VckcImageIdentity){ .path = g_strdup (path),
                                   .number = now->lasting ? now->number : 0,
                                   .birth = now->lasting ? now->birth : 0 };
}

VckcImageMatch
vckc_image_identity_match (const VckcImageIdentity *recorded, const VckcBlockImage *now)
{
  const bool number_known = recorded->number != 0 && now->number != 0;
  const bool birth_known = recorded->birth != 0 && now->birth != 0;

  if (!now->lasting || !number_known)
    return VCKC_IMAGE_UNCERTAIN;
  if (recorded->number != now->number || (birth_known && recorded->birth != now->birth))
    return VCKC_IMAGE_OTHER;
  return VCKC_IMAGE_SAME;
}

bool
vckc_block_image_is_same (const VckcBlockImage *one, const VckcBlockImage *other)
{
  return one->device != 0 && one->device == other->device && one->number == other->number;
}
