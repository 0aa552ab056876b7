/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Signals: in which context they are emitted, and what may be freed or called meanwhile. */

#include "signal-log.h"
#include "support.h"

typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  VckConnection *connection;
  VckDomain *domain;
  SignalLog log;
  GMutex lock;
  GCond cond;
  gboolean ready; /* under lock */
} Elsewhere;

static void
quit_cb (VckConnection *connection, VckCloseReason reason, gpointer data)
{
  g_main_loop_quit (data);
}

static gpointer
elsewhere_thread (gpointer data)
{
  Elsewhere *self = data;

  g_main_context_push_thread_default (self->context);
  self->connection = support_open ();
  self->domain = support_lookup_test (self->connection);
  signal_log_init (&self->log);
  signal_log_watch_domain (self->domain, &self->log);
  g_signal_connect (self->connection, "closed", G_CALLBACK (quit_cb), self->loop);

  g_mutex_lock (&self->lock);
  self->ready = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);

  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return g_thread_self ();
}

/* Opened in a thread with a context of its own: signals are emitted there, whichever thread makes
 * the change. */
static void
test_other_context (void)
{
  Elsewhere elsewhere = { .context = g_main_context_new () };
  g_autoptr (VckCheckpoint) checkpoint = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GThread) thread = NULL;
  gpointer its_self;

  elsewhere.loop = g_main_loop_new (elsewhere.context, FALSE);
  g_mutex_init (&elsewhere.lock);
  g_cond_init (&elsewhere.cond);
  thread = g_thread_new ("elsewhere", elsewhere_thread, &elsewhere);
  g_mutex_lock (&elsewhere.lock);
  while (!elsewhere.ready)
    g_cond_wait (&elsewhere.cond, &elsewhere.lock);
  g_mutex_unlock (&elsewhere.lock);

  checkpoint = support_create (elsewhere.domain, "a");
  support_delete (checkpoint, 0);
  g_assert_true (vck_connection_close (elsewhere.connection, &error));
  g_assert_no_error (error);
  its_self = g_thread_join (g_steal_pointer (&thread));

  g_assert_cmpstr (elsewhere.log.words->str, ==, "+a -a");
  g_assert_true (elsewhere.log.thread == its_self);
  g_assert_true (elsewhere.log.thread != g_thread_self ());

  signal_log_clear (&elsewhere.log);
  g_object_unref (elsewhere.domain);
  g_object_unref (elsewhere.connection);
  g_main_loop_unref (elsewhere.loop);
  g_main_context_unref (elsewhere.context);
  g_cond_clear (&elsewhere.cond);
  g_mutex_clear (&elsewhere.lock);
}

/* The callback of an asynchronous call comes in the caller's context, the signal in the
 * connection's. */
static void
test_async_call (void)
{
  g_auto (SignalLog) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) checkpoint = NULL;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  signal_log_init (&log);
  signal_log_watch_domain (domain, &log);

  g_main_context_push_thread_default (context);
  vck_domain_create_checkpoint_xml_async (domain, "<domaincheckpoint/>", 0, NULL, support_result_cb,
                                          &slot);
  result = support_wait (&slot);
  g_main_context_pop_thread_default (context);
  checkpoint = vck_domain_create_checkpoint_xml_finish (domain, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (log.words->str, ==, "");

  support_drain (NULL);
  g_assert_cmpstr (log.words->str + 1, ==, vck_checkpoint_get_name (checkpoint));
}

/* What is pending is dropped, and holds nothing. */
static void
test_dies_while_pending (void)
{
  g_auto (SignalLog) log = { NULL };
  VckConnection *connection = support_open ();
  VckDomain *domain = support_lookup_test (connection);
  VckCheckpoint *checkpoint;

  signal_log_init (&log);
  signal_log_watch_domain (domain, &log);
  signal_log_watch_connection (connection, &log);
  checkpoint = support_create (domain, "a");
  support_delete (checkpoint, 0);

  support_assert_dies (checkpoint);
  support_assert_dies (domain);
  support_assert_dies (connection);
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "");
}

static void
test_context_never_runs (void)
{
  g_auto (SignalLog) log = { NULL };
  GMainContext *context = g_main_context_new ();
  VckConnection *connection;
  VckDomain *domain;

  signal_log_init (&log);
  g_main_context_push_thread_default (context);
  connection = support_open ();
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);

  signal_log_watch_connection (connection, &log);
  domain = support_define (connection, "guest");
  support_undefine (domain);
  support_assert_dies (domain);
  support_assert_dies (connection);
  g_assert_cmpstr (log.words->str, ==, "");
}

static void
drop_cb (VckConnection *connection, VckDomain *domain, gpointer data)
{
  VckConnection **held = data;

  g_assert_true (connection == *held);
  g_clear_object (held);
}

/* The handler drops what may be the last reference of the program: it is the last signal. */
static void
test_dies_in_handler (void)
{
  g_auto (SignalLog) log = { NULL };
  VckConnection *connection = support_open ();
  VckDomain *one = NULL;
  VckDomain *two = NULL;
  GWeakRef weak;

  signal_log_init (&log);
  signal_log_watch_connection (connection, &log);
  g_signal_connect (connection, "domain-added", G_CALLBACK (drop_cb), &connection);
  one = support_define (connection, "one");
  two = support_define (connection, "two");
  g_weak_ref_init (&weak, connection);
  support_assert_dies (one);
  support_assert_dies (two);

  support_drain (NULL);
  g_assert_null (connection);
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
  g_assert_cmpstr (log.words->str, ==, "+one");
}

typedef struct
{
  SignalLog *log;
  guint depth;
  guint deepest;
} Nest;

static void
nest_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  Nest *nest = data;

  nest->depth++;
  nest->deepest = MAX (nest->deepest, nest->depth);
  signal_log_add (nest->log, "+", vck_checkpoint_get_name (checkpoint));
  support_drain (NULL);
  nest->depth--;
}

/* A handler that runs the context sees what follows, still in order. */
static void
test_nested_loop (void)
{
  g_auto (SignalLog) log = { NULL };
  Nest nest = { .log = &log };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  const char *names[] = { "a", "b", "c" };

  signal_log_init (&log);
  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (nest_cb), &nest);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (VckCheckpoint) checkpoint = support_create (domain, names[i]);

      g_assert_nonnull (checkpoint);
    }

  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "+a +b +c");
  g_assert_cmpuint (nest.deepest, ==, 3);
  g_assert_cmpuint (nest.depth, ==, 0);
}

static void
create_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  g_autoptr (VckCheckpoint) next = NULL;

  signal_log_add (data, "+", vck_checkpoint_get_name (checkpoint));
  if (g_str_equal (vck_checkpoint_get_name (checkpoint), "a"))
    next = support_create (domain, "b");
}

/* A handler may call anything, also what makes the next signal. */
static void
test_call_in_handler (void)
{
  g_auto (SignalLog) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) checkpoint = NULL;

  signal_log_init (&log);
  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (create_cb), &log);
  checkpoint = support_create (domain, "a");
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "+a +b");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/signal-contexts/other-context", test_other_context);
  g_test_add_func ("/vck/signal-contexts/async-call", test_async_call);
  g_test_add_func ("/vck/signal-contexts/dies-while-pending", test_dies_while_pending);
  g_test_add_func ("/vck/signal-contexts/context-never-runs", test_context_never_runs);
  g_test_add_func ("/vck/signal-contexts/dies-in-handler", test_dies_in_handler);
  g_test_add_func ("/vck/signal-contexts/nested-loop", test_nested_loop);
  g_test_add_func ("/vck/signal-contexts/call-in-handler", test_call_in_handler);

  return g_test_run ();
}
