/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Signals: which are emitted, in which order, and what objects say then. */

#include "signal-log.h"
#include "support.h"

/* Never from inside a call, all of them, in the order of the changes. */
static void
test_checkpoints (void)
{
  g_auto (SignalLog) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) a = NULL;
  g_autoptr (VckCheckpoint) b = NULL;
  g_autoptr (VckCheckpoint) c = NULL;

  signal_log_init (&log);
  signal_log_watch_domain (domain, &log);
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
  g_auto (SignalLog) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) one = NULL;
  g_autoptr (VckDomain) two = NULL;
  g_autoptr (GError) error = NULL;

  signal_log_init (&log);
  signal_log_watch_connection (connection, &log);
  one = support_define (connection, "one");
  two = support_define (connection, "two");
  support_undefine (one);
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
  signal_log_add (data, "name=", vck_domain_get_name (domain));
}

/* A domain that is renamed through one connection stays the same object in every other. */
static void
test_renamed (void)
{
  g_auto (SignalLog) log = { NULL };
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) mine = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckDomain) domain = support_define (mine, "before");
  g_autoptr (VckDomain) others_domain =
      vck_connection_lookup_domain_by_name (other, "before", NULL, &error);
  g_autoptr (VckDomain) found = NULL;
  const char *before = vck_domain_get_name (domain);

  signal_log_init (&log);
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
  g_auto (SignalLog) log = { NULL };
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) mine = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, &error);
  g_autoptr (VckDomain) domain = support_lookup_test (mine);
  g_autoptr (VckDomain) others_domain = support_lookup_test (other);
  g_autoptr (VckCheckpoint) checkpoint = NULL;
  g_autoptr (VckDomain) guest = NULL;

  g_assert_true (domain != others_domain);
  signal_log_init (&log);
  signal_log_watch_domain (domain, &log);
  signal_log_watch_connection (mine, &log);

  checkpoint = support_create (others_domain, "a");
  guest = support_define (other, "guest");
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

static void
parent_name_cb (VckCheckpoint *checkpoint, GParamSpec *pspec, gpointer data)
{
  g_autofree char *parent_name = vck_checkpoint_get_parent_name (checkpoint);

  signal_log_add (data, "^", parent_name != NULL ? parent_name : "(none)");
}

/* Children of a deleted checkpoint have their new parent at once, and are notified once. */
static void
test_parent_name (void)
{
  g_auto (SignalLog) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) a = support_create (domain, "a");
  g_autoptr (VckCheckpoint) b = support_create (domain, "b");
  g_autoptr (VckCheckpoint) c = support_create (domain, "c");
  g_autofree char *at_once = NULL;

  signal_log_init (&log);
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
  signal_log_add (data, "", pspec->name);
}

/* Redefining changes the description and the time, and says so. */
static void
test_redefine (void)
{
  g_auto (SignalLog) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) checkpoint = support_create (domain, "a");
  g_autoptr (VckCheckpoint) again = NULL;
  g_autoptr (GDateTime) time = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *description = NULL;

  signal_log_init (&log);
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

/* However often an object changes before the context runs, it is notified once. */
static void
test_changes_notified_once (void)
{
  g_auto (SignalLog) log = { NULL };
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckDomain) guest = support_define (connection, "guest");
  g_autoptr (VckCheckpoint) a = support_create (domain, "a");
  g_autoptr (VckCheckpoint) b = support_create (domain, "b");
  g_autoptr (VckCheckpoint) c = support_create (domain, "c");

  signal_log_init (&log);
  g_signal_connect (guest, "notify::name", G_CALLBACK (name_cb), &log);
  g_signal_connect (c, "notify::parent-name", G_CALLBACK (parent_name_cb), &log);
  support_rename (guest, "first");
  support_delete (b, 0);
  support_rename (guest, "second");
  support_delete (a, 0);
  support_drain (NULL);
  g_assert_cmpstr (log.words->str, ==, "name=second ^(none)");
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
  g_test_add_func ("/vck/signals/parent-name", test_parent_name);
  g_test_add_func ("/vck/signals/redefine", test_redefine);
  g_test_add_func ("/vck/signals/changes-notified-once", test_changes_notified_once);

  return g_test_run ();
}
