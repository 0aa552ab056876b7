/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Deleting checkpoints, and planning that. */

#include "managed/methods/engine-methods.h"

#include "base/log.h"
#include "managed/bitmap-set.h"
#include "managed/domain-table.h"
#include "managed/find-domain.h"
#include "managed/image-check.h"
#include "managed/job.h"
#include "managed/journal-replay.h"
#include "managed/methods/backup-recover.h"
#include "managed/methods/checkpoint-deletion.h"
#include "model/delete-plan.h"

#define DELETE_FLAGS                                                                               \
  (VCKC_CHECKPOINT_DELETE_CHILDREN | VCKC_CHECKPOINT_DELETE_METADATA_ONLY                          \
   | VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY)

/* The bitmaps to remove must all be there, and free: a deletion that could only be done in part is
 * not begun. An inconsistent bitmap is worth nothing and may go. */
static bool
delete_check_bitmaps (const VckcBitmapSet *plan, const char *name, VckcError **err)
{
  for (guint i = 0; i < vckc_bitmap_set_size (plan); i++)
    {
      const VckcBlockBitmap *bitmap = vckc_bitmap_set_found (plan, i);

      if (bitmap != NULL && !bitmap->busy)
        continue;
      if (bitmap == NULL)
        vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                        "checkpoint '%s' cannot be deleted: bitmap '%s' is missing on disk '%s'; "
                        "nothing was changed; to delete only the metadata use the METADATA_ONLY "
                        "flag",
                        name, vckc_bitmap_set_bitmap (plan, i), vckc_bitmap_set_target (plan, i));
      else
        vckc_set_error (err, VCKC_ERROR_BUSY,
                        "checkpoint '%s' cannot be deleted: bitmap '%s' on disk '%s' is used by a "
                        "job; nothing was changed; let that end first",
                        name, vckc_bitmap_set_bitmap (plan, i), vckc_bitmap_set_target (plan, i));
      return false;
    }
  return true;
}

/* A bitmap of the same name in another image is not ours to remove. */
static bool
delete_check_images (VckcEngine *engine,
                     VckcManagedDomain *domain,
                     const VckcCheckpointDef *def,
                     VckcError **err)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);
      g_autofree char *replaced =
          disk->tracked ? vckc_image_check_disk (engine->backend, domain->def, def, disk) : NULL;

      if (replaced == NULL)
        continue;
      vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                      "checkpoint '%s' cannot be deleted: disk '%s' has another image than when it "
                      "was made: %s; nothing was changed; to delete only the "
                      "metadata use the METADATA_ONLY flag",
                      def->name, disk->name, replaced);
      return false;
    }
  return true;
}

/* Sorts out what becomes of the bitmaps: those to remove go into the plan, those that stay are
 * noted. */
static bool
delete_plan_bitmaps (VckcEngine *engine,
                     VckcManagedDomain *domain,
                     const VckcDeletion *deletion,
                     bool keep,
                     VckcBitmapSet *plan,
                     VckcOrphanBitmaps *orphans,
                     VckcError **err)
{
  for (guint i = 0; i < deletion->to_delete->len; i++)
    {
      const VckcCheckpointNode *node = g_ptr_array_index (deletion->to_delete, i);

      if (keep)
        vckc_orphan_bitmaps_add_checkpoint (orphans, node->def, domain->def);
      else if (!delete_check_images (engine, domain, node->def, err))
        return false;
      else
        vckc_bitmap_set_add_checkpoint (plan, node->def, domain->def);
    }
  vckc_orphan_bitmaps_remove_plan (orphans, plan);
  return true;
}

/* Opens the images; if one is not reachable, says what can be done. */
static bool
delete_open_images (VckcEngine *engine,
                    VckcManagedDomain *domain,
                    const char *name,
                    VckcBitmapSet *plan,
                    VckcBlockSessionMode mode,
                    VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);
  g_autoptr (VckcError) error = NULL;

  if (vckc_bitmap_set_open (plan, engine->backend, &machine, mode, &error))
    return true;
  if (vckc_block_error_is_of_disk (error))
    vckc_set_error (
        err, vckc_error_get_code (error),
        "checkpoint '%s' cannot be deleted: %s; nothing was changed; make the disk "
        "reachable, or forget the checkpoint and leave its bitmaps with the METADATA_ONLY "
        "flag",
        name, vckc_error_get_message (error));
  else
    vckc_propagate_error (err, g_steal_pointer (&error));
  return false;
}

/* Nothing was removed: the journal is cleared, and all is as it was. */
static void
delete_abandon (VckcEngine *engine, VckcManagedDomain *domain, VckcBitmapSet *plan)
{
  g_autoptr (VckcError) error = NULL;

  vckc_bitmap_set_close (plan, NULL);
  if (vckc_store_clear_journal (engine->store, domain->uuid, &error))
    return;
  vckc_log_info (VCKC_ABOUT (.domain = domain->uuid, .error = error),
                 "domain '%s': the journal of an abandoned deletion stays: %s", domain->uuid,
                 vckc_error_get_message (error));
  vckc_job_must_reload (engine, domain);
}

/* After the removal failed: is every bitmap still there? In doubt not: QEMU may have died amid
 * it. */
static bool
delete_has_removed_nothing (VckcEngine *engine, VckcManagedDomain *domain, VckcBitmapSet *plan)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);
  g_autoptr (VckcError) error = NULL;
  bool all_there =
      vckc_bitmap_set_open (plan, engine->backend, &machine, VCKC_BLOCK_SESSION_READ, &error);

  for (guint i = 0; all_there && i < vckc_bitmap_set_size (plan); i++)
    all_there = vckc_bitmap_set_found (plan, i) != NULL;
  vckc_bitmap_set_close (plan, NULL);
  if (!all_there)
    vckc_log_info (VCKC_ABOUT (.domain = domain->uuid, .error = error),
                   "domain '%s': removing bitmaps failed half-way and is tried again: %s",
                   domain->uuid, error != NULL ? vckc_error_get_message (error) : "some are gone");
  return all_there;
}

/* Removes the bitmaps, and closes the images; false if nothing was done. *ret_certain is false if
 * it was perhaps not all done. */
static bool
delete_remove_bitmaps (VckcEngine *engine,
                       VckcManagedDomain *domain,
                       VckcBitmapSet *plan,
                       bool *ret_certain,
                       VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcError) close_error = NULL;
  bool removed = vckc_bitmap_set_size (plan) == 0 || vckc_bitmap_set_remove_found (plan, &error);

  if (!vckc_bitmap_set_close (plan, &close_error))
    vckc_log_info (VCKC_ABOUT (.domain = domain->uuid, .error = close_error),
                   "domain '%s': closing the images failed: %s", domain->uuid,
                   vckc_error_get_message (close_error));
  *ret_certain = removed && close_error == NULL;
  if (removed || !delete_has_removed_nothing (engine, domain, plan))
    return true;
  vckc_propagate_error (err, g_steal_pointer (&error));
  return false;
}

/* Goes on, with nothing to undo: the bitmaps are gone, or some are. */
static bool
delete_complete (VckcEngine *engine,
                 VckcManagedDomain *domain,
                 const char *name,
                 const VckcJournal *redo,
                 bool certain,
                 VckcError **err)
{
  if (certain ? vckc_journal_apply (engine, domain, redo, err)
              : vckc_journal_replay (engine, domain, domain->def, redo, err))
    return true;
  vckc_prefix_error (err,
                     "the deletion of checkpoint '%s' has begun and will be completed when domain "
                     "'%s' is next used",
                     name, domain->def->name);
  return false;
}

/* Changes the images and the store. Once the journal stands, the bitmaps are being removed. */
static bool
delete_carry_out (VckcEngine *engine,
                  VckcManagedDomain *domain,
                  const char *name,
                  VckcBitmapSet *plan,
                  VckcJournal *redo,
                  VckcError **err)
{
  bool certain;

  if (vckc_store_write_journal (engine->store, domain->uuid, redo, err)
      && delete_remove_bitmaps (engine, domain, plan, &certain, err))
    return delete_complete (engine, domain, name, redo, certain, err);
  delete_abandon (engine, domain, plan);
  return false;
}

/* The checkpoint of a backup that is under way belongs to that. */
static bool
delete_check_no_backup (VckcManagedDomain *domain, const VckcDeletion *deletion, VckcError **err)
{
  for (guint i = 0; i < deletion->to_delete->len; i++)
    {
      const VckcCheckpointNode *node = g_ptr_array_index (deletion->to_delete, i);

      if (!vckc_backup_check_checkpoint (domain, node->name, err))
        return false;
    }
  return true;
}

/* All that is looked at before anything is changed. Deleting and planning do this, so that a plan
 * says what will be done. The session stays open. */
static bool
delete_look (VckcEngine *engine,
             VckcManagedDomain *domain,
             const VckcDeletion *deletion,
             unsigned int flags,
             VckcBlockSessionMode mode,
             VckcBitmapSet *plan,
             VckcOrphanBitmaps *orphans,
             VckcError **err)
{
  const bool keep = (flags & VCKC_CHECKPOINT_DELETE_METADATA_ONLY) != 0;
  const char *name = deletion->node->name;

  return delete_check_no_backup (domain, deletion, err)
         && delete_plan_bitmaps (engine, domain, deletion, keep, plan, orphans, err)
         && (vckc_bitmap_set_size (plan) == 0
             || (delete_open_images (engine, domain, name, plan, mode, err)
                 && delete_check_bitmaps (plan, name, err)));
}

/* With the job held. */
static bool
delete_node (VckcEngine *engine,
             VckcManagedDomain *domain,
             VckcCheckpointNode *node,
             unsigned int flags,
             VckcError **err)
{
  g_auto (VckcDeletion) deletion = { NULL };
  g_autoptr (VckcBitmapSet) plan = vckc_bitmap_set_new ();
  g_autoptr (VckcOrphanBitmaps) orphans = vckc_orphan_bitmaps_copy (domain->orphans);
  g_autoptr (VckcJournal) redo = NULL;

  vckc_domain_lock_assert_held (&domain->lock);
  vckc_deletion_init (&deletion, domain->tree, node, flags);
  if (deletion.to_delete->len == 0)
    return true;
  if (!delete_look (engine, domain, &deletion, flags, VCKC_BLOCK_SESSION_DIRECT, plan, orphans,
                    err))
    return false;
  redo = vckc_deletion_make_redo (&deletion, plan, orphans);
  if (!delete_carry_out (engine, domain, node->name, plan, redo, err))
    return false;

  vckc_mutex_lock (&engine->mutex);
  vckc_deletion_unlink_locked (engine, domain, &deletion);
  vckc_orphan_bitmaps_free (domain->orphans);
  domain->orphans = g_steal_pointer (&orphans);
  vckc_mutex_unlock (&engine->mutex);
  vckc_job_stored (engine, domain);
  return true;
}

int
vckc_engine_domain_checkpoint_delete (VckcDomainCheckpoint *checkpoint,
                                      unsigned int flags,
                                      VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (checkpoint->domain->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  VckcCheckpointNode *node;
  bool deleted;

  if (!vckc_check_flags (flags, DELETE_FLAGS, &vckc_flags_delete, err))
    return -1;
  domain = vckc_engine_get_domain (checkpoint->domain, err);
  if (domain == NULL || !vckc_job_begin (engine, domain, err))
    return -1;

  node = vckc_backup_check_change (engine, domain, err)
             ? vckc_managed_domain_get_node (domain, checkpoint, err)
             : NULL;
  deleted = node != NULL && delete_node (engine, domain, node, flags, err);
  vckc_job_end (engine, domain);
  return deleted ? 0 : -1;
}

static VckcBitmapOutcome
delete_get_outcome (const VckcCheckpointDiskDef *disk, const VckcBitmapSet *set, unsigned int flags)
{
  if ((flags & VCKC_CHECKPOINT_DELETE_METADATA_ONLY) != 0)
    return VCKC_BITMAP_OUTCOME_KEPT;
  return vckc_bitmap_set_contains (set, disk->name, disk->bitmap)
             ? VCKC_BITMAP_OUTCOME_REMOVED
             : VCKC_BITMAP_OUTCOME_OUT_OF_REACH;
}

/* `set`: the bitmaps to remove. */
static VckcDeletePlan *
delete_make_plan (const VckcManagedDomain *domain,
                  VckcDomain *handle,
                  const VckcDeletion *deletion,
                  const VckcBitmapSet *set,
                  unsigned int flags)
{
  VckcDeletePlan *plan = vckc_delete_plan_new ();

  for (guint i = 0; i < deletion->to_delete->len; i++)
    {
      const VckcCheckpointNode *node = g_ptr_array_index (deletion->to_delete, i);

      vckc_delete_plan_add_checkpoint (plan,
                                       vckc_managed_domain_new_checkpoint_handle (handle, node));
      for (guint j = 0; j < node->def->disks->len; j++)
        {
          const VckcCheckpointDiskDef *disk = g_ptr_array_index (node->def->disks, j);
          const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain->def, disk->name);

          if (disk->tracked)
            vckc_delete_plan_add_bitmap (plan, node->def, disk,
                                         known != NULL ? known->source : NULL,
                                         delete_get_outcome (disk, set, flags));
        }
    }
  return plan;
}

/* With the shared job. `left`: the checkpoint of a backup whose program has ended, which deleting
 * takes back before. */
static VckcDeletePlan *
delete_plan_node (VckcEngine *engine,
                  VckcManagedDomain *domain,
                  VckcDomainCheckpoint *checkpoint,
                  const char *left,
                  unsigned int flags,
                  VckcError **err)
{
  VckcCheckpointNode *node = vckc_managed_domain_get_node (domain, checkpoint, err);
  g_auto (VckcDeletion) deletion = { NULL };
  g_autoptr (VckcBitmapSet) set = vckc_bitmap_set_new ();
  g_autoptr (VckcOrphanBitmaps) orphans = vckc_orphan_bitmaps_copy (domain->orphans);

  if (node == NULL)
    return NULL;
  if (g_strcmp0 (node->name, left) == 0)
    {
      vckc_set_error (err, VCKC_ERROR_NO_DOMAIN_CHECKPOINT,
                      "checkpoint '%s' belongs to a backup whose program ended before it did; the "
                      "next change of domain '%s' removes it, with what else is left of that",
                      left, domain->def->name);
      return NULL;
    }
  vckc_deletion_init (&deletion, domain->tree, node, flags);
  vckc_deletion_leave_out (&deletion, left);
  return delete_look (engine, domain, &deletion, flags, VCKC_BLOCK_SESSION_PLAN_DIRECT, set,
                      orphans, err)
             ? delete_make_plan (domain, checkpoint->domain, &deletion, set, flags)
             : NULL;
}

VckcDeletePlan *
vckc_engine_domain_checkpoint_plan_delete (VckcDomainCheckpoint *checkpoint,
                                           unsigned int flags,
                                           VckcError **err)
{
  VckcConnect *connect = checkpoint->domain->connect;
  VckcEngine *engine = vckc_engine_of (connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  VckcDeletePlan *plan = NULL;

  if (!vckc_check_flags (flags, DELETE_FLAGS, &vckc_flags_delete, err))
    return NULL;
  domain = vckc_engine_get_domain (checkpoint->domain, err);
  if (domain == NULL || !vckc_job_begin_shared (engine, domain, vckc_look_of (connect), err))
    return NULL;

  if (vckc_job_check_completed (domain, err) && vckc_backup_check_followed (engine, domain, err))
    plan = delete_plan_node (engine, domain, checkpoint,
                             vckc_backup_get_left_checkpoint (engine, domain), flags, err);
  vckc_job_end (engine, domain);
  return plan;
}
