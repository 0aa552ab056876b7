/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Taking disks out of checkpoints. */

#include "managed/methods/engine-methods.h"

#include "managed/domain-table.h"
#include "managed/find-domain.h"
#include "managed/job.h"
#include "managed/journal-replay.h"
#include "managed/methods/backup-recover.h"
#include "model/checkpoint-xml.h"

/* A copy that tracks only those of its disks that are targets, or only the others. */
static VckcCheckpointDef *
untrack_copy (const VckcCheckpointDef *def, GHashTable *targets, bool with_targets)
{
  VckcCheckpointDef *copy = vckc_checkpoint_def_copy (def);

  for (guint i = 0; i < copy->disks->len; i++)
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (copy->disks, i);

      if (g_hash_table_contains (targets, disk->name) == with_targets)
        continue;
      disk->tracked = false;
      g_clear_pointer (&disk->bitmap, g_free);
      vckc_image_identity_clear (&disk->image);
    }
  return copy;
}

/* With the job held. One change, which is completed if it is interrupted. */
static bool
untrack_disks (VckcEngine *engine,
               VckcManagedDomain *domain,
               VckcCheckpointNode *node,
               GHashTable *targets,
               VckcError **err)
{
  g_autoptr (VckcCheckpointDef) left = untrack_copy (node->def, targets, true);
  g_autoptr (VckcCheckpointDef) def = untrack_copy (node->def, targets, false);
  g_autoptr (VckcOrphanBitmaps) orphans = vckc_orphan_bitmaps_copy (domain->orphans);
  g_autoptr (VckcJournal) change = vckc_journal_new ("untrack");

  vckc_domain_lock_assert_held (&domain->lock);
  vckc_orphan_bitmaps_add_checkpoint (orphans, left, domain->def);
  g_hash_table_insert (change->write, g_strdup (def->name),
                       vckc_checkpoint_def_format_stored (def));
  change->set_notes = true;
  change->notes = vckc_orphan_bitmaps_format (orphans);
  if (!vckc_store_write_journal (engine->store, domain->uuid, change, err)
      || !vckc_journal_apply (engine, domain, change, err))
    return false;

  vckc_mutex_lock (&engine->mutex);
  vckc_checkpoint_tree_replace (domain->tree, node, g_steal_pointer (&def));
  vckc_orphan_bitmaps_free (domain->orphans);
  domain->orphans = g_steal_pointer (&orphans);
  vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_CHANGED, domain, node);
  vckc_mutex_unlock (&engine->mutex);
  vckc_job_stored (engine, domain);
  return true;
}

bool
vckc_engine_domain_checkpoint_untrack (VckcDomainCheckpoint *checkpoint,
                                       GHashTable *targets,
                                       VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (checkpoint->domain->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (checkpoint->domain, err);
  VckcCheckpointNode *node;
  bool done;

  if (domain == NULL || !vckc_job_begin (engine, domain, err))
    return false;
  node = vckc_backup_check_change (engine, domain, err)
             ? vckc_managed_domain_get_node (domain, checkpoint, err)
             : NULL;
  done = node != NULL && vckc_backup_check_checkpoint (domain, node->name, err)
         && untrack_disks (engine, domain, node, targets, err);
  vckc_job_end (engine, domain);
  return done;
}
