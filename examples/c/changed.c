/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Prints which blocks of each disk of a domain (a virtual machine) were written since a
 * checkpoint. */

#include <locale.h>
#include <vck/vck.h>

#define PIECE 1000

/* One piece after the other: there may be millions of extents. */
static gboolean
print_extents (VckExtentCursor *cursor, const char *disk, GError **error)
{
  for (;;)
    {
      g_autoptr (GPtrArray) extents = vck_extent_cursor_read (cursor, PIECE, NULL, error);

      for (guint i = 0; extents != NULL && i < extents->len; i++)
        {
          const VckExtent *extent = g_ptr_array_index (extents, i);

          g_print ("%s: %" G_GUINT64_FORMAT " bytes at %" G_GUINT64_FORMAT ", %s\n", disk,
                   extent->length, extent->offset,
                   (extent->flags & VCK_EXTENT_ZERO) != 0 ? "zero" : "data");
        }
      if (extents == NULL || extents->len == 0)
        return extents != NULL;
    }
}

static gboolean
print_changes (VckCheckpoint *checkpoint, GError **error)
{
  g_autoptr (GPtrArray) disks = vck_checkpoint_list_disks (checkpoint, 0, NULL, error);

  if (disks == NULL)
    return FALSE;
  for (guint i = 0; i < disks->len; i++)
    {
      const char *disk = vck_checkpoint_disk_get_name (g_ptr_array_index (disks, i));
      g_autoptr (VckExtentCursor) cursor =
          vck_checkpoint_open_extents (checkpoint, disk, 0, NULL, error);

      if (cursor == NULL || !print_extents (cursor, disk, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run (const char *uri, const char *name, const char *since, GError **error)
{
  g_autoptr (VckConnection) connection =
      vck_connection_open (uri, VCK_CONNECTION_READ_ONLY, NULL, error);
  g_autoptr (VckDomain) domain = NULL;
  g_autoptr (VckCheckpoint) checkpoint = NULL;

  if (connection != NULL)
    domain = vck_connection_lookup_domain_by_name (connection, name, NULL, error);
  if (domain != NULL)
    checkpoint = vck_domain_lookup_checkpoint (domain, since, NULL, error);
  return checkpoint != NULL && print_changes (checkpoint, error);
}

int
main (int argc, char **argv)
{
  const gboolean help = argc == 2 && g_str_equal (argv[1], "--help");
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc != 4)
    (help ? g_print : g_printerr) ("usage: %s URI DOMAIN CHECKPOINT\n", argv[0]);
  else if (!run (argv[1], argv[2], argv[3], &error))
    g_printerr ("changed: %s\n", error->message);
  return help || (argc == 4 && error == NULL) ? 0 : 1;
}
