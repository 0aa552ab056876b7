/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Creating checkpoints. */

#include "managed/methods/engine-methods.h"

#include "managed/bitmap-set.h"
#include "managed/domain-table.h"
#include "managed/find-domain.h"
#include "managed/job.h"
#include "managed/methods/backup-recover.h"
#include "managed/methods/checkpoint-prepare.h"
#include "managed/methods/checkpoint-redefine.h"
#include "managed/methods/checkpoint-write.h"
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

/* From here to the end of the session the images are held, so that nothing else can make a
 * bitmap of the same name between our look and our transaction, and the journal can only
 * ever remove bitmaps of ours. */
static bool
create_add_bitmaps (VckcEngine *engine,
                    VckcManagedDomain *domain,
                    VckcBitmapSet *plan,
                    VckcCheckpointDef *def,
                    bool quiesce,
                    VckcJournal *undo,
                    bool *ret_begun,
                    VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);

  if (!vckc_bitmap_set_open (plan, engine->backend, &machine, VCKC_BLOCK_SESSION_WRITE, err)
      || !vckc_checkpoint_check_no_bitmap_exists (plan, err))
    return false;
  *ret_begun = true;
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
  bool begun = false;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_backup_check_change (engine, domain, err)
      || (quiesce && !vckc_checkpoint_check_quiesce (engine, domain, err))
      || !vckc_checkpoint_prepare (engine, domain, def, err))
    return NULL;
  name = g_strdup (def->name);
  vckc_bitmap_set_add_checkpoint (plan, def, domain->def);
  undo = vckc_checkpoint_make_undo (domain, "create", name);
  vckc_bitmap_set_add_to_journal (plan, undo);

  if (!create_add_bitmaps (engine, domain, plan, def, quiesce, undo, &begun, err)
      || !vckc_checkpoint_write (engine, domain, def, name, err))
    {
      vckc_bitmap_set_close (plan, NULL);
      if (begun)
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
