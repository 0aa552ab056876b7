/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Events: which, in which order, to whom, and what a callback may do. */

#include "handles/handles.h"

#include "managed/engine.h"

typedef struct
{
  VckcConnect *connect;
  GString *log;
  int id;           /* of the subscription */
  guint stop_after; /* unsubscribe when that many events came; 0 for never */
  guint n_events;
  guint n_freed;
} Recorder;

static const char *const type_names[] = { NULL, "+domain", "-domain", "state",  "+",
                                          "-",  "~",       "closed",  "renamed" };

static void
record_cb (const VckcEvent *event, void *opaque)
{
  Recorder *self = opaque;

  if (event->type >= G_N_ELEMENTS (type_names))
    return;
  g_string_append (self->log, type_names[event->type]);
  if (event->type == VCKC_EVENT_DOMAIN_STATE)
    g_string_append_printf (self->log, "=%d", event->state);
  if (event->checkpoint != NULL)
    {
      g_assert_true (vckc_domain_checkpoint_get_domain (event->checkpoint, NULL) == event->domain);
      g_string_append (self->log, vckc_domain_checkpoint_get_name (event->checkpoint, NULL));
    }
  g_string_append_c (self->log, ' ');
  if (++self->n_events == self->stop_after)
    g_assert_cmpint (vckc_connect_unsubscribe (self->connect, self->id, NULL), ==, 0);
}

static void
freed_cb (void *opaque)
{
  ((Recorder *) opaque)->n_freed++;
}

static void
recorder_start (Recorder *self, VckcConnect *connect)
{
  self->connect = connect;
  self->log = g_string_new (NULL);
  self->id = vckc_connect_subscribe (connect, record_cb, self, freed_cb, NULL);
  g_assert_cmpint (self->id, >, 0);
}

static void
recorder_clear (Recorder *self)
{
  if (self->log != NULL)
    g_string_free (g_steal_pointer (&self->log), TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Recorder, recorder_clear)

static VckcConnect *
open_uri (const char *uri)
{
  VckcConnect *connect = vckc_connect_open (uri, 0, NULL);

  g_assert_nonnull (connect);
  return connect;
}

static void
create (VckcDomain *domain, const char *name)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (domain, xml, 0, NULL);

  g_assert_nonnull (checkpoint);
}

static void delete (VckcDomain *domain, const char *name, unsigned int flags)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (domain, name, 0, NULL);

  g_assert_cmpint (vckc_domain_checkpoint_delete (checkpoint, flags, NULL), ==, 0);
}

/* Everything that can happen, seen from the connection that does it and from another. */
static void
test_order (void)
{
  static const char redefinition[] = "<domaincheckpoint><name>c</name>"
                                     "<creationTime>5</creationTime></domaincheckpoint>";
  g_auto (Recorder) mine = { NULL };
  g_auto (Recorder) theirs = { NULL };
  g_autoptr (VckcConnect) connect = open_uri ("memory:///order");
  g_autoptr (VckcConnect) other = open_uri ("memory:///order");
  g_autoptr (VckcDomain) domain = NULL;

  recorder_start (&mine, connect);
  recorder_start (&theirs, other);
  domain = vckc_domain_define_xml (
      connect,
      "<domain><name>d</name><devices><disk type='file'><driver type='qcow2'/>"
      "<source file='/x'/><target dev='vda'/></disk></devices></domain>",
      NULL);
  create (domain, "a");
  create (domain, "b");
  create (domain, "c");
  delete (domain, "b", 0);
  g_autoptr (VckcDomainCheckpoint) c =
      vckc_domain_checkpoint_create_xml (domain, redefinition, 1, NULL);
  g_assert_nonnull (c);
  delete (domain, "c", 0);
  create (domain, "d");
  create (domain, "f");
  delete (domain, "d", VCKC_CHECKPOINT_DELETE_CHILDREN);
  g_assert_true (vckc_engine_set_state (connect->driver_data, vckc_domain_get_uuid (domain, NULL),
                                        VCKC_DOMAIN_STATE_PAUSED));
  create (domain, "e");
  g_assert_cmpint (vckc_domain_undefine (domain, VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, NULL),
                   ==, 0);
  g_assert_cmpint (vckc_connect_close (connect, NULL), ==, 0);

  g_assert_cmpstr (mine.log->str, ==,
                   "+domain +a +b +c -b ~c ~c -c +d +f -f -d state=3 +e -e -a -domain closed ");
  g_assert_cmpstr (theirs.log->str, ==,
                   "+domain +a +b +c -b ~c ~c -c +d +f -f -d state=3 +e -e -a -domain ");
}

static void
test_rename (void)
{
  g_auto (Recorder) recorder = { NULL };
  g_autoptr (VckcConnect) connect = open_uri ("memory:///rename");
  g_autoptr (VckcDomain) domain =
      vckc_domain_define_xml (connect, "<domain><name>d</name></domain>", NULL);

  recorder_start (&recorder, connect);
  g_assert_cmpint (vckc_domain_rename (domain, "e", 0, NULL), ==, 0);
  g_assert_cmpstr (recorder.log->str, ==, "renamed ");
}

/* A failed call causes no event. */
static void
test_failure_is_silent (void)
{
  g_auto (Recorder) recorder = { NULL };
  g_autoptr (VckcConnect) connect = open_uri ("memory:///silent");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);

  recorder_start (&recorder, connect);
  g_assert_null (vckc_domain_checkpoint_create_xml (domain, "<domaincheckpoint", 0, NULL));
  g_assert_null (vckc_domain_define_xml (connect, "<domain/>", NULL));
  g_assert_cmpstr (recorder.log->str, ==, "");
}

/* Unsubscribing: from inside the callback, from outside, and what is freed when. */
static void
test_unsubscribe (void)
{
  g_auto (Recorder) stops = { NULL };
  g_auto (Recorder) stays = { NULL };
  g_autoptr (VckcConnect) connect = open_uri ("memory:///unsubscribe");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);

  stops.stop_after = 2;
  recorder_start (&stops, connect);
  recorder_start (&stays, connect);
  create (domain, "a");
  create (domain, "b");
  create (domain, "c");
  g_assert_cmpstr (stops.log->str, ==, "+a +b ");
  g_assert_cmpuint (stops.n_freed, ==, 1);
  g_assert_cmpstr (stays.log->str, ==, "+a +b +c ");
  g_assert_cmpuint (stays.n_freed, ==, 0);
  g_assert_cmpint (vckc_connect_unsubscribe (connect, stays.id, NULL), ==, 0);
  g_assert_cmpuint (stays.n_freed, ==, 1);
  g_assert_cmpint (vckc_connect_unsubscribe (connect, stays.id, NULL), ==, -1);
}

/* Subscribers that are left are freed with the connection. */
static void
test_freed_with_connection (void)
{
  g_auto (Recorder) recorder = { NULL };

  {
    g_autoptr (VckcConnect) connect = open_uri ("memory:///freed");

    recorder_start (&recorder, connect);
  }
  g_assert_cmpuint (recorder.n_freed, ==, 1);
}

static void
reenter_cb (const VckcEvent *event, void *opaque)
{
  GString *log = opaque;

  g_string_append_printf (log, "%s ", vckc_domain_checkpoint_get_name (event->checkpoint, NULL));
  /* Against the advice, the callback makes changes: order is kept all the same. */
  if (log->len == 2)
    {
      create (event->domain, "b");
      create (event->domain, "c");
      g_string_append (log, "done ");
    }
}

static void
test_reentry (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (VckcConnect) connect = open_uri ("memory:///reentry");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);

  g_assert_cmpint (vckc_connect_subscribe (connect, reenter_cb, log, NULL, NULL), >, 0);
  create (domain, "a");
  g_assert_cmpstr (log->str, ==, "a done b c ");
}

#define N_THREADS 8
#define N_EACH 25

static gpointer
churn (gpointer data)
{
  VckcDomain *domain = data;

  for (guint i = 0; i < N_EACH; i++)
    {
      g_autofree char *name = g_strdup_printf ("t%p-%u", (void *) g_thread_self (), i);

      create (domain, name);
      delete (domain, name, 0);
    }
  return NULL;
}

static void
balance_cb (const VckcEvent *event, void *opaque)
{
  gint *balance = opaque;

  /* Never two callbacks at a time: no atomic is needed. */
  if (event->type == VCKC_EVENT_CHECKPOINT_ADDED)
    *balance += 1;
  else if (event->type == VCKC_EVENT_CHECKPOINT_REMOVED)
    *balance -= 1;
  g_assert_cmpint (*balance, >=, 0);
}

static void
test_threads (void)
{
  gint balance = 0;
  GThread *threads[N_THREADS];
  g_autoptr (VckcConnect) connect = open_uri ("memory:///threads");
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  int id = vckc_connect_subscribe (connect, balance_cb, &balance, NULL, NULL);

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("churn", churn, domain);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  /* After this no delivery is under way. */
  g_assert_cmpint (vckc_connect_unsubscribe (connect, id, NULL), ==, 0);
  g_assert_cmpint (balance, ==, 0);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (domain, NULL, 0, NULL), ==, 0);
}

typedef struct
{
  VckcDomain *domain;
  GMutex mutex;
  GString *log; /* under the mutex */
  gint busy;    /* atomic: the callback has its first event */
} Slow;

static void
slow_log (Slow *self, const char *what, const char *name)
{
  g_mutex_lock (&self->mutex);
  g_string_append_printf (self->log, "%s%s ", what, name);
  g_mutex_unlock (&self->mutex);
}

/* Is busy with the first event until there is a second checkpoint. */
static void
slow_cb (const VckcEvent *event, void *opaque)
{
  Slow *self = opaque;

  g_atomic_int_set (&self->busy, 1);
  while (vckc_domain_list_all_checkpoints (event->domain, NULL, 0, NULL) < 2)
    g_thread_yield ();
  slow_log (self, "+", vckc_domain_checkpoint_get_name (event->checkpoint, NULL));
}

static gpointer
create_second (gpointer data)
{
  Slow *self = data;

  while (g_atomic_int_get (&self->busy) == 0)
    g_thread_yield ();
  create (self->domain, "b");
  slow_log (self, "created ", "b");
  return NULL;
}

/* A call returns when its events have been delivered, also if another thread delivers them. */
static void
test_delivered_on_return (void)
{
  Slow slow = { .log = g_string_new (NULL) };
  g_autoptr (VckcConnect) connect = open_uri ("memory:///delivered-on-return");
  GThread *thread;

  g_mutex_init (&slow.mutex);
  slow.domain = vckc_domain_lookup_by_name (connect, "test", NULL);
  g_assert_cmpint (vckc_connect_subscribe (connect, slow_cb, &slow, NULL, NULL), >, 0);
  thread = g_thread_new ("create", create_second, &slow);
  create (slow.domain, "a");
  g_thread_join (thread);
  g_assert_cmpstr (slow.log->str, ==, "+a +b created b ");

  vckc_domain_unref (slow.domain, NULL);
  g_string_free (slow.log, TRUE);
  g_mutex_clear (&slow.mutex);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/event/order", test_order);
  g_test_add_func ("/vck/event/rename", test_rename);
  g_test_add_func ("/vck/event/failure-is-silent", test_failure_is_silent);
  g_test_add_func ("/vck/event/unsubscribe", test_unsubscribe);
  g_test_add_func ("/vck/event/freed-with-connection", test_freed_with_connection);
  g_test_add_func ("/vck/event/reentry", test_reentry);
  g_test_add_func ("/vck/event/threads", test_threads);
  g_test_add_func ("/vck/event/delivered-on-return", test_delivered_on_return);
  return g_test_run ();
}
