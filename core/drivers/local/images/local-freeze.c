/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/local-freeze.h"

#include "drivers/local/images/local-session.h"
#include "drivers/local/machine/guest-agent.h"
#include "drivers/local/machine/thaw-guard.h"

/* Ends the guard of a guest; was there one? *ret_frozen, unless NULL: the guest was frozen. */
static bool
local_freeze_end_guard (VckcLocalBackend *self, const char *agent_socket, bool *ret_frozen)
{
  g_autofree char *key = NULL;
  VckcThawGuard *guard = NULL;

  vckc_mutex_lock (&self->mutex);
  g_hash_table_steal_extended (self->guards, agent_socket, (gpointer *) &key, (gpointer *) &guard);
  vckc_mutex_unlock (&self->mutex);
  if (ret_frozen != NULL)
    *ret_frozen = guard != NULL && vckc_thaw_guard_is_frozen (guard);
  vckc_thaw_guard_free (guard);
  return guard != NULL;
}

/* The guard that an earlier failure has left would thaw what is frozen now; but what it has not
 * thawed yet may still be frozen. */
bool
vckc_local_freeze (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err)
{
  VckcLocalBackend *self = (VckcLocalBackend *) backend;
  g_autoptr (VckcCancelFd) cancel = vckc_cancel_fd_open ();
  VckcThawGuard *guard;
  bool none = false;
  bool maybe, frozen;

  guard = vckc_thaw_guard_new (machine->agent_socket, err);
  if (guard == NULL)
    return false;
  maybe = local_freeze_end_guard (self, machine->agent_socket, NULL);
  frozen = vckc_guest_agent_freeze (machine->agent_socket, machine->since, self->agent_timeout,
                                    vckc_cancel_fd_get (cancel), &maybe, &none, err);
  if (!maybe)
    {
      vckc_thaw_guard_free (guard);
      return false;
    }
  vckc_thaw_guard_set_frozen (guard, frozen && !none);
  if (!frozen)
    vckc_thaw_guard_begin (guard);
  vckc_mutex_lock (&self->mutex);
  g_hash_table_replace (self->guards, g_strdup (machine->agent_socket), guard);
  vckc_mutex_unlock (&self->mutex);
  return frozen;
}

/* The guard goes on trying what has failed. */
static void
local_freeze_begin_guard (VckcLocalBackend *self, const char *agent_socket)
{
  VckcThawGuard *guard;

  vckc_mutex_lock (&self->mutex);
  guard = g_hash_table_lookup (self->guards, agent_socket);
  if (guard != NULL)
    vckc_thaw_guard_begin (guard);
  vckc_mutex_unlock (&self->mutex);
}

/* What was frozen and is not any more when it is to be thawed was thawed too early, as Windows does
 * after ten seconds: see QEMU's reference of the guest agent, guest-fsfreeze-thaw. */
bool
vckc_local_thaw (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err)
{
  VckcLocalBackend *self = (VckcLocalBackend *) backend;
  g_autoptr (VckcError) first = NULL;
  bool none = false;
  bool frozen;

  if (!vckc_guest_agent_thaw (machine->agent_socket, self->agent_timeout, &none, &first, err))
    {
      local_freeze_begin_guard (self, machine->agent_socket);
      return false;
    }
  local_freeze_end_guard (self, machine->agent_socket, &frozen);
  if (!frozen || !none)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                  "the file systems of the guest did not stay frozen until all was done, so they "
                  "may have changed meanwhile%s%s; try again",
                  first != NULL ? ": " : "", first != NULL ? vckc_error_get_message (first) : "");
  return false;
}
