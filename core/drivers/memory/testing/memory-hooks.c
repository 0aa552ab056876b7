/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/testing/memory-hooks.h"

#include "drivers/memory/memory-backend.h"
#include "managed/methods/engine-methods.h"
#include "model/domain-def.h"

void
vckc_memory_fail_at (VckcConnect *connect, guint64 first, bool persistent, VckcErrorCode code)
{
  vckc_memory_fault_plan (
      vckc_memory_backend_get_fault (vckc_engine_get_backend (connect->driver_data)), first,
      persistent, code);
}

guint64
vckc_memory_count_calls (VckcConnect *connect)
{
  return vckc_memory_fault_count (
      vckc_memory_backend_get_fault (vckc_engine_get_backend (connect->driver_data)));
}

guint
vckc_memory_count_freezes (VckcConnect *connect)
{
  return vckc_memory_backend_count_freezes (vckc_engine_get_backend (connect->driver_data));
}

guint
vckc_memory_count_frozen (VckcConnect *connect)
{
  return vckc_memory_backend_count_frozen (vckc_engine_get_backend (connect->driver_data));
}

bool
vckc_memory_write (VckcDomain *domain, const char *target, guint64 offset, guint64 length)
{
  g_autofree char *xml = vckc_engine_domain_get_xml_desc (domain, 0, NULL);
  g_autoptr (VckcDomainDef) def = xml != NULL ? vckc_domain_def_parse (xml, NULL) : NULL;
  const VckcDomainDiskDef *disk = def != NULL ? vckc_domain_def_find_disk (def, target) : NULL;

  if (disk == NULL || disk->source == NULL)
    return false;
  vckc_memory_images_write (
      vckc_memory_backend_get_images (vckc_engine_get_backend (domain->connect->driver_data)),
      disk->source, offset, length);
  return true;
}

void
vckc_memory_hold_backups (VckcConnect *connect, bool held)
{
  vckc_memory_backups_hold (
      vckc_memory_backend_get_backups (vckc_engine_get_backend (connect->driver_data)), held);
}

void
vckc_memory_refuse_backup_speed (VckcConnect *connect, guint n)
{
  vckc_memory_backups_refuse_speed (
      vckc_memory_backend_get_backups (vckc_engine_get_backend (connect->driver_data)), n);
}

gint64
vckc_memory_get_backup_speed (VckcConnect *connect)
{
  return vckc_memory_backups_get_speed (
      vckc_memory_backend_get_backups (vckc_engine_get_backend (connect->driver_data)));
}

bool
vckc_memory_has_backup_file (VckcConnect *connect, const char *path)
{
  return vckc_memory_backups_has_file (
      vckc_memory_backend_get_backups (vckc_engine_get_backend (connect->driver_data)), path);
}
