/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/backing-bitmap.h"

#include <string.h>

static void
backing_bitmap_free (gpointer data)
{
  VckcBackingBitmap *self = data;

  g_free (self->path);
  vckc_block_bitmap_free (self->bitmap);
  g_free (self);
}

GPtrArray *
vckc_backing_bitmaps_new (void)
{
  return g_ptr_array_new_with_free_func (backing_bitmap_free);
}

static int
backing_bitmaps_compare_cb (gconstpointer a, gconstpointer b)
{
  const VckcBlockBitmap *const *one = a;
  const VckcBlockBitmap *const *other = b;

  return strcmp ((*one)->name, (*other)->name);
}

void
vckc_backing_bitmaps_add (GPtrArray *bitmaps, const char *path, GPtrArray *of_file)
{
  g_ptr_array_sort (of_file, backing_bitmaps_compare_cb);
  for (guint i = 0; i < of_file->len; i++)
    {
      VckcBackingBitmap *self = g_new (VckcBackingBitmap, 1);

      self->path = g_strdup (path);
      self->bitmap = g_steal_pointer (&of_file->pdata[i]);
      g_ptr_array_add (bitmaps, self);
    }
  g_ptr_array_unref (of_file);
}

const VckcBackingBitmap *
vckc_backing_bitmaps_find (const GPtrArray *bitmaps, const char *name)
{
  for (guint i = 0; i < bitmaps->len; i++)
    {
      const VckcBackingBitmap *self = g_ptr_array_index (bitmaps, i);

      if (g_str_equal (self->bitmap->name, name))
        return self;
    }
  return NULL;
}
