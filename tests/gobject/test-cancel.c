/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Cancelling: before a call starts, and while it runs. */

#include "blocking-call.h"

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
  g_assert_null (
      vck_domain_create_checkpoint_xml (domain, "<domaincheckpoint/>", 0, cancellable, &error));
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

typedef struct
{
  VckCall base;
  Blocker *blocker;
} BlockingCall;

static gboolean
blocking_call_run (VckCall *call, GError **error)
{
  blocker_block (((BlockingCall *) call)->blocker);
  return TRUE;
}

static void
blocking_call_clear (VckCall *call)
{
  blocker_note_cleared (((BlockingCall *) call)->blocker);
}

static const VckCallInfo reader = {
  .name = "reader",
  .size = sizeof (BlockingCall),
  .kind = VCK_CALL_READER,
  .run = blocking_call_run,
  .clear = blocking_call_clear,
};

static const VckCallInfo mutator = {
  .name = "mutator",
  .size = sizeof (BlockingCall),
  .kind = VCK_CALL_MUTATOR,
  .run = blocking_call_run,
  .clear = blocking_call_clear,
};

static VckCall *
blocking_call_new (Blocker *blocker, const VckCallInfo *info)
{
  BlockingCall *call = vck_call_new (info, NULL, NULL);

  call->blocker = blocker;
  return &call->base;
}

typedef struct
{
  Blocker *blocker;
  GCancellable *cancellable;
  gboolean then_allow;
} Canceller;

static gpointer
cancel_thread (gpointer data)
{
  Canceller *self = data;

  blocker_wait_started (self->blocker);
  g_cancellable_cancel (self->cancellable);
  if (self->then_allow)
    blocker_allow (self->blocker);
  return NULL;
}

/* Returns although the call still runs; what it leaves is freed in the caller's context later. */
static void
test_reader (void)
{
  Blocker blocker;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Canceller canceller = { &blocker, cancellable, FALSE };
  GThread *thread;

  blocker_init (&blocker);
  thread = g_thread_new ("cancel", cancel_thread, &canceller);
  g_assert_null (vck_call_sync (blocking_call_new (&blocker, &reader), cancellable, &error));
  support_assert_cancelled (&error);
  g_thread_join (thread);
  blocker_allow (&blocker);
  blocker_end (&blocker, NULL);
}

static void
test_reader_async (void)
{
  Blocker blocker;

  blocker_init (&blocker);
  blocker_cancel_async (&blocker, blocking_call_new (&blocker, &reader), NULL);
  blocker_allow (&blocker);
  blocker_end (&blocker, NULL);
}

/* An object of the program, which records the thread in which it was finalized. */
typedef struct
{
  GObject *object; /* (transfer full) */
  GThread *ended;  /* atomic */
} Witness;

static void
witness_end_cb (gpointer data, GObject *object)
{
  Witness *witness = data;

  g_atomic_pointer_set (&witness->ended, g_thread_self ());
}

static void
witness_init (Witness *witness)
{
  witness->object = g_object_new (G_TYPE_OBJECT, NULL);
  witness->ended = NULL;
  g_object_weak_ref (witness->object, witness_end_cb, witness);
}

static void
witness_drop (Witness *witness)
{
  g_clear_object (&witness->object);
}

/* Nothing of the program is finalized in the thread that ran the call: neither the object nor the
 * cancellable. */
static void
test_freed_by_caller (gconstpointer sync)
{
  Blocker blocker;
  Witness self, cancellable = { .object = NULL };
  GCancellable *owned = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  Canceller canceller = { &blocker, owned, FALSE };
  GThread *thread = NULL;
  BlockingCall *call;

  blocker_init (&blocker);
  witness_init (&self);
  call = vck_call_new (&reader, self.object, NULL);
  call->blocker = &blocker;
  g_object_weak_ref (G_OBJECT (owned), witness_end_cb, &cancellable);
  thread = g_thread_new ("cancel", cancel_thread, &canceller);
  if (sync != NULL)
    g_assert_null (vck_call_sync (&call->base, owned, &error));
  else
    {
      vck_call_async (&call->base, owned, support_result_cb, &slot, test_freed_by_caller);
      result = support_wait (&slot);
      g_assert_null (vck_call_finish (result, self.object, test_freed_by_caller, &error));
    }
  support_assert_cancelled (&error);
  g_thread_join (thread);
  g_clear_object (&result);
  g_object_unref (owned);
  witness_drop (&self);
  g_assert_null (g_atomic_pointer_get (&self.ended));

  blocker_allow (&blocker);
  blocker_end (&blocker, NULL);
  support_drain (NULL);
  g_assert_true (g_atomic_pointer_get (&self.ended) == g_thread_self ());
  g_assert_true (g_atomic_pointer_get (&cancellable.ended) == g_thread_self ());
}

/* A thread with a context of its own abandons a call, and ends. `late`: the call still runs. */
typedef struct
{
  Blocker *blocker;
  gboolean late;
} Abandoner;

static gpointer
abandon_thread (gpointer data)
{
  Abandoner *abandoner = data;
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  blocker_cancel_async (abandoner->blocker, blocking_call_new (abandoner->blocker, &reader), NULL);
  if (!abandoner->late)
    {
      blocker_allow (abandoner->blocker);
      blocker_end (abandoner->blocker, context);
    }
  g_main_context_pop_thread_default (context);
  return NULL;
}

/* The context of the caller is freed while the abandoned call still runs: the call is freed in the
 * default context. */
static void
test_context_gone (void)
{
  Blocker blocker;
  Abandoner abandoner = { &blocker, TRUE };

  blocker_init (&blocker);
  g_thread_join (g_thread_new ("abandon", abandon_thread, &abandoner));
  blocker_allow (&blocker);
  blocker_end (&blocker, NULL);
}

static void
test_context_of_thread (void)
{
  Blocker blocker;
  Abandoner abandoner = { &blocker, FALSE };

  blocker_init (&blocker);
  g_thread_join (g_thread_new ("abandon", abandon_thread, &abandoner));
}

static void
left_cb (GObject *source, GAsyncResult *result, gpointer left)
{
  g_autoptr (VckCheckpoint) checkpoint =
      vck_domain_create_checkpoint_xml_finish (VCK_DOMAIN (source), result, NULL);

  --*(int *) left;
}

/* Starts calls on a URI that other threads use too and cancels every other one; drops its
 * connection and frees its context after all callbacks. */
static gpointer
cancelling_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (VckConnection) connection = NULL;
  g_autoptr (VckDomain) domain = NULL;
  int left = 50;

  g_main_context_push_thread_default (context);
  connection = vck_connection_open ("memory:///cancelling", 0, NULL, NULL);
  domain = support_lookup_test (connection);
  for (int i = left; i > 0; i--)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();

      vck_domain_create_checkpoint_xml_async (domain, "<domaincheckpoint/>", 0, cancellable,
                                              left_cb, &left);
      if (i % 2 == 0)
        g_cancellable_cancel (cancellable);
    }
  while (left > 0)
    g_main_context_iteration (context, TRUE);
  g_clear_object (&domain);
  g_clear_object (&connection);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_contexts_that_end (void)
{
  GThread *threads[4];

  for (guint round = 0; round < 8; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("cancelling", cancelling_thread, NULL);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        g_thread_join (threads[i]);
    }
}

/* A call that has started reports its true outcome. */
static void
test_mutator (void)
{
  Blocker blocker;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  Canceller canceller = { &blocker, cancellable, TRUE };
  GThread *thread;

  blocker_init (&blocker);
  thread = g_thread_new ("cancel", cancel_thread, &canceller);
  g_assert_true (
      vck_call_end (vck_call_sync (blocking_call_new (&blocker, &mutator), cancellable, &error)));
  g_assert_no_error (error);
  g_thread_join (thread);
  blocker_end (&blocker, NULL);
}

static void
test_mutator_async (void)
{
  Blocker blocker;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  blocker_init (&blocker);
  vck_call_async (blocking_call_new (&blocker, &mutator), cancellable, support_result_cb, &slot,
                  test_mutator_async);
  blocker_wait_started (&blocker);
  g_cancellable_cancel (cancellable);
  support_drain (NULL);
  g_assert_null (slot);
  blocker_allow (&blocker);
  result = support_wait (&slot);
  g_assert_true (vck_call_end (vck_call_finish (result, NULL, test_mutator_async, &error)));
  g_assert_no_error (error);
  g_clear_object (&result);
  blocker_end (&blocker, NULL);
}

/* Closing waits for no other call, however many there are. */
static void
test_close_beside_calls (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (GAsyncResult) closed = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  GAsyncResult *slots[64] = { NULL };
  Blocker blockers[64];

  for (guint i = 0; i < G_N_ELEMENTS (blockers); i++)
    {
      blocker_init (&blockers[i]);
      vck_call_async (blocking_call_new (&blockers[i], &mutator), NULL, support_result_cb,
                      &slots[i], test_close_beside_calls);
    }
  vck_connection_close_async (connection, NULL, support_result_cb, &slot);
  closed = support_wait (&slot);
  g_assert_true (vck_connection_close_finish (connection, closed, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (blockers); i++)
    blocker_allow (&blockers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (blockers); i++)
    {
      g_autoptr (GAsyncResult) result = support_wait (&slots[i]);

      g_assert_true (vck_call_end (vck_call_finish (result, NULL, test_close_beside_calls, NULL)));
      blocker_end (&blockers[i], NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/cancel/before-start", test_before_start);
  g_test_add_func ("/vck/cancel/before-start-async", test_before_start_async);
  g_test_add_func ("/vck/cancel/reader", test_reader);
  g_test_add_func ("/vck/cancel/reader-async", test_reader_async);
  g_test_add_data_func ("/vck/cancel/freed-by-caller", NULL, test_freed_by_caller);
  g_test_add_data_func ("/vck/cancel/freed-by-caller-sync", "sync", test_freed_by_caller);
  g_test_add_func ("/vck/cancel/context-gone", test_context_gone);
  g_test_add_func ("/vck/cancel/context-of-thread", test_context_of_thread);
  g_test_add_func ("/vck/cancel/contexts-that-end", test_contexts_that_end);
  g_test_add_func ("/vck/cancel/mutator", test_mutator);
  g_test_add_func ("/vck/cancel/mutator-async", test_mutator_async);
  g_test_add_func ("/vck/cancel/close-beside-calls", test_close_beside_calls);

  return g_test_run ();
}
