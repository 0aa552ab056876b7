/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Creates a checkpoint of a domain (a virtual machine) and prints what changed since each one.
 *
 * Run it, write to the disk, and run it again with another name.
 *
 * Usage: checkpoint URI IMAGE NAME
 */

#include <locale.h>
#include <vck/vck.h>

static const char domain_format[] = "<domain type='qemu'>"
                                    "  <name>example</name>"
                                    "  <memory unit='MiB'>256</memory>"
                                    "  <os><type>hvm</type></os>"
                                    "  <devices>"
                                    "    <disk type='file' device='disk'>"
                                    "      <driver name='qemu' type='qcow2'/>"
                                    "      <source file='%s'/>"
                                    "      <target dev='vda' bus='virtio'/>"
                                    "    </disk>"
                                    "  </devices>"
                                    "</domain>";

static const char checkpoint_format[] = "<domaincheckpoint><name>%s</name></domaincheckpoint>";

/* Defining a domain that exists already replaces its definition and keeps its checkpoints. */
static VckDomain *
define_domain (VckConnection *connection, const char *image, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (image, NULL);
  g_autofree char *xml = g_markup_printf_escaped (domain_format, path);

  return vck_connection_define_domain_xml (connection, xml, NULL, error);
}

static gboolean
create_checkpoint (VckDomain *domain, const char *name, GError **error)
{
  g_autofree char *xml = g_markup_printf_escaped (checkpoint_format, name);
  g_autoptr (VckCheckpoint) checkpoint = NULL;

  checkpoint = vck_domain_create_checkpoint_xml (domain, xml, 0, NULL, error);
  return checkpoint != NULL;
}

static gboolean
print_changes_since (VckCheckpoint *checkpoint, GError **error)
{
  g_autoptr (GPtrArray) disks = NULL;

  disks = vck_checkpoint_list_disks (checkpoint, VCK_CHECKPOINT_XML_SIZE, NULL, error);
  if (disks == NULL)
    return FALSE;
  for (guint i = 0; i < disks->len; i++)
    {
      VckCheckpointDisk *disk = g_ptr_array_index (disks, i);

      g_print ("%s: %s %" G_GINT64_FORMAT " bytes\n", vck_checkpoint_get_name (checkpoint),
               vck_checkpoint_disk_get_name (disk), vck_checkpoint_disk_get_size (disk));
    }
  return TRUE;
}

static gboolean
print_changes (VckDomain *domain, GError **error)
{
  g_autoptr (GPtrArray) checkpoints = NULL;

  checkpoints = vck_domain_list_checkpoints (domain, VCK_CHECKPOINT_LIST_TOPOLOGICAL, NULL, error);
  if (checkpoints == NULL)
    return FALSE;
  for (guint i = 0; i < checkpoints->len; i++)
    {
      if (!print_changes_since (g_ptr_array_index (checkpoints, i), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run (const char *uri, const char *image, const char *name, GError **error)
{
  g_autoptr (VckConnection) connection = NULL;
  g_autoptr (VckDomain) domain = NULL;

  connection = vck_connection_open (uri, 0, NULL, error);
  if (connection == NULL)
    return FALSE;
  domain = define_domain (connection, image, error);
  if (domain == NULL)
    return FALSE;
  return create_checkpoint (domain, name, error) && print_changes (domain, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc != 4)
    {
      g_printerr ("usage: %s URI IMAGE NAME\n", argv[0]);
      return 1;
    }
  if (run (argv[1], argv[2], argv[3], &error))
    return 0;
  if (g_error_matches (error, VCK_ERROR, VCK_ERROR_BUSY))
    g_printerr ("checkpoint: the image is in use; shut the domain down and try again\n");
  else
    g_printerr ("checkpoint: %s\n", error->message);
  return 1;
}
