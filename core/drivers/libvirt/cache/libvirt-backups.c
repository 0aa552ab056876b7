/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-backups.h"

VckcLibvirtBackup *
vckc_libvirt_backup_new (void)
{
  VckcLibvirtBackup *backup = g_new0 (VckcLibvirtBackup, 1);

  backup->ref_count = 1;
  backup->id = g_uuid_string_random ();
  backup->disks = g_ptr_array_new_with_free_func (vckc_object_unref);
  return backup;
}

VckcLibvirtBackup *
vckc_libvirt_backup_ref (VckcLibvirtBackup *backup)
{
  g_atomic_int_inc (&backup->ref_count);
  return backup;
}

void
vckc_libvirt_backup_unref (VckcLibvirtBackup *backup)
{
  if (!g_atomic_int_dec_and_test (&backup->ref_count))
    return;
  g_free (backup->id);
  g_free (backup->checkpoint);
  g_ptr_array_unref (backup->disks);
  g_clear_pointer (&backup->result, vckc_object_unref);
  g_free (backup);
}

void
vckc_libvirt_backups_add (VckcDomain *domain, VckcLibvirtBackup *backup)
{
  VckcLibvirtConnection *connection = vckc_libvirt_get_connection (domain->connect);

  vckc_mutex_lock (&connection->mutex);
  g_hash_table_replace (connection->backups, g_strdup (domain->uuid),
                        vckc_libvirt_backup_ref (backup));
  vckc_mutex_unlock (&connection->mutex);
}

VckcLibvirtBackup *
vckc_libvirt_backups_find (VckcDomain *domain, VckcJobInfo **ret_result)
{
  VckcLibvirtConnection *connection = vckc_libvirt_get_connection (domain->connect);
  VckcLibvirtBackup *backup;

  vckc_mutex_lock (&connection->mutex);
  backup = g_hash_table_lookup (connection->backups, domain->uuid);
  if (backup != NULL)
    vckc_libvirt_backup_ref (backup);
  if (ret_result != NULL)
    *ret_result =
        backup != NULL && backup->result != NULL ? vckc_object_ref (backup->result) : NULL;
  vckc_mutex_unlock (&connection->mutex);
  return backup;
}

bool
vckc_libvirt_backups_set_result (VckcDomain *domain, VckcLibvirtBackup *backup, VckcJobInfo *result)
{
  VckcLibvirtConnection *connection = vckc_libvirt_get_connection (domain->connect);
  bool is_last;

  vckc_mutex_lock (&connection->mutex);
  is_last = g_hash_table_lookup (connection->backups, domain->uuid) == backup;
  if (is_last)
    backup->result = vckc_object_ref (result);
  vckc_mutex_unlock (&connection->mutex);
  return is_last;
}

void
vckc_libvirt_backups_remove (VckcDomain *domain, VckcLibvirtBackup *backup)
{
  VckcLibvirtConnection *connection = vckc_libvirt_get_connection (domain->connect);

  vckc_mutex_lock (&connection->mutex);
  if (g_hash_table_lookup (connection->backups, domain->uuid) == backup)
    g_hash_table_remove (connection->backups, domain->uuid);
  vckc_mutex_unlock (&connection->mutex);
}
