/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Cancelling: before a call starts, and while it runs. */

#include "support.h"
#include "vck-call.h"

static void
assert_cancelled (GError **error)
{
  g_assert_error (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (error);
}

static void
test_before_start (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (vck_connection_open ("memory:///cancelled", 0, cancellable, &error));
  assert_cancelled (&error);
  g_assert_null (vck_domain_lookup_checkpoint (domain, "a", cancellable, &error));
  assert_cancelled (&error);
  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, cancellable, &error), ==, -1);
  assert_cancelled (&error);
  g_assert_null (vck_domain_create_checkpoint_xml (domain, "<domaincheckpoint/>", 0, cancellable,
                                                   &error));
  assert_cancelled (&error);
  g_assert_false (vck_domain_undefine (domain, 0, cancellable, &error));
  assert_cancelled (&error);

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
  assert_cancelled (&error);

  vck_domain_create_checkpoint_xml_async (domain, "<domaincheckpoint/>", 0, cancellable,
                                          support_result_cb, &slot);
  created = support_wait (&slot);
  g_assert_null (vck_domain_create_checkpoint_xml_finish (domain, created, &error));
  assert_cancelled (&error);

  vck_domain_list_checkpoints_async (domain, 0, cancellable, support_result_cb, &slot);
  listed = support_wait (&slot);
  g_assert_null (vck_domain_list_checkpoints_finish (domain, listed, &error));
  assert_cancelled (&error);

  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, NULL, &error), ==, 0);
  g_assert_no_error (error);
}

/* A call that lasts until the test lets it go. */
typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean started; /* under lock */
  gboolean allowed; /* under lock */
  gboolean cleared; /* under lock: nothing of the call is left */
} Gate;

typedef struct
{
  VckCall base;
  Gate *gate;
} GateCall;

static void
gate_set (Gate *gate, gboolean *what)
{
  g_mutex_lock (&gate->lock);
  *what = TRUE;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->lock);
}

static void
gate_wait (Gate *gate, const gboolean *what)
{
  g_mutex_lock (&gate->lock);
  while (!*what)
    g_cond_wait (&gate->cond, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static gboolean
gate_run (VckCall *call, GError **error)
{
  Gate *gate = ((GateCall *) call)->gate;

  gate_set (gate, &gate->started);
  gate_wait (gate, &gate->allowed);
  return TRUE;
}

static void
gate_clear (VckCall *call)
{
  Gate *gate = ((GateCall *) call)->gate;

  gate_set (gate, &gate->cleared);
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
  g_mutex_init (&gate->lock);
  g_cond_init (&gate->cond);
}

static void
gate_end (Gate *gate)
{
  gate_wait (gate, &gate->cleared);
  g_cond_clear (&gate->cond);
  g_mutex_clear (&gate->lock);
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

  gate_wait (self->gate, &self->gate->started);
  g_cancellable_cancel (self->cancellable);
  if (self->then_allow)
    gate_set (self->gate, &self->gate->allowed);
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
  assert_cancelled (&error);
  g_thread_join (thread);
  gate_set (&gate, &gate.allowed);
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
  gate_wait (&gate, &gate.started);
  g_cancellable_cancel (cancellable);
  result = support_wait (&slot);
  g_assert_null (vck_call_finish (result, NULL, test_reader_async, &error));
  assert_cancelled (&error);
  gate_set (&gate, &gate.allowed);
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
  gate_wait (&gate, &gate.started);
  g_cancellable_cancel (cancellable);
  support_drain (NULL);
  g_assert_null (slot);
  gate_set (&gate, &gate.allowed);
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
