/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "guest-agent.h"
#include "../../qemu/qmp-client.h"
#include "unix-socket.h"

#define N_THAWS 3

const VckcAgentPatience vckc_agent_usual_patience = { .sync = 5 * 1000, .answer = 60 * 1000 };

static int
connect_socket (const char *socket, guint patience, VckcError **err)
{
  gint64 deadline = g_get_monotonic_time () + patience * G_GINT64_CONSTANT (1000);
  bool full;
  int fd;

  if (!vckc_unix_socket_connect (socket, deadline, -1, &fd, &full, err))
    return -1;
  if (fd < 0 && full)
    vckc_set_error (err, VCKC_ERROR_BUSY, "another program talks to the guest agent at '%s'",
                    socket);
  else if (fd < 0)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                    "nobody listens at '%s', where the guest agent should be: give the machine a "
                    "'-chardev socket' of that path and a virtserialport "
                    "'org.qemu.guest_agent.0' on it",
                    socket);
  return fd;
}

/* Runs one command on a connection of its own. */
static bool
run (const char *socket, const VckcAgentPatience *patience, const char *command, VckcError **err)
{
  g_autofree char *peer = g_strdup_printf ("the guest agent at '%s'", socket);
  VckcQmpOptions options = { .agent = true, .peer = peer, .cancel_fd = -1 };
  g_autoptr (VckcQmpClient) client = NULL;
  g_autoptr (VckcQmpReply) reply = NULL;
  int fd;

  fd = connect_socket (socket, patience->sync, err);
  if (fd < 0)
    return false;
  options.timeout = patience->sync;
  client = vckc_qmp_client_new (fd, &options, err);
  if (client == NULL)
    {
      vckc_prefix_error (err, "qemu-guest-agent does not seem to run in the guest");
      return false;
    }
  vckc_qmp_client_set_timeout (client, patience->answer);
  reply = vckc_qmp_client_execute (client, command, NULL, err);
  if (reply != NULL && vckc_qmp_reply_get_refusal (reply) != NULL)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "%s refused '%s': %s", peer, command,
                    vckc_qmp_reply_get_refusal (reply));
  return reply != NULL && vckc_qmp_reply_get_refusal (reply) == NULL;
}

bool
vckc_guest_agent_freeze (const char *socket, const VckcAgentPatience *patience, VckcError **err)
{
  VckcError *error = NULL;

  if (run (socket, patience, "guest-fsfreeze-freeze", &error))
    return true;
  vckc_prefix_error (&error, "cannot freeze the file systems of the guest");
  /* Whatever it may have done, also after we lost patience, is taken back. */
  run (socket, patience, "guest-fsfreeze-thaw", NULL);
  vckc_propagate_error (err, error);
  return false;
}

bool
vckc_guest_agent_thaw (const char *socket, const VckcAgentPatience *patience, VckcError **err)
{
  for (guint i = 1;; i++)
    {
      VckcError *error = NULL;

      if (run (socket, patience, "guest-fsfreeze-thaw", &error))
        return true;
      if (i == N_THAWS)
        {
          vckc_prefix_error (&error, "the file systems of the guest may still be frozen: run "
                                     "'fsfreeze --unfreeze' in it, or reset the machine");
          vckc_propagate_error (err, error);
          return false;
        }
      vckc_error_free (error);
    }
}
