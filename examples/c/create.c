/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Creates a checkpoint of a domain (a virtual machine) with one disk, and prints what was written
 * since each one. Run it, write to the disk, and run it again with another name. */

#include <locale.h>
#include <vck/vck.h>

/* Defining a domain that exists already replaces its definition and keeps its checkpoints. */
static VckDomain *
define_domain (VckConnection *connection, const char *image, GError **error)
{
  const char *const images[] = { image, NULL };
  g_autoptr (VckDomainConfig) config = vck_domain_config_new_from_images (images);

  vck_domain_config_set_name (config, "example");
  return vck_connection_define_domain (connection, config, NULL, error);
}

static gboolean
print_changes (VckDomain *domain, GError **error)
{
  g_autoptr (GPtrArray) checkpoints =
      vck_domain_list_checkpoints (domain, VCK_CHECKPOINT_LIST_TOPOLOGICAL, NULL, error);

  for (guint i = 0; checkpoints != NULL && i < checkpoints->len; i++)
    {
      VckCheckpoint *checkpoint = g_ptr_array_index (checkpoints, i);
      g_autoptr (GPtrArray) disks =
          vck_checkpoint_list_disks (checkpoint, VCK_CHECKPOINT_XML_SIZE, NULL, error);

      if (disks == NULL)
        return FALSE;
      for (guint j = 0; j < disks->len; j++)
        g_print ("%s: %s %" G_GINT64_FORMAT " bytes\n", vck_checkpoint_get_name (checkpoint),
                 vck_checkpoint_disk_get_name (disks->pdata[j]),
                 vck_checkpoint_disk_get_size (disks->pdata[j]));
    }
  return checkpoints != NULL;
}

static gboolean
run (const char *uri, const char *image, const char *name, GError **error)
{
  g_autoptr (VckConnection) connection = vck_connection_open (uri, 0, NULL, error);
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();
  g_autoptr (VckDomain) domain = NULL;
  g_autoptr (VckCheckpoint) checkpoint = NULL;

  vck_checkpoint_config_set_name (config, name);
  if (connection != NULL)
    domain = define_domain (connection, image, error);
  if (domain != NULL)
    checkpoint = vck_domain_create_checkpoint (domain, config, 0, NULL, error);
  return checkpoint != NULL && print_changes (domain, error);
}

int
main (int argc, char **argv)
{
  const gboolean help = argc == 2 && g_str_equal (argv[1], "--help");
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc != 4)
    (help ? g_print : g_printerr) ("usage: %s URI IMAGE NAME\n", argv[0]);
  else if (!run (argv[1], argv[2], argv[3], &error))
    g_printerr ("create: %s\n", error->message);
  return help || (argc == 4 && error == NULL) ? 0 : 1;
}
