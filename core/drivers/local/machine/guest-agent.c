/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/machine/guest-agent.h"

#include "drivers/local/machine/unix-socket.h"
#include "qemu/qmp-client.h"

#define N_THAWS 3

/* How long to wait. */
typedef struct
{
  guint timeout;   /* milliseconds, until `deadline`: for messages */
  gint64 deadline; /* of g_get_monotonic_time() */
  int cancel_fd;
} Wait;

static Wait
wait_begin (gint64 since, guint timeout, int cancel_fd)
{
  if (since == 0)
    since = g_get_monotonic_time ();
  return (Wait){
    .timeout = timeout,
    .deadline = since + timeout * G_GINT64_CONSTANT (1000),
    .cancel_fd = cancel_fd,
  };
}

static int
guest_agent_connect (const char *socket, const Wait *wait, VckcError **err)
{
  bool full;
  int fd;

  if (!vckc_unix_socket_connect (socket, wait->deadline, wait->cancel_fd, &fd, &full, err))
    return -1;
  if (fd < 0 && full)
    vckc_set_error (err, VCKC_ERROR_BUSY, "another program talks to the guest agent at '%s'",
                    socket);
  else if (fd < 0)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                    "no program listens at '%s', where the guest agent should be; give QEMU a "
                    "'-chardev socket' of that path and a virtserialport "
                    "'org.qemu.guest_agent.0' on it",
                    socket);
  return fd;
}

/* Runs one command on a connection of its own. *ret_sent, unless NULL: the agent may have it.
 * *ret_none: it was done to no file system. */
static bool
guest_agent_run (const char *socket,
                 const Wait *wait,
                 const char *command,
                 bool *ret_sent,
                 bool *ret_none,
                 VckcError **err)
{
  g_autofree char *peer = g_strdup_printf ("the guest agent at '%s'", socket);
  VckcQmpOptions options = { .agent = true,
                             .peer = peer,
                             .timeout = wait->timeout,
                             .deadline = wait->deadline,
                             .cancel_fd = wait->cancel_fd };
  g_autoptr (VckcQmpClient) client = NULL;
  g_autoptr (VckcQmpReply) reply = NULL;
  int fd;

  fd = guest_agent_connect (socket, wait, err);
  if (fd < 0)
    return false;
  client = vckc_qmp_client_new (fd, &options, err);
  if (client == NULL)
    {
      vckc_prefix_error (err, "qemu-guest-agent does not seem to run in the guest");
      return false;
    }
  if (ret_sent != NULL)
    *ret_sent = true;
  reply = vckc_qmp_client_execute (client, command, NULL, err);
  if (reply != NULL && vckc_qmp_reply_get_refusal (reply) != NULL)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "%s refused '%s': %s", peer, command,
                    vckc_qmp_reply_get_refusal (reply));
  if (reply == NULL || vckc_qmp_reply_get_refusal (reply) != NULL)
    return false;
  *ret_none = vckc_qmp_value_is_zero (vckc_qmp_reply_get_value (reply));
  return true;
}

bool
vckc_guest_agent_freeze (const char *socket,
                         gint64 since,
                         guint timeout,
                         int cancel_fd,
                         bool *maybe,
                         bool *ret_none,
                         VckcError **err)
{
  Wait wait = wait_begin (since, timeout, cancel_fd);
  VckcError *error = NULL;

  if (guest_agent_run (socket, &wait, "guest-fsfreeze-freeze", maybe, ret_none, &error))
    return true;
  vckc_prefix_error (&error, "cannot freeze the file systems of the guest");
  /* What is frozen, or may be as its answer came too late, is thawed. */
  wait = wait_begin (0, timeout, -1);
  if (guest_agent_run (socket, &wait, "guest-fsfreeze-thaw", NULL, ret_none, NULL))
    *maybe = false;
  vckc_propagate_error (err, error);
  return false;
}

bool
vckc_guest_agent_thaw (const char *socket,
                       guint timeout,
                       bool *ret_none,
                       VckcError **ret_first,
                       VckcError **err)
{
  const Wait wait = wait_begin (0, timeout, -1);

  *ret_first = NULL;
  for (guint i = 1;; i++)
    {
      VckcError *error = NULL;

      if (guest_agent_run (socket, &wait, "guest-fsfreeze-thaw", NULL, ret_none, &error))
        return true;
      if (i == N_THAWS || g_get_monotonic_time () >= wait.deadline)
        {
          vckc_prefix_error (&error, "the file systems of the guest may still be frozen; run "
                                     "'fsfreeze --unfreeze' in it, or reset the domain");
          vckc_propagate_error (err, error);
          return false;
        }
      if (i == 1)
        *ret_first = error;
      else
        vckc_error_free (error);
    }
}
