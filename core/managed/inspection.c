/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/inspection.h"

#include "managed/examined-disk.h"
#include "managed/find-domain.h"
#include "managed/image-check.h"
#include "managed/image-owners.h"
#include "managed/job.h"
#include "managed/stored-domain.h"
#include "model/bitmap-order.h"
#include "model/bitmap-state.h"
#include "model/findings.h"

#include <string.h>

static void
inspection_add_finding (VckcInspection *self,
                        VckcFindingKind kind,
                        const char *checkpoint,
                        const char *disk,
                        const char *bitmap,
                        char *message /* (transfer full) */,
                        const char *remedy)
{
  g_ptr_array_add (self->findings,
                   vckc_finding_new (kind, checkpoint, disk, bitmap, message, g_strdup (remedy)));
}

static void
inspection_add_unreadable_cb (const char *name, const char *reason, gpointer data)
{
  VckcInspection *self = data;

  inspection_add_finding (
      self, VCKC_FINDING_METADATA_UNREADABLE, name, NULL, NULL,
      g_strdup_printf ("the metadata of checkpoint '%s' cannot be used: %s", name, reason),
      "nothing by default; with the UNREADABLE flag remove the metadata, after which a bitmap that "
      "it named belongs to no checkpoint; correct the file if you can");
}

static void
inspection_add_interrupted (VckcInspection *self)
{
  if (self->stored->journal_problem != NULL)
    inspection_add_finding (
        self, VCKC_FINDING_OPERATION_INTERRUPTED, NULL, NULL, NULL,
        g_strdup_printf ("an operation was interrupted, and its journal cannot be read: %s",
                         self->stored->journal_problem),
        "remove the journal; then verify again, which finds what the operation left half-done");
  if (self->stored->journal == NULL)
    return;
  inspection_add_finding (
      self, VCKC_FINDING_OPERATION_INTERRUPTED, NULL, NULL, NULL,
      g_strdup_printf ("an operation (%s) was interrupted and could not be completed since",
                       self->stored->journal->operation),
      "complete or undo the operation, as the next use of the domain does too");
}

bool
vckc_inspection_init (VckcInspection *self,
                      VckcEngine *engine,
                      VckcManagedDomain *domain,
                      VckcError **err)
{
  vckc_domain_lock_assert_held (&domain->lock);
  self->domain = domain;
  self->examined = g_ptr_array_new_with_free_func (vckc_examined_disk_free);
  self->findings = g_ptr_array_new_with_free_func (vckc_object_unref);
  self->sizes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  if (!vckc_store_domain_load (engine->store, domain->uuid, &self->stored, err))
    return false;
  self->def = vckc_domain_def_parse (self->stored->domain_xml, err);
  if (self->def == NULL)
    return false;
  vckc_stored_domain_check_journal (self->def, self->stored);
  self->orphans = vckc_orphan_bitmaps_new (self->stored->notes);
  inspection_add_interrupted (self);
  self->tree =
      vckc_stored_domain_read_checkpoints (self->stored, inspection_add_unreadable_cb, self);
  return true;
}

void
vckc_inspection_clear (VckcInspection *self)
{
  g_clear_pointer (&self->examined, g_ptr_array_unref);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
  g_clear_pointer (&self->sizes, g_hash_table_unref);
  g_clear_pointer (&self->stored, vckc_stored_domain_free);
  g_clear_pointer (&self->def, vckc_domain_def_unref);
  g_clear_pointer (&self->tree, vckc_checkpoint_tree_free);
  g_clear_pointer (&self->orphans, vckc_orphan_bitmaps_free);
}

/* A disk that no checkpoint tracks and that is only read is of no interest. */
static bool
is_of_interest (const VckcInspection *self, const VckcDomainDiskDef *def)
{
  if (!def->read_only)
    return true;
  for (VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (self->tree); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    if (vckc_checkpoint_def_find_disk (node->def, def->target) != NULL)
      return true;
  return false;
}

/* `every`: those of no interest, too. */
static bool
inspection_examine_disks (VckcInspection *self, VckcEngine *engine, bool every, VckcError **err)
{
  for (guint i = 0; i < self->def->disks->len; i++)
    {
      const VckcDomainDiskDef *def = g_ptr_array_index (self->def->disks, i);
      VckcExaminedDisk *examined;

      if (!every && !is_of_interest (self, def))
        continue;
      examined = vckc_examined_disk_new (engine, def);
      g_ptr_array_add (self->examined, examined);
      if (!vckc_examined_disk_check (examined, engine, self->def->qmp_socket, err))
        return false;
    }
  return true;
}

/* Opens these images, once, and reads what is in them. */
static bool
inspection_read_together (VckcInspection *self,
                          VckcEngine *engine,
                          VckcExaminedDisk **examined,
                          guint n_examined,
                          VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (self->domain, self->def);
  g_autofree VckcBlockDisk *disks = g_new0 (VckcBlockDisk, n_examined);
  VckcBlockSession *session;
  VckcError *error = NULL;

  for (guint i = 0; i < n_examined; i++)
    disks[i] = (VckcBlockDisk){ .target = examined[i]->def->target,
                                .path = examined[i]->def->source,
                                .format = examined[i]->def->format };
  session = vckc_block_session_open (engine->backend, &machine, disks, n_examined,
                                     VCKC_BLOCK_SESSION_READ, err);
  if (session == NULL)
    return false;
  for (guint i = 0; i < n_examined && error == NULL; i++)
    vckc_examined_disk_read (examined[i], session, i, &error);
  if (!vckc_block_session_close (session, error == NULL ? &error : NULL) || error != NULL)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  return true;
}

/* Finds out which disk it is: QEMU refuses to open its image, or does not have it. */
static bool
inspection_read_one_by_one (VckcInspection *self,
                            VckcEngine *engine,
                            VckcExaminedDisk **examined,
                            guint n_examined,
                            VckcError **err)
{
  for (guint i = 0; i < n_examined; i++)
    {
      g_autoptr (VckcError) error = NULL;

      if (inspection_read_together (self, engine, &examined[i], 1, &error))
        continue;
      if (!vckc_block_error_is_of_disk (error))
        {
          vckc_propagate_error (err, g_steal_pointer (&error));
          return false;
        }
      examined[i]->problem = g_strdup (vckc_error_get_message (error));
    }
  return true;
}

/* Reads all images that can be read. */
static bool
inspection_read_images (VckcInspection *self, VckcEngine *engine, VckcError **err)
{
  g_autoptr (GPtrArray) readable = g_ptr_array_new ();
  g_autoptr (VckcError) error = NULL;
  VckcExaminedDisk **first;

  for (guint i = 0; i < self->examined->len; i++)
    {
      VckcExaminedDisk *examined = g_ptr_array_index (self->examined, i);

      if (examined->problem == NULL)
        g_ptr_array_add (readable, examined);
    }
  first = (VckcExaminedDisk **) readable->pdata;
  if (readable->len == 0 || inspection_read_together (self, engine, first, readable->len, &error))
    return true;
  if (vckc_block_error_is_of_disk (error))
    return inspection_read_one_by_one (self, engine, first, readable->len, err);
  vckc_propagate_error (err, g_steal_pointer (&error));
  return false;
}

/* A bitmap in the image that the checkpoint was made of. */
static void
inspection_compare_bitmap (VckcInspection *self,
                           VckcCheckpointDef *def,
                           const VckcCheckpointDiskDef *disk,
                           VckcExaminedDisk *examined)
{
  VckcBlockBitmap *bitmap = g_hash_table_lookup (examined->bitmaps, disk->bitmap);
  VckcCheckpointState state = vckc_disk_state (disk, bitmap, examined->capacity);

  if (vckc_disk_state_is_usable (state))
    {
      g_hash_table_insert (examined->good, def, bitmap);
      g_hash_table_insert (self->sizes, (gpointer) disk,
                           g_memdup2 (&bitmap->dirty, sizeof bitmap->dirty));
    }
  if (state != VCKC_CHECKPOINT_STATE_READY)
    g_ptr_array_add (self->findings, vckc_finding_new_bitmap_state (def->name, disk, state));
}

/* A bitmap that is not in the image may be in a file that the image is based on. `replaced`
 * (nullable): that the image is another one. */
static bool
inspection_compare_missing (VckcInspection *self,
                            VckcEngine *engine,
                            const char *checkpoint,
                            const VckcCheckpointDiskDef *disk,
                            VckcExaminedDisk *examined,
                            const char *replaced,
                            VckcError **err)
{
  VckcAbsentBitmap absent = { .replaced = replaced, .loss = examined->loss };
  const VckcBackingBitmap *below;

  if (!vckc_examined_disk_read_below (examined, engine, err))
    return false;
  below = vckc_backing_bitmaps_find (examined->below, disk->bitmap);
  absent.file = below != NULL ? below->path : NULL;
  absent.problem = examined->below_problem;
  g_ptr_array_add (self->findings, vckc_finding_new_absent_bitmap (checkpoint, disk, &absent));
  return true;
}

static bool
inspection_compare_disk (VckcInspection *self,
                         VckcEngine *engine,
                         VckcCheckpointDef *def,
                         const VckcCheckpointDiskDef *disk,
                         VckcExaminedDisk *examined,
                         VckcError **err)
{
  g_autofree char *replaced = NULL;

  if (examined == NULL || examined->problem != NULL)
    {
      g_ptr_array_add (self->findings, examined == NULL
                                           ? vckc_finding_new_missing_disk (def->name, disk)
                                           : vckc_finding_new_unreachable_disk (def->name, disk,
                                                                                examined->problem));
      return true;
    }

  g_hash_table_add (examined->claimed, g_strdup (disk->bitmap));
  replaced = vckc_image_check (engine->backend, self->def, def, disk, &examined->image);
  if (!g_hash_table_contains (examined->bitmaps, disk->bitmap))
    return inspection_compare_missing (self, engine, def->name, disk, examined, replaced, err);
  if (replaced != NULL)
    g_ptr_array_add (self->findings, vckc_finding_new_image_replaced (def->name, disk, replaced));
  else
    inspection_compare_bitmap (self, def, disk, examined);
  return true;
}

/* The disk whose bitmaps are compared with each other. */
typedef struct
{
  VckcInspection *inspection;
  VckcExaminedDisk *examined;
} Comparison;

static const VckcBlockBitmap *
inspection_find_good_cb (const VckcCheckpointDef *checkpoint, gpointer data)
{
  return g_hash_table_lookup (((Comparison *) data)->examined->good, checkpoint);
}

static void
inspection_add_short_cb (const VckcCheckpointDef *checkpoint,
                         const VckcBlockBitmap *bitmap,
                         const VckcCheckpointDef *descendant,
                         const VckcBlockBitmap *fuller,
                         gpointer data)
{
  const Comparison *self = data;
  const VckcCheckpointDiskDef *disk =
      vckc_checkpoint_def_find_disk (checkpoint, self->examined->def->target);
  g_autofree char *reason = vckc_bitmap_order_explain (bitmap, descendant->name, fuller);

  g_ptr_array_add (self->inspection->findings,
                   vckc_finding_new_bitmap_replaced (checkpoint->name, disk, reason));
}

/* Is it the bitmap of one of our checkpoints, on this disk or on another one of that image? */
static bool
is_claimed (GPtrArray *all, const VckcExaminedDisk *examined, const char *name)
{
  for (guint i = 0; i < all->len; i++)
    {
      const VckcExaminedDisk *other = g_ptr_array_index (all, i);

      if ((other == examined || vckc_block_image_is_same (&examined->image, &other->image))
          && g_hash_table_contains (other->claimed, name))
        return true;
    }
  return false;
}

static VckcFinding *
inspection_make_unclaimed (VckcInspection *self,
                           const VckcExaminedDisk *examined,
                           const VckcBlockBitmap *bitmap,
                           GHashTable *owners)
{
  const char *owner = g_hash_table_lookup (owners, bitmap->name);

  if (owner != NULL)
    return vckc_finding_new_shared (examined->def->target, bitmap->name, owner);
  if (vckc_orphan_bitmaps_contain (self->orphans, examined->def->source, &examined->image, bitmap))
    return vckc_finding_new_orphan (examined->def->target, bitmap->name);
  return vckc_finding_new_foreign (examined->def->target, bitmap->name);
}

/* Bitmaps that no checkpoint speaks of. Those that are not stored are something that a program,
 * such as a backup of ours, has QEMU do at the moment. */
static void
inspection_compare_unclaimed (VckcInspection *self,
                              VckcEngine *engine,
                              GPtrArray *all,
                              VckcExaminedDisk *examined)
{
  g_autoptr (GHashTable) owners = NULL;
  g_autoptr (GList) names = vckc_findings_sort_names (examined->bitmaps);

  for (GList *item = names; item != NULL; item = item->next)
    {
      const char *name = item->data;
      const VckcBlockBitmap *bitmap = g_hash_table_lookup (examined->bitmaps, name);

      if (is_claimed (all, examined, name) || !bitmap->persistent)
        continue;
      if (owners == NULL)
        owners = vckc_image_owners (engine, self->domain->uuid, &examined->image);
      g_ptr_array_add (self->findings, inspection_make_unclaimed (self, examined, bitmap, owners));
    }
}

/* Compares all that is known. `partial`: other disks of the domain were not looked at. */
static bool
inspection_compare (VckcInspection *self,
                    VckcEngine *engine,
                    GPtrArray *all,
                    bool partial,
                    VckcError **err)
{
  for (VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (self->tree); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    for (guint i = 0; i < node->def->disks->len; i++)
      {
        const VckcCheckpointDiskDef *disk = g_ptr_array_index (node->def->disks, i);
        VckcExaminedDisk *examined =
            disk->tracked ? vckc_examined_disk_find (all, disk->name) : NULL;

        if (!disk->tracked || (examined == NULL && partial))
          continue;
        if (!inspection_compare_disk (self, engine, node->def, disk, examined, err))
          return false;
      }
  for (guint i = 0; i < all->len; i++)
    {
      Comparison comparison = { .inspection = self, .examined = g_ptr_array_index (all, i) };

      vckc_bitmap_order_check (self->tree, inspection_find_good_cb, inspection_add_short_cb,
                               &comparison);
    }
  for (guint i = 0; i < all->len; i++)
    {
      VckcExaminedDisk *examined = g_ptr_array_index (all, i);

      inspection_compare_unclaimed (self, engine, all, examined);
      vckc_findings_add_many (self->findings, examined->def->target, examined->bitmaps);
    }
  return true;
}

bool
vckc_inspection_look (VckcInspection *self, VckcEngine *engine, VckcError **err)
{
  vckc_domain_lock_assert_held (&self->domain->lock);
  return inspection_examine_disks (self, engine, false, err)
         && inspection_read_images (self, engine, err)
         && inspection_compare (self, engine, self->examined, false, err);
}

bool
vckc_inspection_read (VckcInspection *self, VckcEngine *engine, VckcError **err)
{
  vckc_domain_lock_assert_held (&self->domain->lock);
  return inspection_examine_disks (self, engine, true, err)
         && inspection_read_images (self, engine, err);
}

bool
vckc_inspection_look_at (VckcInspection *self,
                         VckcEngine *engine,
                         VckcBitmapSet *plan,
                         VckcError **err)
{
  vckc_domain_lock_assert_held (&self->domain->lock);
  for (guint i = 0; i < vckc_bitmap_set_n_disks (plan); i++)
    {
      const char *target = vckc_bitmap_set_disk_target (plan, i);
      VckcExaminedDisk *examined =
          vckc_examined_disk_new (engine, vckc_domain_def_find_disk (self->def, target));

      g_ptr_array_add (self->examined, examined);
      if (!vckc_examined_disk_read (examined, vckc_bitmap_set_get_session (plan), i, err))
        return false;
    }
  return inspection_compare (self, engine, self->examined, true, err);
}

/* What handles have, too. */
static void
inspection_keep_incarnations (VckcInspection *self, VckcEngine *engine)
{
  vckc_mutex_lock (&engine->mutex);
  vckc_checkpoint_tree_keep_incarnations (self->domain->tree, self->tree);
  vckc_mutex_unlock (&engine->mutex);
}

bool
vckc_inspection_of_domain (VckcInspection *self, VckcDomain *handle, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  bool looked;

  if (domain == NULL
      || !vckc_job_begin_shared (engine, domain, vckc_look_of (handle->connect), err))
    return false;
  looked =
      vckc_inspection_init (self, engine, domain, err) && vckc_inspection_look (self, engine, err);
  if (looked)
    inspection_keep_incarnations (self, engine);
  vckc_job_end (engine, domain);
  self->domain = NULL;
  return looked;
}
