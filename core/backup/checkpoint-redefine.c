/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/checkpoint-redefine.h"

#include "api/entry.h"
#include "model/checkpoint-xml.h"

VckcCheckpointDef *
vckc_checkpoint_redefine_load (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  g_autofree char *xml =
      vckc_domain_checkpoint_get_xml_desc (checkpoint, VCKC_CHECKPOINT_XML_SECURE, err);

  return xml != NULL ? vckc_checkpoint_def_parse (xml, true, err) : NULL;
}

bool
vckc_checkpoint_redefine (VckcDomain *domain, const VckcCheckpointDef *def, VckcError **err)
{
  g_autofree char *xml = vckc_checkpoint_def_format (def, true, true);
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_create_xml (domain, xml, VCKC_CHECKPOINT_CREATE_REDEFINE, err);

  if (checkpoint == NULL)
    return false;
  vckc_domain_checkpoint_unref (checkpoint, NULL);
  return true;
}

static bool
checkpoint_redefine_without (VckcDomainCheckpoint *checkpoint, GHashTable *targets, VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_redefine_load (checkpoint, err);

  if (def == NULL)
    return false;
  for (guint i = 0; i < def->disks->len; i++)
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (!g_hash_table_contains (targets, disk->name))
        continue;
      disk->tracked = false;
      g_clear_pointer (&disk->bitmap, g_free);
    }
  return vckc_checkpoint_redefine (checkpoint->domain, def, err);
}

bool
vckc_checkpoint_untrack (VckcDomainCheckpoint *checkpoint, GHashTable *targets, VckcError **err)
{
  VckcConnect *connect = checkpoint->domain->connect;
  VckcError *error = NULL;
  bool done;

  if (connect->driver->domain_checkpoint_untrack == NULL)
    return checkpoint_redefine_without (checkpoint, targets, err);
  if (!vckc_check_writable (connect, "change checkpoints", err) || !vckc_check_open (connect, err))
    return false;
  done = connect->driver->domain_checkpoint_untrack (checkpoint, targets, &error);
  return vckc_driver_returned (connect, done, error, G_STRFUNC, err);
}
