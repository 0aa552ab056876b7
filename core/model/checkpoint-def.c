/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/checkpoint-def.h"

#include "handles/handles.h"

VckcCheckpointDiskDef *
vckc_checkpoint_disk_def_new (const char *name, bool tracked, const char *bitmap)
{
  VckcCheckpointDiskDef *disk = g_new0 (VckcCheckpointDiskDef, 1);

  disk->name = g_strdup (name);
  disk->tracked = tracked;
  disk->bitmap = g_strdup (bitmap);
  disk->size = -1;
  disk->capacity = -1;
  disk->granularity = -1;
  return disk;
}

void
vckc_checkpoint_disk_def_free (VckcCheckpointDiskDef *disk)
{
  if (disk == NULL)
    return;
  g_free (disk->name);
  g_free (disk->bitmap);
  vckc_image_identity_clear (&disk->image);
  g_free (disk);
}

VckcCheckpointDef *
vckc_checkpoint_def_new (void)
{
  VckcCheckpointDef *def = g_new0 (VckcCheckpointDef, 1);

  def->disks = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_checkpoint_disk_def_free);
  return def;
}

VckcCheckpointDef *
vckc_checkpoint_def_copy (const VckcCheckpointDef *def)
{
  VckcCheckpointDef *copy = vckc_checkpoint_def_new ();

  copy->name = g_strdup (def->name);
  copy->uuid = g_strdup (def->uuid);
  copy->description = g_strdup (def->description);
  copy->parent_name = g_strdup (def->parent_name);
  copy->creation_time = def->creation_time;
  copy->has_disks = def->has_disks;
  copy->domain = def->domain == NULL ? NULL : vckc_domain_def_ref (def->domain);
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);
      VckcCheckpointDiskDef *disk_copy =
          vckc_checkpoint_disk_def_new (disk->name, disk->tracked, disk->bitmap);

      disk_copy->size = disk->size;
      disk_copy->state = disk->state;
      disk_copy->capacity = disk->capacity;
      disk_copy->granularity = disk->granularity;
      vckc_image_identity_copy (&disk->image, &disk_copy->image);
      g_ptr_array_add (copy->disks, disk_copy);
    }
  return copy;
}

void
vckc_checkpoint_def_free (VckcCheckpointDef *def)
{
  if (def == NULL)
    return;
  g_free (def->name);
  g_free (def->uuid);
  g_free (def->description);
  g_free (def->parent_name);
  g_ptr_array_unref (def->disks);
  vckc_domain_def_unref (def->domain);
  g_free (def);
}

VckcCheckpointDiskDef *
vckc_checkpoint_def_find_disk (const VckcCheckpointDef *def, const char *name)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->tracked && g_str_equal (disk->name, name))
        return disk;
    }
  return NULL;
}

bool
vckc_checkpoint_def_tracks_any_disk (const VckcCheckpointDef *def)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->tracked)
        return true;
    }
  return false;
}

void
vckc_checkpoint_def_name_bitmaps (VckcCheckpointDef *def)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->tracked && disk->bitmap == NULL)
        disk->bitmap = g_strdup (def->name);
    }
}

VckcDomainCheckpointDisk *
vckc_checkpoint_def_new_disk (const VckcCheckpointDef *def,
                              const VckcCheckpointDiskDef *disk,
                              gint64 size,
                              VckcCheckpointState state)
{
  VckcDomainCheckpointDisk *handle = vckc_domain_checkpoint_disk_new (
      def->name, disk->name, disk->tracked ? disk->bitmap : NULL, size,
      disk->tracked ? state : VCKC_CHECKPOINT_STATE_UNTRACKED);

  if (disk->tracked)
    {
      handle->capacity = disk->capacity;
      handle->granularity = disk->granularity;
    }
  return handle;
}

GPtrArray *
vckc_checkpoint_def_list_disks (const VckcCheckpointDef *def)
{
  GPtrArray *disks = g_ptr_array_new_with_free_func (vckc_object_unref);

  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      g_ptr_array_add (disks, vckc_checkpoint_def_new_disk (def, disk, disk->size, disk->state));
    }
  return disks;
}
