/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qmp-backup-names.h"

#include <string.h>

/* What all names of a kind begin with; the number of the disk follows. */
static VckcQmpBackupName
qmp_backup_prefix (const VckcQmpBackup *backup, char kind)
{
  VckcQmpBackupName prefix;

  g_snprintf (prefix.text, sizeof prefix.text, "vck-%s-%c", backup->id, kind);
  return prefix;
}

VckcQmpBackupName
vckc_qmp_backup_name (const VckcQmpBackup *backup, char kind, guint disk)
{
  const VckcQmpBackupName prefix = qmp_backup_prefix (backup, kind);
  VckcQmpBackupName name;

  g_snprintf (name.text, sizeof name.text, "%s%u", prefix.text, disk);
  return name;
}

bool
vckc_qmp_backup_parse_name (const VckcQmpBackup *backup,
                            char kind,
                            const char *name,
                            guint *ret_disk)
{
  const VckcQmpBackupName prefix = qmp_backup_prefix (backup, kind);
  guint64 disk;

  if (!g_str_has_prefix (name, prefix.text)
      || !g_ascii_string_to_unsigned (name + strlen (prefix.text), 10, 0, G_MAXINT, &disk, NULL))
    return false;
  *ret_disk = (guint) disk;
  return true;
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
