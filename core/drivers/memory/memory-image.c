/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/memory-image.h"

#include <string.h>

static void
memory_bitmap_free (gpointer data)
{
  VckcMemoryBitmap *bitmap = data;

  g_clear_pointer (&bitmap->granules, g_hash_table_unref);
  g_free (bitmap);
}

VckcMemoryImage *
vckc_memory_image_new (void)
{
  VckcMemoryImage *image = g_new0 (VckcMemoryImage, 1);

  image->bitmaps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, memory_bitmap_free);
  return image;
}

void
vckc_memory_image_free (gpointer data)
{
  VckcMemoryImage *image = data;

  g_hash_table_unref (image->bitmaps);
  g_free (image->written);
  g_free (image);
}

bool
vckc_memory_image_add_bitmap (VckcMemoryImage *image, const char *name)
{
  if (g_hash_table_contains (image->bitmaps, name))
    return false;
  g_hash_table_insert (image->bitmaps, g_strdup (name), g_new0 (VckcMemoryBitmap, 1));
  return true;
}

bool
vckc_memory_image_remove_bitmap (VckcMemoryImage *image, const char *name)
{
  return g_hash_table_remove (image->bitmaps, name);
}

VckcMemoryBitmap *
vckc_memory_image_find_bitmap (VckcMemoryImage *image, const char *name)
{
  return g_hash_table_lookup (image->bitmaps, name);
}

VckcBlockBitmap *
vckc_memory_bitmap_describe (const VckcMemoryBitmap *bitmap, const char *name)
{
  VckcBlockBitmap *entry = vckc_block_bitmap_new (name, VCKC_MEMORY_GRANULARITY);

  if (bitmap->granules != NULL)
    entry->dirty = (guint64) g_hash_table_size (bitmap->granules) * VCKC_MEMORY_GRANULARITY;
  entry->is_counted = true;
  entry->inconsistent = bitmap->inconsistent;
  entry->recording = !bitmap->inconsistent;
  return entry;
}

GArray *
vckc_memory_bitmap_copy_granules (const VckcMemoryBitmap *bitmap)
{
  GArray *granules = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer granule;

  if (bitmap->granules == NULL)
    return granules;
  g_hash_table_iter_init (&iter, bitmap->granules);
  while (g_hash_table_iter_next (&iter, &granule, NULL))
    g_array_append_vals (granules, granule, 1);
  return granules;
}

void
vckc_memory_bitmap_break (VckcMemoryBitmap *bitmap)
{
  bitmap->inconsistent = true;
  g_clear_pointer (&bitmap->granules, g_hash_table_unref);
}

static void
memory_bitmap_mark (VckcMemoryBitmap *bitmap, guint64 first, guint64 last)
{
  if (bitmap->inconsistent)
    return;
  if (bitmap->granules == NULL)
    bitmap->granules = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint64 granule = first; granule <= last; granule++)
    g_hash_table_add (bitmap->granules, g_memdup2 (&granule, sizeof granule));
}

void
vckc_memory_image_write (VckcMemoryImage *image, guint64 offset, guint64 length)
{
  const guint64 first = offset / VCKC_MEMORY_GRANULARITY;
  const guint64 last = (offset + length - 1) / VCKC_MEMORY_GRANULARITY;
  GHashTableIter iter;
  gpointer bitmap;

  if (length == 0)
    return;
  if (image->written == NULL)
    image->written = g_new0 (guint64, VCKC_MEMORY_GRANULES);
  image->n_writes++;
  for (guint64 granule = first; granule <= last && granule < VCKC_MEMORY_GRANULES; granule++)
    image->written[granule] = image->n_writes;
  g_hash_table_iter_init (&iter, image->bitmaps);
  while (g_hash_table_iter_next (&iter, NULL, &bitmap))
    memory_bitmap_mark (bitmap, first, last);
}

guint64 *
vckc_memory_image_copy_written (const VckcMemoryImage *image)
{
  return g_memdup2 (image->written, VCKC_MEMORY_GRANULES * sizeof (guint64));
}

void
vckc_memory_image_fill (guint8 *buffer, guint64 granule, guint64 write)
{
  guint64 words[2] = { 0, GUINT64_TO_LE (write) };

  for (gsize at = 0; at < VCKC_MEMORY_GRANULARITY; at += sizeof words)
    {
      words[0] = GUINT64_TO_LE (granule * VCKC_MEMORY_GRANULARITY + at);
      memcpy (buffer + at, words, sizeof words);
    }
}
