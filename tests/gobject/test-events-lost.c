/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Events that wait for a context that does not run: their number is bounded. */

#include <string.h>

#include "signal-log.h"
#include "support.h"

/* Events without a handler when they happen are not signalled, by whichever connection. */
static void
test_no_handler (void)
{
  g_auto (SignalLog) log = { NULL };
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckDomain) others_domain = support_lookup_test (other);
  g_autoptr (VckCheckpoint) before = support_create (domain, "before");
  g_autoptr (VckCheckpoint) others = support_create (others_domain, "others");
  g_autoptr (VckDomain) one = support_define (connection, "one");
  g_autoptr (VckDomain) others_one = support_define (other, "others-one");
  g_autoptr (VckCheckpoint) after = NULL;
  g_autoptr (VckDomain) two = NULL;

  signal_log_init (&log);
  signal_log_watch_domain (domain, &log);
  signal_log_watch_connection (connection, &log);
  after = support_create (domain, "after");
  two = support_define (other, "two");
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "+after +two");
}

static void
lost_cb (VckConnection *connection, gpointer data)
{
  signal_log_add (data, "", "lost");
}

/* The URI of the connection whose dropped signals were logged last. */
static char *logged_uri;

static GLogWriterOutput
write_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  const char *message = NULL;
  const char *uri = NULL;

  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      message = fields[i].value;
    else if (g_str_equal (fields[i].key, "VCK_URI"))
      uri = fields[i].value;
  if (message == NULL || strstr (message, "were dropped") == NULL)
    return g_log_writer_default (level, fields, n_fields, data);
  g_free (logged_uri);
  logged_uri = g_strdup (uri);
  return G_LOG_WRITER_HANDLED;
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
  g_auto (SignalLog) log = { NULL };
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckDomain) guest = support_define (connection, "guest");
  g_autoptr (VckDomain) others_domain = support_lookup_test (other);
  g_autoptr (VckDomain) others_guest =
      vck_connection_lookup_domain_by_name (other, "guest", NULL, &error);
  g_autoptr (VckCheckpoint) a = support_create (domain, "a");
  g_autoptr (VckCheckpoint) b = support_create (domain, "b");
  g_autoptr (VckCheckpoint) later = NULL;
  g_autofree char *parent_name = NULL;

  signal_log_init (&log);
  signal_log_watch_domain (domain, &log);
  g_signal_connect (connection, "events-lost", G_CALLBACK (lost_cb), &log);
  for (guint i = 0; i <= kept / 2; i++)
    {
      g_autoptr (VckCheckpoint) passing = support_create (others_domain, "passing");

      support_delete (passing, 0);
    }
  support_rename (others_guest, "renamed");
  support_delete (a, 0);

  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "lost");
  g_assert_cmpstr (logged_uri, ==, uri);
  g_clear_pointer (&logged_uri, g_free);
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
  g_log_set_writer_func (write_cb, NULL, NULL);

  g_test_add_func ("/vck/events-lost/no-handler", test_no_handler);
  g_test_add_func ("/vck/events-lost/lost", test_lost);
  g_test_add_func ("/vck/events-lost/none-lost", test_none_lost);

  return g_test_run ();
}
