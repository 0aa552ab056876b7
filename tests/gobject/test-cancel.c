/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Cancelling: before a call starts, and while it runs. */

#include "support.h"
#include "vck-call.h"

static void
test_before_start (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (vck_connection_open ("memory:///cancelled", 0, cancellable, &error));
  support_assert_cancelled (&error);
  g_assert_null (vck_domain_lookup_checkpoint (domain, "a", cancellable, &error));
  support_assert_cancelled (&error);
  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, cancellable, &error), ==, -1);
  support_assert_cancelled (&error);
  g_assert_null (vck_domain_create_checkpoint_xml (domain, "<domaincheckpoint/>", 0, cancellable,
                                                   &error));
  support_assert_cancelled (&error);
  g_assert_false (vck_domain_undefine (domain, 0, cancellable, &error));
  support_assert_cancelled (&error);

  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, NULL, &error), ==, 0);
  g_assert_no_error (error);
}

static void
test_before_start_async (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GAsyncResult) created = NULL;
  g_autoptr (GAsyncResult) listed = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  g_cancellable_cancel (cancellable);
  vck_connection_open_async ("memory:///cancelled", 0, cancellable, support_result_cb, &slot);
  opened = support_wait (&slot);
  g_assert_null (vck_connection_open_finish (opened, &error));
  support_assert_cancelled (&error);

  vck_domain_create_checkpoint_xml_async (domain, "<domaincheckpoint/>", 0, cancellable,
                                          support_result_cb, &slot);
  created = support_wait (&slot);
  g_assert_null (vck_domain_create_checkpoint_xml_finish (domain, created, &error));
  support_assert_cancelled (&error);

  vck_domain_list_checkpoints_async (domain, 0, cancellable, support_result_cb, &slot);
  listed = support_wait (&slot);
  g_assert_null (vck_domain_list_checkpoints_finish (domain, listed, &error));
  support_assert_cancelled (&error);

  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, NULL, &error), ==, 0);
  g_assert_no_error (error);
}

/* A call that lasts until the test lets it go. */
typedef struct
{
  SupportGate gate; /* its lock is meant below */
  gboolean started; /* under lock */
  gboolean allowed; /* under lock */
  gboolean cleared; /* under lock: nothing of the call is left */
} Gate;

typedef struct
{
  VckCall base;
  Gate *gate;
} GateCall;

static gboolean
gate_run (VckCall *call, GError **error)
{
  Gate *gate = ((GateCall *) call)->gate;

  support_gate_set (&gate->gate, &gate->started);
  support_gate_wait (&gate->gate, &gate->allowed);
  return TRUE;
}

static void
gate_clear (VckCall *call)
{
  Gate *gate = ((GateCall *) call)->gate;

  support_gate_set (&gate->gate, &gate->cleared);
}

static const VckCallInfo reader = {
  .name = "reader",
  .size = sizeof (GateCall),
  .kind = VCK_CALL_READER,
  .run = gate_run,
  .clear = gate_clear,
};

static const VckCallInfo mutator = {
  .name = "mutator",
  .size = sizeof (GateCall),
  .kind = VCK_CALL_MUTATOR,
  .run = gate_run,
  .clear = gate_clear,
};

static VckCall *
gate_call_new (Gate *gate, const VckCallInfo *info)
{
  GateCall *call = vck_call_new (info, NULL, NULL);

  call->gate = gate;
  return &call->base;
}

static void
gate_init (Gate *gate)
{
  *gate = (Gate){ .started = FALSE };
  support_gate_init (&gate->gate);
}

static void
gate_end (Gate *gate)
{
  support_gate_wait (&gate->gate, &gate->cleared);
  support_gate_clear (&gate->gate);
}

typedef struct
{
  Gate *gate;
  GCancellable *cancellable;
  gboolean then_allow;
} Canceller;

static gpointer
cancel_thread (gpointer data)
{
  Canceller *self = data;

  support_gate_wait (&self->gate->gate, &self->gate->started);
  g_cancellable_cancel (self->cancellable);
  if (self->then_allow)
    support_gate_set (&self->gate->gate, &self->gate->allowed);
  return NULL;
}

/* Comes back although the work still runs; what it leaves is cleared afterwards. */
static void
test_reader (void)
{
  Gate gate;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Canceller canceller = { &gate, cancellable, FALSE };
  GThread *thread;

  gate_init (&gate);
  thread = g_thread_new ("cancel", cancel_thread, &canceller);
  g_assert_null (vck_call_sync (gate_call_new (&gate, &reader), cancellable, &error));
  support_assert_cancelled (&error);
  g_thread_join (thread);
  support_gate_set (&gate.gate, &gate.allowed);
  gate_end (&gate);
}

static void
test_reader_async (void)
{
  Gate gate;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  gate_init (&gate);
  vck_call_async (gate_call_new (&gate, &reader), cancellable, support_result_cb, &slot,
                  test_reader_async);
  support_gate_wait (&gate.gate, &gate.started);
  g_cancellable_cancel (cancellable);
  result = support_wait (&slot);
  g_assert_null (vck_call_finish (result, NULL, test_reader_async, &error));
  support_assert_cancelled (&error);
  support_gate_set (&gate.gate, &gate.allowed);
  g_clear_object (&result);
  gate_end (&gate);
}

/* What was begun is reported as it ended. */
static void
test_mutator (void)
{
  Gate gate;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Canceller canceller = { &gate, cancellable, TRUE };
  GThread *thread;

  gate_init (&gate);
  thread = g_thread_new ("cancel", cancel_thread, &canceller);
  g_assert_true (vck_call_end (
      vck_call_sync (gate_call_new (&gate, &mutator), cancellable, &error)));
  g_assert_no_error (error);
  g_thread_join (thread);
  gate_end (&gate);
}

static void
test_mutator_async (void)
{
  Gate gate;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  gate_init (&gate);
  vck_call_async (gate_call_new (&gate, &mutator), cancellable, support_result_cb, &slot,
                  test_mutator_async);
  support_gate_wait (&gate.gate, &gate.started);
  g_cancellable_cancel (cancellable);
  support_drain (NULL);
  g_assert_null (slot);
  support_gate_set (&gate.gate, &gate.allowed);
  result = support_wait (&slot);
  g_assert_true (vck_call_end (vck_call_finish (result, NULL, test_mutator_async, &error)));
  g_assert_no_error (error);
  g_clear_object (&result);
  gate_end (&gate);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/cancel/before-start", test_before_start);
  g_test_add_func ("/vck/cancel/before-start-async", test_before_start_async);
  g_test_add_func ("/vck/cancel/reader", test_reader);
  g_test_add_func ("/vck/cancel/reader-async", test_reader_async);
  g_test_add_func ("/vck/cancel/mutator", test_mutator);
  g_test_add_func ("/vck/cancel/mutator-async", test_mutator_async);

  return g_test_run ();
}
