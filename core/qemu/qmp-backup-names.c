/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qmp-backup-names.h"

VckcQmpBackupName
vckc_qmp_backup_name (const VckcQmpBackup *backup, char kind, guint disk)
{
  VckcQmpBackupName name;

  g_snprintf (name.text, sizeof name.text, "vck-%s-%c%u", backup->id, kind, disk);
  return name;
}

VckcQmpBackupName
vckc_qmp_backup_bitmap_name (const VckcQmpBackup *backup)
{
  VckcQmpBackupName name;

  g_snprintf (name.text, sizeof name.text, "vck-%s", backup->id);
  return name;
}

char *
vckc_qmp_backup_get_target (const VckcQmpBackup *backup, guint disk)
{
  return g_strdup (vckc_qmp_backup_name (backup, 't', disk).text);
}

char *
vckc_qmp_backup_get_bitmap (const VckcQmpBackup *backup)
{
  return g_strdup (vckc_qmp_backup_bitmap_name (backup).text);
}
