/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What others do to domains: libvirt's life-cycle events become events of Vck. */

#include "event-log.h"
#include "libvirt-fixture.h"

#define OTHER_UUID "99999999-2222-3333-4444-555555555555"
#define THIRD_UUID "88888888-2222-3333-4444-555555555555"

/* A domain that another program makes. */
static virDomainPtr
define_other (LibvirtFixture *fixture)
{
  g_autofree char *xml = libvirt_fixture_describe_domain ("other", OTHER_UUID);
  virDomainPtr domain = virDomainDefineXML (fixture->conn, xml);

  g_assert_nonnull (domain);
  return domain;
}

static void
test_define_and_undefine (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (EventLog) log = event_log_new (fixture->connect);
  virDomainPtr other = define_other (fixture);

  event_log_expect (log, "+domain ");
  g_assert_cmpint (virDomainUndefine (other), ==, 0);
  event_log_expect (log, "-domain ");
  virDomainFree (other);
}

static void
test_states (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (EventLog) log = event_log_new (fixture->connect);

  g_assert_cmpint (virDomainSuspend (fixture->plain), ==, 0);
  event_log_expect (log, "state=3 ");
  g_assert_cmpint (virDomainResume (fixture->plain), ==, 0);
  event_log_expect (log, "state=1 ");
  g_assert_cmpint (virDomainDestroy (fixture->plain), ==, 0);
  event_log_expect (log, "state=5 ");
  g_assert_cmpint (virDomainCreate (fixture->plain), ==, 0);
  event_log_expect (log, "state=1 ");
}

/* Without a query: no state before there is a subscriber, then the present one, and what events
 * report. */
static void
test_peek (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (EventLog) log = NULL;

  g_assert_cmpint (vckc_domain_peek_state (fixture->domain, NULL), ==, VCKC_DOMAIN_STATE_NOSTATE);
  log = event_log_new (fixture->connect);
  g_assert_cmpint (vckc_domain_peek_state (fixture->domain, NULL), ==, VCKC_DOMAIN_STATE_RUNNING);
  g_assert_cmpint (virDomainSuspend (fixture->plain), ==, 0);
  event_log_expect (log, "state=3 ");
  g_assert_cmpint (vckc_domain_peek_state (fixture->domain, NULL), ==, VCKC_DOMAIN_STATE_PAUSED);
}

/* Defined a second time, a domain is no new one. */
static void
test_defined_again (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autofree char *xml = libvirt_fixture_describe_domain ("t", TEST_DOMAIN_UUID);
  g_autoptr (EventLog) log = event_log_new (fixture->connect);
  virDomainPtr again = virDomainDefineXML (fixture->conn, xml);

  g_assert_nonnull (again);
  virDomainFree (again);
  g_assert_cmpint (virDomainSuspend (fixture->plain), ==, 0);
  event_log_expect (log, "state=3 ");
}

/* A domain that runs is there until it stops, though it is not defined any more. */
static void
test_undefined_while_running (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (EventLog) log = event_log_new (fixture->connect);
  virDomainPtr other = define_other (fixture);

  g_assert_cmpint (virDomainCreate (other), ==, 0);
  event_log_expect (log, "+domain state=1 ");
  g_assert_cmpint (virDomainUndefine (other), ==, 0);
  g_assert_cmpint (virDomainSuspend (other), ==, 0);
  event_log_expect (log, "state=3 ");
  g_assert_cmpint (virDomainDestroy (other), ==, 0);
  event_log_expect (log, "state=5 -domain ");
  virDomainFree (other);
}

static void
test_transient (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autofree char *xml = libvirt_fixture_describe_domain ("other", OTHER_UUID);
  g_autoptr (EventLog) log = event_log_new (fixture->connect);
  virDomainPtr other = virDomainCreateXML (fixture->conn, xml, 0);

  event_log_expect (log, "+domain state=1 ");
  g_assert_cmpint (virDomainDestroy (other), ==, 0);
  event_log_expect (log, "state=5 -domain ");
  virDomainFree (other);
}

/* What existed before the first subscriber is known. */
static void
test_known_before (LibvirtFixture *fixture, gconstpointer unused)
{
  virDomainPtr other = define_other (fixture);
  g_autoptr (EventLog) log = event_log_new (fixture->connect);

  g_assert_cmpint (virDomainUndefine (other), ==, 0);
  event_log_expect (log, "-domain ");
  virDomainFree (other);
}

static void
test_renamed (LibvirtFixture *fixture, gconstpointer unused)
{
  virDomainPtr other = define_other (fixture);
  g_autoptr (EventLog) log = event_log_new (fixture->connect);

  g_assert_cmpint (virDomainRename (other, "another", 0), ==, 0);
  event_log_expect (log, "renamed ");
  g_assert_cmpint (virDomainUndefine (other), ==, 0);
  event_log_expect (log, "-domain ");
  virDomainFree (other);
}

/* Checkpoints that were known go with their domain, children first. */
static void
test_checkpoints_go_too (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (EventLog) log = event_log_new (fixture->connect);
  virDomainPtr other = define_other (fixture);
  g_autoptr (VckcDomain) domain = NULL;

  g_assert_cmpint (virDomainCreate (other), ==, 0);
  event_log_expect (log, "+domain state=1 ");
  domain = vckc_domain_lookup_by_name (fixture->connect, "other", NULL);
  for (const char *const *name = (const char *const[]){ "a", "b", NULL }; *name != NULL; name++)
    {
      g_autofree char *xml =
          g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", *name);
      g_autoptr (VckcDomainCheckpoint) checkpoint =
          vckc_domain_checkpoint_create_xml (domain, xml, 0, NULL);

      g_assert_nonnull (checkpoint);
    }
  event_log_expect (log, "+a +b ");
  g_assert_cmpint (vckc_domain_refresh (domain, NULL), ==, 0);
  g_assert_cmpint (virDomainUndefine (other), ==, 0);
  g_assert_cmpint (virDomainDestroy (other), ==, 0);
  event_log_expect (log, "state=5 -b -a -domain ");
  virDomainFree (other);
}

/* libvirt sends events for our own changes, too: they are notified once. */
static void
test_own_changes (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autofree char *xml = libvirt_fixture_describe_domain ("other", OTHER_UUID);
  g_autoptr (EventLog) log = event_log_new (fixture->connect);
  g_autoptr (VckcDomain) domain = vckc_domain_define_xml (fixture->connect, xml, NULL);

  g_assert_nonnull (domain);
  event_log_expect (log, "+domain ");
  g_assert_cmpint (vckc_domain_rename (domain, "another", 0, NULL), ==, 0);
  event_log_expect (log, "renamed ");
  g_assert_cmpint (vckc_domain_undefine (domain, 0, NULL), ==, 0);
  event_log_expect (log, "-domain ");
}

/* libvirt has no number for a name that is taken. */
static void
test_taken (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autofree char *xml = libvirt_fixture_describe_domain ("other", OTHER_UUID);
  g_autofree char *same_name = libvirt_fixture_describe_domain ("other", THIRD_UUID);
  g_autofree char *same_uuid = libvirt_fixture_describe_domain ("third", OTHER_UUID);
  g_autofree char *third_xml = libvirt_fixture_describe_domain ("third", THIRD_UUID);
  g_autoptr (VckcDomain) domain = vckc_domain_define_xml (fixture->connect, xml, NULL);
  g_autoptr (VckcDomain) third = vckc_domain_define_xml (fixture->connect, third_xml, NULL);
  const char *const refused[] = { same_name, same_uuid };

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (VckcError) error = NULL;

      g_assert_null (vckc_domain_define_xml (fixture->connect, refused[i], &error));
      g_test_message ("%s", vckc_error_get_message (error));
      g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_DOMAIN_EXISTS);
      g_assert_cmpint (vckc_error_get_libvirt_code (error), ==, VIR_ERR_OPERATION_FAILED);
    }

  g_autoptr (VckcError) error = NULL;
  g_assert_cmpint (vckc_domain_rename (third, "other", 0, &error), ==, -1);
  g_test_message ("%s", vckc_error_get_message (error));
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_DOMAIN_EXISTS);
  g_assert_cmpint (vckc_domain_undefine (third, 0, NULL), ==, 0);
  g_assert_cmpint (vckc_domain_undefine (domain, 0, NULL), ==, 0);
}

static void
note_name_cb (const VckcEvent *event, void *opaque)
{
  if (event->type == VCKC_EVENT_DOMAIN_RENAMED)
    g_string_append (opaque, vckc_domain_get_name (event->domain, NULL));
}

/* The handle of the event has the new name. */
static void
test_renamed_handle (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (GString) name = g_string_new (NULL);
  int id = vckc_connect_subscribe (fixture->connect, note_name_cb, name, NULL, NULL);
  g_autoptr (EventLog) log = event_log_new (fixture->connect);
  virDomainPtr other = define_other (fixture);

  g_assert_cmpint (virDomainRename (other, "another", 0), ==, 0);
  event_log_expect (log, "+domain renamed ");
  g_assert_cmpint (vckc_connect_unsubscribe (fixture->connect, id, NULL), ==, 0);
  g_assert_cmpstr (name->str, ==, "another");
  g_assert_cmpint (virDomainUndefine (other), ==, 0);
  event_log_expect (log, "-domain ");
  virDomainFree (other);
}

/* A closed connection notifies of nothing but that. */
static void
test_closed (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (VckcConnect) second = vckc_connect_open (TEST_DRIVER_URI, 0, NULL);
  g_autoptr (EventLog) closed = event_log_new (fixture->connect);
  g_autoptr (EventLog) open = event_log_new (second);

  g_assert_cmpint (vckc_connect_close (fixture->connect, NULL), ==, 0);
  g_assert_cmpint (virDomainSuspend (fixture->plain), ==, 0);
  event_log_expect (open, "state=3 ");
  event_log_expect (closed, "closed ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/define-and-undefine", test_define_and_undefine);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/states", test_states);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/peek", test_peek);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/defined-again", test_defined_again);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/undefined-while-running",
                        test_undefined_while_running);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/transient", test_transient);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/known-before", test_known_before);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/taken", test_taken);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/renamed", test_renamed);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/renamed-handle", test_renamed_handle);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/checkpoints-go-too", test_checkpoints_go_too);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/own-changes", test_own_changes);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-domain-events/closed", test_closed);
  return g_test_run ();
}
