/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/managed-domain.h"

VckcManagedDomain *
vckc_managed_domain_new (const char *uuid, VckcDomainState state)
{
  VckcManagedDomain *domain = g_new0 (VckcManagedDomain, 1);

  domain->ref_count = 1;
  domain->uuid = g_strdup (uuid);
  domain->incarnation = vckc_incarnation_new ();
  domain->tree = vckc_checkpoint_tree_new ();
  domain->orphans = vckc_orphan_bitmaps_new (NULL);
  domain->state = state;
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
  g_clear_pointer (&domain->orphans, vckc_orphan_bitmaps_free);
  g_clear_pointer (&domain->backup_status, vckc_backup_status_free);
  g_clear_pointer (&domain->backup_end, vckc_backup_status_free);
  g_free (domain->problem);
  g_free (domain->uuid);
  g_free (domain);
}

const char *
vckc_managed_domain_get_name_locked (const VckcManagedDomain *domain)
{
  return domain->def != NULL ? domain->def->name : domain->uuid;
}

VckcBlockMachine
vckc_managed_domain_machine (const VckcManagedDomain *domain, const VckcDomainDef *def)
{
  VckcBlockMachine machine = { .uuid = domain->uuid,
                               .since = __atomic_load_n (&domain->job_since, __ATOMIC_RELAXED) };

  if (def != NULL)
    {
      machine.qmp_socket = def->qmp_socket;
      machine.agent_socket = def->agent_socket;
    }
  return machine;
}

VckcDomain *
vckc_managed_domain_new_handle (VckcConnect *connect, const VckcManagedDomain *domain)
{
  VckcDomain *handle =
      vckc_domain_new (connect, vckc_managed_domain_get_name_locked (domain), domain->uuid);

  handle->incarnation = domain->incarnation;
  return handle;
}

VckcDomainCheckpoint *
vckc_managed_domain_new_checkpoint_handle (VckcDomain *domain, const VckcCheckpointNode *node)
{
  VckcDomainCheckpoint *handle = vckc_domain_checkpoint_new (domain, node->name);

  handle->incarnation = node->incarnation;
  return handle;
}

void
vckc_set_no_domain (VckcError **err, const char *uuid)
{
  vckc_set_error (err, VCKC_ERROR_NO_DOMAIN, "there is no domain with the UUID '%s'", uuid);
}

VckcCheckpointNode *
vckc_managed_domain_find_node (VckcManagedDomain *domain, const char *name, VckcError **err)
{
  VckcCheckpointNode *node = vckc_checkpoint_tree_lookup (domain->tree, name);

  if (node == NULL)
    vckc_set_error (err, VCKC_ERROR_NO_DOMAIN_CHECKPOINT, "domain '%s' has no checkpoint '%s'",
                    domain->def->name, name);
  return node;
}

VckcCheckpointNode *
vckc_managed_domain_get_node (VckcManagedDomain *domain,
                              const VckcDomainCheckpoint *checkpoint,
                              VckcError **err)
{
  VckcCheckpointNode *node = vckc_managed_domain_find_node (domain, checkpoint->name, err);

  if (node == NULL || checkpoint->incarnation == 0 || checkpoint->incarnation == node->incarnation)
    return node;
  vckc_set_error (
      err, VCKC_ERROR_NO_DOMAIN_CHECKPOINT,
      "checkpoint '%s' of domain '%s' was deleted, and another one made under its name; "
      "look it up again",
      checkpoint->name, domain->def->name);
  return NULL;
}
