/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Taking checkpoints to another host and back. */

#include "managed/methods/engine-methods.h"

#include "base/log.h"
#include "managed/domain-table.h"
#include "managed/find-domain.h"
#include "managed/job.h"
#include "managed/journal-replay.h"
#include "managed/methods/backup-recover.h"
#include "managed/methods/checkpoint-redefine.h"
#include "model/checkpoint-xml.h"
#include "model/export-document.h"
#include "model/import-check.h"

char *
vckc_engine_domain_export_checkpoints (VckcDomain *handle, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  char *document;

  if (domain == NULL)
    return NULL;
  vckc_mutex_lock (&engine->mutex);
  document = vckc_export_format (domain->tree, domain->def->name);
  vckc_mutex_unlock (&engine->mutex);
  return document;
}

/* What forgets all checkpoints, and with `back`, what makes them what they are now. */
static VckcJournal *
transfer_make_hand_over (const VckcManagedDomain *domain, bool back)
{
  const VckcCheckpointNode *current = vckc_checkpoint_tree_current (domain->tree);
  VckcJournal *change = vckc_journal_new ("hand over");

  for (const VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (domain->tree);
       node != NULL; node = vckc_checkpoint_node_next (node, NULL))
    if (back)
      g_hash_table_insert (change->write, g_strdup (node->def->name),
                           vckc_checkpoint_def_format_stored (node->def));
    else
      g_ptr_array_add (change->remove, g_strdup (node->def->name));
  change->set_current = true;
  change->current = back && current != NULL ? g_strdup (current->def->name) : NULL;
  change->set_notes = true;
  change->notes = back ? vckc_orphan_bitmaps_format (domain->orphans) : NULL;
  return change;
}

/* Children before parents, as a deletion reports them. */
static void
transfer_forget_locked (VckcEngine *engine, VckcManagedDomain *domain)
{
  g_autoptr (GPtrArray) nodes = vckc_checkpoint_tree_list (domain->tree, NULL, 0);

  for (guint i = nodes->len; i > 0; i--)
    {
      VckcCheckpointNode *node = g_ptr_array_index (nodes, i - 1);

      vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_REMOVED, domain, node);
      vckc_checkpoint_tree_remove (domain->tree, node);
    }
  vckc_orphan_bitmaps_free (domain->orphans);
  domain->orphans = vckc_orphan_bitmaps_new (NULL);
}

/* With the job held. Until all is forgotten the way is back, since the document has not been
 * returned yet. */
static bool
transfer_forget (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  g_autoptr (VckcJournal) undo = transfer_make_hand_over (domain, true);
  g_autoptr (VckcJournal) change = transfer_make_hand_over (domain, false);
  g_autoptr (VckcError) error = NULL;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_store_write_journal (engine->store, domain->uuid, undo, err)
      || !vckc_store_apply (engine->store, domain->uuid, change, err)
      || !vckc_store_clear_journal (engine->store, domain->uuid, err))
    {
      if (!vckc_journal_replay (engine, domain, domain->def, undo, &error))
        vckc_log_info (VCKC_ABOUT (.domain = domain->uuid, .error = error),
                       "domain '%s': a failed operation (%s) will be undone later: %s",
                       domain->uuid, undo->operation, vckc_error_get_message (error));
      return false;
    }

  vckc_mutex_lock (&engine->mutex);
  transfer_forget_locked (engine, domain);
  vckc_mutex_unlock (&engine->mutex);
  vckc_job_stored (engine, domain);
  return true;
}

char *
vckc_engine_domain_hand_over_checkpoints (VckcDomain *handle, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  g_autofree char *document = NULL;
  bool forgotten;

  if (domain == NULL || !vckc_job_begin (engine, domain, err))
    return NULL;
  document = vckc_export_format (domain->tree, domain->def->name);
  forgotten = vckc_backup_check_none (engine, domain, err) && transfer_forget (engine, domain, err);
  vckc_job_end (engine, domain);
  return forgotten ? g_steal_pointer (&document) : NULL;
}

/* One checkpoint; def is taken. */
static bool
transfer_import_one (VckcEngine *engine,
                     VckcManagedDomain *domain,
                     VckcCheckpointDef *given /* (transfer full) */,
                     unsigned int flags,
                     VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = given;
  const VckcImportTarget target = {
    .name = domain->def->name,
    .def = domain->def,
    .has_checkpoint = vckc_checkpoint_tree_lookup (domain->tree, def->name) != NULL,
  };
  unsigned int redefine_flags = VCKC_CHECKPOINT_CREATE_REDEFINE;
  g_autofree char *name = NULL;

  if (!vckc_import_check (&target, def, flags, err))
    return false;
  if ((flags & VCKC_IMPORT_VERIFY) != 0)
    redefine_flags |= VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE;
  name = vckc_job_redefine (engine, domain, g_steal_pointer (&def), redefine_flags, err);
  return name != NULL;
}

/* With the job held. */
static GPtrArray *
transfer_import_all (VckcEngine *engine,
                     VckcManagedDomain *domain,
                     GPtrArray *defs /* parents first; emptied */,
                     unsigned int flags)
{
  GPtrArray *results = g_ptr_array_new_with_free_func (vckc_object_unref);

  vckc_domain_lock_assert_held (&domain->lock);
  for (guint i = 0; i < defs->len; i++)
    {
      VckcCheckpointDef *def = g_steal_pointer (&defs->pdata[i]);
      g_autofree char *name = g_strdup (def->name);
      g_autoptr (VckcError) error = NULL;
      bool imported = transfer_import_one (engine, domain, def, flags, &error);

      g_ptr_array_add (
          results, vckc_import_result_new (name, imported ? NULL : vckc_error_get_message (error)));
    }
  return results;
}

int
vckc_engine_domain_import_checkpoints (VckcDomain *handle,
                                       const char *document,
                                       VckcImportResult ***ret_results,
                                       unsigned int flags,
                                       VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  g_autoptr (GPtrArray) defs = NULL;
  g_autofree char *current = NULL;
  g_autoptr (VckcError) current_error = NULL;
  GPtrArray *results;

  if (domain == NULL)
    return -1;
  defs = vckc_export_parse (document, &current, err);
  if (defs == NULL || !vckc_job_begin (engine, domain, err))
    return -1;

  results = transfer_import_all (engine, domain, defs, flags);
  if (current != NULL && !vckc_job_set_current (engine, domain, current, &current_error))
    vckc_log_info (
        VCKC_ABOUT (.domain = domain->uuid, .checkpoint = current, .error = current_error),
        "domain '%s': '%s' did not become the current checkpoint: %s", domain->uuid, current,
        vckc_error_get_message (current_error));
  vckc_job_end (engine, domain);
  return vckc_object_array_return (results, (gpointer **) ret_results);
}
