/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/backing-name.h"

#include <string.h>

#include "base/json-parse.h"

/* Starts QEMU's description of an image that no plain name describes. */
#define JSON_PREFIX "json:"
/* As many formats can be on top of each other in a description. */
#define MAX_NODES 8

/* What QEMU calls files and block devices. */
static const char *const file_drivers[] = { "file", "host_device", NULL };
/* And what is on the network. */
static const char *const network_drivers[] = { "nbd",     "rbd",      "iscsi", "nfs",  "ssh",
                                               "http",    "https",    "ftp",   "ftps", "tftp",
                                               "gluster", "sheepdog", "vxhs",  NULL };

static bool
is_one_of (const char *name, gsize length, const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (strlen (names[i]) == length && strncmp (names[i], name, length) == 0)
      return true;
  return false;
}

static const char *
backing_node_get (JsonObject *node, const char *member)
{
  JsonNode *value = json_object_get_member (node, member);

  return value != NULL && json_node_get_value_type (value) == G_TYPE_STRING
             ? json_node_get_string (value)
             : NULL;
}

/* The object that the node is a format of; NULL if there is none. */
static JsonObject *
backing_node_get_file (JsonObject *node)
{
  JsonNode *file = json_object_get_member (node, "file");

  return file != NULL && JSON_NODE_HOLDS_OBJECT (file) ? json_node_get_object (file) : NULL;
}

/* Is the node described to be based on another than its header says? */
static bool
is_based_on_other (JsonObject *node)
{
  g_autoptr (GList) members = json_object_get_members (node);

  for (const GList *at = members; at != NULL; at = at->next)
    if (g_str_has_prefix (at->data, "backing"))
      return true;
  return false;
}

/* Is the node, or what it is a format of, the file *ret_file, or with NULL on the network? */
static bool
backing_node_examine (JsonObject *node, char **ret_file)
{
  static const char *const prefixes[] = { "", "file." };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      g_autofree char *filename = g_strconcat (prefixes[i], "filename", NULL);
      g_autofree char *driver = g_strconcat (prefixes[i], "driver", NULL);
      const char *name = backing_node_get (node, filename);
      const char *kind = backing_node_get (node, driver);

      if (kind != NULL && is_one_of (kind, strlen (kind), network_drivers))
        return true;
      if (name != NULL && g_path_is_absolute (name)
          && (kind == NULL || is_one_of (kind, strlen (kind), file_drivers)))
        {
          *ret_file = g_strdup (name);
          return true;
        }
    }
  return false;
}

/* A description like {"driver": "qcow2", "file": {"driver": "file", "filename": "/path"}}, or with
 * "file.driver" and "file.filename" for the inner object. False if it is another one. */
static bool
backing_name_parse_json (const char *text, char **ret_file)
{
  g_autofree char *why = NULL;
  g_autoptr (JsonNode) root = vckc_json_parse_object (text, strlen (text), &why);
  JsonObject *node = root != NULL ? json_node_get_object (root) : NULL;

  for (guint i = 0; i < MAX_NODES && node != NULL && !is_based_on_other (node); i++)
    {
      JsonObject *file = backing_node_get_file (node);

      if (file == NULL)
        return backing_node_examine (node, ret_file);
      node = file;
    }
  return false;
}

static char *
backing_name_find_path (const char *name, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return g_path_is_absolute (name) ? g_strdup (name) : g_build_filename (folder, name, NULL);
}

/* Of a name with a protocol. */
static bool
backing_name_is_network (const char *name, gsize protocol)
{
  return g_str_has_prefix (name + protocol, "://") || is_one_of (name, protocol, network_drivers);
}

bool
vckc_backing_name_resolve (const char *name, const char *path, char **ret_file, VckcError **err)
{
  gsize protocol = strcspn (name, ":/");
  bool known = true;

  *ret_file = NULL;
  if (name[protocol] != ':')
    *ret_file = backing_name_find_path (name, path);
  else if (g_str_has_prefix (name, JSON_PREFIX))
    known = backing_name_parse_json (name + strlen (JSON_PREFIX), ret_file);
  else if (is_one_of (name, protocol, file_drivers))
    *ret_file = backing_name_find_path (name + protocol + 1, path);
  else
    known = backing_name_is_network (name, protocol);
  if (!known)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the image '%s' is based on '%s', and it is not known which file that is", path,
                    name);
  return known;
}
