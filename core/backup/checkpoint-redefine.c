/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/checkpoint-redefine.h"

#include "handles/handles.h"
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

bool
vckc_checkpoint_redefine_without (VckcDomain *domain,
                                  VckcCheckpointDef *def,
                                  GHashTable *targets,
                                  VckcError **err)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (!g_hash_table_contains (targets, disk->name))
        continue;
      disk->tracked = false;
      g_clear_pointer (&disk->bitmap, g_free);
    }
  return vckc_checkpoint_redefine (domain, def, err);
}
