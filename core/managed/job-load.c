/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/job-load.h"

#include "base/log.h"
#include "managed/domain-table.h"
#include "managed/journal-replay.h"
#include "managed/stored-domain.h"

/* How often, and with what pauses in microseconds, a journal is replayed if images are held. */
#define N_ATTEMPTS 30
#define PAUSE (G_USEC_PER_SEC / 10)

/* One bad file must not hide the others; verifying reports it. */
static void
job_load_log_unreadable_cb (const char *name, const char *reason, gpointer data)
{
  vckc_log_info (VCKC_ABOUT (.domain = (const char *) data, .checkpoint = name),
                 "domain '%s': the metadata of checkpoint '%s' is left out: %s",
                 (const char *) data, name, reason);
}

static bool
is_same_checkpoint (const VckcCheckpointDef *one, const VckcCheckpointDef *other)
{
  return g_strcmp0 (one->parent_name, other->parent_name) == 0
         && g_strcmp0 (one->description, other->description) == 0
         && one->creation_time == other->creation_time;
}

/* The node of the same checkpoint in another tree, or NULL. */
static VckcCheckpointNode *
job_load_find_same (const VckcCheckpointTree *tree, const VckcCheckpointNode *node)
{
  VckcCheckpointNode *other = vckc_checkpoint_tree_lookup (tree, node->name);

  return other != NULL && other->incarnation == node->incarnation ? other : NULL;
}

/* Emits events for how the tree `now` differs from the one known so far. */
static void
job_load_emit_differences_locked (VckcEngine *engine,
                                  VckcManagedDomain *domain,
                                  const VckcCheckpointTree *now)
{
  VckcCheckpointNode *node;

  for (node = vckc_checkpoint_tree_first_root (domain->tree); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    if (job_load_find_same (now, node) == NULL)
      vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_REMOVED, domain, node);

  for (node = vckc_checkpoint_tree_first_root (now); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    {
      VckcCheckpointNode *known = job_load_find_same (domain->tree, node);

      if (known == NULL)
        vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_ADDED, domain, node);
      else if (!is_same_checkpoint (known->def, node->def))
        vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_CHANGED, domain, node);
    }
}

/* As long as it could not be read, it went by its UUID. */
static void
job_load_emit_first_seen_locked (VckcEngine *engine, VckcManagedDomain *domain)
{
  vckc_engine_emit_domain_locked (engine, VCKC_EVENT_DOMAIN_ADDED, domain);
  if (domain->unreadable)
    vckc_engine_emit_domain_locked (engine, VCKC_EVENT_DOMAIN_RENAMED, domain);
}

/* What cannot be read is not known: nothing is made of it. What a journal is going to write counts
 * already: it always goes forward. */
static VckcBackupStatus *
job_load_parse_backup (const VckcManagedDomain *domain, const VckcStoredDomain *stored)
{
  g_autoptr (VckcError) error = NULL;
  const char *text = stored->journal != NULL && stored->journal->set_backup
                         ? stored->journal->backup
                         : stored->backup;
  VckcBackupStatus *status = text != NULL ? vckc_backup_status_parse (text, &error) : NULL;

  if (error != NULL)
    vckc_log_info (VCKC_ABOUT (.domain = domain->uuid, .error = error), "domain '%s': %s",
                   domain->uuid, vckc_error_get_message (error));
  return status;
}

/* Makes the domain in memory what is stored of it. */
static bool
job_load_adopt (VckcEngine *engine,
                VckcManagedDomain *domain,
                const VckcStoredDomain *stored,
                VckcError **err)
{
  g_autoptr (VckcDomainDef) def = vckc_domain_def_parse (stored->domain_xml, err);
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

  tree = vckc_stored_domain_read_checkpoints (stored, job_load_log_unreadable_cb, domain->uuid);
  vckc_mutex_lock (&engine->mutex);
  vckc_managed_domain_set_def_locked (engine, domain, g_steal_pointer (&def));
  if (!domain->loaded && !domain->gone)
    job_load_emit_first_seen_locked (engine, domain);
  vckc_checkpoint_tree_keep_incarnations (domain->tree, tree);
  if (!domain->gone)
    job_load_emit_differences_locked (engine, domain, tree);
  domain->loaded = true;
  domain->unreadable = false;
  domain->interrupted = stored->journal != NULL || stored->journal_problem != NULL;
  domain->untidy = stored->untidy;
  g_free (domain->problem);
  domain->problem = g_strdup (stored->journal_problem);
  vckc_checkpoint_tree_free (domain->tree);
  domain->tree = tree;
  vckc_orphan_bitmaps_free (domain->orphans);
  domain->orphans = vckc_orphan_bitmaps_new (stored->notes);
  vckc_backup_status_free (domain->backup_status);
  domain->backup_status = job_load_parse_backup (domain, stored);
  if (domain->backup_status == NULL || vckc_backup_status_has_ended (domain->backup_status))
    g_clear_pointer (&domain->backup_end, vckc_backup_status_free);
  vckc_mutex_unlock (&engine->mutex);
  return true;
}

/* The daemon of a backup whose process was killed may still be about to end, and hold the images:
 * that is waited for. */
static bool
job_load_replay (VckcEngine *engine,
                 VckcManagedDomain *domain,
                 const VckcDomainDef *def,
                 const VckcStoredDomain *stored,
                 VckcError **err)
{
  g_autoptr (VckcBackupStatus) backup = job_load_parse_backup (domain, stored);
  bool wait = backup != NULL && !vckc_backup_status_has_ended (backup);

  for (guint n_left = wait ? N_ATTEMPTS : 1;; n_left--)
    {
      g_autoptr (VckcError) error = NULL;

      if (vckc_journal_replay (engine, domain, def, stored->journal, &error))
        return true;
      if (n_left > 1 && vckc_error_get_code (error) == VCKC_ERROR_BUSY)
        {
          g_usleep (PAUSE);
          continue;
        }
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
}

static bool
job_load_complete (VckcEngine *engine,
                   VckcManagedDomain *domain,
                   const VckcStoredDomain *stored,
                   VckcError **err)
{
  VckcJournal *journal = stored->journal;
  g_autoptr (VckcDomainDef) def = vckc_domain_def_parse (stored->domain_xml, NULL);

  vckc_log_info (VCKC_ABOUT (.domain = domain->uuid),
                 "domain '%s': completing an interrupted operation (%s)", domain->uuid,
                 journal->operation);
  if (job_load_replay (engine, domain, def, stored, err))
    return true;
  vckc_prefix_error (err,
                     "an earlier operation (%s) on domain '%s' was interrupted and cannot be "
                     "completed yet",
                     journal->operation, domain->uuid);
  return false;
}

void
vckc_set_interrupted (VckcError **err, const VckcManagedDomain *domain, const char *problem)
{
  vckc_set_error (
      err, VCKC_ERROR_OPERATION_INVALID,
      "an earlier operation on domain '%s' was interrupted, and its journal cannot be "
      "read: %s; put it right, or repair the checkpoints with the INTERRUPTED flag, which "
      "removes it",
      domain->uuid, problem);
}

bool
vckc_job_check_completed (const VckcManagedDomain *domain, VckcError **err)
{
  if (domain->problem != NULL)
    vckc_set_interrupted (err, domain, domain->problem);
  return domain->problem == NULL;
}

static void
job_load_set_reading (VckcEngine *engine, VckcManagedDomain *domain, bool reading)
{
  vckc_mutex_lock (&engine->mutex);
  domain->reading = reading;
  if (!reading)
    vckc_cond_broadcast (&engine->unlocked);
  vckc_mutex_unlock (&engine->mutex);
}

static bool
job_load_read (VckcEngine *engine,
               VckcManagedDomain *domain,
               VckcStoredDomain **ret_stored,
               VckcError **err)
{
  g_autoptr (VckcDomainDef) def = NULL;

  if (!vckc_store_domain_load (engine->store, domain->uuid, ret_stored, err))
    return false;
  if ((*ret_stored)->journal != NULL)
    def = vckc_domain_def_parse ((*ret_stored)->domain_xml, NULL);
  if (def != NULL)
    vckc_stored_domain_check_journal (def, *ret_stored);
  return true;
}

/* What is known of the domain is right again when this returns; only completing an operation
 * does not keep readers waiting. */
static bool
job_load_and_complete (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  g_autoptr (VckcStoredDomain) stored = NULL;
  bool completed;

  if (!job_load_read (engine, domain, &stored, err))
    return false;
  if (stored->journal != NULL)
    {
      job_load_set_reading (engine, domain, false);
      completed = job_load_complete (engine, domain, stored, err);
      job_load_set_reading (engine, domain, true);
      if (!completed)
        {
          /* What is recorded can be looked at all the same. */
          job_load_adopt (engine, domain, stored, NULL);
          return false;
        }
      g_clear_pointer (&stored, vckc_stored_domain_free);
      if (!job_load_read (engine, domain, &stored, err))
        return false;
    }
  if (!job_load_adopt (engine, domain, stored, err))
    return false;
  vckc_job_stored (engine, domain);
  return true;
}

bool
vckc_job_load (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  bool loaded;

  vckc_domain_lock_assert_held (&domain->lock);
  job_load_set_reading (engine, domain, true);
  loaded = job_load_and_complete (engine, domain, err);
  job_load_set_reading (engine, domain, false);
  return loaded && vckc_job_check_completed (domain, err);
}

/* Reads the domain as it is, even if an operation is under way. */
static bool
job_load_as_is (VckcEngine *engine, VckcManagedDomain *domain, guint64 generation, VckcError **err)
{
  g_autoptr (VckcStoredDomain) stored = NULL;
  bool loaded;

  job_load_set_reading (engine, domain, true);
  loaded =
      job_load_read (engine, domain, &stored, err) && job_load_adopt (engine, domain, stored, err);
  if (loaded)
    {
      vckc_mutex_lock (&engine->mutex);
      domain->generation = generation;
      vckc_mutex_unlock (&engine->mutex);
    }
  job_load_set_reading (engine, domain, false);
  return loaded;
}

static bool
job_load_needs_recovery (const VckcManagedDomain *domain)
{
  return domain->untidy || (domain->interrupted && domain->problem == NULL);
}

/* Completes what was interrupted, unless the domain is locked. Whatever comes of it, the domain
 * can be read. */
static void
job_load_recover (VckcEngine *engine, VckcManagedDomain *domain)
{
  g_autoptr (VckcError) error = NULL;

  if (vckc_store_lock (engine->store, domain->uuid, 0, &error))
    {
      vckc_job_load (engine, domain, &error);
      vckc_store_unlock (engine->store, domain->uuid);
    }
  if (error != NULL)
    vckc_log_info (VCKC_ABOUT (.domain = domain->uuid, .error = error), "domain '%s': %s",
                   domain->uuid, vckc_error_get_message (error));
}

bool
vckc_job_look (VckcEngine *engine, VckcManagedDomain *domain, VckcLook look, VckcError **err)
{
  guint64 generation;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_engine_read_generation (engine, domain, &generation, err))
    return false;
  if ((!domain->loaded || generation != domain->generation)
      && !job_load_as_is (engine, domain, generation, err))
    return false;
  if (look == VCKC_LOOK_AND_RECOVER && job_load_needs_recovery (domain))
    job_load_recover (engine, domain);
  return true;
}
