/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/backup-xml.h"

#include <string.h>
#include <sys/un.h>

#include "xml/xml-format.h"
#include "xml/xml-parse.h"

static const char *const transport_names[] = {
  [VCKC_BACKUP_TRANSPORT_TCP] = "tcp",
  [VCKC_BACKUP_TRANSPORT_UNIX] = "unix",
};

static const char *const store_names[] = {
  [VCKC_BACKUP_STORE_FILE] = "file",
  [VCKC_BACKUP_STORE_BLOCK] = "block",
};

/* The attribute of <target> and <scratch> that has the path. */
static const char *const path_names[] = {
  [VCKC_BACKUP_STORE_FILE] = "file",
  [VCKC_BACKUP_STORE_BLOCK] = "dev",
};

static const char *const disk_mode_names[] = {
  [VCKC_BACKUP_DISK_DEFAULT] = "",
  [VCKC_BACKUP_DISK_FULL] = "full",
  [VCKC_BACKUP_DISK_INCREMENTAL] = "incremental",
};

static const char *
store_element (VckcBackupMode mode)
{
  return mode == VCKC_BACKUP_MODE_PULL ? "scratch" : "target";
}

/* --- reading: the grammar has refused all other values --- */

/* The first name is the default. */
static guint
parse_name (const xmlNode *node, const char *attribute, const char *const *names, guint n_names)
{
  g_autofree char *value = vckc_xml_attribute (node, attribute);

  for (guint i = 0; value != NULL && i < n_names; i++)
    if (g_str_equal (names[i], value))
      return i;
  return 0;
}

#define PARSE_NAME(node, attribute, names) parse_name (node, attribute, names, G_N_ELEMENTS (names))

static bool
is_set (const xmlNode *node, const char *attribute, const char *value)
{
  g_autofree char *text = vckc_xml_attribute (node, attribute);

  return g_strcmp0 (text, value) == 0;
}

static guint
parse_number (const xmlNode *node, const char *attribute)
{
  g_autofree char *text = vckc_xml_attribute (node, attribute);
  guint64 value = 0;

  if (text != NULL)
    g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT, &value, NULL);
  return (guint) value;
}

static bool
parse_server (VckcBackupDef *def, const xmlNode *node, VckcError **err)
{
  const gsize max_size = sizeof ((struct sockaddr_un *) NULL)->sun_path - 1;
  VckcBackupServer *server;
  g_autofree char *shown = NULL;

  if (node == NULL)
    return true;
  server = def->server = g_new0 (VckcBackupServer, 1);
  server->transport = PARSE_NAME (node, "transport", transport_names);
  server->name = vckc_xml_attribute (node, "name");
  server->port = parse_number (node, "port");
  server->socket = vckc_xml_attribute (node, "socket");
  server->tls = is_set (node, "tls", "yes");
  if (server->socket == NULL || strlen (server->socket) <= max_size)
    return true;

  shown = vckc_xml_tidy_message (server->socket);
  vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                  "the socket '%s' of the backup's server is longer than the %" G_GSIZE_FORMAT
                  " bytes that the path of a socket can have; use a shorter one",
                  shown, max_size);
  return false;
}

static VckcBackupDiskDef *
parse_disk (const xmlNode *node, VckcBackupMode mode)
{
  g_autofree char *name = vckc_xml_attribute (node, "name");
  VckcBackupDiskDef *disk = vckc_backup_disk_def_new (name);
  const xmlNode *store = vckc_xml_child (node, store_element (mode));

  disk->backup = !is_set (node, "backup", "no");
  if (!disk->backup)
    return disk;
  disk->type = PARSE_NAME (node, "type", store_names);
  disk->mode = PARSE_NAME (node, "backupmode", disk_mode_names);
  disk->incremental = vckc_xml_attribute (node, "incremental");
  disk->export_name = vckc_xml_attribute (node, "exportname");
  disk->export_bitmap = vckc_xml_attribute (node, "exportbitmap");
  disk->index = parse_number (node, "index");
  disk->format = vckc_xml_attribute (vckc_xml_child (node, "driver"), "type");
  disk->path = vckc_xml_attribute (store, path_names[disk->type]);
  disk->labelled =
      vckc_xml_child (store, "seclabel") != NULL || vckc_xml_child (store, "encryption") != NULL;
  return disk;
}

VckcBackupDef *
vckc_backup_def_parse (const char *text, VckcError **err)
{
  g_autoptr (xmlDoc) doc = vckc_xml_parse (text, VCKC_XML_SCHEMA_BACKUP, "backup description", err);
  const xmlNode *root = doc != NULL ? xmlDocGetRootElement (doc) : NULL;
  g_autoptr (VckcBackupDef) def = NULL;
  const xmlNode *disks;

  if (root == NULL)
    return NULL;
  def = vckc_backup_def_new ();
  if (is_set (root, "mode", "pull"))
    def->mode = VCKC_BACKUP_MODE_PULL;
  def->incremental = vckc_xml_text (vckc_xml_child (root, "incremental"));
  if (!parse_server (def, vckc_xml_child (root, "server"), err))
    return NULL;
  disks = vckc_xml_child (root, "disks");
  def->has_disks = disks != NULL;
  for (const xmlNode *node = vckc_xml_child (disks, "disk"); node != NULL;
       node = vckc_xml_next (node, "disk"))
    g_ptr_array_add (def->disks, parse_disk (node, def->mode));
  return g_steal_pointer (&def);
}

/* --- writing --- */

static void
append_optional (GString *out, const char *name, const char *value)
{
  if (value != NULL)
    vckc_xml_append_attribute (out, name, value);
}

static void
append_number (GString *out, const char *name, guint value)
{
  if (value != 0)
    g_string_append_printf (out, " %s='%u'", name, value);
}

static void
format_server (GString *out, const VckcBackupServer *server)
{
  vckc_xml_append_indent (out, 1);
  g_string_append (out, "<server");
  vckc_xml_append_attribute (out, "transport", transport_names[server->transport]);
  append_optional (out, "tls", server->tls ? "yes" : NULL);
  append_optional (out, "name", server->name);
  append_number (out, "port", server->port);
  append_optional (out, "socket", server->socket);
  g_string_append (out, "/>\n");
}

static void
format_line (GString *out, const char *element, const char *attribute, const char *value)
{
  if (value == NULL)
    return;
  vckc_xml_append_indent (out, 3);
  g_string_append_printf (out, "<%s", element);
  vckc_xml_append_attribute (out, attribute, value);
  g_string_append (out, "/>\n");
}

static void
format_store (GString *out, const VckcBackupDiskDef *disk, VckcBackupMode mode)
{
  if (disk->format == NULL && disk->path == NULL)
    {
      g_string_append (out, "/>\n");
      return;
    }
  g_string_append (out, ">\n");
  format_line (out, "driver", "type", disk->format);
  format_line (out, store_element (mode), path_names[disk->type], disk->path);
  vckc_xml_append_indent (out, 2);
  g_string_append (out, "</disk>\n");
}

static void
format_disk (GString *out, const VckcBackupDiskDef *disk, VckcBackupMode mode)
{
  vckc_xml_append_indent (out, 2);
  g_string_append (out, "<disk");
  vckc_xml_append_attribute (out, "name", disk->name);
  vckc_xml_append_attribute (out, "backup", disk->backup ? "yes" : "no");
  if (!disk->backup)
    {
      g_string_append (out, "/>\n");
      return;
    }
  vckc_xml_append_attribute (out, "type", store_names[disk->type]);
  if (disk->mode != VCKC_BACKUP_DISK_DEFAULT)
    vckc_xml_append_attribute (out, "backupmode", disk_mode_names[disk->mode]);
  append_optional (out, "incremental", disk->incremental);
  append_optional (out, "exportname", disk->export_name);
  append_optional (out, "exportbitmap", disk->export_bitmap);
  append_number (out, "index", disk->index);
  format_store (out, disk, mode);
}

char *
vckc_backup_def_format (const VckcBackupDef *def)
{
  GString *out = g_string_new ("<domainbackup");

  vckc_xml_append_attribute (out, "mode", def->mode == VCKC_BACKUP_MODE_PULL ? "pull" : "push");
  g_string_append (out, ">\n");
  if (def->incremental != NULL)
    vckc_xml_append_element (out, 1, "incremental", def->incremental);
  if (def->server != NULL)
    format_server (out, def->server);
  if (def->disks->len > 0)
    {
      g_string_append (out, "  <disks>\n");
      for (guint i = 0; i < def->disks->len; i++)
        format_disk (out, g_ptr_array_index (def->disks, i), def->mode);
      g_string_append (out, "  </disks>\n");
    }
  g_string_append (out, "</domainbackup>\n");
  return g_string_free (out, FALSE);
}

bool
vckc_backup_def_check_size (const VckcBackupDef *def, VckcError **err)
{
  g_autofree char *text = vckc_backup_def_format (def);

  return vckc_xml_check_size (strlen (text), "the description of the backup with all its disks",
                              err);
}
