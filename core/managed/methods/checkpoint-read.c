/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the managed engine does with checkpoints that changes nothing. */

#include "managed/methods/engine-methods.h"

#include "managed/checkpoint-state.h"
#include "managed/find-domain.h"
#include "managed/job.h"
#include "model/checkpoint-xml.h"

#define LIST_FLAGS                                                                                 \
  (VCKC_CHECKPOINT_LIST_ROOTS | VCKC_CHECKPOINT_LIST_TOPOLOGICAL | VCKC_CHECKPOINT_LIST_LEAVES     \
   | VCKC_CHECKPOINT_LIST_NO_LEAVES)
#define XML_FLAGS                                                                                  \
  (VCKC_CHECKPOINT_XML_SECURE | VCKC_CHECKPOINT_XML_NO_DOMAIN | VCKC_CHECKPOINT_XML_SIZE)

VckcDomainCheckpoint *
vckc_engine_domain_checkpoint_lookup_by_name (VckcDomain *handle,
                                              const char *name,
                                              unsigned int flags,
                                              VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  VckcDomainCheckpoint *checkpoint = NULL;
  VckcCheckpointNode *node;

  if (!vckc_check_flags (flags, 0, &vckc_flags_lookup_checkpoint, err))
    return NULL;
  domain = vckc_engine_get_domain (handle, err);
  if (domain == NULL)
    return NULL;

  vckc_mutex_lock (&engine->mutex);
  node = vckc_managed_domain_find_node (domain, name, err);
  if (node != NULL)
    checkpoint = vckc_managed_domain_new_checkpoint_handle (handle, node);
  vckc_mutex_unlock (&engine->mutex);
  return checkpoint;
}

/* With the mutex held: replaces the nodes by handles. */
static GPtrArray *
checkpoint_make_handles (VckcDomain *handle, GPtrArray *nodes /* (transfer full) */)
{
  for (guint i = 0; i < nodes->len; i++)
    nodes->pdata[i] =
        vckc_managed_domain_new_checkpoint_handle (handle, g_ptr_array_index (nodes, i));
  g_ptr_array_set_free_func (nodes, vckc_object_unref);
  return nodes;
}

int
vckc_engine_domain_list_all_checkpoints (VckcDomain *handle,
                                         VckcDomainCheckpoint ***ret_checkpoints,
                                         unsigned int flags,
                                         VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  GPtrArray *handles;

  if (!vckc_check_flags (flags, LIST_FLAGS, &vckc_flags_list_checkpoints, err))
    return -1;
  domain = vckc_engine_get_domain (handle, err);
  if (domain == NULL)
    return -1;

  vckc_mutex_lock (&engine->mutex);
  handles = checkpoint_make_handles (handle, vckc_checkpoint_tree_list (domain->tree, NULL, flags));
  vckc_mutex_unlock (&engine->mutex);
  return vckc_object_array_return (handles, (gpointer **) ret_checkpoints);
}

int
vckc_engine_domain_checkpoint_list_all_children (VckcDomainCheckpoint *checkpoint,
                                                 VckcDomainCheckpoint ***ret_children,
                                                 unsigned int flags,
                                                 VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (checkpoint->domain->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  VckcCheckpointNode *node;
  GPtrArray *handles = NULL;

  if (!vckc_check_flags (flags, LIST_FLAGS, &vckc_flags_list_children, err))
    return -1;
  domain = vckc_engine_get_domain (checkpoint->domain, err);
  if (domain == NULL)
    return -1;

  vckc_mutex_lock (&engine->mutex);
  node = vckc_managed_domain_get_node (domain, checkpoint, err);
  if (node != NULL)
    handles = checkpoint_make_handles (checkpoint->domain,
                                       vckc_checkpoint_tree_list (domain->tree, node, flags));
  vckc_mutex_unlock (&engine->mutex);
  return handles != NULL ? vckc_object_array_return (handles, (gpointer **) ret_children) : -1;
}

VckcDomainCheckpoint *
vckc_engine_domain_checkpoint_get_parent (VckcDomainCheckpoint *checkpoint,
                                          unsigned int flags,
                                          VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (checkpoint->domain->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  VckcDomainCheckpoint *parent = NULL;
  VckcCheckpointNode *node;

  if (!vckc_check_flags (flags, 0, &vckc_flags_get_parent, err))
    return NULL;
  domain = vckc_engine_get_domain (checkpoint->domain, err);
  if (domain == NULL)
    return NULL;

  vckc_mutex_lock (&engine->mutex);
  node = vckc_managed_domain_get_node (domain, checkpoint, err);
  if (node != NULL && node->parent != NULL)
    parent = vckc_managed_domain_new_checkpoint_handle (checkpoint->domain, node->parent);
  else if (node != NULL)
    vckc_set_error (err, VCKC_ERROR_NO_DOMAIN_CHECKPOINT,
                    "checkpoint '%s' of domain '%s' has no parent", checkpoint->name,
                    domain->def->name);
  vckc_mutex_unlock (&engine->mutex);
  return parent;
}

bool
vckc_engine_domain_checkpoint_get_details (VckcDomainCheckpoint *checkpoint,
                                           VckcCheckpointDetails *ret_details,
                                           VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (checkpoint->domain->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (checkpoint->domain, err);
  VckcCheckpointNode *node;

  if (domain == NULL)
    return false;

  vckc_mutex_lock (&engine->mutex);
  node = vckc_managed_domain_get_node (domain, checkpoint, err);
  if (node != NULL)
    {
      ret_details->description = g_strdup (node->def->description);
      ret_details->parent_name = g_strdup (node->def->parent_name);
      if (node->parent != NULL)
        ret_details->parent =
            vckc_managed_domain_new_checkpoint_handle (checkpoint->domain, node->parent);
      ret_details->creation_time = node->def->creation_time;
      ret_details->uuid = g_strdup (node->def->uuid);
    }
  vckc_mutex_unlock (&engine->mutex);
  return node != NULL;
}

static bool
checkpoint_measure_together (VckcEngine *engine,
                             VckcManagedDomain *domain,
                             VckcCheckpointDef *def,
                             VckcBitmapSet *plan,
                             VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);

  return vckc_bitmap_set_open (plan, engine->backend, &machine, VCKC_BLOCK_SESSION_READ, err)
         && vckc_checkpoint_state_read (engine, domain->def, def,
                                        vckc_checkpoint_tree_lookup (domain->tree, def->name), plan,
                                        err)
         && vckc_bitmap_set_close (plan, err);
}

/* Of a disk that cannot be looked at nothing is known. */
static bool
checkpoint_measure_one_by_one (VckcEngine *engine,
                               VckcManagedDomain *domain,
                               VckcCheckpointDef *def,
                               const VckcBitmapSet *all,
                               VckcError **err)
{
  for (guint i = 0; i < vckc_bitmap_set_size (all); i++)
    {
      g_autoptr (VckcBitmapSet) plan = vckc_bitmap_set_new_of_one (all, i);
      g_autoptr (VckcError) error = NULL;

      if (checkpoint_measure_together (engine, domain, def, plan, &error)
          || vckc_block_error_is_of_disk (error))
        continue;
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
  return true;
}

/* With the job held. */
static bool
checkpoint_measure (VckcEngine *engine,
                    VckcManagedDomain *domain,
                    VckcCheckpointDef *def,
                    VckcError **err)
{
  g_autoptr (VckcBitmapSet) plan = vckc_bitmap_set_new ();
  g_autoptr (VckcError) error = NULL;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_checkpoint_state_plan (engine, domain->def,
                                   vckc_checkpoint_tree_lookup (domain->tree, def->name), def, plan,
                                   err))
    return false;
  if (vckc_bitmap_set_size (plan) == 0
      || checkpoint_measure_together (engine, domain, def, plan, &error))
    return true;
  if (vckc_block_error_is_of_disk (error))
    return checkpoint_measure_one_by_one (engine, domain, def, plan, err);
  vckc_propagate_error (err, g_steal_pointer (&error));
  return false;
}

static VckcCheckpointDef *
checkpoint_get_measured_def (VckcEngine *engine,
                             VckcManagedDomain *domain,
                             const VckcDomainCheckpoint *checkpoint,
                             VckcLook look,
                             VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = NULL;
  bool measured;

  if (!vckc_job_begin_shared (engine, domain, look, err))
    return NULL;
  def = vckc_checkpoint_state_copy_def (engine, domain, checkpoint, err);
  measured = def != NULL && checkpoint_measure (engine, domain, def, err);
  vckc_job_end (engine, domain);
  return measured ? g_steal_pointer (&def) : NULL;
}

/* The definition, measured if the flags ask for it. */
static VckcCheckpointDef *
checkpoint_get_def (VckcDomainCheckpoint *checkpoint, unsigned int flags, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (checkpoint->domain->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (checkpoint->domain, err);

  if (domain == NULL)
    return NULL;
  return (flags & VCKC_CHECKPOINT_XML_SIZE) != 0
             ? checkpoint_get_measured_def (engine, domain, checkpoint,
                                            vckc_look_of (checkpoint->domain->connect), err)
             : vckc_checkpoint_state_copy_def (engine, domain, checkpoint, err);
}

int
vckc_engine_domain_checkpoint_list_disks (VckcDomainCheckpoint *checkpoint,
                                          VckcDomainCheckpointDisk ***ret_disks,
                                          unsigned int flags,
                                          VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = checkpoint_get_def (checkpoint, flags, err);

  return def != NULL ? vckc_object_array_return (vckc_checkpoint_def_list_disks (def),
                                                 (gpointer **) ret_disks)
                     : -1;
}

char *
vckc_engine_domain_checkpoint_get_xml_desc (VckcDomainCheckpoint *checkpoint,
                                            unsigned int flags,
                                            VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = NULL;

  if (!vckc_check_flags (flags, XML_FLAGS, &vckc_flags_checkpoint_xml, err))
    return NULL;
  def = checkpoint_get_def (checkpoint, flags, err);
  return def != NULL
             ? vckc_checkpoint_def_format (def, (flags & VCKC_CHECKPOINT_XML_NO_DOMAIN) == 0,
                                           (flags & VCKC_CHECKPOINT_XML_SECURE) != 0)
             : NULL;
}
