/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A domain in memory: finding it, keeping it up to date with the store, and its job. */

#include "../cancel.h"
#include "state-watch.h"

VckcManagedDomain *
vckc_managed_domain_new (VckcEngine *engine, const char *uuid)
{
  VckcManagedDomain *domain = g_new0 (VckcManagedDomain, 1);

  domain->ref_count = 1;
  domain->uuid = g_strdup (uuid);
  domain->tree = vckc_checkpoint_tree_new ();
  domain->orphans = vckc_orphans_new (NULL);
  domain->state
      = engine->initial_state != NULL ? engine->initial_state (uuid) : VCKC_DOMAIN_STATE_SHUTOFF;
  return domain;
}

VckcManagedDomain *
vckc_managed_domain_ref (VckcManagedDomain *domain)
{
  g_atomic_int_inc (&domain->ref_count);
  return domain;
}

void
vckc_managed_domain_unref (VckcManagedDomain *domain)
{
  if (domain == NULL || !g_atomic_int_dec_and_test (&domain->ref_count))
    return;

  g_clear_pointer (&domain->def, vckc_domain_def_unref);
  g_clear_pointer (&domain->tree, vckc_checkpoint_tree_free);
  g_clear_pointer (&domain->orphans, vckc_orphans_free);
  g_free (domain->uuid);
  g_free (domain);
}

VckcBlockMachine
vckc_managed_domain_machine (const VckcManagedDomain *domain, const VckcDomainDef *def)
{
  VckcBlockMachine machine = { .uuid = domain->uuid };

  if (def != NULL)
    {
      machine.qmp_socket = def->qmp_socket;
      machine.agent_socket = def->agent_socket;
    }
  return machine;
}

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

void
vckc_managed_domain_set_def_locked (VckcEngine *engine,
                                    VckcManagedDomain *domain,
                                    VckcDomainDef *def)
{
  g_autoptr (VckcDomainDef) old = g_steal_pointer (&domain->def);

  domain->def = def;
  vckc_state_watch_update_locked (engine, domain);
  if (old != NULL && domain->loaded && !domain->gone && !g_str_equal (old->name, def->name))
    vckc_engine_emit_domain_locked (engine, VCKC_EVENT_DOMAIN_RENAMED, domain);
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

/* Tells subscribers how the tree `now` differs from the one known so far. */
static void
emit_differences_locked (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         const VckcCheckpointTree *now)
{
  VckcCheckpointNode *node;

  for (node = vckc_checkpoint_tree_first_root (domain->tree); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    if (vckc_checkpoint_tree_lookup (now, node->def->name) == NULL)
      vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_REMOVED, domain,
                                          node->def->name);

  for (node = vckc_checkpoint_tree_first_root (now); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    {
      VckcCheckpointNode *known = vckc_checkpoint_tree_lookup (domain->tree, node->def->name);

      if (known == NULL)
        vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_ADDED, domain,
                                            node->def->name);
      else if (!is_same_checkpoint (known->def, node->def))
        vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_CHANGED, domain,
                                            node->def->name);
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

static void
set_no_domain (VckcError **err, const char *uuid)
{
  vckc_set_error (err, VCKC_ERROR_NO_DOMAIN, "there is no domain with the UUID '%s'", uuid);
}

/* Takes the turn among the threads of this process. */
static bool
wait_for_turn (VckcEngine *engine,
               VckcManagedDomain *domain,
               gint64 *ret_deadline,
               VckcError **err)
{
  g_autoptr (VckcCancelWatch) watch
      = vckc_cancel_watch_open (&engine->job_ended, &engine->mutex);
  bool in_time = true;
  bool mine;

  vckc_mutex_lock (&engine->mutex);
  *ret_deadline = g_get_monotonic_time () + engine->job_timeout * G_TIME_SPAN_MILLISECOND;
  while (domain->busy && in_time && !vckc_cancel_watch_is_cancelled (watch))
    in_time = vckc_cond_wait_until (&engine->job_ended, &engine->mutex, *ret_deadline);
  mine = !domain->busy && !vckc_cancel_watch_is_cancelled (watch);
  if (mine)
    domain->busy = true;
  vckc_mutex_unlock (&engine->mutex);

  if (!mine && !vckc_cancel_check ("another operation on the domain", err))
    vckc_set_error (err, VCKC_ERROR_BUSY,
                    "another operation on domain '%s' is still under way; try again later",
                    domain->uuid);
  return mine;
}

static void
end_turn (VckcEngine *engine, VckcManagedDomain *domain)
{
  vckc_mutex_lock (&engine->mutex);
  domain->busy = false;
  vckc_cond_broadcast (&engine->job_ended);
  vckc_mutex_unlock (&engine->mutex);
}

static bool
take_job (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  gint64 deadline;

  if (!wait_for_turn (engine, domain, &deadline, err))
    return false;
  if (engine->store->klass->lock (engine->store, domain->uuid, deadline, err))
    return true;
  end_turn (engine, domain);
  return false;
}

/* Takes the job of a domain that is in the store. */
static bool
take_job_of_existing (VckcEngine *engine,
                      VckcManagedDomain *domain,
                      guint64 *ret_generation,
                      VckcError **err)
{
  if (!take_job (engine, domain, err))
    return false;
  *ret_generation = engine->store->klass->generation (engine->store, domain->uuid);
  if (!domain->gone && *ret_generation != 0)
    return true;

  vckc_mutex_lock (&engine->mutex);
  vckc_engine_remove_domain_locked (engine, domain);
  vckc_mutex_unlock (&engine->mutex);
  set_no_domain (err, domain->uuid);
  vckc_job_end (engine, domain);
  return false;
}

bool
vckc_job_begin_raw (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation;

  return take_job_of_existing (engine, domain, &generation, err);
}

bool
vckc_job_begin (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation;

  if (!take_job_of_existing (engine, domain, &generation, err))
    return false;
  if (generation == domain->generation || vckc_job_load (engine, domain, err))
    return true;
  vckc_job_end (engine, domain);
  return false;
}

/* Finds or makes the entry of a domain that the store has, or will have. There is never more
 * than one at a time, so that its job keeps all threads apart. */
static VckcManagedDomain *
get_entry (VckcEngine *engine, const char *uuid)
{
  VckcManagedDomain *domain;

  vckc_mutex_lock (&engine->mutex);
  domain = g_hash_table_lookup (engine->domains, uuid);
  if (domain != NULL)
    vckc_managed_domain_ref (domain);
  else
    {
      domain = vckc_managed_domain_new (engine, uuid);
      g_hash_table_insert (engine->domains, domain->uuid, vckc_managed_domain_ref (domain));
    }
  vckc_mutex_unlock (&engine->mutex);
  return domain;
}

VckcManagedDomain *
vckc_job_begin_new (VckcEngine *engine, const char *uuid, VckcError **err)
{
  for (;;)
    {
      g_autoptr (VckcManagedDomain) domain = get_entry (engine, uuid);

      if (!take_job (engine, domain, err))
        return NULL;
      if (!domain->gone)
        return g_steal_pointer (&domain);
      /* While we waited it was found that there is no such domain, or it was undefined. */
      vckc_job_end (engine, domain);
    }
}

void
vckc_job_end (VckcEngine *engine, VckcManagedDomain *domain)
{
  engine->store->klass->unlock (engine->store, domain->uuid);
  end_turn (engine, domain);
  vckc_engine_flush (engine);
}

/* Without a job: loads the domain again if another process changed it. While a job of
 * ours is under way the store is expected to differ, and what is in memory is right. A domain
 * with an interrupted operation that cannot be completed yet can still be read. */
static bool
refresh_domain (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation = engine->store->klass->generation (engine->store, domain->uuid);
  g_autoptr (VckcError) error = NULL;
  bool fresh, readable;

  vckc_mutex_lock (&engine->mutex);
  fresh = domain->loaded && !domain->gone
          && (domain->busy || (generation != 0 && domain->generation == generation));
  vckc_mutex_unlock (&engine->mutex);
  if (fresh)
    return true;
  if (vckc_job_begin (engine, domain, &error))
    {
      vckc_job_end (engine, domain);
      return true;
    }

  vckc_mutex_lock (&engine->mutex);
  readable = domain->loaded && domain->interrupted && !domain->gone;
  vckc_mutex_unlock (&engine->mutex);
  if (!readable)
    vckc_propagate_error (err, g_steal_pointer (&error));
  return readable;
}

/* Domains we know that the store does not list any more. */
static void
drop_vanished (VckcEngine *engine, const GPtrArray *uuids)
{
  g_autoptr (GHashTable) listed = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) vanished
      = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_managed_domain_unref);
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; i < uuids->len; i++)
    g_hash_table_add (listed, g_ptr_array_index (uuids, i));

  vckc_mutex_lock (&engine->mutex);
  g_hash_table_iter_init (&iter, engine->domains);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      VckcManagedDomain *domain = value;

      if (!domain->busy && !g_hash_table_contains (listed, domain->uuid))
        g_ptr_array_add (vanished, vckc_managed_domain_ref (domain));
    }
  vckc_mutex_unlock (&engine->mutex);

  for (guint i = 0; i < vanished->len; i++)
    {
      VckcManagedDomain *domain = g_ptr_array_index (vanished, i);

      /* It may have been defined since the list was made: this looks again, with its job. */
      refresh_domain (engine, domain, NULL);
    }
}

bool
vckc_engine_refresh (VckcEngine *engine, VckcError **err)
{
  g_autoptr (GPtrArray) uuids = NULL;

  if (!engine->store->klass->list_domains (engine->store, &uuids, err))
    return false;
  drop_vanished (engine, uuids);
  for (guint i = 0; i < uuids->len; i++)
    {
      g_autoptr (VckcManagedDomain) domain
          = get_entry (engine, g_ptr_array_index (uuids, i));
      g_autoptr (VckcError) error = NULL;

      if (!refresh_domain (engine, domain, &error))
        g_info ("domain '%s' is left out: %s", domain->uuid, vckc_error_get_message (error));
    }
  vckc_engine_flush (engine);
  return true;
}

static VckcManagedDomain *
lookup (VckcEngine *engine, const char *uuid, const char *name)
{
  VckcManagedDomain *domain = NULL;
  GHashTableIter iter;
  gpointer value;

  vckc_mutex_lock (&engine->mutex);
  if (uuid != NULL)
    domain = g_hash_table_lookup (engine->domains, uuid);
  else
    {
      g_hash_table_iter_init (&iter, engine->domains);
      while (domain == NULL && g_hash_table_iter_next (&iter, NULL, &value))
        {
          VckcManagedDomain *candidate = value;

          if (candidate->loaded && g_str_equal (candidate->def->name, name))
            domain = candidate;
        }
    }
  if (domain != NULL && domain->loaded)
    vckc_managed_domain_ref (domain);
  else
    domain = NULL;
  vckc_mutex_unlock (&engine->mutex);
  return domain;
}

/* The store has the domain, but it could not be loaded: why? */
static void
explain_unusable (VckcEngine *engine, const char *uuid, VckcError **err)
{
  g_autoptr (VckcManagedDomain) domain = NULL;
  VckcError *error = NULL;

  vckc_mutex_lock (&engine->mutex);
  domain = g_hash_table_lookup (engine->domains, uuid);
  if (domain != NULL)
    vckc_managed_domain_ref (domain);
  vckc_mutex_unlock (&engine->mutex);
  if (domain != NULL && !refresh_domain (engine, domain, &error))
    vckc_propagate_error (err, error);
}

/* A domain we know is brought up to date alone; only one we do not know makes us look at
 * everything the store has. */
static VckcManagedDomain *
find_domain (VckcEngine *engine, const char *uuid, const char *name, VckcError **err)
{
  g_autoptr (VckcManagedDomain) domain = lookup (engine, uuid, name);

  if (domain != NULL)
    {
      g_autoptr (VckcError) error = NULL;

      /* Only its name can have changed. */
      if (refresh_domain (engine, domain, &error))
        return uuid != NULL ? g_steal_pointer (&domain) : lookup (engine, uuid, name);
      if (vckc_error_get_code (error) != VCKC_ERROR_NO_DOMAIN)
        {
          vckc_propagate_error (err, g_steal_pointer (&error));
          return NULL;
        }
    }
  if (!vckc_engine_refresh (engine, err))
    return NULL;
  g_clear_pointer (&domain, vckc_managed_domain_unref);
  domain = lookup (engine, uuid, name);
  if (domain == NULL && uuid != NULL)
    explain_unusable (engine, uuid, err);
  return g_steal_pointer (&domain);
}

VckcManagedDomain *
vckc_engine_find_by_uuid (VckcEngine *engine, const char *uuid, VckcError **err)
{
  VckcError *error = NULL;
  VckcManagedDomain *domain = find_domain (engine, uuid, NULL, &error);

  if (domain == NULL && error == NULL)
    set_no_domain (&error, uuid);
  if (error != NULL)
    vckc_propagate_error (err, error);
  return domain;
}

VckcManagedDomain *
vckc_engine_find_by_name (VckcEngine *engine, const char *name, VckcError **err)
{
  VckcError *error = NULL;
  VckcManagedDomain *domain = find_domain (engine, NULL, name, &error);

  if (domain == NULL && error == NULL)
    vckc_set_error (&error, VCKC_ERROR_NO_DOMAIN, "there is no domain named '%s'", name);
  if (error != NULL)
    vckc_propagate_error (err, error);
  return domain;
}

VckcManagedDomain *
vckc_engine_get_domain (VckcDomain *domain, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (domain->connect);
  VckcError *error = NULL;
  VckcManagedDomain *managed = vckc_engine_find_by_uuid (engine, domain->uuid, &error);

  if (managed == NULL && vckc_error_get_code (error) == VCKC_ERROR_NO_DOMAIN)
    {
      vckc_error_free (g_steal_pointer (&error));
      vckc_set_error (&error, VCKC_ERROR_NO_DOMAIN, "domain '%s' (%s) does not exist any more",
                      domain->name, domain->uuid);
    }
  if (error != NULL)
    vckc_propagate_error (err, error);
  return managed;
}
