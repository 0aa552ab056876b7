/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/import-check.h"

#include "vckc-transfer.h"

static bool
import_check_disks (const VckcImportTarget *target, const VckcCheckpointDef *def, VckcError **err)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (!disk->tracked || vckc_domain_def_find_disk (target->def, disk->name) != NULL)
        continue;
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED, "domain '%s' has no disk '%s'",
                      target->name, disk->name);
      return false;
    }
  return true;
}

bool
vckc_import_check (const VckcImportTarget *target,
                   const VckcCheckpointDef *def,
                   unsigned int flags,
                   VckcError **err)
{
  if (target->has_checkpoint && (flags & VCKC_IMPORT_REPLACE) == 0)
    {
      vckc_set_error (
          err, VCKC_ERROR_CHECKPOINT_EXISTS,
          "domain '%s' already has a checkpoint '%s'; add the REPLACE flag to replace it",
          target->name, def->name);
      return false;
    }
  return (flags & VCKC_IMPORT_METADATA_ONLY) != 0 || import_check_disks (target, def, err);
}
