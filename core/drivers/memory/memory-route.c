/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/memory-route.h"

#include "drivers/memory/memory-backend.h"
#include "managed/methods/engine-methods.h"
#include "model/domain-def.h"

bool
vckc_memory_domain_choose_backup_mode (VckcDomain *domain,
                                       VckcBackupMode *ret_mode,
                                       char **ret_why,
                                       VckcError **err)
{
  *ret_mode = VCKC_BACKUP_MODE_PULL;
  *ret_why = g_strdup ("its disks are simulated");
  return true;
}

bool
vckc_memory_domain_measure_disk (VckcDomain *domain,
                                 const char *target,
                                 guint64 *ret_virtual_size,
                                 guint64 *ret_allocated,
                                 VckcError **err)
{
  VckcBlockBackend *backend = vckc_engine_get_backend (domain->connect->driver_data);
  g_autofree char *xml = vckc_engine_domain_get_xml_desc (domain, 0, err);
  g_autoptr (VckcDomainDef) def = xml != NULL ? vckc_domain_def_parse (xml, err) : NULL;
  const VckcDomainDiskDef *disk = def != NULL ? vckc_domain_def_find_disk (def, target) : NULL;

  if (def == NULL)
    return false;
  if (disk == NULL || disk->source == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                      "domain '%s' has no image of disk '%s'", domain->name, target);
      return false;
    }
  *ret_virtual_size = VCKC_MEMORY_CAPACITY;
  *ret_allocated =
      vckc_memory_images_count_written (vckc_memory_backend_get_images (backend), disk->source);
  return true;
}
