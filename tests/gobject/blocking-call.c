/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "blocking-call.h"

void
blocker_init (Blocker *blocker)
{
  *blocker = (Blocker){ .started = FALSE };
  support_gate_init (&blocker->gate);
}

void
blocker_block (Blocker *blocker)
{
  support_gate_set (&blocker->gate, &blocker->started);
  support_gate_wait (&blocker->gate, &blocker->allowed);
}

void
blocker_note_cleared (Blocker *blocker)
{
  g_mutex_lock (&blocker->gate.lock);
  blocker->cleared = g_thread_self ();
  g_mutex_unlock (&blocker->gate.lock);
}

void
blocker_wait_started (Blocker *blocker)
{
  support_gate_wait (&blocker->gate, &blocker->started);
}

void
blocker_allow (Blocker *blocker)
{
  support_gate_set (&blocker->gate, &blocker->allowed);
}

void
blocker_cancel_async (Blocker *blocker, VckCall *call, gpointer self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  vck_call_async (call, cancellable, support_result_cb, &slot, blocker_cancel_async);
  blocker_wait_started (blocker);
  g_cancellable_cancel (cancellable);
  result = support_wait (&slot);
  g_assert_null (vck_call_finish (result, self, blocker_cancel_async, &error));
  support_assert_cancelled (&error);
}

static gboolean
is_cleared (Blocker *blocker)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&blocker->gate.lock);

  return blocker->cleared != NULL;
}

void
blocker_end (Blocker *blocker, GMainContext *context)
{
  while (!is_cleared (blocker))
    g_main_context_iteration (context, TRUE);
  g_assert_true (blocker->cleared == g_thread_self ());
  support_gate_clear (&blocker->gate);
}
