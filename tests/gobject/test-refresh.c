/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Refreshing a domain in the background: how often, where, and until when. */

#include "base/error-private.h"
#include "handles/handles.h"
#include "support.h"
#include "vck-private.h"

/* A driver that counts. There is one test at a time. */
typedef struct
{
  GMutex lock;
  GCond cond;
  guint started;    /* under lock: refreshes so far */
  guint under_way;  /* under lock */
  guint most;       /* under lock: at the same time */
  gboolean held_up; /* under lock: they do not end */
  gboolean failing; /* under lock */
  VckcDriver driver;
} Counter;

static Counter counter;

/* How often a refresh was said to have failed. */
static guint complaints;

static GLogWriterOutput
write_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && g_str_has_prefix (fields[i].value, "refreshing "))
      {
        complaints++;
        return G_LOG_WRITER_HANDLED;
      }
  return g_log_writer_default (level, fields, n_fields, data);
}

static int
count_refresh (VckcDomain *domain, VckcError **err)
{
  gboolean failing = FALSE;

  g_mutex_lock (&counter.lock);
  counter.started++;
  counter.under_way++;
  counter.most = MAX (counter.most, counter.under_way);
  g_cond_broadcast (&counter.cond);
  while (counter.held_up)
    g_cond_wait (&counter.cond, &counter.lock);
  counter.under_way--;
  failing = counter.failing;
  g_mutex_unlock (&counter.lock);

  if (failing)
    vckc_set_error (err, VCKC_ERROR_NO_DOMAIN, "there is no such domain");
  return failing ? -1 : 0;
}

static void
set_flag (gboolean *flag, gboolean value)
{
  g_mutex_lock (&counter.lock);
  *flag = value;
  g_cond_broadcast (&counter.cond);
  g_mutex_unlock (&counter.lock);
}

static guint
get_number (const guint *number)
{
  guint value = 0;

  g_mutex_lock (&counter.lock);
  value = *number;
  g_mutex_unlock (&counter.lock);
  return value;
}

/* A connection whose driver counts from zero. */
static VckConnection *
open_counted (void)
{
  VckConnection *connection = support_open ();
  VckcConnect *handle = vck_connection_get_handle (connection);

  complaints = 0;
  counter.started = counter.under_way = counter.most = 0;
  counter.held_up = counter.failing = FALSE;
  counter.driver = *handle->driver;
  counter.driver.domain_refresh = count_refresh;
  handle->driver = &counter.driver;
  return connection;
}

static gboolean
tick_cb (gpointer data)
{
  guint *ticks = data;

  ++*ticks;
  return G_SOURCE_CONTINUE;
}

/* Runs the default context for as long as another timer of that interval takes to fire often. */
static void
run_for_ticks (guint interval)
{
  guint ticks = 0;
  guint source = g_timeout_add (interval, tick_cb, &ticks);

  while (ticks < 20)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
}

static void
wait_for_refreshes (GMainContext *context, guint number)
{
  while (get_number (&counter.started) < number)
    g_main_context_iteration (context, TRUE);
}

/* Drops a reference, and runs the context until a refresh under way has dropped the last one. */
static void
let_die (VckDomain *domain, GMainContext *context)
{
  GWeakRef weak;
  VckDomain *alive = NULL;

  g_weak_ref_init (&weak, domain);
  g_object_unref (domain);
  while ((alive = g_weak_ref_get (&weak)) != NULL)
    {
      g_object_unref (alive);
      g_main_context_iteration (context, FALSE);
    }
  g_weak_ref_clear (&weak);
}

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer data)
{
  guint *count = data;

  ++*count;
}

static void
test_property (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  guint notified = 0;
  guint interval = 1;

  g_signal_connect (domain, "notify::refresh-interval", G_CALLBACK (count_cb), &notified);
  g_assert_cmpuint (vck_domain_get_refresh_interval (domain), ==, 0);
  vck_domain_set_refresh_interval (domain, 0);
  g_assert_cmpuint (notified, ==, 0);
  g_object_set (domain, "refresh-interval", G_MAXUINT, NULL);
  vck_domain_set_refresh_interval (domain, G_MAXUINT);
  g_assert_cmpuint (notified, ==, 1);
  g_assert_cmpuint (vck_domain_get_refresh_interval (domain), ==, G_MAXUINT);
  vck_domain_set_refresh_interval (domain, 0);
  g_object_get (domain, "refresh-interval", &interval, NULL);
  g_assert_cmpuint (interval, ==, 0);
  g_assert_cmpuint (notified, ==, 2);
}

/* There is nothing to refresh, and nothing breaks. */
static void
test_bare_object (void)
{
  g_autoptr (VckDomain) domain = g_object_new (VCK_TYPE_DOMAIN, "refresh-interval", 1, NULL);

  g_assert_cmpuint (vck_domain_get_refresh_interval (domain), ==, 1);
  support_drain (NULL);
}

static void
test_repeats (void)
{
  g_autoptr (VckConnection) connection = open_counted ();
  VckDomain *domain = support_lookup_test (connection);

  support_drain (NULL);
  g_assert_cmpuint (get_number (&counter.started), ==, 0);
  vck_domain_set_refresh_interval (domain, 1);
  wait_for_refreshes (NULL, 3);
  vck_domain_set_refresh_interval (domain, 2);
  wait_for_refreshes (NULL, 6);
  let_die (domain, NULL);
}

/* What takes long delays those that follow. */
static void
test_one_at_a_time (void)
{
  g_autoptr (VckConnection) connection = open_counted ();
  VckDomain *domain = support_lookup_test (connection);

  counter.held_up = TRUE;
  vck_domain_set_refresh_interval (domain, 1);
  wait_for_refreshes (NULL, 1);
  run_for_ticks (1);
  vck_domain_set_refresh_interval (domain, 2);
  run_for_ticks (2);
  g_assert_cmpuint (get_number (&counter.started), ==, 1);
  set_flag (&counter.held_up, FALSE);
  wait_for_refreshes (NULL, 4);
  g_assert_cmpuint (get_number (&counter.most), ==, 1);
  let_die (domain, NULL);
}

static void
test_off (void)
{
  g_autoptr (VckConnection) connection = open_counted ();
  VckDomain *domain = support_lookup_test (connection);
  guint before = 0;

  vck_domain_set_refresh_interval (domain, 1);
  wait_for_refreshes (NULL, 1);
  vck_domain_set_refresh_interval (domain, 0);
  before = get_number (&counter.started) + 1; /* one may be on its way */
  run_for_ticks (1);
  g_assert_cmpuint (get_number (&counter.started), <=, before);
  let_die (domain, NULL);
}

/* One that fails is no reason to give up. */
static void
test_failing (void)
{
  g_autoptr (VckConnection) connection = open_counted ();
  VckDomain *domain = support_lookup_test (connection);

  counter.failing = TRUE;
  vck_domain_set_refresh_interval (domain, 1);
  wait_for_refreshes (NULL, 3);
  let_die (domain, NULL);
  g_assert_cmpuint (complaints, >=, 3);
}

/* The timer ends, so that nothing tries in vain. */
static void
test_closed (void)
{
  g_autoptr (VckConnection) connection = open_counted ();
  VckDomain *domain = support_lookup_test (connection);
  g_autoptr (GError) error = NULL;
  guint before = 0;

  vck_domain_set_refresh_interval (domain, 1);
  wait_for_refreshes (NULL, 2);
  g_assert_true (vck_connection_close (connection, &error));
  g_assert_no_error (error);
  before = get_number (&counter.started) + 1; /* one may be on its way */
  run_for_ticks (1);
  let_die (domain, NULL);
  g_assert_cmpuint (get_number (&counter.started), <=, before);
  g_assert_cmpuint (complaints, <=, 1);
}

/* The timer holds nothing: not the domain, and so not the connection. */
static void
test_dies (void)
{
  VckConnection *connection = open_counted ();
  VckDomain *domain = support_lookup_test (connection);
  guint before = 0;

  vck_domain_set_refresh_interval (domain, 1);
  wait_for_refreshes (NULL, 1);
  let_die (domain, NULL);
  before = get_number (&counter.started);
  run_for_ticks (1);
  g_assert_cmpuint (get_number (&counter.started), ==, before);
  support_assert_dies (connection);
}

/* In the connection's context, even if it is not the thread-default one. */
static void
test_other_context (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (VckConnection) connection = NULL;
  VckDomain *domain = NULL;

  g_main_context_push_thread_default (context);
  connection = open_counted ();
  g_main_context_pop_thread_default (context);
  domain = support_lookup_test (connection);

  vck_domain_set_refresh_interval (domain, 1);
  run_for_ticks (1);
  g_assert_cmpuint (get_number (&counter.started), ==, 0);
  wait_for_refreshes (context, 3);
  let_die (domain, context);
}

static gpointer
set_thread (gpointer domain)
{
  for (guint i = 0; i < 200; i++)
    vck_domain_set_refresh_interval (domain, i % 3);
  return NULL;
}

/* Several threads change the interval while the timer runs. */
static void
test_threads (void)
{
  g_autoptr (VckConnection) connection = open_counted ();
  VckDomain *domain = support_lookup_test (connection);
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("set", set_thread, domain);
  run_for_ticks (1);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  vck_domain_set_refresh_interval (domain, 1);
  wait_for_refreshes (NULL, get_number (&counter.started) + 2);
  g_assert_cmpuint (get_number (&counter.most), ==, 1);
  let_die (domain, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_cb, NULL, NULL);

  g_test_add_func ("/vck/refresh/property", test_property);
  g_test_add_func ("/vck/refresh/bare-object", test_bare_object);
  g_test_add_func ("/vck/refresh/repeats", test_repeats);
  g_test_add_func ("/vck/refresh/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/vck/refresh/off", test_off);
  g_test_add_func ("/vck/refresh/failing", test_failing);
  g_test_add_func ("/vck/refresh/closed", test_closed);
  g_test_add_func ("/vck/refresh/dies", test_dies);
  g_test_add_func ("/vck/refresh/other-context", test_other_context);
  g_test_add_func ("/vck/refresh/threads", test_threads);

  return g_test_run ();
}
