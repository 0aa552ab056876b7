/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/checkpoint-state.h"

#include "managed/image-check.h"
#include "model/bitmap-order.h"
#include "model/bitmap-state.h"

VckcCheckpointDef *
vckc_checkpoint_state_copy_def (VckcEngine *engine,
                                VckcManagedDomain *domain,
                                const VckcDomainCheckpoint *checkpoint,
                                VckcError **err)
{
  VckcCheckpointNode *node;
  VckcCheckpointDef *def = NULL;

  vckc_mutex_lock (&engine->mutex);
  node = vckc_managed_domain_get_node (domain, checkpoint, err);
  if (node != NULL)
    def = vckc_checkpoint_def_copy (node->def);
  vckc_mutex_unlock (&engine->mutex);
  return def;
}

/* What the next checkpoint does with the disk: NULL if there is none, or it does not track it. Of
 * several the latest will do. */
static const VckcCheckpointDiskDef *
state_find_next (const VckcCheckpointNode *node, const char *target)
{
  const VckcCheckpointNode *next = node->first_child;

  return next != NULL && node->def->creation_time <= next->def->creation_time
             ? vckc_checkpoint_def_find_disk (next->def, target)
             : NULL;
}

/* Adds the bitmap, and that of the next checkpoint, which it should contain. */
static void
state_plan_bitmap (const VckcDomainDiskDef *known,
                   const VckcCheckpointDiskDef *disk,
                   const VckcCheckpointNode *node,
                   VckcBitmapSet *plan)
{
  const VckcCheckpointDiskDef *next = state_find_next (node, disk->name);

  vckc_bitmap_set_add (plan, known->target, known->source, known->format, disk->bitmap);
  if (next != NULL)
    vckc_bitmap_set_add (plan, known->target, known->source, known->format, next->bitmap);
}

/* Is the bitmap, which is not in the image, in none of the files below it either? */
static bool
is_missing_below (VckcEngine *engine,
                  const VckcDomainDef *domain,
                  const VckcCheckpointDiskDef *disk,
                  bool *ret_missing,
                  VckcError **err)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);
  const VckcBlockDisk block = { .target = known->target,
                                .path = known->source,
                                .format = known->format };
  g_autoptr (GPtrArray) below = NULL;
  g_autofree char *problem = NULL;

  if (!vckc_block_list_backing_bitmaps (engine->backend, &block, &below, &problem, err))
    return false;
  *ret_missing = problem == NULL && vckc_backing_bitmaps_find (below, disk->bitmap) == NULL;
  return true;
}

/* Adds a disk to the plan if its image can be looked at, and is the one it was. */
bool
vckc_checkpoint_state_plan_disk (VckcEngine *engine,
                                 const VckcDomainDef *domain,
                                 const VckcCheckpointNode *node,
                                 const VckcCheckpointDef *def,
                                 VckcCheckpointDiskDef *disk,
                                 VckcBitmapSet *plan,
                                 VckcError **err)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);
  VckcBlockDisk block = { .target = known->target, .path = known->source, .format = known->format };
  g_autoptr (VckcError) problem = NULL;
  g_autofree char *replaced = NULL;
  bool missing;

  if (known->source == NULL)
    return true;
  if (!vckc_block_check_disk (engine->backend, domain->qmp_socket, &block, &problem, err))
    return false;
  if (problem != NULL)
    return true;
  replaced = vckc_image_check_disk (engine->backend, domain, def, disk);
  if (replaced == NULL)
    state_plan_bitmap (known, disk, node, plan);
  else if (!is_missing_below (engine, domain, disk, &missing, err))
    return false;
  else if (missing)
    disk->state = VCKC_CHECKPOINT_STATE_REPLACED;
  return true;
}

/* A disk that the domain no longer has is gone; of one that cannot be looked at nothing is
 * known. */
bool
vckc_checkpoint_state_plan (VckcEngine *engine,
                            const VckcDomainDef *domain,
                            const VckcCheckpointNode *node,
                            VckcCheckpointDef *def,
                            VckcBitmapSet *plan,
                            VckcError **err)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);
      const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);

      if (!disk->tracked)
        continue;
      disk->state = known != NULL ? VCKC_CHECKPOINT_STATE_UNKNOWN : VCKC_CHECKPOINT_STATE_GONE;
      if (known != NULL
          && !vckc_checkpoint_state_plan_disk (engine, domain, node, def, disk, plan, err))
        return false;
    }
  return true;
}

static const VckcBlockBitmap *
state_find_measured (const VckcBitmapSet *plan, const char *target, const char *bitmap)
{
  for (guint i = 0; i < vckc_bitmap_set_size (plan); i++)
    if (g_str_equal (vckc_bitmap_set_target (plan, i), target)
        && g_str_equal (vckc_bitmap_set_bitmap (plan, i), bitmap))
      return vckc_bitmap_set_found (plan, i);
  return NULL;
}

/* Does it hold less than that of the next checkpoint? */
static bool
is_short (const VckcCheckpointNode *node,
          const VckcCheckpointDiskDef *disk,
          const VckcBlockBitmap *bitmap,
          const VckcBitmapSet *plan)
{
  const VckcCheckpointDiskDef *next = state_find_next (node, disk->name);
  const VckcBlockBitmap *later =
      next != NULL ? state_find_measured (plan, disk->name, next->bitmap) : NULL;

  return vckc_block_bitmap_is_usable (later) && vckc_bitmap_order_is_short (bitmap, later);
}

/* What the image says of a disk of a checkpoint. */
static bool
state_measure_disk (VckcEngine *engine,
                    const VckcDomainDef *domain,
                    const VckcCheckpointNode *node,
                    VckcCheckpointDiskDef *disk,
                    const VckcBitmapSet *plan,
                    const VckcBlockBitmap *bitmap,
                    guint64 capacity,
                    VckcError **err)
{
  bool missing = true;

  if (bitmap == NULL && !is_missing_below (engine, domain, disk, &missing, err))
    return false;
  if (!missing)
    return true;
  disk->state = vckc_disk_state (disk, bitmap, capacity);
  if (vckc_disk_state_is_usable (disk->state) && is_short (node, disk, bitmap, plan))
    disk->state = VCKC_CHECKPOINT_STATE_REPLACED;
  if (vckc_disk_state_is_usable (disk->state))
    disk->size = (gint64) bitmap->dirty;
  return true;
}

bool
vckc_checkpoint_state_read (VckcEngine *engine,
                            const VckcDomainDef *domain,
                            VckcCheckpointDef *def,
                            const VckcCheckpointNode *node,
                            VckcBitmapSet *plan,
                            VckcError **err)
{
  for (guint i = 0; i < vckc_bitmap_set_size (plan); i++)
    {
      const VckcBlockBitmap *bitmap = vckc_bitmap_set_found (plan, i);
      guint64 capacity;

      if (!vckc_bitmap_set_capacity (plan, i, &capacity, err))
        return false;
      for (guint j = 0; j < def->disks->len; j++)
        {
          VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, j);

          if (!disk->tracked || !g_str_equal (disk->name, vckc_bitmap_set_target (plan, i))
              || !g_str_equal (disk->bitmap, vckc_bitmap_set_bitmap (plan, i)))
            continue;
          if (!state_measure_disk (engine, domain, node, disk, plan, bitmap, capacity, err))
            return false;
        }
    }
  return true;
}
