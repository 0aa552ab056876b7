/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Closing a connection, at once or without blocking. */

#include "vck-call.h"
#include "vck-private.h"

static void
close_hold (gpointer handle)
{
  vckc_connect_ref (handle, NULL);
}

static void
close_drop (gpointer handle)
{
  vckc_connect_unref (handle, NULL);
}

static gboolean
connection_run_close (VckCall *call, GError **error)
{
  VckcError *err = NULL;

  if (vckc_connect_close (call->handle, &err) == 0)
    return TRUE;
  return vck_call_fail (call, vck_error_take (err), error);
}

static const VckCallInfo close_info = {
  .name = "vck_connection_close",
  .size = sizeof (VckCall),
  .kind = VCK_CALL_MUTATOR,
  .urgent = TRUE,
  .hold = close_hold,
  .drop = close_drop,
  .run = connection_run_close,
};

static VckCall *
connection_new_close (VckConnection *self)
{
  return vck_call_new (&close_info, self, vck_connection_get_handle (self));
}

/**
 * vck_connection_close:
 * @self: a connection
 * @error: return location for an error
 *
 * Closes the connection now, while domains and checkpoints of it are still held: calls on them fail
 * with [error@Vck.Error] `NO_CONNECT` from then on, except for values that the objects hold, such
 * as names. Calls in progress are not interrupted.
 *
 * [signal@Connection::closed] is emitted later, when the main context runs. Closing a closed
 * connection does nothing.
 *
 * It waits for no call and no other program, only until threads of the library that follow changes
 * have ended, which are woken: for one that gets no answer from libvirtd at that moment, two
 * seconds at most.
 *
 * Fails with [error@Vck.Error] `INVALID_CONNECT` when @self was never opened.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_connection_close (VckConnection *self, GError **error)
{
  g_return_val_if_fail (VCK_IS_CONNECTION (self), FALSE);

  return vck_call_end (vck_call_sync (connection_new_close (self), NULL, error));
}

/**
 * vck_connection_close_async:
 * @self: a connection
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async): called when the connection is closed
 * @user_data: data for @callback
 *
 * Closes the connection without blocking: the asynchronous twin of [method@Connection.close].
 * Get the result with [method@Connection.close_finish].
 *
 * If @cancellable is cancelled before closing has begun, it fails with `G_IO_ERROR_CANCELLED` and
 * the connection stays open. Closing that has begun is never undone: it ends, and succeeds.
 *
 * Since: 1.0
 */
void
vck_connection_close_async (VckConnection *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (VCK_IS_CONNECTION (self));

  vck_call_async (connection_new_close (self), cancellable, callback, user_data,
                  vck_connection_close_async);
}

/**
 * vck_connection_close_finish:
 * @self: a connection
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@Connection.close_async].
 *
 * Fails with [error@Vck.Error] `INVALID_CONNECT` when @self was never opened, and with
 * `G_IO_ERROR_CANCELLED` when it was cancelled before closing began.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_connection_close_finish (VckConnection *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_CONNECTION (self), FALSE);

  return vck_call_end (vck_call_finish (result, self, vck_connection_close_async, error));
}
