/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/methods/checkpoint-deletion.h"

#include "managed/domain-table.h"
#include "managed/image-check.h"
#include "managed/journal-replay.h"
#include "model/checkpoint-xml.h"

void
vckc_deletion_clear (VckcDeletion *deletion)
{
  g_clear_pointer (&deletion->to_delete, g_ptr_array_unref);
  g_clear_pointer (&deletion->to_reparent, g_ptr_array_unref);
}

void
vckc_deletion_init (VckcDeletion *deletion,
                    VckcCheckpointTree *tree,
                    VckcCheckpointNode *node,
                    unsigned int flags)
{
  const bool with_descendants =
      (flags & (VCKC_CHECKPOINT_DELETE_CHILDREN | VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY)) != 0;
  const bool keep_node = (flags & VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY) != 0;
  VckcCheckpointNode *current = vckc_checkpoint_tree_current (tree);
  bool current_goes;

  deletion->node = node;
  deletion->to_delete =
      with_descendants ? vckc_checkpoint_tree_list (tree, node, VCKC_CHECKPOINT_LIST_DESCENDANTS)
                       : g_ptr_array_new ();
  if (!keep_node)
    g_ptr_array_insert (deletion->to_delete, 0, node);
  deletion->to_reparent = g_ptr_array_new ();
  deletion->parent = node->parent;
  if (!with_descendants)
    for (VckcCheckpointNode *child = node->first_child; child != NULL; child = child->next_sibling)
      g_ptr_array_add (deletion->to_reparent, child);

  current_goes =
      current != NULL
      && (with_descendants ? vckc_checkpoint_node_is_within (current, node) : current == node);
  deletion->current = !current_goes ? current : keep_node ? node : node->parent;
}

void
vckc_deletion_leave_out (VckcDeletion *deletion, const char *name)
{
  for (guint i = 0; i < deletion->to_delete->len; i++)
    {
      const VckcCheckpointNode *node = g_ptr_array_index (deletion->to_delete, i);

      if (g_strcmp0 (node->name, name) == 0)
        {
          g_ptr_array_remove_index (deletion->to_delete, i);
          return;
        }
    }
}

VckcJournal *
vckc_deletion_make_redo (const VckcDeletion *deletion,
                         const VckcBitmapSet *plan,
                         const VckcOrphanBitmaps *orphans)
{
  VckcJournal *redo = vckc_journal_new ("delete");

  vckc_bitmap_set_add_to_journal (plan, redo);
  redo->set_notes = true;
  redo->notes = vckc_orphan_bitmaps_format (orphans);
  for (guint i = 0; i < deletion->to_delete->len; i++)
    {
      const VckcCheckpointNode *node = g_ptr_array_index (deletion->to_delete, i);

      g_ptr_array_add (redo->remove, g_strdup (node->def->name));
    }
  for (guint i = 0; i < deletion->to_reparent->len; i++)
    {
      const VckcCheckpointNode *child = g_ptr_array_index (deletion->to_reparent, i);
      g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_copy (child->def);

      g_free (def->parent_name);
      def->parent_name = deletion->parent != NULL ? g_strdup (deletion->parent->def->name) : NULL;
      g_hash_table_insert (redo->write, g_strdup (def->name),
                           vckc_checkpoint_def_format_stored (def));
    }
  redo->set_current = true;
  redo->current = deletion->current != NULL ? g_strdup (deletion->current->def->name) : NULL;
  return redo;
}

void
vckc_deletion_unlink_locked (VckcEngine *engine,
                             VckcManagedDomain *domain,
                             const VckcDeletion *deletion)
{
  vckc_checkpoint_tree_set_current (domain->tree, deletion->current);
  for (guint i = deletion->to_delete->len; i > 0; i--)
    {
      VckcCheckpointNode *node = g_ptr_array_index (deletion->to_delete, i - 1);

      vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_REMOVED, domain, node);
      vckc_checkpoint_tree_remove (domain->tree, node);
    }
  for (guint i = 0; i < deletion->to_reparent->len; i++)
    vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_CHANGED, domain,
                                        g_ptr_array_index (deletion->to_reparent, i));
}

/* Those in the images that the domain still has go into the plan. The others are noted: a QEMU that
 * runs lacks the images that were named meanwhile, and what cannot be opened could not be done. */
static void
deletion_plan_kept_images (VckcEngine *engine,
                           const VckcDomainDef *domain,
                           const VckcCheckpointDef *def,
                           VckcBitmapSet *plan,
                           VckcOrphanBitmaps *orphans)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);
      const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);

      if (!disk->tracked)
        continue;
      if (vckc_image_is_kept (engine->backend, domain, disk))
        vckc_bitmap_set_add (plan, known->target, known->source, known->format, disk->bitmap);
      else if (disk->image.path != NULL)
        vckc_orphan_bitmaps_add_disk (orphans, def, disk, disk->image.path);
    }
}

bool
vckc_job_take_back_checkpoint (VckcEngine *engine,
                               VckcManagedDomain *domain,
                               VckcCheckpointNode *node,
                               const char *backup,
                               VckcError **err)
{
  g_auto (VckcDeletion) deletion = { NULL };
  g_autoptr (VckcBitmapSet) plan = vckc_bitmap_set_new ();
  g_autoptr (VckcOrphanBitmaps) orphans = vckc_orphan_bitmaps_copy (domain->orphans);
  g_autoptr (VckcJournal) redo = NULL;

  vckc_domain_lock_assert_held (&domain->lock);
  vckc_deletion_init (&deletion, domain->tree, node, 0);
  deletion_plan_kept_images (engine, domain->def, node->def, plan, orphans);
  redo = vckc_deletion_make_redo (&deletion, plan, orphans);
  redo->set_backup = true;
  redo->backup = g_strdup (backup);
  if (!vckc_store_write_journal (engine->store, domain->uuid, redo, err)
      || !vckc_journal_replay (engine, domain, domain->def, redo, err))
    return false;

  vckc_mutex_lock (&engine->mutex);
  vckc_deletion_unlink_locked (engine, domain, &deletion);
  vckc_orphan_bitmaps_free (domain->orphans);
  domain->orphans = g_steal_pointer (&orphans);
  vckc_mutex_unlock (&engine->mutex);
  vckc_job_stored (engine, domain);
  return true;
}
