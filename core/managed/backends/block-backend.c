/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/block-backend.h"

bool
vckc_block_error_is_of_disk (const VckcError *error)
{
  return vckc_error_is_of_disk (error)
         || vckc_error_get_code (error) == VCKC_ERROR_CONFIG_UNSUPPORTED;
}

bool
vckc_block_list_backing_bitmaps (VckcBlockBackend *backend,
                                 const VckcBlockDisk *disk,
                                 GHashTable **ret_files,
                                 char **ret_problem,
                                 VckcError **err)
{
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (VckcError) error = NULL;

  *ret_problem = NULL;
  if (backend->klass->list_backing_bitmaps != NULL
      && !backend->klass->list_backing_bitmaps (backend, disk, files, &error))
    {
      if (vckc_error_is_exhaustion (error))
        {
          vckc_propagate_error (err, g_steal_pointer (&error));
          return false;
        }
      *ret_problem = g_strdup (vckc_error_get_message (error));
    }
  *ret_files = g_steal_pointer (&files);
  return true;
}

VckcBlockBitmap *
vckc_block_bitmap_new (const char *name, guint64 granularity)
{
  VckcBlockBitmap *bitmap = g_new0 (VckcBlockBitmap, 1);

  bitmap->name = g_strdup (name);
  bitmap->granularity = granularity;
  bitmap->recording = true;
  bitmap->persistent = true;
  return bitmap;
}

VckcBlockBitmap *
vckc_block_bitmap_copy (const VckcBlockBitmap *bitmap)
{
  VckcBlockBitmap *copy;

  if (bitmap == NULL)
    return NULL;
  copy = g_memdup2 (bitmap, sizeof *bitmap);
  copy->name = g_strdup (bitmap->name);
  return copy;
}

void
vckc_block_bitmap_free (VckcBlockBitmap *bitmap)
{
  if (bitmap == NULL)
    return;

  g_free (bitmap->name);
  g_free (bitmap);
}
