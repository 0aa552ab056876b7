/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <sys/stat.h>

#include "machine-disks.h"

/* QEMU writes so a node that no plain file name describes. */
#define JSON_PREFIX "json:"

/* A qcow2 node. Strings are parts of QEMU's answer. */
typedef struct
{
  const char *name;
  guint64 capacity;
  struct stat file;
  bool is_backing; /* of another node */
} Node;

/* The name of the file below the nodes that a "json:" text describes; NULL if there is none. */
static char *
find_file_name (const char *text)
{
  g_autoptr (VckcQmpReply) document = vckc_qmp_reply_new_from_text (text, NULL);
  const VckcQmpValue *value = document != NULL ? vckc_qmp_reply_get_value (document) : NULL;

  while (value != NULL && vckc_qmp_value_has (value, "file"))
    value = vckc_qmp_value_get_object (value, "file", NULL);
  return value != NULL ? g_strdup (vckc_qmp_value_get_string (value, "filename", NULL)) : NULL;
}

/* Finds the file that QEMU, process `pid`, calls so. */
static bool
stat_file (const char *name, int pid, struct stat *ret_file)
{
  g_autofree char *path = NULL;

  if (g_str_has_prefix (name, JSON_PREFIX))
    path = find_file_name (name + strlen (JSON_PREFIX));
  else
    path = g_strdup (name);
  if (path != NULL && !g_path_is_absolute (path) && pid > 0)
    {
      g_autofree char *relative = g_steal_pointer (&path);

      path = g_strdup_printf ("/proc/%d/cwd/%s", pid, relative);
    }
  return path != NULL && g_path_is_absolute (path) && stat (path, ret_file) == 0;
}

static bool
is_same_file (const struct stat *one, const struct stat *other)
{
  if (S_ISBLK (one->st_mode) && S_ISBLK (other->st_mode))
    return one->st_rdev == other->st_rdev;
  return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* Adds a node, if it is a qcow2 one on a file that we can see. */
static bool
add_node (GArray *nodes, const VckcQmpValue *value, int pid, VckcError **err)
{
  const char *driver = vckc_qmp_value_get_string (value, "drv", err);
  const VckcQmpValue *image;
  const char *file;
  Node node = { NULL };

  if (driver == NULL)
    return false;
  if (strcmp (driver, "qcow2") != 0)
    return true;
  node.name = vckc_qmp_value_get_string (value, "node-name", err);
  image = node.name != NULL ? vckc_qmp_value_get_object (value, "image", err) : NULL;
  file = image != NULL ? vckc_qmp_value_get_string (image, "filename", err) : NULL;
  if (file == NULL || !vckc_qmp_value_get_uint (image, "virtual-size", &node.capacity, err))
    return false;
  if (stat_file (file, pid, &node.file))
    g_array_append_val (nodes, node);
  return true;
}

/* Marks what a node has below it. */
static void
mark_backing (GArray *nodes, const VckcQmpValue *value, int pid)
{
  const VckcQmpValue *image = vckc_qmp_value_get_object (value, "image", NULL);
  const char *name = NULL;
  struct stat file;

  if (!vckc_qmp_value_has (value, "backing_file"))
    return;
  if (vckc_qmp_value_has (image, "full-backing-filename"))
    name = vckc_qmp_value_get_string (image, "full-backing-filename", NULL);
  if (name == NULL)
    name = vckc_qmp_value_get_string (value, "backing_file", NULL);
  if (name == NULL || !stat_file (name, pid, &file))
    return;
  for (guint i = 0; i < nodes->len; i++)
    {
      Node *node = &g_array_index (nodes, Node, i);

      node->is_backing = node->is_backing || is_same_file (&node->file, &file);
    }
}

static GArray *
parse_nodes (const VckcQmpValue *list, int pid, VckcError **err)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (Node));

  for (guint i = 0; i < vckc_qmp_array_get_length (list); i++)
    if (!add_node (nodes, vckc_qmp_array_get_element (list, i), pid, err))
      return NULL;
  for (guint i = 0; i < vckc_qmp_array_get_length (list); i++)
    mark_backing (nodes, vckc_qmp_array_get_element (list, i), pid);
  return g_steal_pointer (&nodes);
}

/* Runs a query that cannot be refused; the answer is a list. */
static VckcQmpReply *
query_list (VckcQmpClient *client,
            const char *command,
            VckcQmpArgs *args,
            const VckcQmpValue **ret_list,
            VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (client, command, args, err);

  if (reply == NULL)
    return NULL;
  if (vckc_qmp_reply_get_refusal (reply) != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "QEMU refused '%s': %s", command,
                      vckc_qmp_reply_get_refusal (reply));
      return NULL;
    }
  *ret_list = vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, err);
  return *ret_list != NULL ? g_steal_pointer (&reply) : NULL;
}

/* The names of the nodes that the guest's devices are on, in a set. */
static GHashTable *
query_used (VckcQmpClient *client, VckcError **err)
{
  const VckcQmpValue *list;
  g_autoptr (VckcQmpReply) reply = query_list (client, "query-block", NULL, &list, err);
  GHashTable *used;

  if (reply == NULL)
    return NULL;
  used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < vckc_qmp_array_get_length (list); i++)
    {
      const VckcQmpValue *device = vckc_qmp_array_get_element (list, i);
      const VckcQmpValue *inserted = NULL;
      const char *name = NULL;

      if (vckc_qmp_value_has (device, "inserted"))
        inserted = vckc_qmp_value_get_object (device, "inserted", NULL);
      if (inserted != NULL && vckc_qmp_value_has (inserted, "node-name"))
        name = vckc_qmp_value_get_string (inserted, "node-name", NULL);
      if (name != NULL)
        g_hash_table_add (used, g_strdup (name));
    }
  return used;
}

static void
set_not_found (const VckcQmpDisk *disk, bool is_backing, VckcError **err)
{
  if (is_backing)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the running machine uses the image '%s' of disk '%s' as a backing file only: "
                    "define the domain with the image that it writes to",
                    disk->path, disk->target);
  else
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the running machine does not have disk '%s' attached: it has not opened the "
                    "image '%s' as qcow2; attach the disk, or stop the machine",
                    disk->target, disk->path);
}

/* With several nodes on one file, the one that the guest uses is the disk. */
static const Node *
choose_node (const GPtrArray *candidates, GHashTable *used, const VckcQmpDisk *disk, VckcError **err)
{
  const Node *found = NULL;

  for (guint i = 0; i < candidates->len; i++)
    {
      const Node *node = g_ptr_array_index (candidates, i);

      if (candidates->len > 1 && !g_hash_table_contains (used, node->name))
        continue;
      if (found == NULL)
        found = node;
      else
        {
          vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                          "the running machine has the image '%s' of disk '%s' open twice, as '%s' "
                          "and '%s': detach one",
                          disk->path, disk->target, found->name, node->name);
          return NULL;
        }
    }
  if (found == NULL)
    set_not_found (disk, false, err);
  return found;
}

static const Node *
find_node (GArray *nodes,
           VckcQmpClient *client,
           const VckcQmpDisk *disk,
           VckcError **err)
{
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  g_autoptr (GHashTable) used = NULL;
  bool is_backing = false;
  struct stat file;

  if (stat (disk->path, &file) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot find the image '%s' of disk '%s'", disk->path,
                            disk->target);
      return NULL;
    }
  for (guint i = 0; i < nodes->len; i++)
    {
      Node *node = &g_array_index (nodes, Node, i);

      if (!is_same_file (&node->file, &file))
        continue;
      is_backing = is_backing || node->is_backing;
      if (!node->is_backing)
        g_ptr_array_add (candidates, node);
    }
  if (candidates->len == 0)
    {
      set_not_found (disk, is_backing, err);
      return NULL;
    }
  if (candidates->len > 1 && (used = query_used (client, err)) == NULL)
    return NULL;
  return choose_node (candidates, used, disk, err);
}

bool
vckc_machine_disks_find (VckcQmpClient *client,
                         VckcQmpDisk *disks,
                         guint64 *capacities,
                         guint n_disks,
                         VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();
  const VckcQmpValue *list;
  g_autoptr (VckcQmpReply) reply = NULL;
  g_autoptr (GArray) nodes = NULL;

  vckc_qmp_args_add_bool (args, "flat", true);
  reply = query_list (client, "query-named-block-nodes", args, &list, err);
  nodes = reply != NULL ? parse_nodes (list, vckc_qmp_client_get_pid (client), err) : NULL;
  if (nodes == NULL)
    return false;
  for (guint i = 0; i < n_disks; i++)
    {
      const Node *node = find_node (nodes, client, &disks[i], err);

      if (node == NULL)
        return false;
      disks[i].node = g_strdup (node->name);
      capacities[i] = node->capacity;
    }
  return true;
}
