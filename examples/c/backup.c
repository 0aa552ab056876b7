/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backs up all domains (virtual machines) of a host or folder into a repository.
 *
 * Run it every night: a backup copies what was written since the one before. Where a domain cannot
 * be backed up, the others are nevertheless.
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
back_up (VckRepository *repository, VckDomain *domain)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckBackup) backup = NULL;

  backup = vck_repository_backup (repository, domain, NULL, 0, 0, 0, NULL, &error);
  if (backup != NULL)
    print_backup (backup);
  else
    g_printerr ("backup: %s: %s\n", vck_domain_get_name (domain), error->message);
  return backup != NULL;
}

static GPtrArray *
list_domains (const char *uri, GError **error)
{
  g_autoptr (VckConnection) connection = vck_connection_open (uri, 0, NULL, error);

  return connection != NULL ? vck_connection_list_domains (connection, 0, NULL, error) : NULL;
}

int
main (int argc, char **argv)
{
  const gboolean help = argc == 2 && g_str_equal (argv[1], "--help");
  g_autoptr (GError) error = NULL;
  g_autoptr (VckRepository) repository = NULL;
  g_autoptr (GPtrArray) domains = NULL;
  gboolean failed = FALSE;

  setlocale (LC_ALL, "");
  if (argc != 3)
    {
      (help ? g_print : g_printerr) ("usage: %s URI FOLDER\n", argv[0]);
      return help ? 0 : 1;
    }
  repository = vck_repository_open (argv[2], VCK_REPOSITORY_CREATE, NULL, &error);
  domains = repository != NULL ? list_domains (argv[1], &error) : NULL;
  if (domains == NULL)
    {
      g_printerr ("backup: %s\n", error->message);
      return 1;
    }
  for (guint i = 0; i < domains->len; i++)
    failed = !back_up (repository, g_ptr_array_index (domains, i)) || failed;
  return failed ? 1 : 0;
}
