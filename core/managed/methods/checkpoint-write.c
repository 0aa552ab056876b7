/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/methods/checkpoint-write.h"

#include "base/log.h"
#include "managed/domain-table.h"
#include "managed/journal-replay.h"
#include "model/checkpoint-xml.h"

/* What makes the checkpoints what they are now, should an operation on `name` not end. */
VckcJournal *
vckc_checkpoint_make_undo (VckcManagedDomain *domain, const char *operation, const char *name)
{
  VckcCheckpointNode *node = vckc_checkpoint_tree_lookup (domain->tree, name);
  VckcCheckpointNode *current = vckc_checkpoint_tree_current (domain->tree);
  VckcJournal *undo = vckc_journal_new (operation);

  vckc_domain_lock_assert_held (&domain->lock);
  if (node != NULL)
    g_hash_table_insert (undo->write, g_strdup (name),
                         vckc_checkpoint_def_format_stored (node->def));
  else
    g_ptr_array_add (undo->remove, g_strdup (name));
  undo->set_current = true;
  undo->current = current != NULL ? g_strdup (current->def->name) : NULL;
  return undo;
}

/* Writes a definition, makes `current` the current one, and clears the journal. */
bool
vckc_checkpoint_write (VckcEngine *engine,
                       VckcManagedDomain *domain,
                       const VckcCheckpointDef *def,
                       const char *current,
                       VckcError **err)
{
  g_autoptr (VckcJournal) change = vckc_journal_new ("write");
  VckcStore *store = engine->store;

  vckc_domain_lock_assert_held (&domain->lock);
  g_hash_table_insert (change->write, g_strdup (def->name),
                       vckc_checkpoint_def_format_stored (def));
  change->set_current = true;
  change->current = g_strdup (current);
  return vckc_store_apply (store, domain->uuid, change, err)
         && vckc_store_clear_journal (store, domain->uuid, err);
}

/* After a failure. What cannot be undone now is undone by the next job. */
void
vckc_checkpoint_undo (VckcEngine *engine, VckcManagedDomain *domain, VckcJournal *undo)
{
  g_autoptr (VckcError) error = NULL;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_journal_replay (engine, domain, domain->def, undo, &error))
    vckc_log_info (VCKC_ABOUT (.domain = domain->uuid, .error = error),
                   "domain '%s': a failed operation (%s) will be undone later: %s", domain->uuid,
                   undo->operation, vckc_error_get_message (error));
}

void
vckc_checkpoint_link_locked (VckcEngine *engine,
                             VckcManagedDomain *domain,
                             VckcCheckpointDef *def /* (transfer full) */,
                             bool make_current)
{
  VckcCheckpointNode *node = vckc_checkpoint_tree_insert (domain->tree, def);

  if (make_current)
    vckc_checkpoint_tree_set_current (domain->tree, node);
  vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_ADDED, domain, node);
}
