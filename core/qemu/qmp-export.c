/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qmp-export.h"

#include <string.h>

/* Room for the name of an export. */
#define NAME_SIZE 64
/* So many clients are served at a time. */
#define MAX_CONNECTIONS 100

typedef struct
{
  char text[NAME_SIZE];
} ExportName;

static ExportName
export_name_of (const VckcQmpExports *exports, guint i)
{
  ExportName name;

  g_snprintf (name.text, sizeof name.text, "vck-%s-e%u", exports->id, i);
  return name;
}

static void
qmp_export_begin_action (VckcQmpArgs *args, const char *type)
{
  vckc_qmp_args_begin_object (args, NULL);
  vckc_qmp_args_add_string (args, "type", type);
  vckc_qmp_args_begin_object (args, "data");
}

static void
qmp_export_end_action (VckcQmpArgs *args)
{
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_object (args);
}

static void
qmp_export_add_bitmap (VckcQmpArgs *args, const VckcQmpExport *export)
{
  qmp_export_begin_action (args, "block-dirty-bitmap-add");
  vckc_qmp_args_add_string (args, "node", export->node);
  vckc_qmp_args_add_string (args, "name", export->bitmap);
  vckc_qmp_args_add_bool (args, "persistent", false);
  vckc_qmp_args_add_bool (args, "disabled", true);
  vckc_qmp_args_add_uint (args, "granularity", export->base_granularity);
  qmp_export_end_action (args);
}

static void
qmp_export_add_merge (VckcQmpArgs *args, const VckcQmpExport *export)
{
  qmp_export_begin_action (args, "block-dirty-bitmap-merge");
  vckc_qmp_args_add_string (args, "node", export->node);
  vckc_qmp_args_add_string (args, "target", export->bitmap);
  vckc_qmp_args_begin_array (args, "bitmaps");
  vckc_qmp_args_begin_object (args, NULL);
  vckc_qmp_args_add_string (args, "node", export->base_node);
  vckc_qmp_args_add_string (args, "name", export->base);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_array (args);
  qmp_export_end_action (args);
}

void
vckc_qmp_exports_add_copies (VckcQmpArgs *args, const VckcQmpExports *exports)
{
  for (guint i = 0; i < exports->n_exports; i++)
    if (exports->exports[i].bitmap != NULL)
      {
        qmp_export_add_bitmap (args, &exports->exports[i]);
        qmp_export_add_merge (args, &exports->exports[i]);
      }
}

static bool
qmp_export_has_bitmap (const VckcQmpExports *exports)
{
  for (guint i = 0; i < exports->n_exports; i++)
    if (exports->exports[i].bitmap != NULL)
      return true;
  return false;
}

bool
vckc_qmp_exports_copy_bitmaps (VckcQmpClient *client,
                               const VckcQmpExports *exports,
                               VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  VckcQmpArgs *args;

  if (!qmp_export_has_bitmap (exports))
    return true;
  args = vckc_qmp_args_new ();
  vckc_qmp_args_begin_array (args, "actions");
  vckc_qmp_exports_add_copies (args, exports);
  vckc_qmp_args_end_array (args);
  reply = vckc_qmp_client_execute (client, "transaction", args, err);
  if (reply == NULL || vckc_qmp_reply_get_refusal (reply) == NULL)
    return reply != NULL;
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                  "QEMU cannot make the bitmaps that are to be offered: %s",
                  vckc_qmp_reply_get_refusal (reply));
  return false;
}

static bool
qmp_export_start_server (VckcQmpClient *client,
                         VckcQmpArgs *args /* (transfer full) */,
                         const char *where,
                         VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  const char *refusal;

  vckc_qmp_args_add_uint (args, "max-connections", MAX_CONNECTIONS);
  reply = vckc_qmp_client_execute (client, "nbd-server-start", args, err);
  refusal = reply != NULL ? vckc_qmp_reply_get_refusal (reply) : NULL;
  if (refusal == NULL)
    return reply != NULL;
  if (strstr (refusal, "already running") != NULL)
    vckc_set_error (err, VCKC_ERROR_BUSY,
                    "the NBD server of QEMU is in use, and QEMU has only one; let the program that "
                    "uses it end first");
  else if (strstr (refusal, g_strerror (EADDRINUSE)) != NULL
           || strstr (refusal, "Address already in use") != NULL)
    vckc_set_error (err, VCKC_ERROR_BUSY,
                    "the backup cannot be offered at %s, which is in use by another program; use "
                    "another port",
                    where);
  else
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                    "the backup cannot be offered at %s: QEMU says: %s", where, refusal);
  return false;
}

bool
vckc_qmp_exports_listen_tcp (VckcQmpClient *client, const char *host, guint port, VckcError **err)
{
  g_autofree char *text = g_strdup_printf ("%u", port);
  g_autofree char *where = g_strdup_printf ("port %u of '%s'", port, host);
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_begin_object (args, "addr");
  vckc_qmp_args_add_string (args, "type", "inet");
  vckc_qmp_args_begin_object (args, "data");
  vckc_qmp_args_add_string (args, "host", host);
  vckc_qmp_args_add_string (args, "port", text);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_object (args);
  return qmp_export_start_server (client, args, where, err);
}

static void
qmp_export_close_fd (VckcQmpClient *client, const char *fd_name)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "fdname", fd_name);
  vckc_qmp_reply_free (vckc_qmp_client_execute (client, "closefd", args, NULL));
}

bool
vckc_qmp_exports_listen_fd (VckcQmpClient *client, const char *fd_name, VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_begin_object (args, "addr");
  vckc_qmp_args_add_string (args, "type", "fd");
  vckc_qmp_args_begin_object (args, "data");
  vckc_qmp_args_add_string (args, "str", fd_name);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_object (args);
  if (qmp_export_start_server (client, args, "its socket", err))
    return true;
  qmp_export_close_fd (client, fd_name);
  return false;
}

bool
vckc_qmp_exports_stop_server (VckcQmpClient *client, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (client, "nbd-server-stop", NULL, err);

  if (reply != NULL && vckc_qmp_reply_get_refusal (reply) != NULL)
    g_debug ("the NBD server: %s", vckc_qmp_reply_get_refusal (reply));
  return reply != NULL;
}

static bool
qmp_export_is_ours (const VckcQmpExports *exports, const char *id)
{
  for (guint i = 0; i < exports->n_exports; i++)
    if (strcmp (export_name_of (exports, i).text, id) == 0)
      return true;
  return false;
}

bool
vckc_qmp_exports_count (VckcQmpClient *client,
                        const VckcQmpExports *exports,
                        guint *ret_n,
                        VckcError **err)
{
  g_autoptr (VckcQmpReply) reply =
      vckc_qmp_client_execute (client, "query-block-exports", NULL, err);
  const VckcQmpValue *list =
      reply != NULL ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, err) : NULL;

  *ret_n = 0;
  for (guint i = 0; list != NULL && i < vckc_qmp_array_get_length (list); i++)
    {
      const VckcQmpValue *value = vckc_qmp_array_get_element (list, i);
      const char *id = vckc_qmp_value_get_string (value, "id", err);
      bool shutting_down = false;

      if (id == NULL || !vckc_qmp_value_get_bool (value, "shutting-down", &shutting_down, err))
        return false;
      if (!shutting_down && qmp_export_is_ours (exports, id))
        ++*ret_n;
    }
  return list != NULL;
}

bool
vckc_qmp_exports_add (VckcQmpClient *client, const VckcQmpExports *exports, VckcError **err)
{
  for (guint i = 0; i < exports->n_exports; i++)
    {
      const VckcQmpExport *export = &exports->exports[i];
      g_autoptr (VckcQmpReply) reply = NULL;
      VckcQmpArgs *args = vckc_qmp_args_new ();

      vckc_qmp_args_add_string (args, "type", "nbd");
      vckc_qmp_args_add_string (args, "id", export_name_of (exports, i).text);
      vckc_qmp_args_add_string (args, "node-name", export->node);
      vckc_qmp_args_add_string (args, "name", export->name);
      if (export->bitmap != NULL)
        {
          vckc_qmp_args_begin_array (args, "bitmaps");
          vckc_qmp_args_add_string (args, NULL, export->bitmap);
          vckc_qmp_args_end_array (args);
        }
      reply = vckc_qmp_client_execute (client, "block-export-add", args, err);
      if (reply == NULL)
        return false;
      if (vckc_qmp_reply_get_refusal (reply) == NULL)
        continue;
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                      "QEMU cannot offer the backup of disk '%s' as '%s': %s", export->target,
                      export->name, vckc_qmp_reply_get_refusal (reply));
      return false;
    }
  return true;
}
