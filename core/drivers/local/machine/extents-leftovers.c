/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/machine/extents-leftovers.h"

#include <string.h>

#include "drivers/local/machine/private-socket.h"
#include "qemu/qmp-block.h"

/* How long to wait for one export to go, in milliseconds, and how often. */
#define EXPORT_WAIT 100
#define N_EXPORT_WAITS 50

typedef struct
{
  char *node;
  char *name;
} LeftBitmap;

static void
left_bitmap_free (gpointer data)
{
  LeftBitmap *bitmap = data;

  g_free (bitmap->node);
  g_free (bitmap->name);
  g_free (bitmap);
}

/* Runs a command that QEMU must not refuse. */
static VckcQmpReply *
leftovers_execute (VckcQmpClient *client, const char *command, VckcQmpArgs *args, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (client, command, args, err);

  if (reply == NULL || vckc_qmp_reply_get_refusal (reply) == NULL)
    return g_steal_pointer (&reply);
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "QEMU refused '%s': %s", command,
                  vckc_qmp_reply_get_refusal (reply));
  return NULL;
}

static bool
leftovers_run (VckcQmpClient *client, const char *command, VckcQmpArgs *args, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = leftovers_execute (client, command, args, err);

  return reply != NULL;
}

/* The ids of our exports. *ret_others: the NBD server has exports besides. */
static GPtrArray *
leftovers_list_exports (VckcQmpClient *client, bool *ret_others, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = leftovers_execute (client, "query-block-exports", NULL, err);
  const VckcQmpValue *list =
      reply != NULL ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, err) : NULL;
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  *ret_others = false;
  for (guint i = 0; list != NULL && i < vckc_qmp_array_get_length (list); i++)
    {
      const VckcQmpValue *export = vckc_qmp_array_get_element (list, i);
      const char *id = vckc_qmp_value_get_string (export, "id", err);
      const char *type = id != NULL ? vckc_qmp_value_get_string (export, "type", err) : NULL;

      if (type == NULL)
        return NULL;
      if (g_str_has_prefix (id, VCKC_EXTENTS_PREFIX))
        g_ptr_array_add (ids, g_strdup (id));
      else if (strcmp (type, "nbd") == 0)
        *ret_others = true;
    }
  return list != NULL ? g_steal_pointer (&ids) : NULL;
}

static bool
leftovers_add_bitmaps (GPtrArray *left, const VckcQmpValue *node, VckcError **err)
{
  const char *name = vckc_qmp_value_get_string (node, "node-name", err);
  g_autoptr (GPtrArray) bitmaps = name != NULL ? vckc_qmp_block_parse_node (node, err) : NULL;

  for (guint i = 0; bitmaps != NULL && i < bitmaps->len; i++)
    {
      const VckcBlockBitmap *bitmap = g_ptr_array_index (bitmaps, i);
      LeftBitmap *copy;

      if (!g_str_has_prefix (bitmap->name, VCKC_EXTENTS_PREFIX) || bitmap->persistent
          || bitmap->recording)
        continue;
      copy = g_new0 (LeftBitmap, 1);
      copy->node = g_strdup (name);
      copy->name = g_strdup (bitmap->name);
      g_ptr_array_add (left, copy);
    }
  return bitmaps != NULL;
}

/* Our copies of bitmaps: they are neither stored nor do they record. */
static GPtrArray *
leftovers_list_bitmaps (VckcQmpClient *client, VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (left_bitmap_free);
  g_autoptr (VckcQmpReply) reply = NULL;
  const VckcQmpValue *list;

  vckc_qmp_args_add_bool (args, "flat", true);
  reply = leftovers_execute (client, "query-named-block-nodes", args, err);
  list =
      reply != NULL ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, err) : NULL;
  if (list == NULL)
    return NULL;
  for (guint i = 0; i < vckc_qmp_array_get_length (list); i++)
    if (!leftovers_add_bitmaps (left, vckc_qmp_array_get_element (list, i), err))
      return NULL;
  return g_steal_pointer (&left);
}

/* Removes the exports, and waits until they are gone, but leaves the server to the others. */
static bool
leftovers_remove_exports (VckcQmpClient *client, GPtrArray *ids, VckcError **err)
{
  for (guint i = 0; i < ids->len; i++)
    {
      VckcQmpArgs *args = vckc_qmp_args_new ();

      vckc_qmp_args_add_string (args, "id", g_ptr_array_index (ids, i));
      vckc_qmp_args_add_string (args, "mode", "hard");
      if (!leftovers_run (client, "block-export-del", args, err))
        return false;
    }
  for (guint i = 0; i < N_EXPORT_WAITS; i++)
    {
      bool others;
      g_autoptr (GPtrArray) left = leftovers_list_exports (client, &others, err);

      if (left == NULL || left->len == 0)
        return left != NULL;
      if (!vckc_qmp_client_listen (client, EXPORT_WAIT, err))
        return false;
    }
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "QEMU does not end the export '%s'",
                  (const char *) g_ptr_array_index (ids, 0));
  return false;
}

/* Is it ours although it has no export of ours? */
static bool
leftovers_is_server_ours (const GPtrArray *bitmaps)
{
  for (guint i = 0; i < bitmaps->len; i++)
    if (vckc_private_socket_is_served (((LeftBitmap *) g_ptr_array_index (bitmaps, i))->name))
      return true;
  return false;
}

static bool
leftovers_remove_bitmap (VckcQmpClient *client, const LeftBitmap *bitmap, VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "node", bitmap->node);
  vckc_qmp_args_add_string (args, "name", bitmap->name);
  if (!leftovers_run (client, "block-dirty-bitmap-remove", args, err))
    return false;
  vckc_private_socket_remove (bitmap->name);
  return true;
}

bool
vckc_extents_leftovers_remove (VckcQmpClient *client, VckcError **err)
{
  bool others, removed = true;
  g_autoptr (GPtrArray) exports = leftovers_list_exports (client, &others, err);
  g_autoptr (GPtrArray) bitmaps = exports != NULL ? leftovers_list_bitmaps (client, err) : NULL;

  if (bitmaps == NULL)
    return false;
  if (others && exports->len > 0)
    removed = leftovers_remove_exports (client, exports, err);
  else if (!others && (exports->len > 0 || leftovers_is_server_ours (bitmaps)))
    removed = leftovers_run (client, "nbd-server-stop", NULL, err);
  for (guint i = 0; removed && i < bitmaps->len; i++)
    removed = leftovers_remove_bitmap (client, g_ptr_array_index (bitmaps, i), err);
  return removed;
}
