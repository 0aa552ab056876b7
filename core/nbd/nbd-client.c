/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "nbd/nbd-client.h"

#include <libnbd.h>
#include <poll.h>
#include <string.h>

#include "base/cancel.h"

struct _VckcNbdClient
{
  struct nbd_handle *handle; /* owned */
  char *peer;                /* owned */
  guint64 size;
  guint timeout; /* milliseconds */
  bool broken;

  VckcNbdStatusFunc function; /* of the request that is under way; NULL if there is none */
  gpointer opaque;
};

/* What libnbd said last in this thread, without the function that said it. */
static char *
nbd_client_get_reason (void)
{
  const char *text = nbd_get_error ();
  const char *colon = text != NULL ? strstr (text, ": ") : NULL;

  if (text == NULL)
    return g_strdup ("for an unknown reason");
  return g_utf8_make_valid (colon != NULL && g_str_has_prefix (text, "nbd_") ? colon + 2 : text,
                            -1);
}

static bool
nbd_client_fail (VckcNbdClient *client, VckcErrorCode code, const char *what, VckcError **err)
{
  g_autofree char *reason = nbd_client_get_reason ();

  client->broken = true;
  vckc_set_error (err, code, "%s %s: %s", client->peer, what, reason);
  return false;
}

static bool
nbd_client_is_lost (const VckcNbdClient *client)
{
  return nbd_aio_is_dead (client->handle) == 1 || nbd_aio_is_closed (client->handle) == 1;
}

/* A request could not be begun. If the connection is lost, libnbd names its own state only. */
static bool
nbd_client_fail_to_ask (VckcNbdClient *client, VckcError **err)
{
  if (!nbd_client_is_lost (client))
    return nbd_client_fail (client, VCKC_ERROR_OPERATION_FAILED, "cannot be asked", err);
  client->broken = true;
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "%s ended the connection", client->peer);
  return false;
}

/* Waits until the connection can go on, and lets it. */
static bool
nbd_client_step (VckcNbdClient *client, int cancel_fd, gint64 deadline, VckcError **err)
{
  unsigned int direction = nbd_aio_get_direction (client->handle);
  struct pollfd fds[] = { { nbd_aio_get_fd (client->handle), 0, 0 }, { cancel_fd, POLLIN, 0 } };
  gint64 left = MAX (deadline - g_get_monotonic_time (), 0);
  int result;

  if ((direction & LIBNBD_AIO_DIRECTION_READ) != 0)
    fds[0].events |= POLLIN;
  if ((direction & LIBNBD_AIO_DIRECTION_WRITE) != 0)
    fds[0].events |= POLLOUT;
  if (poll (fds, G_N_ELEMENTS (fds), (int) MIN ((left + 999) / 1000, G_MAXINT)) < 0
      && errno != EINTR)
    {
      vckc_set_error_errno (err, errno, "cannot wait for %s", client->peer);
      return false;
    }
  if (fds[1].revents != 0)
    vckc_set_error (err, VCKC_ERROR_CANCELLED, "cancelled while waiting for %s", client->peer);
  else if (g_get_monotonic_time () >= deadline)
    vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "%s did not answer within %u ms", client->peer,
                    client->timeout);
  else
    {
      const bool reads = (fds[0].events & POLLIN) != 0 && (fds[0].revents & ~POLLOUT) != 0;

      if (fds[0].revents == 0)
        return true;
      result = reads ? nbd_aio_notify_read (client->handle) : nbd_aio_notify_write (client->handle);
      return result == 0
             || nbd_client_fail (client, VCKC_ERROR_SYSTEM_ERROR, "ended the connection", err);
    }
  return false;
}

static bool
nbd_client_await_ready (VckcNbdClient *client, VckcError **err)
{
  g_autoptr (VckcCancelFd) cancel = vckc_cancel_fd_open ();
  gint64 deadline = g_get_monotonic_time () + client->timeout * G_GINT64_CONSTANT (1000);

  while (!nbd_aio_is_ready (client->handle))
    {
      if (nbd_client_is_lost (client))
        return nbd_client_fail (client, VCKC_ERROR_SYSTEM_ERROR, "refused the connection", err);
      if (!nbd_client_step (client, vckc_cancel_fd_get (cancel), deadline, err))
        return false;
    }
  return true;
}

static bool
nbd_client_check_contexts (VckcNbdClient *client, const char *const *contexts, VckcError **err)
{
  for (guint i = 0; contexts[i] != NULL; i++)
    if (nbd_can_meta_context (client->handle, contexts[i]) != 1)
      {
        vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "%s does not offer '%s' for its export",
                        client->peer, contexts[i]);
        return false;
      }
  return true;
}

static bool
nbd_client_connect (VckcNbdClient *client, const VckcNbdOptions *options, VckcError **err)
{
  gint64 size;

  client->handle = nbd_create ();
  if (client->handle == NULL)
    return nbd_client_fail (client, VCKC_ERROR_SYSTEM_ERROR, "cannot be connected to", err);
  for (guint i = 0; options->contexts[i] != NULL; i++)
    if (nbd_add_meta_context (client->handle, options->contexts[i]) != 0)
      return nbd_client_fail (client, VCKC_ERROR_INVALID_ARG, "cannot be asked", err);
  if (nbd_aio_connect_uri (client->handle, options->uri) != 0)
    return nbd_client_fail (client, VCKC_ERROR_SYSTEM_ERROR, "cannot be connected to", err);
  if (!nbd_client_await_ready (client, err)
      || !nbd_client_check_contexts (client, options->contexts, err))
    return false;
  size = nbd_get_size (client->handle);
  if (size < 0)
    return nbd_client_fail (client, VCKC_ERROR_INTERNAL, "gave no size of its export", err);
  client->size = (guint64) size;
  return true;
}

VckcNbdClient *
vckc_nbd_client_new (const VckcNbdOptions *options, VckcError **err)
{
  g_autoptr (VckcNbdClient) client = g_new0 (VckcNbdClient, 1);

  client->peer = g_strdup (options->peer);
  client->timeout = options->timeout;
  return nbd_client_connect (client, options, err) ? g_steal_pointer (&client) : NULL;
}

void
vckc_nbd_client_free (VckcNbdClient *client)
{
  if (client == NULL)
    return;
  client->function = NULL;
  if (client->handle != NULL && !client->broken && nbd_aio_is_ready (client->handle))
    nbd_aio_disconnect (client->handle, 0);
  nbd_close (client->handle);
  g_free (client->peer);
  g_free (client);
}

guint64
vckc_nbd_client_get_size (const VckcNbdClient *client)
{
  return client->size;
}

static int
nbd_client_status_cb (void *data,
                      const char *context,
                      uint64_t offset,
                      uint32_t *entries,
                      size_t n_entries,
                      int *error)
{
  VckcNbdClient *client = data;

  if (client->function != NULL)
    client->function (context, offset, entries, n_entries, client->opaque);
  return 0;
}

static bool
nbd_client_await_command (VckcNbdClient *client, gint64 cookie, VckcError **err)
{
  g_autoptr (VckcCancelFd) cancel = vckc_cancel_fd_open ();
  gint64 deadline = g_get_monotonic_time () + client->timeout * G_GINT64_CONSTANT (1000);

  for (;;)
    {
      int completed = nbd_aio_command_completed (client->handle, (uint64_t) cookie);

      if (completed < 0 && nbd_client_is_lost (client))
        return nbd_client_fail (client, VCKC_ERROR_SYSTEM_ERROR, "ended the connection", err);
      if (completed < 0)
        return nbd_client_fail (client, VCKC_ERROR_OPERATION_FAILED, "refused a request", err);
      if (completed > 0)
        return true;
      if (!nbd_client_step (client, vckc_cancel_fd_get (cancel), deadline, err))
        return false;
    }
}

static bool
nbd_client_check_usable (const VckcNbdClient *client, VckcError **err)
{
  if (client->broken)
    vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR,
                    "%s is asked no more, since it failed before or a request was cancelled",
                    client->peer);
  return !client->broken;
}

bool
vckc_nbd_client_query_status (VckcNbdClient *client,
                              guint64 offset,
                              guint32 length,
                              VckcNbdStatusFunc function,
                              gpointer opaque,
                              VckcError **err)
{
  gint64 cookie;
  bool answered;

  if (!nbd_client_check_usable (client, err))
    return false;
  cookie = nbd_aio_block_status (
      client->handle, length, offset,
      (nbd_extent_callback){ .callback = nbd_client_status_cb, .user_data = client },
      NBD_NULL_COMPLETION, 0);
  if (cookie < 0)
    return nbd_client_fail_to_ask (client, err);
  client->function = function;
  client->opaque = opaque;
  answered = nbd_client_await_command (client, cookie, err);
  client->function = NULL;
  client->broken = client->broken || !answered;
  return answered;
}

bool
vckc_nbd_client_begin_read (VckcNbdClient *client,
                            guint64 offset,
                            gsize length,
                            guint8 *buffer,
                            gint64 *ret_cookie,
                            VckcError **err)
{
  if (!nbd_client_check_usable (client, err))
    return false;
  *ret_cookie = nbd_aio_pread (client->handle, buffer, length, offset, NBD_NULL_COMPLETION, 0);
  return *ret_cookie >= 0 || nbd_client_fail_to_ask (client, err);
}

bool
vckc_nbd_client_end_read (VckcNbdClient *client, gint64 cookie, VckcError **err)
{
  const bool answered =
      nbd_client_check_usable (client, err) && nbd_client_await_command (client, cookie, err);

  client->broken = client->broken || !answered;
  return answered;
}
