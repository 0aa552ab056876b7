/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vckc-error.h"
#include "vckc-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcBitmapOwner:
 * @VCKC_BITMAP_OWNER_CHECKPOINT: a checkpoint of the domain
 * @VCKC_BITMAP_OWNER_ORPHAN: none any more: Vck made it for a checkpoint of the domain, and it was
 *   left behind when the metadata of that was deleted. vckc_domain_repair_checkpoints() removes it
 *   with %VCKC_REPAIR_ORPHANS
 * @VCKC_BITMAP_OWNER_OTHER_DOMAIN: a checkpoint of another domain of the connection that has the
 *   same image
 * @VCKC_BITMAP_OWNER_FOREIGN: another program or a job that is under way, as far as is known. With
 *   libvirt, which does not record it, also what was left behind, and what other domains have made
 *
 * Whose a bitmap is. The first two are made by Vck, or by libvirt for it.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_BITMAP_OWNER_CHECKPOINT = 1,
  VCKC_BITMAP_OWNER_ORPHAN = 2,
  VCKC_BITMAP_OWNER_OTHER_DOMAIN = 3,
  VCKC_BITMAP_OWNER_FOREIGN = 4,
} VckcBitmapOwner;

/**
 * VckcBitmapListFlags:
 * @VCKC_BITMAP_LIST_BACKING: also the bitmaps in the files that the images are based on; these must
 *   be readable, too
 *
 * Which bitmaps to list.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_BITMAP_LIST_BACKING = 1 << 0,
} VckcBitmapListFlags;

/**
 * vckc_domain_list_bitmaps: (attributes bindgen.return=count)
 * @domain: a domain
 * @ret_bitmaps: (out) (array zero-terminated=1) (transfer full): return location for the bitmaps,
 *   disk by disk in the order of the domain's definition; those in the image first, then those in
 *   the files below it, the nearest first; by name in each file
 * @flags: (type VckcBitmapListFlags): what else to list
 * @err: return location for an error
 *
 * Lists all dirty bitmaps in the images of the domain's disks, also those of other programs, and of
 * read-only disks. While the domain runs they are what QEMU has, which includes those that it keeps
 * in memory only; while it is off, what is stored in the images. Nothing is changed. Disks in a
 * format that cannot keep bitmaps, and empty drives, have none.
 *
 * The list is complete or there is none: when one image cannot be examined, the call fails and
 * names the disk. vckc_domain_verify_checkpoints() still reports on the other disks then.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, with %VCKC_ERROR_INVALID_ARG
 * when @flags has unknown ones, with %VCKC_ERROR_BUSY when another operation holds the domain, with
 * %VCKC_ERROR_OPERATION_FAILED when an image that may have bitmaps cannot be examined, such as one
 * that another program holds, one that is not a file of this host, or, with
 * %VCKC_BITMAP_LIST_BACKING, a file below it: below an image of libvirt while the domain is off.
 * With libvirt also with %VCKC_ERROR_OPERATION_INVALID when the domain is being saved or migrated,
 * with %VCKC_ERROR_OPERATION_DENIED when the domain runs and the connection is read-only, and with
 * %VCKC_ERROR_OPERATION_UNSUPPORTED when its driver has no dirty bitmaps.
 *
 * Returns: how many bitmaps there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_list_bitmaps (VckcDomain *domain,
                              VckcBitmap ***ret_bitmaps,
                              unsigned int flags,
                              VckcError **err);

/**
 * vckc_bitmap_ref: (attributes bindgen.plumbing=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_bitmap_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_bitmap_ref (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_unref: (attributes bindgen.plumbing=1)
 * @bitmap: (transfer full): a bitmap
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is %NULL or not a bitmap.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_bitmap_unref (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_get_disk: (attributes bindgen.local=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Gets the name of the disk inside the domain, such as `vda`.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: (transfer none): the name, which lives as long as @bitmap
 *
 * Since: 1.0
 */
const char *vckc_bitmap_get_disk (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_get_image: (attributes bindgen.local=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Gets the path of the file that the bitmap is in: the image of the disk, or a file that it is
 * based on.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: (transfer none) (nullable): the path, which lives as long as @bitmap, or %NULL if it is
 *   not a file
 *
 * Since: 1.0
 */
const char *vckc_bitmap_get_image (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_get_name: (attributes bindgen.local=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Gets the name of the bitmap, which is unique in its image, but not in those below it.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: (transfer none): the name, which lives as long as @bitmap
 *
 * Since: 1.0
 */
const char *vckc_bitmap_get_name (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_get_granularity: (attributes bindgen.local=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Gets the granularity of the bitmap: how large the pieces of the disk are, of each of which it
 * notes whether it was written to.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: a size in bytes, a power of two; -1 on failure
 *
 * Since: 1.0
 */
int64_t vckc_bitmap_get_granularity (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_is_recording: (attributes bindgen.local=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Gets whether the bitmap notes writes: now, or, while the domain is off, from when it is started.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_bitmap_is_recording (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_is_persistent: (attributes bindgen.local=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Gets whether the bitmap is stored in the image. One that is not is in the memory of the QEMU that
 * runs, for a job that is under way or for another program, and is gone when that ends.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_bitmap_is_persistent (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_is_inconsistent: (attributes bindgen.local=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Gets whether the bitmap was in use when QEMU died, so that what it marks cannot be relied on.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_bitmap_is_inconsistent (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_is_busy: (attributes bindgen.local=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Gets whether a job, such as a backup, holds the bitmap at the moment.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_bitmap_is_busy (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_get_size: (attributes bindgen.local=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Gets how much of the disk is marked in the bitmap, as written to while it recorded. Every granule
 * counts in full.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: a size in bytes, a multiple of the granularity, or -1 if it is not known: the bitmap is
 *   inconsistent, or its content is damaged
 *
 * Since: 1.0
 */
int64_t vckc_bitmap_get_size (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_get_owner: (attributes bindgen.local=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Gets whose bitmap it is.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: the owner
 *
 * Since: 1.0
 */
VckcBitmapOwner vckc_bitmap_get_owner (VckcBitmap *bitmap, VckcError **err);

/**
 * vckc_bitmap_get_checkpoint: (attributes bindgen.local=1)
 * @bitmap: a bitmap
 * @err: return location for an error
 *
 * Gets the name of the checkpoint of the domain that the bitmap belongs to. It may have other
 * bitmaps, on other disks.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap.
 *
 * Returns: (transfer none) (nullable): the name, which lives as long as @bitmap, or %NULL if it
 *   belongs to none
 *
 * Since: 1.0
 */
const char *vckc_bitmap_get_checkpoint (VckcBitmap *bitmap, VckcError **err);

#ifdef __cplusplus
}
#endif
