/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/memory-images.h"

#include "base/lock.h"

struct _VckcMemoryImages
{
  VckcMutex mutex;   /* covers all below */
  GHashTable *table; /* path -> VckcMemoryImage */
  GArray *writes;    /* of guint64: how much was written to all images, also to later ones */
};

VckcMemoryImages *
vckc_memory_images_new (void)
{
  VckcMemoryImages *self = g_new0 (VckcMemoryImages, 1);

  vckc_mutex_init (&self->mutex);
  self->table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, vckc_memory_image_free);
  self->writes = g_array_new (FALSE, FALSE, sizeof (guint64));
  return self;
}

void
vckc_memory_images_free (VckcMemoryImages *self)
{
  g_array_unref (self->writes);
  g_hash_table_unref (self->table);
  vckc_mutex_clear (&self->mutex);
  g_free (self);
}

/* With the mutex held. */
static VckcMemoryImage *
memory_images_get (VckcMemoryImages *self, const char *path)
{
  VckcMemoryImage *image = g_hash_table_lookup (self->table, path);

  if (image != NULL)
    return image;
  image = vckc_memory_image_new ();
  for (guint i = 0; i < self->writes->len; i++)
    vckc_memory_image_write (image, 0, g_array_index (self->writes, guint64, i));
  g_hash_table_insert (self->table, g_strdup (path), image);
  return image;
}

GPtrArray *
vckc_memory_images_list_bitmaps (VckcMemoryImages *self, const char *path)
{
  GPtrArray *bitmaps = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_block_bitmap_free);
  GHashTableIter iter;
  gpointer name, bitmap;

  vckc_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, memory_images_get (self, path)->bitmaps);
  while (g_hash_table_iter_next (&iter, &name, &bitmap))
    g_ptr_array_add (bitmaps, vckc_memory_bitmap_describe (bitmap, name));
  vckc_mutex_unlock (&self->mutex);
  return bitmaps;
}

VckcBlockBitmap *
vckc_memory_images_find_bitmap (VckcMemoryImages *self, const char *path, const char *name)
{
  const VckcMemoryBitmap *bitmap;
  VckcBlockBitmap *found = NULL;

  vckc_mutex_lock (&self->mutex);
  bitmap = vckc_memory_image_find_bitmap (memory_images_get (self, path), name);
  if (bitmap != NULL)
    found = vckc_memory_bitmap_describe (bitmap, name);
  vckc_mutex_unlock (&self->mutex);
  return found;
}

GArray *
vckc_memory_images_copy_granules (VckcMemoryImages *self, const char *path, const char *name)
{
  const VckcMemoryBitmap *bitmap;
  GArray *granules = NULL;

  vckc_mutex_lock (&self->mutex);
  bitmap = vckc_memory_image_find_bitmap (memory_images_get (self, path), name);
  if (bitmap != NULL)
    granules = vckc_memory_bitmap_copy_granules (bitmap);
  vckc_mutex_unlock (&self->mutex);
  return granules;
}

guint64
vckc_memory_images_count_written (VckcMemoryImages *self, const char *path)
{
  const VckcMemoryImage *image;
  guint64 n = 0;

  vckc_mutex_lock (&self->mutex);
  image = memory_images_get (self, path);
  for (guint i = 0; image->written != NULL && i < VCKC_MEMORY_GRANULES; i++)
    n += image->written[i] != 0;
  vckc_mutex_unlock (&self->mutex);
  return n * VCKC_MEMORY_GRANULARITY;
}

/* With the mutex held: is there each of the bitmaps, or none of them, as `wanted`? */
static bool
memory_images_check (VckcMemoryImages *self,
                     const VckcBlockDisk *disks,
                     const VckcBlockBitmapRef *bitmaps,
                     guint n_bitmaps,
                     bool wanted,
                     VckcError **err)
{
  for (guint i = 0; i < n_bitmaps; i++)
    {
      const VckcBlockDisk *disk = &disks[bitmaps[i].disk];
      bool is_there =
          vckc_memory_image_find_bitmap (memory_images_get (self, disk->path), bitmaps[i].name)
          != NULL;

      if (is_there == wanted)
        continue;
      vckc_set_error (err,
                      wanted ? VCKC_ERROR_CHECKPOINT_INCONSISTENT : VCKC_ERROR_OPERATION_FAILED,
                      "disk '%s' %s '%s'", disk->target,
                      wanted ? "has no bitmap" : "already has a bitmap", bitmaps[i].name);
      return false;
    }
  return true;
}

void
vckc_memory_point_clear (VckcMemoryPoint *point)
{
  g_clear_pointer (&point->written, g_free);
  g_clear_pointer (&point->dirty, g_array_unref);
}

/* With the mutex held. */
static bool
memory_images_copy_disk (VckcMemoryImages *self,
                         const VckcBlockDisk *disks,
                         VckcMemoryPoint *point,
                         VckcError **err)
{
  VckcMemoryImage *image = memory_images_get (self, disks[point->disk].path);
  const VckcMemoryBitmap *base =
      point->base != NULL ? vckc_memory_image_find_bitmap (image, point->base) : NULL;

  if (point->base != NULL && (base == NULL || base->inconsistent))
    {
      vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT, "disk '%s' has no bitmap '%s'",
                      disks[point->disk].target, point->base);
      return false;
    }
  point->written = vckc_memory_image_copy_written (image);
  if (base != NULL)
    point->dirty = vckc_memory_bitmap_copy_granules (base);
  return true;
}

bool
vckc_memory_images_take_point (VckcMemoryImages *self,
                               const VckcBlockDisk *disks,
                               const VckcBlockBitmapRef *bitmaps,
                               guint n_bitmaps,
                               VckcMemoryPoint *points,
                               guint n_points,
                               VckcError **err)
{
  bool ok;

  vckc_mutex_lock (&self->mutex);
  ok = memory_images_check (self, disks, bitmaps, n_bitmaps, false, err);
  for (guint i = 0; ok && i < n_points; i++)
    ok = memory_images_copy_disk (self, disks, &points[i], err);
  for (guint i = 0; ok && i < n_bitmaps; i++)
    vckc_memory_image_add_bitmap (memory_images_get (self, disks[bitmaps[i].disk].path),
                                  bitmaps[i].name);
  vckc_mutex_unlock (&self->mutex);
  return ok;
}

bool
vckc_memory_images_remove_bitmaps (VckcMemoryImages *self,
                                   const VckcBlockDisk *disks,
                                   const VckcBlockBitmapRef *bitmaps,
                                   guint n_bitmaps,
                                   VckcError **err)
{
  bool ok;

  vckc_mutex_lock (&self->mutex);
  ok = memory_images_check (self, disks, bitmaps, n_bitmaps, true, err);
  for (guint i = 0; ok && i < n_bitmaps; i++)
    vckc_memory_image_remove_bitmap (memory_images_get (self, disks[bitmaps[i].disk].path),
                                     bitmaps[i].name);
  vckc_mutex_unlock (&self->mutex);
  return ok;
}

void
vckc_memory_images_write (VckcMemoryImages *self, const char *path, guint64 offset, guint64 length)
{
  vckc_mutex_lock (&self->mutex);
  vckc_memory_image_write (memory_images_get (self, path), offset, length);
  vckc_mutex_unlock (&self->mutex);
}

void
vckc_memory_images_write_all (VckcMemoryImages *self, guint64 length)
{
  GHashTableIter iter;
  gpointer image;

  vckc_mutex_lock (&self->mutex);
  g_array_append_val (self->writes, length);
  g_hash_table_iter_init (&iter, self->table);
  while (g_hash_table_iter_next (&iter, NULL, &image))
    vckc_memory_image_write (image, 0, length);
  vckc_mutex_unlock (&self->mutex);
}

bool
vckc_memory_images_lose_bitmap (VckcMemoryImages *self, const char *path, const char *name)
{
  bool lost;

  vckc_mutex_lock (&self->mutex);
  lost = vckc_memory_image_remove_bitmap (memory_images_get (self, path), name);
  vckc_mutex_unlock (&self->mutex);
  return lost;
}

bool
vckc_memory_images_break_bitmap (VckcMemoryImages *self, const char *path, const char *name)
{
  VckcMemoryBitmap *bitmap;

  vckc_mutex_lock (&self->mutex);
  bitmap = vckc_memory_image_find_bitmap (memory_images_get (self, path), name);
  if (bitmap != NULL)
    vckc_memory_bitmap_break (bitmap);
  vckc_mutex_unlock (&self->mutex);
  return bitmap != NULL;
}
