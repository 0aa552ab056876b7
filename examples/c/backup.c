/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backs up all domains (virtual machines) of a host or folder into a repository.
 *
 * Run it every night: a backup copies what was written since the one before.
 *
 * Usage: backup URI FOLDER
 */

#include <locale.h>
#include <vck/vck.h>

static void
print_backup (VckBackup *backup)
{
  g_autoptr (GPtrArray) disks = vck_backup_list_disks (backup);

  for (guint i = 0; i < disks->len; i++)
    {
      VckBackupDisk *disk = g_ptr_array_index (disks, i);

      g_print ("%s: %s %" G_GINT64_FORMAT " bytes, %s\n", vck_backup_get_domain_name (backup),
               vck_backup_disk_get_target (disk), vck_backup_disk_get_bytes (disk),
               vck_backup_disk_get_base (disk) == NULL ? "full" : "incremental");
    }
}

static gboolean
back_up (VckRepository *repository, VckDomain *domain, GError **error)
{
  g_autoptr (VckBackup) backup = NULL;

  backup = vck_repository_backup (repository, domain, NULL, 0, 0, 0, NULL, error);
  if (backup != NULL)
    print_backup (backup);
  return backup != NULL;
}

static gboolean
run (const char *uri, const char *folder, GError **error)
{
  g_autoptr (VckRepository) repository = NULL;
  g_autoptr (VckConnection) connection = NULL;
  g_autoptr (GPtrArray) domains = NULL;

  repository = vck_repository_open (folder, VCK_REPOSITORY_CREATE, NULL, error);
  if (repository == NULL)
    return FALSE;
  connection = vck_connection_open (uri, 0, NULL, error);
  if (connection == NULL)
    return FALSE;
  domains = vck_connection_list_domains (connection, 0, NULL, error);
  if (domains == NULL)
    return FALSE;
  for (guint i = 0; i < domains->len; i++)
    if (!back_up (repository, g_ptr_array_index (domains, i), error))
      return FALSE;
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc != 3)
    {
      g_printerr ("usage: %s URI FOLDER\n", argv[0]);
      return 1;
    }
  if (run (argv[1], argv[2], &error))
    return 0;
  g_printerr ("backup: %s\n", error->message);
  return 1;
}
