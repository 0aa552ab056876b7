/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/examined-disk.h"

void
vckc_examined_disk_free (gpointer data)
{
  VckcExaminedDisk *examined = data;

  g_free (examined->problem);
  g_free (examined->below_problem);
  g_clear_pointer (&examined->below, g_ptr_array_unref);
  g_hash_table_unref (examined->bitmaps);
  g_hash_table_unref (examined->claimed);
  g_hash_table_unref (examined->good);
  g_free (examined);
}

VckcExaminedDisk *
vckc_examined_disk_new (VckcEngine *engine, const VckcDomainDiskDef *def)
{
  VckcExaminedDisk *examined = g_new0 (VckcExaminedDisk, 1);

  examined->def = def;
  examined->image = vckc_block_image_at (engine->backend, def->source);
  examined->bitmaps = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                             (GDestroyNotify) vckc_block_bitmap_free);
  examined->claimed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  examined->good = g_hash_table_new (NULL, NULL);
  return examined;
}

bool
vckc_examined_disk_check (VckcExaminedDisk *examined,
                          VckcEngine *engine,
                          const char *qmp_socket,
                          VckcError **err)
{
  const VckcDomainDiskDef *def = examined->def;
  VckcBlockDisk disk = { .target = def->target, .path = def->source, .format = def->format };
  g_autoptr (VckcError) problem = NULL;

  if (def->empty)
    examined->problem = g_strdup ("the drive is empty");
  else if (!vckc_block_check_disk (engine->backend, qmp_socket, &disk, &problem, err))
    return false;
  else if (problem != NULL)
    examined->problem = g_strdup (vckc_error_get_message (problem));
  return true;
}

bool
vckc_examined_disk_read (VckcExaminedDisk *examined,
                         VckcBlockSession *session,
                         guint index,
                         VckcError **err)
{
  g_autoptr (GPtrArray) bitmaps = NULL;

  if (!vckc_block_session_get_capacity (session, index, &examined->capacity, err)
      || !vckc_block_session_list_bitmaps (session, index, &bitmaps, err))
    return false;
  examined->loss = vckc_block_session_get_loss (session, index);
  for (guint i = 0; i < bitmaps->len; i++)
    {
      VckcBlockBitmap *bitmap = vckc_block_bitmap_copy (g_ptr_array_index (bitmaps, i));

      g_hash_table_replace (examined->bitmaps, bitmap->name, bitmap);
    }
  return true;
}

bool
vckc_examined_disk_read_below (VckcExaminedDisk *examined, VckcEngine *engine, VckcError **err)
{
  const VckcBlockDisk disk = { .target = examined->def->target,
                               .path = examined->def->source,
                               .format = examined->def->format };

  return examined->below != NULL
         || vckc_block_list_backing_bitmaps (engine->backend, &disk, &examined->below,
                                             &examined->below_problem, err);
}

VckcExaminedDisk *
vckc_examined_disk_find (const GPtrArray *all, const char *target)
{
  for (guint i = 0; i < all->len; i++)
    {
      VckcExaminedDisk *examined = g_ptr_array_index (all, i);

      if (g_str_equal (examined->def->target, target))
        return examined;
    }
  return NULL;
}
