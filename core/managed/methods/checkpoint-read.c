/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the managed engine does with checkpoints that changes nothing. */

#include "managed/methods/engine-methods.h"

#include "managed/bitmap-set.h"
#include "managed/find-domain.h"
#include "managed/image-check.h"
#include "managed/job.h"
#include "model/bitmap-order.h"
#include "model/bitmap-state.h"
#include "model/checkpoint-xml.h"

#define LIST_FLAGS                                                                                 \
  (VCKC_CHECKPOINT_LIST_ROOTS | VCKC_CHECKPOINT_LIST_TOPOLOGICAL | VCKC_CHECKPOINT_LIST_LEAVES     \
   | VCKC_CHECKPOINT_LIST_NO_LEAVES)
#define XML_FLAGS                                                                                  \
  (VCKC_CHECKPOINT_XML_SECURE | VCKC_CHECKPOINT_XML_NO_DOMAIN | VCKC_CHECKPOINT_XML_SIZE)

VckcDomainCheckpoint *
vckc_engine_domain_checkpoint_lookup_by_name (VckcDomain *handle,
                                              const char *name,
                                              unsigned int flags,
                                              VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  VckcDomainCheckpoint *checkpoint = NULL;
  VckcCheckpointNode *node;

  if (!vckc_check_flags (flags, 0, &vckc_flags_lookup_checkpoint, err))
    return NULL;
  domain = vckc_engine_get_domain (handle, err);
  if (domain == NULL)
    return NULL;

  vckc_mutex_lock (&engine->mutex);
  node = vckc_managed_domain_find_node (domain, name, err);
  if (node != NULL)
    checkpoint = vckc_managed_domain_new_checkpoint_handle (handle, node);
  vckc_mutex_unlock (&engine->mutex);
  return checkpoint;
}

/* With the mutex held: replaces the nodes by handles. */
static GPtrArray *
checkpoint_make_handles (VckcDomain *handle, GPtrArray *nodes /* (transfer full) */)
{
  for (guint i = 0; i < nodes->len; i++)
    nodes->pdata[i] =
        vckc_managed_domain_new_checkpoint_handle (handle, g_ptr_array_index (nodes, i));
  g_ptr_array_set_free_func (nodes, vckc_object_unref);
  return nodes;
}

int
vckc_engine_domain_list_all_checkpoints (VckcDomain *handle,
                                         VckcDomainCheckpoint ***ret_checkpoints,
                                         unsigned int flags,
                                         VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  GPtrArray *handles;

  if (!vckc_check_flags (flags, LIST_FLAGS, &vckc_flags_list_checkpoints, err))
    return -1;
  domain = vckc_engine_get_domain (handle, err);
  if (domain == NULL)
    return -1;

  vckc_mutex_lock (&engine->mutex);
  handles = checkpoint_make_handles (handle, vckc_checkpoint_tree_list (domain->tree, NULL, flags));
  vckc_mutex_unlock (&engine->mutex);
  return vckc_object_array_return (handles, (gpointer **) ret_checkpoints);
}

int
vckc_engine_domain_checkpoint_list_all_children (VckcDomainCheckpoint *checkpoint,
                                                 VckcDomainCheckpoint ***ret_children,
                                                 unsigned int flags,
                                                 VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (checkpoint->domain->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  VckcCheckpointNode *node;
  GPtrArray *handles = NULL;

  if (!vckc_check_flags (flags, LIST_FLAGS, &vckc_flags_list_children, err))
    return -1;
  domain = vckc_engine_get_domain (checkpoint->domain, err);
  if (domain == NULL)
    return -1;

  vckc_mutex_lock (&engine->mutex);
  node = vckc_managed_domain_get_node (domain, checkpoint, err);
  if (node != NULL)
    handles = checkpoint_make_handles (checkpoint->domain,
                                       vckc_checkpoint_tree_list (domain->tree, node, flags));
  vckc_mutex_unlock (&engine->mutex);
  return handles != NULL ? vckc_object_array_return (handles, (gpointer **) ret_children) : -1;
}

VckcDomainCheckpoint *
vckc_engine_domain_checkpoint_get_parent (VckcDomainCheckpoint *checkpoint,
                                          unsigned int flags,
                                          VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (checkpoint->domain->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  VckcDomainCheckpoint *parent = NULL;
  VckcCheckpointNode *node;

  if (!vckc_check_flags (flags, 0, &vckc_flags_get_parent, err))
    return NULL;
  domain = vckc_engine_get_domain (checkpoint->domain, err);
  if (domain == NULL)
    return NULL;

  vckc_mutex_lock (&engine->mutex);
  node = vckc_managed_domain_get_node (domain, checkpoint, err);
  if (node != NULL && node->parent != NULL)
    parent = vckc_managed_domain_new_checkpoint_handle (checkpoint->domain, node->parent);
  else if (node != NULL)
    vckc_set_error (err, VCKC_ERROR_NO_DOMAIN_CHECKPOINT,
                    "checkpoint '%s' of domain '%s' has no parent", checkpoint->name,
                    domain->def->name);
  vckc_mutex_unlock (&engine->mutex);
  return parent;
}

bool
vckc_engine_domain_checkpoint_get_details (VckcDomainCheckpoint *checkpoint,
                                           VckcCheckpointDetails *ret_details,
                                           VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (checkpoint->domain->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (checkpoint->domain, err);
  VckcCheckpointNode *node;

  if (domain == NULL)
    return false;

  vckc_mutex_lock (&engine->mutex);
  node = vckc_managed_domain_get_node (domain, checkpoint, err);
  if (node != NULL)
    {
      ret_details->description = g_strdup (node->def->description);
      ret_details->parent_name = g_strdup (node->def->parent_name);
      ret_details->creation_time = node->def->creation_time;
    }
  vckc_mutex_unlock (&engine->mutex);
  return node != NULL;
}

static VckcCheckpointDef *
checkpoint_copy_def (VckcEngine *engine,
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
checkpoint_find_next (const VckcCheckpointNode *node, const char *target)
{
  const VckcCheckpointNode *next = node->first_child;

  return next != NULL && node->def->creation_time <= next->def->creation_time
             ? vckc_checkpoint_def_find_disk (next->def, target)
             : NULL;
}

/* Adds the bitmap, and that of the next checkpoint, which it should contain. */
static void
checkpoint_plan_bitmap (const VckcDomainDiskDef *known,
                        const VckcCheckpointDiskDef *disk,
                        const VckcCheckpointNode *node,
                        VckcBitmapSet *plan)
{
  const VckcCheckpointDiskDef *next = checkpoint_find_next (node, disk->name);

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
  g_autoptr (GHashTable) files = NULL;
  g_autofree char *problem = NULL;

  if (!vckc_block_list_backing_bitmaps (engine->backend, &block, &files, &problem, err))
    return false;
  *ret_missing = problem == NULL && !g_hash_table_contains (files, disk->bitmap);
  return true;
}

/* Adds a disk to the plan if its image can be looked at, and is the one it was. */
static bool
checkpoint_plan_disk (VckcEngine *engine,
                      const VckcDomainDef *domain,
                      const VckcCheckpointNode *node,
                      const VckcCheckpointDef *def,
                      VckcCheckpointDiskDef *disk,
                      VckcBitmapSet *plan,
                      VckcError **err)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);
  VckcBlockDisk block = { .target = known->target, .path = known->source, .format = known->format };
  g_autofree char *problem = NULL;
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
    checkpoint_plan_bitmap (known, disk, node, plan);
  else if (!is_missing_below (engine, domain, disk, &missing, err))
    return false;
  else if (missing)
    disk->state = VCKC_CHECKPOINT_STATE_REPLACED;
  return true;
}

/* A disk that the domain no longer has is gone; of one that cannot be looked at nothing is
 * known. */
static bool
checkpoint_plan_measurement (VckcEngine *engine,
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
      if (known != NULL && !checkpoint_plan_disk (engine, domain, node, def, disk, plan, err))
        return false;
    }
  return true;
}

static const VckcBlockBitmap *
checkpoint_find_measured (const VckcBitmapSet *plan, const char *target, const char *bitmap)
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
  const VckcCheckpointDiskDef *next = checkpoint_find_next (node, disk->name);
  const VckcBlockBitmap *later =
      next != NULL ? checkpoint_find_measured (plan, disk->name, next->bitmap) : NULL;

  return vckc_block_bitmap_is_usable (later) && vckc_bitmap_order_is_short (bitmap, later);
}

/* What the image says of a disk of a checkpoint. */
static bool
checkpoint_measure_disk (VckcEngine *engine,
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

static bool
checkpoint_read_measurement (VckcEngine *engine,
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
          if (!checkpoint_measure_disk (engine, domain, node, disk, plan, bitmap, capacity, err))
            return false;
        }
    }
  return true;
}

static bool
checkpoint_measure_together (VckcEngine *engine,
                             VckcManagedDomain *domain,
                             VckcCheckpointDef *def,
                             VckcBitmapSet *plan,
                             VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);

  return vckc_bitmap_set_open (plan, engine->backend, &machine, VCKC_BLOCK_SESSION_READ, err)
         && checkpoint_read_measurement (engine, domain->def, def,
                                         vckc_checkpoint_tree_lookup (domain->tree, def->name),
                                         plan, err)
         && vckc_bitmap_set_close (plan, err);
}

/* Of a disk that cannot be looked at nothing is known. */
static bool
checkpoint_measure_one_by_one (VckcEngine *engine,
                               VckcManagedDomain *domain,
                               VckcCheckpointDef *def,
                               const VckcBitmapSet *all,
                               VckcError **err)
{
  for (guint i = 0; i < vckc_bitmap_set_size (all); i++)
    {
      g_autoptr (VckcBitmapSet) plan = vckc_bitmap_set_new_of_one (all, i);
      g_autoptr (VckcError) error = NULL;

      if (checkpoint_measure_together (engine, domain, def, plan, &error)
          || vckc_block_error_is_of_disk (error))
        continue;
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
  return true;
}

/* With the job held. */
static bool
checkpoint_measure (VckcEngine *engine,
                    VckcManagedDomain *domain,
                    VckcCheckpointDef *def,
                    VckcError **err)
{
  g_autoptr (VckcBitmapSet) plan = vckc_bitmap_set_new ();
  g_autoptr (VckcError) error = NULL;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!checkpoint_plan_measurement (engine, domain->def,
                                    vckc_checkpoint_tree_lookup (domain->tree, def->name), def,
                                    plan, err))
    return false;
  if (vckc_bitmap_set_size (plan) == 0
      || checkpoint_measure_together (engine, domain, def, plan, &error))
    return true;
  if (vckc_block_error_is_of_disk (error))
    return checkpoint_measure_one_by_one (engine, domain, def, plan, err);
  vckc_propagate_error (err, g_steal_pointer (&error));
  return false;
}

static VckcCheckpointDef *
checkpoint_get_measured_def (VckcEngine *engine,
                             VckcManagedDomain *domain,
                             const VckcDomainCheckpoint *checkpoint,
                             VckcLook look,
                             VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = NULL;
  bool measured;

  if (!vckc_job_begin_shared (engine, domain, look, err))
    return NULL;
  def = checkpoint_copy_def (engine, domain, checkpoint, err);
  measured = def != NULL && checkpoint_measure (engine, domain, def, err);
  vckc_job_end (engine, domain);
  return measured ? g_steal_pointer (&def) : NULL;
}

/* The definition, measured if the flags ask for it. */
static VckcCheckpointDef *
checkpoint_get_def (VckcDomainCheckpoint *checkpoint, unsigned int flags, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (checkpoint->domain->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (checkpoint->domain, err);

  if (domain == NULL)
    return NULL;
  return (flags & VCKC_CHECKPOINT_XML_SIZE) != 0
             ? checkpoint_get_measured_def (engine, domain, checkpoint,
                                            vckc_look_of (checkpoint->domain->connect), err)
             : checkpoint_copy_def (engine, domain, checkpoint, err);
}

int
vckc_engine_domain_checkpoint_list_disks (VckcDomainCheckpoint *checkpoint,
                                          VckcDomainCheckpointDisk ***ret_disks,
                                          unsigned int flags,
                                          VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = checkpoint_get_def (checkpoint, flags, err);

  return def != NULL ? vckc_object_array_return (vckc_checkpoint_def_list_disks (def),
                                                 (gpointer **) ret_disks)
                     : -1;
}

char *
vckc_engine_domain_checkpoint_get_xml_desc (VckcDomainCheckpoint *checkpoint,
                                            unsigned int flags,
                                            VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = NULL;

  if (!vckc_check_flags (flags, XML_FLAGS, &vckc_flags_checkpoint_xml, err))
    return NULL;
  def = checkpoint_get_def (checkpoint, flags, err);
  return def != NULL
             ? vckc_checkpoint_def_format (def, (flags & VCKC_CHECKPOINT_XML_NO_DOMAIN) == 0,
                                           (flags & VCKC_CHECKPOINT_XML_SECURE) != 0)
             : NULL;
}
