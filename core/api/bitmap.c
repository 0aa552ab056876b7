/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vckc-bitmap.h"

#include "api/entry.h"

int
vckc_domain_list_bitmaps (VckcDomain *domain,
                          VckcBitmap ***ret_bitmaps,
                          unsigned int flags,
                          VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int count;

  VCKC_TRACE ("domain=%p ret_bitmaps=%p flags=0x%x", (void *) domain, (void *) ret_bitmaps, flags);

  if (ret_bitmaps != NULL)
    *ret_bitmaps = NULL;
  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_not_null (ret_bitmaps, "ret_bitmaps", err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_list_bitmaps != NULL, "list bitmaps",
                            err)
      || !vckc_check_flags (flags, VCKC_BITMAP_LIST_BACKING, &vckc_flags_list_bitmaps, err))
    return -1;

  count = driver->domain_list_bitmaps (domain, ret_bitmaps, flags, &error);
  return vckc_driver_returned (domain->connect, count >= 0, error, G_STRFUNC, err) ? count : -1;
}

int
vckc_bitmap_ref (VckcBitmap *bitmap, VckcError **err)
{
  if (!vckc_check_handle (bitmap, &vckc_bitmap_class, err))
    return -1;
  vckc_object_ref (bitmap);
  return 0;
}

int
vckc_bitmap_unref (VckcBitmap *bitmap, VckcError **err)
{
  if (!vckc_check_handle (bitmap, &vckc_bitmap_class, err))
    return -1;
  vckc_object_unref (bitmap);
  return 0;
}

const char *
vckc_bitmap_get_disk (VckcBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_bitmap_class, err) ? bitmap->disk : NULL;
}

const char *
vckc_bitmap_get_image (VckcBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_bitmap_class, err) ? bitmap->image : NULL;
}

const char *
vckc_bitmap_get_name (VckcBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_bitmap_class, err) ? bitmap->name : NULL;
}

int64_t
vckc_bitmap_get_granularity (VckcBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_bitmap_class, err) ? bitmap->granularity : -1;
}

bool
vckc_bitmap_is_recording (VckcBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_bitmap_class, err) && bitmap->recording;
}

bool
vckc_bitmap_is_persistent (VckcBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_bitmap_class, err) && bitmap->persistent;
}

bool
vckc_bitmap_is_inconsistent (VckcBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_bitmap_class, err) && bitmap->inconsistent;
}

bool
vckc_bitmap_is_busy (VckcBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_bitmap_class, err) && bitmap->busy;
}

int64_t
vckc_bitmap_get_size (VckcBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_bitmap_class, err) ? bitmap->size : -1;
}

VckcBitmapOwner
vckc_bitmap_get_owner (VckcBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_bitmap_class, err) ? bitmap->owner : 0;
}

const char *
vckc_bitmap_get_checkpoint (VckcBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_bitmap_class, err) ? bitmap->checkpoint : NULL;
}
