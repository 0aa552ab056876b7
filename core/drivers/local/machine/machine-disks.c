/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/machine/machine-disks.h"

#include <string.h>

#include "drivers/local/machine/machine-files.h"

/* A node that may be a disk's: in qcow2, or of a disk that is raw. */
typedef struct
{
  bool raw;
  const VckcQmpValue *value; /* part of QEMU's answer */
  const char *name;          /* part of QEMU's answer */
  char *file;                /* (nullable), owned: the plain name */
  char *identity;            /* (nullable), owned: of that file */
  guint64 capacity;
  bool read_only;
  bool used;       /* by a device, directly or through filters */
  bool is_backing; /* of another node */
} Node;

/* All that was asked of QEMU. */
typedef struct
{
  bool with_raw;           /* there are raw disks to be found */
  VckcQmpReply *reply;     /* owned; holds the values */
  GPtrArray *nodes;        /* owned, of Node */
  GHashTable *by_name;     /* owned: node name -> Node */
  GHashTable *by_identity; /* owned: identity -> GPtrArray of Node */
  GHashTable *by_file;     /* owned: the same by the plain name */
} Nodes;

static void
node_free (gpointer data)
{
  Node *node = data;

  g_free (node->file);
  g_free (node->identity);
  g_free (node);
}

static void
nodes_clear (Nodes *nodes)
{
  g_clear_pointer (&nodes->by_name, g_hash_table_unref);
  g_clear_pointer (&nodes->by_identity, g_hash_table_unref);
  g_clear_pointer (&nodes->by_file, g_hash_table_unref);
  g_clear_pointer (&nodes->nodes, g_ptr_array_unref);
  g_clear_pointer (&nodes->reply, vckc_qmp_reply_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Nodes, nodes_clear)

/* The nodes with that key; may be NULL. */
static GPtrArray *
nodes_lookup (GHashTable *table, const char *key)
{
  return key != NULL ? g_hash_table_lookup (table, key) : NULL;
}

static void
nodes_index (GHashTable *table, const char *key, Node *node)
{
  GPtrArray *there = nodes_lookup (table, key);

  if (key == NULL)
    return;
  if (there == NULL)
    {
      there = g_ptr_array_new ();
      g_hash_table_insert (table, (gpointer) key, there);
    }
  g_ptr_array_add (there, node);
}

/* An optional member; `otherwise` if it is missing. */
static bool
machine_disks_get_flag (const VckcQmpValue *value, const char *name, bool otherwise)
{
  bool flag = otherwise;

  if (vckc_qmp_value_has (value, name))
    vckc_qmp_value_get_bool (value, name, &flag, NULL);
  return flag;
}

/* Can a device have a node of that driver as a raw disk? Newer versions of QEMU need no driver for
 * the format. */
static bool
is_raw_driver (const char *driver)
{
  return strcmp (driver, "raw") == 0 || strcmp (driver, "file") == 0
         || strcmp (driver, "host_device") == 0;
}

/* Takes what a node that may be a disk's says of its image. */
static bool
node_read_image (Node *node, VckcMachineFiles *files, VckcError **err)
{
  const VckcQmpValue *image = vckc_qmp_value_get_object (node->value, "image", err);
  const char *file = image != NULL ? vckc_qmp_value_get_string (image, "filename", err) : NULL;

  if (file == NULL || !vckc_qmp_value_get_uint (image, "virtual-size", &node->capacity, err))
    return false;
  node->read_only = machine_disks_get_flag (node->value, "ro", false)
                    || !machine_disks_get_flag (node->value, "active", true);
  node->file = vckc_machine_file_name (file);
  node->identity = node->file != NULL ? vckc_machine_files_identify (files, node->file) : NULL;
  return true;
}

/* Adds a node if it may be a disk's. */
static bool
nodes_add (Nodes *nodes, const VckcQmpValue *value, VckcMachineFiles *files, VckcError **err)
{
  const char *driver = vckc_qmp_value_get_string (value, "drv", err);
  Node *node;

  if (driver == NULL)
    return false;
  if (strcmp (driver, "qcow2") != 0 && !(nodes->with_raw && is_raw_driver (driver)))
    return true;
  node = g_new0 (Node, 1);
  g_ptr_array_add (nodes->nodes, node);
  node->value = value;
  node->raw = is_raw_driver (driver);
  node->name = vckc_qmp_value_get_string (value, "node-name", err);
  if (node->name == NULL || !node_read_image (node, files, err))
    return false;
  g_hash_table_insert (nodes->by_name, (gpointer) node->name, node);
  nodes_index (nodes->by_identity, node->identity, node);
  nodes_index (nodes->by_file, node->file, node);
  return true;
}

/* Marks the backing file of a node, as far as its description names it. */
static void
nodes_mark_backing (Nodes *nodes, const Node *overlay, VckcMachineFiles *files)
{
  const VckcQmpValue *image = vckc_qmp_value_get_object (overlay->value, "image", NULL);
  g_autofree char *identity = NULL;
  g_autofree char *file = NULL;
  const char *name = NULL;
  GPtrArray *below;

  if (!vckc_qmp_value_has (overlay->value, "backing_file"))
    return;
  if (vckc_qmp_value_has (image, "full-backing-filename"))
    name = vckc_qmp_value_get_string (image, "full-backing-filename", NULL);
  if (name == NULL)
    name = vckc_qmp_value_get_string (overlay->value, "backing_file", NULL);
  file = name != NULL ? vckc_machine_file_name (name) : NULL;
  identity = file != NULL ? vckc_machine_files_identify (files, file) : NULL;
  below = nodes_lookup (nodes->by_identity, identity);
  for (guint i = 0; below != NULL && i < below->len; i++)
    ((Node *) g_ptr_array_index (below, i))->is_backing = true;
}

static VckcQmpReply *
machine_disks_query (VckcQmpClient *client, const char *command, VckcQmpArgs *args, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (client, command, args, err);

  if (reply == NULL || vckc_qmp_reply_get_refusal (reply) == NULL)
    return g_steal_pointer (&reply);
  vckc_set_error (err, VCKC_ERROR_INTERNAL, "QEMU refused '%s': %s", command,
                  vckc_qmp_reply_get_refusal (reply));
  return NULL;
}

static bool
nodes_query (Nodes *nodes, VckcQmpClient *client, VckcMachineFiles *files, VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();
  const VckcQmpValue *list;

  nodes->nodes = g_ptr_array_new_with_free_func (node_free);
  nodes->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  nodes->by_identity =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  nodes->by_file =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  vckc_qmp_args_add_bool (args, "flat", true);
  nodes->reply = machine_disks_query (client, "query-named-block-nodes", args, err);
  list = nodes->reply != NULL
             ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (nodes->reply), NULL, err)
             : NULL;
  if (list == NULL)
    return false;
  for (guint i = 0; i < vckc_qmp_array_get_length (list); i++)
    if (!nodes_add (nodes, vckc_qmp_array_get_element (list, i), files, err))
      return false;
  for (guint i = 0; i < nodes->nodes->len; i++)
    nodes_mark_backing (nodes, g_ptr_array_index (nodes->nodes, i), files);
  return true;
}

/* The node that a device's statistics, or a part of them, are of; NULL if it is no qcow2 one. */
static Node *
nodes_find_by_stats (const Nodes *nodes, const VckcQmpValue *stats)
{
  const char *name = vckc_qmp_value_has (stats, "node-name")
                         ? vckc_qmp_value_get_string (stats, "node-name", NULL)
                         : NULL;

  return name != NULL ? g_hash_table_lookup (nodes->by_name, name) : NULL;
}

static const VckcQmpValue *
machine_disks_get_child_stats (const VckcQmpValue *stats, const char *member)
{
  return vckc_qmp_value_has (stats, member) ? vckc_qmp_value_get_object (stats, member, NULL)
                                            : NULL;
}

/* Goes from a device through its filters to the node that it writes to, and on to those that it
 * only reads. */
static void
nodes_mark_device (const Nodes *nodes, const VckcQmpValue *stats)
{
  Node *node = NULL;

  while (stats != NULL && (node = nodes_find_by_stats (nodes, stats)) == NULL)
    stats = machine_disks_get_child_stats (stats, "parent");
  if (node != NULL)
    node->used = true;
  while (stats != NULL && (stats = machine_disks_get_child_stats (stats, "backing")) != NULL)
    if ((node = nodes_find_by_stats (nodes, stats)) != NULL)
      node->is_backing = true;
}

/* Only the statistics show how QEMU's nodes are connected. A list of an unexpected form leaves
 * open which nodes the devices use. */
static bool
nodes_query_devices (const Nodes *nodes, VckcQmpClient *client, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = machine_disks_query (client, "query-blockstats", NULL, err);
  const VckcQmpValue *list =
      reply != NULL ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, NULL)
                    : NULL;

  for (guint i = 0; list != NULL && i < vckc_qmp_array_get_length (list); i++)
    nodes_mark_device (nodes, vckc_qmp_array_get_element (list, i));
  return reply != NULL;
}

/* The name of an image that cannot be identified, if QEMU has one. */
static const char *
nodes_find_unidentified (const Nodes *nodes, bool raw)
{
  for (guint i = 0; i < nodes->nodes->len; i++)
    {
      const Node *node = g_ptr_array_index (nodes->nodes, i);

      if (node->identity == NULL && !node->is_backing && node->raw == raw)
        return node->file != NULL ? node->file : node->name;
    }
  return NULL;
}

static void
machine_disks_set_not_found (const Nodes *nodes,
                             const VckcQmpDisk *disk,
                             bool is_backing,
                             VckcError **err)
{
  const char *unknown = nodes_find_unidentified (nodes, disk->raw);

  if (is_backing)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the running QEMU uses the image '%s' of disk '%s' as a backing file only; "
                    "define the domain with the image that it writes to",
                    disk->path, disk->target);
  else if (unknown != NULL)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the running QEMU has not opened the image '%s' of disk '%s' under a name "
                    "by which it can be recognised, and it has '%s', which cannot be found from "
                    "here; define the domain with names as QEMU has them, or stop the domain",
                    disk->path, disk->target, unknown);
  else
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the running QEMU does not have disk '%s' attached: it has not opened the "
                    "image '%s' as %s; attach the disk, or stop the domain",
                    disk->target, disk->path, disk->raw ? "raw" : "qcow2");
}

/* Is it a node of the format of the disk? Below the node of any image there is one that would do
 * for a raw disk, which no device uses. */
static bool
node_has_format (const Node *node, const VckcQmpDisk *disk)
{
  return node->raw == disk->raw && (!node->raw || node->used);
}

/* The nodes on the disk's file: by the file itself where both Vck and QEMU can see it, and by
 * its name where one cannot. */
static GPtrArray *
nodes_list_candidates (const Nodes *nodes, const VckcQmpDisk *disk)
{
  GPtrArray *candidates = g_ptr_array_new ();
  g_autofree char *identity = vckc_machine_file_identify_here (disk->path);
  const GPtrArray *same = nodes_lookup (nodes->by_identity, identity);
  const GPtrArray *named = nodes_lookup (nodes->by_file, disk->path);

  for (guint i = 0; same != NULL && i < same->len; i++)
    if (node_has_format (g_ptr_array_index (same, i), disk))
      g_ptr_array_add (candidates, g_ptr_array_index (same, i));
  for (guint i = 0; named != NULL && i < named->len; i++)
    {
      Node *node = g_ptr_array_index (named, i);

      if ((identity == NULL || node->identity == NULL) && node_has_format (node, disk))
        g_ptr_array_add (candidates, node);
    }
  return candidates;
}

/* How likely this node on the disk's file is the disk; 0: it is not. */
static int
node_get_rank (const Node *node)
{
  if (node->used)
    return 3;
  return node->is_backing ? 0 : node->read_only ? 1 : 2;
}

/* With several nodes on one file, the one that a device uses is the disk. */
static const Node *
nodes_choose (const Nodes *nodes, const VckcQmpDisk *disk, VckcError **err)
{
  g_autoptr (GPtrArray) candidates = nodes_list_candidates (nodes, disk);
  const Node *found = NULL;
  const Node *other = NULL;

  for (guint i = 0; i < candidates->len; i++)
    {
      const Node *node = g_ptr_array_index (candidates, i);

      if (node_get_rank (node) == 0
          || (found != NULL && node_get_rank (node) < node_get_rank (found)))
        continue;
      other = found != NULL && node_get_rank (node) == node_get_rank (found) ? found : NULL;
      found = node;
    }
  if (found == NULL)
    machine_disks_set_not_found (nodes, disk, candidates->len > 0, err);
  else if (other != NULL)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the running QEMU has the image '%s' of disk '%s' open twice, as '%s' and "
                    "'%s'; detach one",
                    disk->path, disk->target, other->name, found->name);
  return other == NULL ? found : NULL;
}

static const Node *
nodes_find_disk (const Nodes *nodes, const VckcQmpDisk *disk, bool write, VckcError **err)
{
  const Node *node = nodes_choose (nodes, disk, err);

  if (node == NULL || !write || !node->read_only || disk->is_copied)
    return node;
  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "the running QEMU has the image '%s' of disk '%s' open to read only, so that "
                  "no bitmap can be stored in it; attach the disk so that it can be written to, or "
                  "stop the domain",
                  disk->path, disk->target);
  return NULL;
}

bool
vckc_machine_disks_find (VckcQmpClient *client,
                         VckcQmpDisk *disks,
                         guint64 *capacities,
                         guint n_disks,
                         bool write,
                         GPtrArray **ret_bitmaps,
                         VckcError **err)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  g_autoptr (VckcMachineFiles) files = vckc_machine_files_new (vckc_qmp_client_get_pid (client));
  g_auto (Nodes) nodes = { .reply = NULL };

  for (guint i = 0; i < n_disks; i++)
    nodes.with_raw = nodes.with_raw || disks[i].raw;
  if (!nodes_query (&nodes, client, files, err) || !nodes_query_devices (&nodes, client, err))
    return false;
  for (guint i = 0; i < n_disks; i++)
    {
      const Node *node = nodes_find_disk (&nodes, &disks[i], write, err);
      GPtrArray *bitmaps = node != NULL ? vckc_qmp_block_parse_node (node->value, err) : NULL;

      if (bitmaps == NULL)
        return false;
      g_ptr_array_add (all, bitmaps);
      disks[i].node = g_strdup (node->name);
      capacities[i] = node->capacity;
    }
  *ret_bitmaps = g_steal_pointer (&all);
  return true;
}
