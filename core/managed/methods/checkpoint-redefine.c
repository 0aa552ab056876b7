/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/methods/checkpoint-redefine.h"

#include "managed/bitmap-set.h"
#include "managed/domain-table.h"
#include "managed/image-check.h"
#include "managed/methods/checkpoint-write.h"
#include "model/bitmap-state.h"
#include "model/checkpoint-xml.h"

static bool
redefine_check_parent (VckcManagedDomain *domain, const VckcCheckpointDef *def, VckcError **err)
{
  VckcCheckpointNode *node = vckc_checkpoint_tree_lookup (domain->tree, def->name);
  VckcCheckpointNode *parent;

  if (def->parent_name == NULL)
    return true;
  if (g_str_equal (def->parent_name, def->name))
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "checkpoint '%s' cannot be its own parent",
                      def->name);
      return false;
    }
  parent = vckc_checkpoint_tree_lookup (domain->tree, def->parent_name);
  if (parent == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                      "parent '%s' of checkpoint '%s' does not exist; redefine parents first",
                      def->parent_name, def->name);
      return false;
    }
  if (node != NULL && vckc_checkpoint_node_is_within (parent, node))
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                      "checkpoint '%s' cannot have its own descendant '%s' as parent", def->name,
                      def->parent_name);
      return false;
    }
  return true;
}

static bool
redefine_check_domain (VckcManagedDomain *domain, VckcCheckpointDef *def, VckcError **err)
{
  if (def->domain == NULL)
    return true;
  if (g_strcmp0 (def->domain->uuid, domain->uuid) != 0)
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                      "the <domain> in checkpoint '%s' must have the UUID '%s' of domain '%s'",
                      def->name, domain->uuid, domain->def->name);
      return false;
    }
  return vckc_checkpoint_def_align (def, def->domain, err);
}

/* Are the bitmaps the definition speaks of there, and good? */
static bool
redefine_validate (VckcEngine *engine,
                   VckcManagedDomain *domain,
                   const VckcCheckpointDef *def,
                   VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);
  g_autoptr (VckcBitmapSet) plan = vckc_bitmap_set_new ();

  vckc_bitmap_set_add_checkpoint (plan, def, domain->def);
  if (vckc_bitmap_set_size (plan) == 0)
    return true;
  if (!vckc_bitmap_set_open (plan, engine->backend, &machine, VCKC_BLOCK_SESSION_READ, err))
    return false;
  for (guint i = 0; i < vckc_bitmap_set_size (plan); i++)
    if (!vckc_block_bitmap_is_usable (vckc_bitmap_set_found (plan, i)))
      {
        vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                        "bitmap '%s' of checkpoint '%s' is %s on disk '%s'",
                        vckc_bitmap_set_bitmap (plan, i), def->name,
                        vckc_bitmap_set_found (plan, i) != NULL ? "broken" : "missing",
                        vckc_bitmap_set_target (plan, i));
        return false;
      }
  return vckc_bitmap_set_close (plan, err);
}

/* The current checkpoint after `def` was redefined: a redefined chain ends in its last
 * member, as it did when it was made. */
static const char *
redefine_get_current (VckcManagedDomain *domain, const VckcCheckpointDef *def)
{
  VckcCheckpointNode *current = vckc_checkpoint_tree_current (domain->tree);

  if (current == NULL || g_strcmp0 (def->parent_name, current->def->name) == 0)
    return def->name;
  return current->def->name;
}

static void
redefine_replace_locked (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         VckcCheckpointNode *node,
                         VckcCheckpointDef *def /* (transfer full) */,
                         bool make_current)
{
  vckc_checkpoint_tree_replace (domain->tree, node, def);
  if (make_current)
    vckc_checkpoint_tree_set_current (domain->tree, node);
  vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_CHANGED, domain, node);
}

/* A checkpoint that exists stays the same one. Its images are those that are there now: redefining
 * is how a person says that they are right. */
static void
redefine_settle_identity (VckcEngine *engine,
                          VckcManagedDomain *domain,
                          const VckcCheckpointNode *node,
                          VckcCheckpointDef *def)
{
  if (node != NULL && node->def->uuid != NULL)
    {
      g_free (def->uuid);
      def->uuid = g_strdup (node->def->uuid);
    }
  if (def->uuid == NULL)
    def->uuid = g_uuid_string_random ();
  vckc_image_note (engine->backend, domain->def, def);
}

char *
vckc_job_redefine (VckcEngine *engine,
                   VckcManagedDomain *domain,
                   VckcCheckpointDef *given /* (transfer full) */,
                   unsigned int flags,
                   VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = given;
  g_autoptr (VckcJournal) undo = NULL;
  g_autofree char *name = g_strdup (def->name);
  VckcCheckpointNode *node = vckc_checkpoint_tree_lookup (domain->tree, name);
  const char *current;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!redefine_check_parent (domain, def, err) || !redefine_check_domain (domain, def, err))
    return NULL;
  vckc_checkpoint_def_name_bitmaps (def);
  redefine_settle_identity (engine, domain, node, def);
  if (!vckc_checkpoint_def_check_size (def, err))
    return NULL;
  if ((flags & VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE) != 0
      && !redefine_validate (engine, domain, def, err))
    return NULL;

  current = redefine_get_current (domain, def);
  undo = vckc_checkpoint_make_undo (domain, "redefine", name);
  if (!vckc_store_write_journal (engine->store, domain->uuid, undo, err)
      || !vckc_checkpoint_write (engine, domain, def, current, err))
    {
      vckc_checkpoint_undo (engine, domain, undo);
      return NULL;
    }

  vckc_mutex_lock (&engine->mutex);
  if (node != NULL)
    redefine_replace_locked (engine, domain, node, g_steal_pointer (&def),
                             g_str_equal (current, name));
  else
    vckc_checkpoint_link_locked (engine, domain, g_steal_pointer (&def),
                                 g_str_equal (current, name));
  vckc_mutex_unlock (&engine->mutex);
  vckc_job_stored (engine, domain);
  return g_steal_pointer (&name);
}

bool
vckc_job_set_current (VckcEngine *engine,
                      VckcManagedDomain *domain,
                      const char *name,
                      VckcError **err)
{
  VckcCheckpointNode *node = vckc_checkpoint_tree_lookup (domain->tree, name);
  g_autoptr (VckcJournal) change = vckc_journal_new ("set current");

  vckc_domain_lock_assert_held (&domain->lock);
  if (node == NULL || node == vckc_checkpoint_tree_current (domain->tree))
    return true;
  change->set_current = true;
  change->current = g_strdup (name);
  if (!vckc_store_apply (engine->store, domain->uuid, change, err))
    return false;

  vckc_mutex_lock (&engine->mutex);
  vckc_checkpoint_tree_set_current (domain->tree, node);
  vckc_mutex_unlock (&engine->mutex);
  vckc_job_stored (engine, domain);
  return true;
}
