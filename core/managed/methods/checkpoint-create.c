/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Creating checkpoints, and planning that. */

#include "managed/methods/engine-methods.h"

#include "managed/bitmap-set.h"
#include "managed/domain-table.h"
#include "managed/find-domain.h"
#include "managed/job.h"
#include "managed/methods/backup-recover.h"
#include "managed/methods/checkpoint-prepare.h"
#include "managed/methods/checkpoint-redefine.h"
#include "managed/methods/checkpoint-write.h"
#include "model/checkpoint-plan.h"
#include "model/checkpoint-xml.h"

#define CREATE_FLAGS                                                                               \
  (VCKC_CHECKPOINT_CREATE_REDEFINE | VCKC_CHECKPOINT_CREATE_QUIESCE                                \
   | VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE)

/* Once frozen, the guest is thawed whatever happens. */
static bool
create_add_all_quiesced (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         VckcBitmapSet *plan,
                         VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);
  bool added, thawed;

  if (!vckc_block_freeze (engine->backend, &machine, err))
    return false;
  added = vckc_bitmap_set_add_all (plan, err);
  thawed = vckc_block_thaw (engine->backend, &machine, added ? err : NULL);
  return added && thawed;
}

/* All that is looked at before anything is changed: completes the definition and opens the images.
 * Creating and planning do this, so that a plan says what will be done. */
static bool
create_look (VckcEngine *engine,
             VckcManagedDomain *domain,
             VckcCheckpointDef *def,
             unsigned int flags,
             VckcBlockSessionMode mode,
             VckcBitmapSet *plan,
             VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);
  const bool quiesce = (flags & VCKC_CHECKPOINT_CREATE_QUIESCE) != 0;

  if ((quiesce && !vckc_checkpoint_check_quiesce (engine, domain, err))
      || !vckc_checkpoint_prepare (engine, domain, def, err))
    return false;
  vckc_bitmap_set_add_checkpoint (plan, def, domain->def);
  return vckc_bitmap_set_open (plan, engine->backend, &machine, mode, err)
         && vckc_checkpoint_check_no_bitmap_exists (plan, err);
}

/* From the look to the end of the session the images are held, so that nothing else can make a
 * bitmap of the same name between our look and our transaction, and the journal can only
 * ever remove bitmaps of ours. */
static bool
create_add_bitmaps (VckcEngine *engine,
                    VckcManagedDomain *domain,
                    VckcBitmapSet *plan,
                    VckcCheckpointDef *def,
                    bool quiesce,
                    VckcJournal *undo,
                    VckcError **err)
{
  return vckc_store_write_journal (engine->store, domain->uuid, undo, err)
         && (quiesce ? create_add_all_quiesced (engine, domain, plan, err)
                     : vckc_bitmap_set_add_all (plan, err))
         && vckc_checkpoint_note_disks (plan, def, err) && vckc_bitmap_set_close (plan, err);
}

/* With the job held. Returns the name of the new checkpoint. */
static char *
create_checkpoint (VckcEngine *engine,
                   VckcManagedDomain *domain,
                   VckcCheckpointDef *given /* (transfer full) */,
                   unsigned int flags,
                   VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = given;
  g_autoptr (VckcBitmapSet) plan = vckc_bitmap_set_new ();
  g_autoptr (VckcJournal) undo = NULL;
  g_autofree char *name = NULL;
  bool quiesce = (flags & VCKC_CHECKPOINT_CREATE_QUIESCE) != 0;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_backup_check_change (engine, domain, err)
      || !create_look (engine, domain, def, flags, VCKC_BLOCK_SESSION_WRITE, plan, err))
    {
      vckc_bitmap_set_close (plan, NULL);
      return NULL;
    }
  name = g_strdup (def->name);
  undo = vckc_checkpoint_make_undo (domain, "create", name);
  vckc_bitmap_set_add_to_journal (plan, undo);

  if (!create_add_bitmaps (engine, domain, plan, def, quiesce, undo, err)
      || !vckc_checkpoint_write (engine, domain, def, name, err))
    {
      vckc_bitmap_set_close (plan, NULL);
      vckc_checkpoint_undo (engine, domain, undo);
      return NULL;
    }

  vckc_mutex_lock (&engine->mutex);
  vckc_checkpoint_link_locked (engine, domain, g_steal_pointer (&def), true);
  vckc_mutex_unlock (&engine->mutex);
  vckc_job_stored (engine, domain);
  return g_steal_pointer (&name);
}

VckcDomainCheckpoint *
vckc_engine_domain_checkpoint_create_xml (VckcDomain *handle,
                                          const char *xml_desc,
                                          unsigned int flags,
                                          VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  bool is_redefine = (flags & VCKC_CHECKPOINT_CREATE_REDEFINE) != 0;
  g_autoptr (VckcManagedDomain) domain = NULL;
  g_autoptr (VckcCheckpointDef) def = NULL;
  g_autofree char *name = NULL;
  VckcDomainCheckpoint *checkpoint = NULL;

  if (!vckc_check_flags (flags, CREATE_FLAGS, &vckc_flags_create_checkpoint, err))
    return NULL;
  domain = vckc_engine_get_domain (handle, err);
  if (domain == NULL)
    return NULL;
  def = vckc_checkpoint_def_parse (xml_desc, is_redefine, err);
  if (def == NULL || !vckc_job_begin (engine, domain, err))
    return NULL;

  name = is_redefine ? vckc_job_redefine (engine, domain, g_steal_pointer (&def), flags, err)
                     : create_checkpoint (engine, domain, g_steal_pointer (&def), flags, err);
  if (name != NULL)
    checkpoint = vckc_managed_domain_new_checkpoint_handle (
        handle, vckc_checkpoint_tree_lookup (domain->tree, name));
  vckc_job_end (engine, domain);
  return checkpoint;
}

/* With the shared job. */
static VckcCheckpointPlan *
create_plan (VckcEngine *engine,
             VckcManagedDomain *domain,
             VckcCheckpointDef *def,
             unsigned int flags,
             VckcError **err)
{
  g_autoptr (VckcBitmapSet) set = vckc_bitmap_set_new ();
  const bool is_named = def->name != NULL;
  const bool looked =
      vckc_job_check_completed (domain, err) && vckc_backup_check_followed (engine, domain, err)
      && create_look (engine, domain, def, flags, VCKC_BLOCK_SESSION_PLAN, set, err);

  vckc_bitmap_set_close (set, NULL);
  return looked ? vckc_checkpoint_plan_new (def, is_named) : NULL;
}

VckcCheckpointPlan *
vckc_engine_domain_plan_checkpoint_xml (VckcDomain *handle,
                                        const char *xml_desc,
                                        unsigned int flags,
                                        VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  const bool is_redefine = (flags & VCKC_CHECKPOINT_CREATE_REDEFINE) != 0;
  g_autoptr (VckcManagedDomain) domain = NULL;
  g_autoptr (VckcCheckpointDef) def = NULL;
  VckcCheckpointPlan *plan;

  if (!vckc_check_flags (flags, CREATE_FLAGS, &vckc_flags_create_checkpoint, err))
    return NULL;
  domain = vckc_engine_get_domain (handle, err);
  if (domain == NULL)
    return NULL;
  def = vckc_checkpoint_def_parse (xml_desc, is_redefine, err);
  if (def == NULL || !vckc_job_begin_shared (engine, domain, vckc_look_of (handle->connect), err))
    return NULL;
  plan = create_plan (engine, domain, def, flags, err);
  vckc_job_end (engine, domain);
  return plan;
}
