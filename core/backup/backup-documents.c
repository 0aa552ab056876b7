/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/backup-documents.h"

#include "model/backup-xml.h"
#include "model/checkpoint-xml.h"

char *
vckc_backup_make_file (const char *target)
{
  return g_strconcat (target, ".qcow2", NULL);
}

char *
vckc_backup_make_backing (const VckcBackupPlanDisk *disk)
{
  return disk->base != NULL ? g_build_filename ("..", disk->base, disk->base_file, NULL) : NULL;
}

char *
vckc_backup_document_new (const VckcBackupPlan *plan, const VckcPartial *partial)
{
  g_autoptr (VckcBackupDef) def = vckc_backup_def_new ();

  def->mode = VCKC_BACKUP_MODE_PUSH;
  def->has_disks = true;
  for (guint i = 0; i < plan->disks->len; i++)
    {
      const VckcBackupPlanDisk *disk = g_ptr_array_index (plan->disks, i);
      VckcBackupDiskDef *copy = vckc_backup_disk_def_new (disk->target);
      g_autofree char *file = vckc_backup_make_file (disk->target);

      copy->backup = true;
      copy->type = VCKC_BACKUP_STORE_FILE;
      copy->path = g_build_filename (partial->where, file, NULL);
      copy->format = g_strdup ("qcow2");
      copy->mode = disk->base != NULL ? VCKC_BACKUP_DISK_INCREMENTAL : VCKC_BACKUP_DISK_FULL;
      copy->incremental = g_strdup (disk->base_checkpoint);
      g_ptr_array_add (def->disks, copy);
    }
  return vckc_backup_def_format (def);
}

char *
vckc_checkpoint_document_new (const VckcBackupPlan *plan, const char *name, const char *label)
{
  g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_new ();

  def->name = g_strdup (name);
  def->description = g_strdup (label);
  def->has_disks = true;
  for (guint i = 0; i < plan->disks->len; i++)
    {
      const VckcBackupPlanDisk *disk = g_ptr_array_index (plan->disks, i);

      g_ptr_array_add (def->disks,
                       vckc_checkpoint_disk_def_new (disk->target, disk->tracked, NULL));
    }
  return vckc_checkpoint_def_tracks_any_disk (def) ? vckc_checkpoint_def_format (def, false, false)
                                                   : NULL;
}
