/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/machine/machine-extents.h"

#include <string.h>

#include "base/cancel.h"
#include "drivers/local/machine/extents-leftovers.h"
#include "drivers/local/machine/private-socket.h"
#include "nbd/nbd-extents.h"
#include "nbd/nbd-uri.h"

/* BUSY if it is refused because something is in use. */
static bool
machine_extents_check (VckcQmpReply *reply,
                       const VckcMachineExtents *source,
                       const char *busy_part,
                       const char *busy_advice,
                       VckcError **err)
{
  const char *refusal = reply != NULL ? vckc_qmp_reply_get_refusal (reply) : NULL;
  const bool busy = refusal != NULL && strstr (refusal, busy_part) != NULL;

  if (refusal != NULL)
    vckc_set_error (err, busy ? VCKC_ERROR_BUSY : VCKC_ERROR_OPERATION_FAILED,
                    "cannot read the changed blocks of disk '%s' since '%s': QEMU says: %s%s",
                    source->disk->target, source->bitmap->name, refusal, busy ? busy_advice : "");
  return reply != NULL && refusal == NULL;
}

static void
machine_extents_add_copy (VckcQmpArgs *args, const VckcMachineExtents *source, const char *name)
{
  vckc_qmp_args_begin_object (args, NULL);
  vckc_qmp_args_add_string (args, "type", "block-dirty-bitmap-add");
  vckc_qmp_args_begin_object (args, "data");
  vckc_qmp_args_add_string (args, "node", source->disk->node);
  vckc_qmp_args_add_string (args, "name", name);
  vckc_qmp_args_add_uint (args, "granularity", source->bitmap->granularity);
  vckc_qmp_args_add_bool (args, "persistent", false);
  vckc_qmp_args_add_bool (args, "disabled", true);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_object (args);
}

static void
machine_extents_add_merge (VckcQmpArgs *args, const VckcMachineExtents *source, const char *name)
{
  vckc_qmp_args_begin_object (args, NULL);
  vckc_qmp_args_add_string (args, "type", "block-dirty-bitmap-merge");
  vckc_qmp_args_begin_object (args, "data");
  vckc_qmp_args_add_string (args, "node", source->disk->node);
  vckc_qmp_args_add_string (args, "target", name);
  vckc_qmp_args_begin_array (args, "bitmaps");
  vckc_qmp_args_add_string (args, NULL, source->bitmap->name);
  vckc_qmp_args_end_array (args);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_object (args);
}

/* Copies the bitmap at one point in time. */
static bool
machine_extents_copy_bitmap (VckcQmpClient *client,
                             const VckcMachineExtents *source,
                             const char *name,
                             VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();
  g_autoptr (VckcQmpReply) reply = NULL;

  vckc_qmp_args_begin_array (args, "actions");
  machine_extents_add_copy (args, source, name);
  machine_extents_add_merge (args, source, name);
  vckc_qmp_args_end_array (args);
  reply = vckc_qmp_client_execute (client, "transaction", args, err);
  return machine_extents_check (reply, source, "in use by another operation",
                                "; try again when that has ended", err);
}

static void
machine_extents_drop_fd (VckcQmpClient *client, const char *name)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "fdname", name);
  vckc_qmp_reply_free (vckc_qmp_client_execute (client, "closefd", args, NULL));
}

/* Has QEMU serve NBD at the socket. */
static bool
machine_extents_start_server (VckcQmpClient *client,
                              const VckcMachineExtents *source,
                              const VckcPrivateSocket *socket,
                              VckcError **err)
{
  const char *name = vckc_private_socket_get_name (socket);
  g_autoptr (VckcQmpReply) passed =
      vckc_qmp_client_pass_fd (client, name, vckc_private_socket_get_fd (socket), err);
  g_autoptr (VckcQmpReply) reply = NULL;
  VckcQmpArgs *args;

  if (!machine_extents_check (passed, source, "\n", "", err))
    return false;
  args = vckc_qmp_args_new ();
  vckc_qmp_args_begin_object (args, "addr");
  vckc_qmp_args_add_string (args, "type", "fd");
  vckc_qmp_args_begin_object (args, "data");
  vckc_qmp_args_add_string (args, "str", name);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_add_uint (args, "max-connections", 1);
  reply = vckc_qmp_client_execute (client, "nbd-server-start", args, err);
  if (reply != NULL && vckc_qmp_reply_get_refusal (reply) != NULL)
    machine_extents_drop_fd (client, name);
  return machine_extents_check (reply, source, "already running",
                                ", and QEMU has only one; another program uses it, such as one "
                                "that backs up the domain: try again when that has ended",
                                err);
}

static bool
machine_extents_export (VckcQmpClient *client,
                        const VckcMachineExtents *source,
                        const char *name,
                        VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();
  g_autoptr (VckcQmpReply) reply = NULL;

  vckc_qmp_args_add_string (args, "type", "nbd");
  vckc_qmp_args_add_string (args, "id", name);
  vckc_qmp_args_add_string (args, "node-name", source->disk->node);
  vckc_qmp_args_add_string (args, "name", name);
  vckc_qmp_args_begin_array (args, "bitmaps");
  vckc_qmp_args_add_string (args, NULL, name);
  vckc_qmp_args_end_array (args);
  reply = vckc_qmp_client_execute (client, "block-export-add", args, err);
  return machine_extents_check (reply, source, "\n", "", err);
}

static VckcExtentReader *
machine_extents_read_export (const VckcMachineExtents *source,
                             const VckcPrivateSocket *socket,
                             VckcError **err)
{
  const char *name = vckc_private_socket_get_name (socket);
  g_autofree char *uri = vckc_nbd_make_unix_uri (vckc_private_socket_get_path (socket), name);
  const VckcNbdExtents extents = { .uri = uri,
                                   .peer = "the NBD server of the running QEMU",
                                   .bitmap = name,
                                   .capacity = source->capacity,
                                   .with_zero = source->with_zero,
                                   .timeout = VCKC_NBD_TIMEOUT };

  return vckc_nbd_extents_read (&extents, err);
}

/* Leaves in QEMU what it makes there. */
static VckcExtentReader *
machine_extents_make_and_read (VckcQmpClient *client,
                               const VckcMachineExtents *source,
                               const VckcPrivateSocket *socket,
                               VckcError **err)
{
  const char *name = vckc_private_socket_get_name (socket);

  return machine_extents_copy_bitmap (client, source, name, err)
                 && machine_extents_start_server (client, source, socket, err)
                 && machine_extents_export (client, source, name, err)
             ? machine_extents_read_export (source, socket, err)
             : NULL;
}

VckcExtentReader *
vckc_machine_extents_read (VckcQmpClient *client, const VckcMachineExtents *source, VckcError **err)
{
  g_autoptr (VckcPrivateSocket) socket = NULL;
  g_autoptr (VckcExtentReader) reader = NULL;
  VckcError *error = NULL;
  VckcError *undo_error = NULL;

  if (!vckc_nbd_extents_check_support (err) || vckc_cancel_check ("QEMU", err))
    return NULL;
  vckc_qmp_client_begin_change (client, source->timeout);
  if (!vckc_extents_leftovers_remove (client, err))
    return NULL;
  socket = vckc_private_socket_new (VCKC_EXTENTS_PREFIX, err);
  if (socket == NULL)
    return NULL;
  reader = machine_extents_make_and_read (client, source, socket, &error);
  vckc_qmp_client_begin_change (client, source->timeout);
  if (!vckc_extents_leftovers_remove (client, &undo_error))
    {
      vckc_keep_first_error (&error, undo_error);
      vckc_private_socket_leave (g_steal_pointer (&socket));
    }
  if (error == NULL)
    return g_steal_pointer (&reader);
  vckc_propagate_error (err, error);
  return NULL;
}
