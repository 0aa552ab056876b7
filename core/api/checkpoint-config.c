/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Configurations of checkpoints: from XML, to XML, planned and created. */

#include "vckc-checkpoint-config.h"

#include "api/disk-policy.h"
#include "api/domain-checkpoint.h"
#include "api/entry.h"
#include "model/checkpoint-xml.h"

static bool
config_check (const VckcCheckpointConfig *config, VckcError **err)
{
  if (!vckc_check_not_null (config, "config", err))
    return false;
  if (config->n_disks > 0 && !vckc_check_not_null (config->disks, "config->disks", err))
    return false;
  if (config->policy <= VCKC_DISK_POLICY_ALL)
    return true;
  vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "there is no policy for disks with the number %d",
                  (int) config->policy);
  return false;
}

static VckcCheckpointDef *
config_to_def (const VckcCheckpointConfig *config)
{
  VckcCheckpointDef *def = vckc_checkpoint_def_new ();

  def->name = g_strdup (config->name);
  def->description = g_strdup (config->description);
  def->has_disks = config->n_disks > 0;
  for (guint i = 0; i < config->n_disks; i++)
    {
      const VckcCheckpointDiskConfig *disk = &config->disks[i];

      /* The grammar refuses a name that is empty. */
      g_ptr_array_add (def->disks,
                       vckc_checkpoint_disk_def_new (disk->target != NULL ? disk->target : "",
                                                     disk->tracked, disk->bitmap));
    }
  return def;
}

static VckcCheckpointConfig *
config_from_def (const VckcCheckpointDef *def)
{
  VckcCheckpointConfig *config = g_new0 (VckcCheckpointConfig, 1);

  config->name = g_strdup (def->name);
  config->description = g_strdup (def->description);
  config->policy = def->has_disks ? VCKC_DISK_POLICY_LISTED : VCKC_DISK_POLICY_ALL;
  config->n_disks = def->disks->len;
  config->disks = g_new0 (VckcCheckpointDiskConfig, def->disks->len);
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      config->disks[i].target = g_strdup (disk->name);
      config->disks[i].tracked = disk->tracked;
      config->disks[i].bitmap = g_strdup (disk->bitmap);
    }
  return config;
}

VckcCheckpointConfig *
vckc_checkpoint_config_parse (const char *xml_desc, VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = NULL;

  VCKC_TRACE ("xml_desc=%s", VCKC_TRACE_TEXT (xml_desc));

  if (!vckc_check_not_null (xml_desc, "xml_desc", err))
    return NULL;
  def = vckc_checkpoint_def_parse (xml_desc, false, err);
  return def != NULL ? config_from_def (def) : NULL;
}

/* Does a document say the same, whatever the disks of a domain are? */
static bool
config_check_policy (const VckcCheckpointConfig *config, VckcError **err)
{
  const bool is_listed = config->policy == VCKC_DISK_POLICY_LISTED;

  if (is_listed ? config->n_disks > 0
                : config->policy == VCKC_DISK_POLICY_ALL && config->n_disks == 0)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                  "%s; choose the policy LISTED and list disks, or the policy ALL and list none",
                  is_listed
                      ? "a document cannot list no disk"
                      : "which disks are tracked depends on the domain, and a document lists them");
  return false;
}

char *
vckc_checkpoint_config_format (const VckcCheckpointConfig *config, VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = NULL;
  g_autoptr (VckcCheckpointDef) parsed = NULL;
  g_autofree char *xml = NULL;

  VCKC_TRACE ("config=%p", (const void *) config);

  if (!config_check (config, err) || !config_check_policy (config, err))
    return NULL;
  def = config_to_def (config);
  xml = vckc_checkpoint_def_format (def, false, false);
  parsed = vckc_checkpoint_def_parse (xml, false, err);
  return parsed != NULL ? g_steal_pointer (&xml) : NULL;
}

void
vckc_checkpoint_config_free (VckcCheckpointConfig *config)
{
  if (config == NULL)
    return;
  for (guint i = 0; i < config->n_disks; i++)
    {
      g_free (config->disks[i].target);
      g_free (config->disks[i].bitmap);
    }
  g_free (config->disks);
  g_free (config->name);
  g_free (config->description);
  g_free (config);
}

/* The definition with the disks that the policy adds. */
static VckcCheckpointDef *
config_complete (const VckcCheckpointConfig *config, VckcDomain *domain, VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = config_to_def (config);

  return vckc_disk_policy_apply (config->policy, def, domain, err) ? g_steal_pointer (&def) : NULL;
}

VckcDomainCheckpoint *
vckc_domain_create_checkpoint (VckcDomain *domain,
                               const VckcCheckpointConfig *config,
                               unsigned int flags,
                               VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = NULL;
  g_autofree char *xml = NULL;

  VCKC_TRACE ("domain=%p config=%p flags=%#x", (void *) domain, (const void *) config, flags);

  if (!vckc_check_handle (domain, &vckc_domain_class, err) || !config_check (config, err)
      || !vckc_check_writable (domain->connect, "create checkpoints", err))
    return NULL;
  def = config_complete (config, domain, err);
  if (def == NULL)
    return NULL;
  xml = vckc_checkpoint_def_format (def, false, false);
  return vckc_domain_checkpoint_create_xml (domain, xml, flags, err);
}

VckcCheckpointPlan *
vckc_domain_plan_checkpoint (VckcDomain *domain,
                             const VckcCheckpointConfig *config,
                             unsigned int flags,
                             VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = NULL;
  g_autoptr (VckcCheckpointPlan) plan = NULL;
  g_autofree char *xml = NULL;

  VCKC_TRACE ("domain=%p config=%p flags=%#x", (void *) domain, (const void *) config, flags);

  if (!vckc_check_handle (domain, &vckc_domain_class, err) || !config_check (config, err))
    return NULL;
  def = config_complete (config, domain, err);
  if (def == NULL)
    return NULL;
  xml = vckc_checkpoint_def_format (def, false, false);
  plan = vckc_domain_plan_checkpoint_xml (domain, xml, flags, err);
  if (plan == NULL || !vckc_disk_policy_explain (config->policy, def, domain, plan, err))
    return NULL;
  return g_steal_pointer (&plan);
}
