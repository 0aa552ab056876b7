/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/machine/machine-qmp.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "drivers/local/machine/unix-socket.h"

VckcMachineOptions
vckc_machine_options (gint64 since, guint timeout, int cancel_fd)
{
  if (since == 0)
    since = g_get_monotonic_time ();
  return (VckcMachineOptions){
    .timeout = timeout,
    .deadline = since + timeout * G_GINT64_CONSTANT (1000),
    .cancel_fd = cancel_fd,
  };
}

static void
machine_qmp_set_busy (const char *socket, guint timeout, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "QEMU did not answer on '%s' within %u ms: it hangs, or another program keeps "
                  "that socket for itself; give QEMU one more '-qmp' socket and name that",
                  socket, timeout);
}

/* Limits how fast a peer is tried that accepts connections only to close them. */
static void
machine_qmp_pause (int cancel_fd)
{
  struct pollfd fd = { cancel_fd, POLLIN, 0 };

  poll (&fd, 1, 10);
}

/* Connects and waits until QEMU serves the connection. *ret_fd is -1 if no program listens. */
static bool
machine_qmp_connect_socket (const char *socket,
                            const VckcMachineOptions *options,
                            int *ret_fd,
                            VckcError **err)
{
  const gint64 deadline = options->deadline;
  const int cancel_fd = options->cancel_fd;

  for (;;)
    {
      VckcSocketEvent event;
      bool full;
      int fd;

      if (!vckc_unix_socket_connect (socket, deadline, cancel_fd, &fd, &full, err))
        return false;
      event = fd >= 0 ? vckc_unix_socket_await (fd, deadline, cancel_fd) : VCKC_SOCKET_READABLE;
      *ret_fd = fd;
      if (event == VCKC_SOCKET_READABLE && !full)
        return true;
      if (fd >= 0)
        close (fd);
      /* A QEMU that ended meanwhile closes the connection: the domain is off then, or was started
       * again. */
      if (event == VCKC_SOCKET_CLOSED && g_get_monotonic_time () < deadline)
        {
          machine_qmp_pause (cancel_fd);
          continue;
        }
      if (event == VCKC_SOCKET_CANCELLED)
        vckc_set_error (err, VCKC_ERROR_CANCELLED,
                        "cancelled while waiting for QEMU at '%s'; nothing was changed", socket);
      else
        machine_qmp_set_busy (socket, options->timeout, err);
      return false;
    }
}

bool
vckc_machine_connect (const char *socket,
                      const VckcMachineOptions *options,
                      VckcQmpClient **ret_client,
                      VckcError **err)
{
  g_autofree char *peer = g_strdup_printf ("QEMU at '%s'", socket);
  VckcQmpOptions qmp_options = { .peer = peer,
                                 .timeout = options->timeout,
                                 .deadline = options->deadline,
                                 .cancel_fd = options->cancel_fd,
                                 .event_cb = options->event_cb,
                                 .event_opaque = options->event_opaque };
  int fd;

  if (!machine_qmp_connect_socket (socket, options, &fd, err))
    return false;
  *ret_client = fd >= 0 ? vckc_qmp_client_new (fd, &qmp_options, err) : NULL;
  return fd < 0 || *ret_client != NULL;
}

/* QEMU's names of the states that are not just paused. */
static const struct
{
  const char *name;
  VckcDomainState state;
} machine_qmp_states[] = {
  { "running", VCKC_DOMAIN_STATE_RUNNING },        { "shutdown", VCKC_DOMAIN_STATE_SHUTDOWN },
  { "suspended", VCKC_DOMAIN_STATE_PMSUSPENDED },  { "guest-panicked", VCKC_DOMAIN_STATE_CRASHED },
  { "internal-error", VCKC_DOMAIN_STATE_CRASHED },
};

/* QEMU's name of its state. */
static char *
machine_qmp_query_status (VckcQmpClient *client, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (client, "query-status", NULL, err);

  if (reply == NULL)
    return NULL;
  if (vckc_qmp_reply_get_refusal (reply) != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "QEMU cannot report its state: %s",
                      vckc_qmp_reply_get_refusal (reply));
      return NULL;
    }
  return g_strdup (vckc_qmp_value_get_string (vckc_qmp_reply_get_value (reply), "status", err));
}

bool
vckc_machine_check_images (VckcQmpClient *client, VckcError **err)
{
  static const char *const without[] = { "inmigrate", "postmigrate", "finish-migrate",
                                         "save-vm",   "restore-vm",  "colo",
                                         NULL };
  g_autofree char *status = machine_qmp_query_status (client, err);

  if (status == NULL)
    return false;
  if (!g_strv_contains (without, status))
    return true;
  vckc_set_error (
      err, VCKC_ERROR_OPERATION_INVALID,
      "the domain is being saved or migrated (QEMU is in the state '%s'), and QEMU does "
      "not have its bitmaps meanwhile; try again when that has ended",
      status);
  return false;
}

bool
vckc_machine_check_no_migration (VckcQmpClient *client, VckcError **err)
{
  static const char *const over[] = { "none", "cancelled", "completed", "failed", NULL };
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (client, "query-migrate", NULL, err);
  const VckcQmpValue *value = reply != NULL ? vckc_qmp_reply_get_value (reply) : NULL;
  const char *status = vckc_qmp_value_has (value, "status")
                           ? vckc_qmp_value_get_string (value, "status", NULL)
                           : NULL;

  if (reply == NULL || status == NULL || g_strv_contains (over, status))
    return reply != NULL;
  vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                  "the domain is being saved or migrated (QEMU says '%s'), and a change might come "
                  "too late for that; try again when it has ended",
                  status);
  return false;
}

bool
vckc_machine_query_state (VckcQmpClient *client, VckcDomainState *ret_state, VckcError **err)
{
  g_autofree char *status = machine_qmp_query_status (client, err);

  if (status == NULL)
    return false;
  *ret_state = VCKC_DOMAIN_STATE_PAUSED;
  for (guint i = 0; i < G_N_ELEMENTS (machine_qmp_states); i++)
    if (strcmp (machine_qmp_states[i].name, status) == 0)
      *ret_state = machine_qmp_states[i].state;
  return true;
}

bool
vckc_machine_get_state (const char *socket,
                        const VckcMachineOptions *options,
                        VckcDomainState *ret_state,
                        VckcError **err)
{
  /* A QEMU that ends while it is asked is gone at the second attempt. */
  for (guint attempts = 2;; attempts--)
    {
      g_autoptr (VckcQmpClient) client = NULL;
      g_autoptr (VckcError) error = NULL;
      bool connected = vckc_machine_connect (socket, options, &client, &error);

      if (connected && client == NULL)
        {
          *ret_state = VCKC_DOMAIN_STATE_SHUTOFF;
          return true;
        }
      if (connected && vckc_machine_query_state (client, ret_state, &error))
        return true;
      if (attempts > 1 && vckc_error_get_code (error) == VCKC_ERROR_SYSTEM_ERROR
          && g_get_monotonic_time () < options->deadline)
        continue;
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
}
