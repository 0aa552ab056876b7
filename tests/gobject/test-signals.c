/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Signals: which, in which order, in which context, and what may die meanwhile. */

#include "support.h"

/* Notes what is emitted, as words such as "+monday". */
typedef struct
{
  GString *words;
  GThread *thread; /* the thread of the last signal */
} Log;

static void
log_init (Log *log)
{
  log->words = g_string_new (NULL);
  log->thread = NULL;
}

static void
log_clear (Log *log)
{
  g_string_free (log->words, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Log, log_clear)

static void
log_word (Log *log, const char *sign, const char *name)
{
  g_string_append_printf (log->words, "%s%s%s", log->words->len > 0 ? " " : "", sign, name);
  log->thread = g_thread_self ();
}

static void
checkpoint_added_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  g_assert_true (vck_checkpoint_get_domain (checkpoint) == domain);
  log_word (data, "+", vck_checkpoint_get_name (checkpoint));
}

static void
checkpoint_removed_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  g_assert_true (vck_checkpoint_get_domain (checkpoint) == domain);
  log_word (data, "-", vck_checkpoint_get_name (checkpoint));
}

static void
domain_added_cb (VckConnection *connection, VckDomain *domain, gpointer data)
{
  g_assert_true (vck_domain_get_connection (domain) == connection);
  log_word (data, "+", vck_domain_get_name (domain));
}

static void
domain_removed_cb (VckConnection *connection, VckDomain *domain, gpointer data)
{
  g_assert_true (vck_domain_get_connection (domain) == connection);
  log_word (data, "-", vck_domain_get_name (domain));
}

static void
closed_cb (VckConnection *connection, VckCloseReason reason, gpointer data)
{
  g_assert_cmpint (reason, ==, VCK_CLOSE_REASON_CLIENT);
  log_word (data, "", "closed");
}

static void
watch_domain (VckDomain *domain, Log *log)
{
  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (checkpoint_added_cb), log);
  g_signal_connect (domain, "checkpoint-removed", G_CALLBACK (checkpoint_removed_cb), log);
}

static void
watch_connection (VckConnection *connection, Log *log)
{
  g_signal_connect (connection, "domain-added", G_CALLBACK (domain_added_cb), log);
  g_signal_connect (connection, "domain-removed", G_CALLBACK (domain_removed_cb), log);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), log);
}

static VckDomain *
define (VckConnection *connection, const char *name)
{
  g_autofree char *xml = support_domain_xml (name);
  g_autoptr (GError) error = NULL;
  VckDomain *domain = vck_connection_define_domain_xml (connection, xml, NULL, &error);

  g_assert_no_error (error);
  return domain;
}

static void
undefine (VckDomain *domain)
{
  g_autoptr (GError) error = NULL;

  vck_domain_undefine (domain, VCK_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, NULL, &error);
  g_assert_no_error (error);
}

/* Never from inside a call, all of them, in the order of the changes. */
static void
test_checkpoints (void)
{
  g_auto (Log) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) a = NULL;
  g_autoptr (VckCheckpoint) b = NULL;
  g_autoptr (VckCheckpoint) c = NULL;

  log_init (&log);
  watch_domain (domain, &log);
  a = support_create (domain, "a");
  b = support_create (domain, "b");
  support_delete (a, 0);
  c = support_create (domain, "c");
  support_delete (b, VCK_CHECKPOINT_DELETE_CHILDREN);
  g_assert_cmpstr (log.words->str, ==, "");

  support_drain (NULL);
  g_assert_true (g_str_has_prefix (log.words->str, "+a +b -a +c -"));
  g_assert_nonnull (strstr (log.words->str, " -b"));
  g_assert_nonnull (strstr (log.words->str, " -c"));
  g_assert_cmpuint (log.words->len, ==, strlen ("+a +b -a +c -c -b"));
  g_assert_true (log.thread == g_thread_self ());
}

static void
test_domains (void)
{
  g_auto (Log) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) one = NULL;
  g_autoptr (VckDomain) two = NULL;
  g_autoptr (GError) error = NULL;

  log_init (&log);
  watch_connection (connection, &log);
  one = define (connection, "one");
  two = define (connection, "two");
  undefine (one);
  g_assert_cmpstr (log.words->str, ==, "");

  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "+one +two -one");

  g_assert_true (vck_connection_close (connection, &error));
  g_assert_no_error (error);
  g_assert_true (vck_connection_close (connection, &error));
  g_assert_no_error (error);
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "+one +two -one closed");
}

static void
name_cb (VckDomain *domain, GParamSpec *pspec, gpointer data)
{
  log_word (data, "name=", vck_domain_get_name (domain));
}

/* A domain that is renamed through one connection stays the same object in every other. */
static void
test_renamed (void)
{
  g_auto (Log) log = { NULL };
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) mine = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckDomain) domain = define (mine, "before");
  g_autoptr (VckDomain) others_domain =
      vck_connection_lookup_domain_by_name (other, "before", NULL, &error);
  g_autoptr (VckDomain) found = NULL;
  const char *before = vck_domain_get_name (domain);

  log_init (&log);
  g_signal_connect (domain, "notify::name", G_CALLBACK (name_cb), &log);
  g_assert_true (vck_domain_rename (others_domain, "after", NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (vck_domain_get_name (others_domain), ==, "after");
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "name=after");
  g_assert_cmpstr (vck_domain_get_name (domain), ==, "after");
  g_assert_cmpstr (before, ==, "before");
  found = vck_connection_lookup_domain_by_name (mine, "after", NULL, &error);
  g_assert_true (found == domain);
}

/* Changes by one connection are signalled by the other one, with objects of its own. */
static void
test_two_connections (void)
{
  g_auto (Log) log = { NULL };
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) mine = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckDomain) domain = support_lookup_test (mine);
  g_autoptr (VckDomain) others_domain = support_lookup_test (other);
  g_autoptr (VckCheckpoint) checkpoint = NULL;
  g_autoptr (VckDomain) guest = NULL;

  g_assert_true (domain != others_domain);
  log_init (&log);
  watch_domain (domain, &log);
  watch_connection (mine, &log);

  checkpoint = support_create (others_domain, "a");
  guest = define (other, "guest");
  g_assert_true (vck_connection_close (other, &error));
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "+a +guest");
}

/* A wrapper of the domain is needed to listen to it, so nothing is made without one. */
static void
test_unwatched (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  VckDomain *domain = support_lookup_test (connection);
  VckCheckpoint *checkpoint = support_create (domain, "a");

  support_delete (checkpoint, 0);
  support_assert_dies (checkpoint);
  support_assert_dies (domain);
  support_drain (NULL);
  support_assert_dies (g_steal_pointer (&connection));
}

typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  VckConnection *connection;
  VckDomain *domain;
  Log log;
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
  log_init (&self->log);
  watch_domain (self->domain, &self->log);
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

  log_clear (&elsewhere.log);
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
  g_auto (Log) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) checkpoint = NULL;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  log_init (&log);
  watch_domain (domain, &log);

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
  g_auto (Log) log = { NULL };
  VckConnection *connection = support_open ();
  VckDomain *domain = support_lookup_test (connection);
  VckCheckpoint *checkpoint;

  log_init (&log);
  watch_domain (domain, &log);
  watch_connection (connection, &log);
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
  g_auto (Log) log = { NULL };
  GMainContext *context = g_main_context_new ();
  VckConnection *connection;
  VckDomain *domain;

  log_init (&log);
  g_main_context_push_thread_default (context);
  connection = support_open ();
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);

  watch_connection (connection, &log);
  domain = define (connection, "guest");
  undefine (domain);
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
  g_auto (Log) log = { NULL };
  VckConnection *connection = support_open ();
  VckDomain *one = NULL;
  VckDomain *two = NULL;
  GWeakRef weak;

  log_init (&log);
  watch_connection (connection, &log);
  g_signal_connect (connection, "domain-added", G_CALLBACK (drop_cb), &connection);
  one = define (connection, "one");
  two = define (connection, "two");
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
  Log *log;
  guint depth;
  guint deepest;
} Nest;

static void
nest_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  Nest *nest = data;

  nest->depth++;
  nest->deepest = MAX (nest->deepest, nest->depth);
  checkpoint_added_cb (domain, checkpoint, nest->log);
  support_drain (NULL);
  nest->depth--;
}

/* A handler that runs the context sees what follows, still in order. */
static void
test_nested_loop (void)
{
  g_auto (Log) log = { NULL };
  Nest nest = { .log = &log };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  const char *names[] = { "a", "b", "c" };

  log_init (&log);
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

  checkpoint_added_cb (domain, checkpoint, data);
  if (g_str_equal (vck_checkpoint_get_name (checkpoint), "a"))
    next = support_create (domain, "b");
}

/* A handler may call anything, also what makes the next signal. */
static void
test_call_in_handler (void)
{
  g_auto (Log) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) checkpoint = NULL;

  log_init (&log);
  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (create_cb), &log);
  checkpoint = support_create (domain, "a");
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "+a +b");
}

static void
parent_name_cb (VckCheckpoint *checkpoint, GParamSpec *pspec, gpointer data)
{
  g_autofree char *parent_name = vck_checkpoint_get_parent_name (checkpoint);

  log_word (data, "^", parent_name != NULL ? parent_name : "(none)");
}

/* Children of a deleted checkpoint have their new parent at once, and are notified once. */
static void
test_parent_name (void)
{
  g_auto (Log) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) a = support_create (domain, "a");
  g_autoptr (VckCheckpoint) b = support_create (domain, "b");
  g_autoptr (VckCheckpoint) c = support_create (domain, "c");
  g_autofree char *at_once = NULL;

  log_init (&log);
  g_signal_connect (c, "notify::parent-name", G_CALLBACK (parent_name_cb), &log);
  support_delete (b, 0);
  at_once = vck_checkpoint_get_parent_name (c);
  g_assert_cmpstr (at_once, ==, "a");
  g_assert_cmpstr (log.words->str, ==, "");
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "^a");

  support_delete (a, 0);
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "^a ^(none)");
}

static void
notify_cb (VckCheckpoint *checkpoint, GParamSpec *pspec, gpointer data)
{
  log_word (data, "", pspec->name);
}

/* Redefining changes the description and the time, and says so. */
static void
test_redefine (void)
{
  g_auto (Log) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) checkpoint = support_create (domain, "a");
  g_autoptr (VckCheckpoint) again = NULL;
  g_autoptr (GDateTime) time = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *description = NULL;

  log_init (&log);
  g_signal_connect (checkpoint, "notify", G_CALLBACK (notify_cb), &log);
  again = vck_domain_create_checkpoint_xml (
      domain,
      "<domaincheckpoint><name>a</name><description>new</description>"
      "<creationTime>1000000000</creationTime></domaincheckpoint>",
      VCK_CHECKPOINT_CREATE_REDEFINE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (again == checkpoint);
  support_drain (NULL);

  description = vck_checkpoint_get_description (checkpoint);
  time = vck_checkpoint_get_creation_time (checkpoint);
  g_assert_cmpstr (description, ==, "new");
  g_assert_cmpint (g_date_time_to_unix (time), ==, 1000000000);
  g_assert_nonnull (strstr (log.words->str, "description"));
  g_assert_nonnull (strstr (log.words->str, "creation-time"));
  g_assert_null (strstr (log.words->str, "parent-name"));
}

/* Events without a handler when they happen are not signalled, by whichever connection. */
static void
test_no_handler (void)
{
  g_auto (Log) log = { NULL };
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckDomain) others_domain = support_lookup_test (other);
  g_autoptr (VckCheckpoint) before = support_create (domain, "before");
  g_autoptr (VckCheckpoint) others = support_create (others_domain, "others");
  g_autoptr (VckDomain) one = define (connection, "one");
  g_autoptr (VckDomain) others_one = define (other, "others-one");
  g_autoptr (VckCheckpoint) after = NULL;
  g_autoptr (VckDomain) two = NULL;

  log_init (&log);
  watch_domain (domain, &log);
  watch_connection (connection, &log);
  after = support_create (domain, "after");
  two = define (other, "two");
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "+after +two");
}

static void
rename_domain (VckDomain *domain, const char *name)
{
  g_autoptr (GError) error = NULL;

  vck_domain_rename (domain, name, NULL, &error);
  g_assert_no_error (error);
}

/* However often an object changes before the context runs, it is notified once. */
static void
test_changes_notified_once (void)
{
  g_auto (Log) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckDomain) guest = define (connection, "guest");
  g_autoptr (VckCheckpoint) a = support_create (domain, "a");
  g_autoptr (VckCheckpoint) b = support_create (domain, "b");
  g_autoptr (VckCheckpoint) c = support_create (domain, "c");

  log_init (&log);
  g_signal_connect (guest, "notify::name", G_CALLBACK (name_cb), &log);
  g_signal_connect (c, "notify::parent-name", G_CALLBACK (parent_name_cb), &log);
  rename_domain (guest, "first");
  support_delete (b, 0);
  rename_domain (guest, "second");
  support_delete (a, 0);
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "name=second ^(none)");
}

static void
lost_cb (VckConnection *connection, gpointer data)
{
  log_word (data, "", "lost");
}

static void
count_added_cb (guint *n_added)
{
  (*n_added)++;
}

/* More events than are queued for a context that does not run: one signal is emitted instead, and
 * all properties are up to date. */
static void
test_lost (void)
{
  const guint kept = 10000;
  g_auto (Log) log = { NULL };
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckDomain) guest = define (connection, "guest");
  g_autoptr (VckDomain) others_domain = support_lookup_test (other);
  g_autoptr (VckDomain) others_guest =
      vck_connection_lookup_domain_by_name (other, "guest", NULL, &error);
  g_autoptr (VckCheckpoint) a = support_create (domain, "a");
  g_autoptr (VckCheckpoint) b = support_create (domain, "b");
  g_autoptr (VckCheckpoint) later = NULL;
  g_autofree char *parent_name = NULL;

  log_init (&log);
  watch_domain (domain, &log);
  g_signal_connect (connection, "events-lost", G_CALLBACK (lost_cb), &log);
  for (guint i = 0; i <= kept / 2; i++)
    {
      g_autoptr (VckCheckpoint) passing = support_create (others_domain, "passing");

      support_delete (passing, 0);
    }
  rename_domain (others_guest, "renamed");
  support_delete (a, 0);

  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "lost");
  g_assert_cmpstr (vck_domain_get_name (guest), ==, "renamed");
  parent_name = vck_checkpoint_get_parent_name (b);
  g_assert_null (parent_name);

  later = support_create (domain, "later");
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "lost +later");
}

/* As many as are kept come. */
static void
test_none_lost (void)
{
  const guint kept = 10000;
  guint n_added = 0;
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GError) error = NULL;

  g_signal_connect_swapped (domain, "checkpoint-added", G_CALLBACK (count_added_cb), &n_added);
  for (guint i = 0; i < kept; i++)
    {
      g_autoptr (VckCheckpoint) passing = support_create (domain, "passing");

      support_delete (passing, 0);
    }
  g_assert_true (vck_connection_close (connection, &error));
  g_assert_no_error (error);
  support_drain (NULL);
  g_assert_cmpuint (n_added, ==, kept);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/signals/checkpoints", test_checkpoints);
  g_test_add_func ("/vck/signals/domains", test_domains);
  g_test_add_func ("/vck/signals/renamed", test_renamed);
  g_test_add_func ("/vck/signals/two-connections", test_two_connections);
  g_test_add_func ("/vck/signals/unwatched", test_unwatched);
  g_test_add_func ("/vck/signals/other-context", test_other_context);
  g_test_add_func ("/vck/signals/async-call", test_async_call);
  g_test_add_func ("/vck/signals/dies-while-pending", test_dies_while_pending);
  g_test_add_func ("/vck/signals/context-never-runs", test_context_never_runs);
  g_test_add_func ("/vck/signals/dies-in-handler", test_dies_in_handler);
  g_test_add_func ("/vck/signals/nested-loop", test_nested_loop);
  g_test_add_func ("/vck/signals/call-in-handler", test_call_in_handler);
  g_test_add_func ("/vck/signals/parent-name", test_parent_name);
  g_test_add_func ("/vck/signals/redefine", test_redefine);
  g_test_add_func ("/vck/signals/no-handler", test_no_handler);
  g_test_add_func ("/vck/signals/changes-notified-once", test_changes_notified_once);
  g_test_add_func ("/vck/signals/lost", test_lost);
  g_test_add_func ("/vck/signals/none-lost", test_none_lost);

  return g_test_run ();
}
