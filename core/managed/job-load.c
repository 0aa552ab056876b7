/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reading a domain from the store, with its job held. */

#include "engine-private.h"

VckcCheckpointTree *
vckc_managed_domain_read_checkpoints (const VckcStoreRecord *record,
                                      VckcUnreadableFunc on_unreadable,
                                      gpointer data)
{
  GPtrArray *defs = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_checkpoint_def_free);
  VckcCheckpointTree *tree;

  for (guint i = 0; i < record->checkpoint_xml->len; i++)
    {
      const char *name = g_ptr_array_index (record->checkpoint_names, i);
      g_autoptr (VckcError) error = NULL;
      g_autoptr (VckcCheckpointDef) def
          = vckc_checkpoint_def_parse (g_ptr_array_index (record->checkpoint_xml, i), true, &error);

      if (def == NULL)
        on_unreadable (name, vckc_error_get_message (error), data);
      else if (!g_str_equal (def->name, name))
        on_unreadable (name, "it describes a checkpoint of another name", data);
      else
        g_ptr_array_add (defs, g_steal_pointer (&def));
    }
  for (guint i = 0; i < record->unreadable->len; i++)
    on_unreadable (g_ptr_array_index (record->unreadable, i), "its file cannot be read", data);

  tree = vckc_checkpoint_tree_new_from_defs (defs, NULL);
  if (record->current != NULL)
    vckc_checkpoint_tree_set_current (tree, vckc_checkpoint_tree_lookup (tree, record->current));
  return tree;
}

/* One bad file must not hide the others; verifying tells of it. */
static void
log_unreadable (const char *name, const char *reason, gpointer data)
{
  g_info ("domain '%s': the record '%s' is left out: %s", (const char *) data, name, reason);
}

static bool
is_same_checkpoint (const VckcCheckpointDef *one, const VckcCheckpointDef *other)
{
  return g_strcmp0 (one->parent_name, other->parent_name) == 0
         && g_strcmp0 (one->description, other->description) == 0
         && one->creation_time == other->creation_time;
}

/* Is it the checkpoint that it was, or another one of that name? */
static bool
is_same_life (const VckcCheckpointDef *one, const VckcCheckpointDef *other)
{
  if (one->uuid != NULL && other->uuid != NULL)
    return g_str_equal (one->uuid, other->uuid);
  return one->creation_time == other->creation_time;
}

/* A checkpoint that is there still stays the one it was. */
static void
keep_incarnations (const VckcCheckpointTree *before, VckcCheckpointTree *now)
{
  for (VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (now); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    {
      const VckcCheckpointNode *known = vckc_checkpoint_tree_lookup (before, node->name);

      if (known != NULL && is_same_life (known->def, node->def))
        node->incarnation = known->incarnation;
    }
}

/* The node of the same checkpoint in another tree, or NULL. */
static VckcCheckpointNode *
find_in (const VckcCheckpointTree *tree, const VckcCheckpointNode *node)
{
  VckcCheckpointNode *other = vckc_checkpoint_tree_lookup (tree, node->name);

  return other != NULL && other->incarnation == node->incarnation ? other : NULL;
}

/* Tells subscribers how the tree `now` differs from the one known so far. */
static void
emit_differences_locked (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         const VckcCheckpointTree *now)
{
  VckcCheckpointNode *node;

  for (node = vckc_checkpoint_tree_first_root (domain->tree); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    if (find_in (now, node) == NULL)
      vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_REMOVED, domain, node);

  for (node = vckc_checkpoint_tree_first_root (now); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    {
      VckcCheckpointNode *known = find_in (domain->tree, node);

      if (known == NULL)
        vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_ADDED, domain, node);
      else if (!is_same_checkpoint (known->def, node->def))
        vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_CHANGED, domain, node);
    }
}

/* With the job held: makes the domain in memory what the record says. */
static bool
adopt_record (VckcEngine *engine,
              VckcManagedDomain *domain,
              const VckcStoreRecord *record,
              bool interrupted,
              VckcError **err)
{
  g_autoptr (VckcDomainDef) def = vckc_domain_def_parse (record->domain_xml, err);
  VckcCheckpointTree *tree;

  if (def == NULL)
    {
      vckc_prefix_error (err, "the stored definition of domain '%s'", domain->uuid);
      return false;
    }
  if (g_strcmp0 (def->uuid, domain->uuid) != 0)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                      "the stored definition of domain '%s' has the UUID '%s'", domain->uuid,
                      def->uuid != NULL ? def->uuid : "");
      return false;
    }

  tree = vckc_managed_domain_read_checkpoints (record, log_unreadable, domain->uuid);
  vckc_mutex_lock (&engine->mutex);
  vckc_managed_domain_set_def_locked (engine, domain, g_steal_pointer (&def));
  if (!domain->loaded && !domain->gone)
    vckc_engine_emit_domain_locked (engine, VCKC_EVENT_DOMAIN_ADDED, domain);
  keep_incarnations (domain->tree, tree);
  if (!domain->gone)
    emit_differences_locked (engine, domain, tree);
  domain->loaded = true;
  domain->interrupted = interrupted;
  vckc_checkpoint_tree_free (domain->tree);
  domain->tree = tree;
  vckc_orphans_free (domain->orphans);
  domain->orphans = vckc_orphans_new (record->notes);
  vckc_mutex_unlock (&engine->mutex);
  return true;
}

static bool
complete (VckcEngine *engine,
          VckcManagedDomain *domain,
          const VckcStoreRecord *record,
          VckcError **err)
{
  VckcStoreChange *unfinished = record->unfinished;
  g_autoptr (VckcDomainDef) def = vckc_domain_def_parse (record->domain_xml, NULL);

  g_info ("domain '%s': completing an interrupted operation (%s)", domain->uuid,
          unfinished->operation);
  if (vckc_recovery_run (engine, domain, def, unfinished, err))
    return true;
  vckc_prefix_error (err,
                     "an earlier operation (%s) on domain '%s' was interrupted and cannot be "
                     "completed yet",
                     unfinished->operation, domain->uuid);
  return false;
}

/* A record that cannot be read must not be overwritten: it may tell of bitmaps to remove. */
static bool
check_unfinished (VckcManagedDomain *domain, const VckcStoreRecord *record, VckcError **err)
{
  if (record->unfinished_problem == NULL)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                  "an earlier operation on domain '%s' was interrupted, and its record cannot be "
                  "read: %s; put it right, or repair the checkpoints with the INTERRUPTED flag, which "
                  "removes it",
                  domain->uuid, record->unfinished_problem);
  return false;
}

bool
vckc_job_load (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  g_autoptr (VckcStoreRecord) record = NULL;

  if (!engine->store->klass->domain_load (engine->store, domain->uuid, &record, err))
    return false;
  if (!check_unfinished (domain, record, err))
    {
      adopt_record (engine, domain, record, true, NULL);
      return false;
    }
  if (record->unfinished != NULL && !complete (engine, domain, record, err))
    {
      /* What is recorded can be looked at all the same. */
      adopt_record (engine, domain, record, true, NULL);
      return false;
    }
  if (record->unfinished != NULL)
    {
      g_clear_pointer (&record, vckc_store_record_free);
      if (!engine->store->klass->domain_load (engine->store, domain->uuid, &record, err))
        return false;
    }
  if (!adopt_record (engine, domain, record, false, err))
    return false;
  vckc_job_stored (engine, domain);
  return true;
}

void
vckc_job_stored (VckcEngine *engine, VckcManagedDomain *domain)
{
  guint64 generation = engine->store->klass->generation (engine->store, domain->uuid);

  vckc_mutex_lock (&engine->mutex);
  domain->generation = generation;
  vckc_mutex_unlock (&engine->mutex);
}

void
vckc_job_must_reload (VckcEngine *engine, VckcManagedDomain *domain)
{
  vckc_mutex_lock (&engine->mutex);
  domain->generation = 0;
  vckc_mutex_unlock (&engine->mutex);
}
