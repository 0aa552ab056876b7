/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Changes of checkpoints by other programs, for which libvirt has no event: a refresh or a list
 * finds them, and each is notified exactly once. */

#include <stdlib.h>

#include "event-log.h"
#include "libvirt-fixture.h"

static void
refresh (LibvirtFixture *fixture)
{
  g_assert_cmpint (vckc_domain_refresh (fixture->domain, NULL), ==, 0);
}

/* Lists all, and forgets them. */
static void
list (LibvirtFixture *fixture)
{
  VckcDomainCheckpoint **checkpoints = NULL;
  int count = vckc_domain_list_all_checkpoints (fixture->domain, &checkpoints, 0, NULL);

  g_assert_cmpint (count, >=, 0);
  for (int i = 0; i < count; i++)
    vckc_domain_checkpoint_unref (checkpoints[i], NULL);
  free (checkpoints);
}

static void
create (LibvirtFixture *fixture, const char *name)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, NULL);

  g_assert_nonnull (checkpoint);
}

static void delete (LibvirtFixture *fixture, const char *name, unsigned int flags)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, NULL);

  g_assert_nonnull (checkpoint);
  g_assert_cmpint (vckc_domain_checkpoint_delete (checkpoint, flags, NULL), ==, 0);
}

/* What there is at the first look is not new. */
static void
test_first_look (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (EventLog) log = event_log_new (fixture->connect);

  libvirt_fixture_make (fixture, "a", NULL, NULL, 0);
  refresh (fixture);
  event_log_expect (log, "");
  libvirt_fixture_make (fixture, "b", NULL, NULL, 0);
  refresh (fixture);
  event_log_expect (log, "+b ");
}

typedef struct
{
  const char *name; /* of the case */
  void (*change) (LibvirtFixture *fixture);
  const char *events;
} RefreshCase;

/* The tree that the cases begin with: a, b below it, c below b, d beside; all of one second. */
static void
make_tree (LibvirtFixture *fixture)
{
  libvirt_fixture_make (fixture, "a", NULL, "first", 5);
  libvirt_fixture_make (fixture, "b", "a", NULL, 5);
  libvirt_fixture_make (fixture, "c", "b", NULL, 5);
  libvirt_fixture_make (fixture, "d", NULL, NULL, 5);
}

static void
change_nothing (LibvirtFixture *fixture)
{
}

static void
make_one (LibvirtFixture *fixture)
{
  libvirt_fixture_make (fixture, "e", NULL, NULL, 0);
}

/* Names sort against the tree. */
static void
make_several (LibvirtFixture *fixture)
{
  libvirt_fixture_make (fixture, "z", "a", NULL, 5);
  libvirt_fixture_make (fixture, "y", "z", NULL, 5);
  libvirt_fixture_make (fixture, "x", "y", NULL, 5);
}

static void
delete_leaf (LibvirtFixture *fixture)
{
  libvirt_fixture_delete (fixture, "c", 0);
}

static void
delete_inner (LibvirtFixture *fixture)
{
  libvirt_fixture_delete (fixture, "b", 0);
}

static void
delete_branch (LibvirtFixture *fixture)
{
  libvirt_fixture_delete (fixture, "a", VIR_DOMAIN_CHECKPOINT_DELETE_CHILDREN);
}

static void
move (LibvirtFixture *fixture)
{
  libvirt_fixture_make (fixture, "c", "d", NULL, 5);
}

static void
make_root (LibvirtFixture *fixture)
{
  libvirt_fixture_make (fixture, "c", NULL, NULL, 5);
}

static void
describe (LibvirtFixture *fixture)
{
  libvirt_fixture_make (fixture, "a", NULL, "second", 5);
}

/* Redefined as it is. */
static void
say_again (LibvirtFixture *fixture)
{
  libvirt_fixture_make (fixture, "a", NULL, "first", 5);
}

static void
replace_later (LibvirtFixture *fixture)
{
  libvirt_fixture_delete (fixture, "c", 0);
  libvirt_fixture_make (fixture, "c", "b", NULL, 6);
}

/* In the same second. */
static void
replace_at_once (LibvirtFixture *fixture)
{
  libvirt_fixture_delete (fixture, "c", 0);
  libvirt_fixture_make (fixture, "c", "b", NULL, 5);
}

static void
replace_elsewhere (LibvirtFixture *fixture)
{
  libvirt_fixture_delete (fixture, "c", 0);
  libvirt_fixture_make (fixture, "c", "d", NULL, 5);
}

static void
make_and_delete (LibvirtFixture *fixture)
{
  libvirt_fixture_make (fixture, "e", "c", NULL, 5);
  libvirt_fixture_delete (fixture, "e", 0);
}

static void
everything (LibvirtFixture *fixture)
{
  libvirt_fixture_delete (fixture, "b", 0);
  libvirt_fixture_make (fixture, "a", "d", "first", 5);
  libvirt_fixture_make (fixture, "e", "c", NULL, 5);
  libvirt_fixture_make (fixture, "f", NULL, NULL, 5);
}

static const RefreshCase cases[] = {
  { "nothing", change_nothing, "" },
  { "make", make_one, "+e " },
  { "make-several", make_several, "+z +y +x " },
  { "delete-leaf", delete_leaf, "-c " },
  { "delete-inner", delete_inner, "-b ~c " },
  { "delete-branch", delete_branch, "-c -b -a " },
  { "move", move, "~c " },
  { "make-root", make_root, "~c " },
  { "describe", describe, "~a " },
  { "say-again", say_again, "" },
  { "replace-later", replace_later, "-c +c " },
  { "replace-at-once", replace_at_once, "" },
  { "replace-elsewhere", replace_elsewhere, "~c " },
  { "make-and-delete", make_and_delete, "" },
};

static void
run_case (LibvirtFixture *fixture, gconstpointer data)
{
  const RefreshCase *self = data;
  g_autoptr (EventLog) log = event_log_new (fixture->connect);

  make_tree (fixture);
  refresh (fixture);
  event_log_expect (log, "");
  self->change (fixture);
  refresh (fixture);
  event_log_expect (log, self->events);
  /* Once. */
  refresh (fixture);
  list (fixture);
  event_log_expect (log, "");
}

/* Each of several changes is notified; siblings in any order. */
static void
test_everything (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (EventLog) log = event_log_new (fixture->connect);

  make_tree (fixture);
  refresh (fixture);
  everything (fixture);
  refresh (fixture);
  event_log_expect_any_order (log, "+e +f -b ~a ~c ");
}

/* --- lists --- */

static void
test_list_notices (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (EventLog) log = event_log_new (fixture->connect);

  make_tree (fixture);
  list (fixture);
  event_log_expect (log, "");
  libvirt_fixture_make (fixture, "e", "c", NULL, 5);
  list (fixture);
  event_log_expect (log, "+e ");
  libvirt_fixture_delete (fixture, "e", 0);
  libvirt_fixture_delete (fixture, "c", 0);
  list (fixture);
  /* Which is below which has not been read. */
  event_log_expect_any_order (log, "-c -e ");
  list (fixture);
  refresh (fixture);
  event_log_expect (log, "");
}

/* A list of a part says nothing of the rest. */
static void
test_filtered_list (LibvirtFixture *fixture, gconstpointer unused)
{
  VckcDomainCheckpoint **roots = NULL;
  g_autoptr (EventLog) log = event_log_new (fixture->connect);

  make_tree (fixture);
  refresh (fixture);
  g_assert_cmpint (
      vckc_domain_list_all_checkpoints (fixture->domain, &roots, VCKC_CHECKPOINT_LIST_ROOTS, NULL),
      ==, 2);
  for (guint i = 0; roots[i] != NULL; i++)
    vckc_domain_checkpoint_unref (roots[i], NULL);
  free (roots);
  refresh (fixture);
  event_log_expect (log, "");
}

/* --- our own --- */

static void
test_own_changes (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (EventLog) log = event_log_new (fixture->connect);

  create (fixture, "a");
  create (fixture, "b");
  create (fixture, "c");
  event_log_expect (log, "+a +b +c ");
  delete (fixture, "b", 0);
  event_log_expect (log, "-b ~c ");
  delete (fixture, "a", VCKC_CHECKPOINT_DELETE_CHILDREN);
  event_log_expect (log, "-c -a ");
  refresh (fixture);
  list (fixture);
  event_log_expect (log, "");
}

/* What one connection does another one finds, also beside changes of its own. */
static void
test_two_connections (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (VckcConnect) second = vckc_connect_open (TEST_DRIVER_URI, 0, NULL);
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (second, "t", NULL);
  g_autoptr (EventLog) log = event_log_new (second);

  g_assert_cmpint (vckc_domain_refresh (domain, NULL), ==, 0);
  create (fixture, "a");
  event_log_expect (log, "");
  g_autoptr (VckcDomainCheckpoint) b = vckc_domain_checkpoint_create_xml (
      domain, "<domaincheckpoint><name>b</name></domaincheckpoint>", 0, NULL);
  g_assert_nonnull (b);
  event_log_expect (log, "+b ");
  g_assert_cmpint (vckc_domain_refresh (domain, NULL), ==, 0);
  event_log_expect (log, "+a ");
}

/* The details follow, and are those of another checkpoint if it is another one. */
static void
test_details (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (VckcDomainCheckpoint) before = NULL;
  g_autoptr (VckcDomainCheckpoint) c = NULL;
  char *text;

  make_tree (fixture);
  refresh (fixture);
  before = vckc_domain_checkpoint_lookup_by_name (fixture->domain, "c", 0, NULL);
  g_assert_cmpint (vckc_domain_checkpoint_get_creation_time (before, NULL), ==, 5);
  libvirt_fixture_delete (fixture, "c", 0);
  libvirt_fixture_make (fixture, "c", "d", "other", 7);
  refresh (fixture);
  g_assert_cmpint (vckc_domain_checkpoint_get_creation_time (before, NULL), ==, -1);
  c = vckc_domain_checkpoint_lookup_by_name (fixture->domain, "c", 0, NULL);
  g_assert_cmpint (vckc_domain_checkpoint_get_creation_time (c, NULL), ==, 7);
  text = vckc_domain_checkpoint_get_parent_name (c, NULL);
  g_assert_cmpstr (text, ==, "d");
  free (text);
  text = vckc_domain_checkpoint_get_description (c, NULL);
  g_assert_cmpstr (text, ==, "other");
  free (text);
}

/* Only the last of a chain was looked up: its parent is known all the same, and nothing is new. */
static void
test_unlisted_parent (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (EventLog) log = event_log_new (fixture->connect);
  g_autoptr (VckcDomainCheckpoint) last = NULL;
  g_autoptr (VckcDomainCheckpoint) parent = NULL;
  g_autoptr (VckcDomainCheckpoint) found = NULL;

  make_tree (fixture);
  last = vckc_domain_checkpoint_lookup_by_name (fixture->domain, "c", 0, NULL);
  g_assert_cmpint (vckc_domain_checkpoint_get_details (last, NULL, NULL, &parent, NULL, NULL, NULL),
                   ==, 0);
  g_assert_cmpstr (vckc_domain_checkpoint_get_name (parent, NULL), ==, "b");
  found = vckc_domain_checkpoint_lookup_by_name (fixture->domain, "b", 0, NULL);
  g_assert_cmpuint (vckc_domain_checkpoint_get_incarnation (parent, NULL), ==,
                    vckc_domain_checkpoint_get_incarnation (found, NULL));
  event_log_expect (log, "");
}

/* A domain that is gone cannot be refreshed, and says so. */
static void
test_gone (LibvirtFixture *fixture, gconstpointer unused)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_cmpint (virDomainDestroy (fixture->plain), ==, 0);
  g_assert_cmpint (virDomainUndefine (fixture->plain), ==, 0);
  g_assert_cmpint (vckc_domain_refresh (fixture->domain, &error), ==, -1);
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_NO_DOMAIN);
}

/* --- several at once --- */

#define N_THREADS 4

static guint
get_n_rounds (void)
{
  return g_getenv ("VCK_TEST_SMALL") != NULL ? 5 : 25;
}

static gpointer
look_in_thread (gpointer data)
{
  LibvirtFixture *fixture = data;

  for (guint i = 0; i < get_n_rounds (); i++)
    {
      refresh (fixture);
      list (fixture);
    }
  return NULL;
}

static void
balance_cb (const VckcEvent *event, void *opaque)
{
  gint *balance = opaque;

  if (event->type == VCKC_EVENT_DISKS_CHANGED)
    return;
  g_assert_true (event->type == VCKC_EVENT_CHECKPOINT_ADDED
                 || event->type == VCKC_EVENT_CHECKPOINT_REMOVED);
  *balance += event->type == VCKC_EVENT_CHECKPOINT_ADDED ? 1 : -1;
  g_assert_cmpint (*balance, >=, 0);
  g_assert_cmpint (*balance, <=, 1);
}

/* However many threads list, each change is notified once. */
static void
test_threads (LibvirtFixture *fixture, gconstpointer unused)
{
  GThread *threads[N_THREADS];
  gint balance = 0;
  int id = vckc_connect_subscribe (fixture->connect, balance_cb, &balance, NULL, NULL);

  refresh (fixture);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("look", look_in_thread, fixture);
  for (guint i = 0; i < get_n_rounds (); i++)
    {
      libvirt_fixture_make (fixture, "a", NULL, NULL, 5);
      libvirt_fixture_delete (fixture, "a", 0);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  refresh (fixture);
  g_assert_cmpint (vckc_connect_unsubscribe (fixture->connect, id, NULL), ==, 0);
  g_assert_cmpint (balance, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-refresh/first-look", test_first_look);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/libvirt-refresh/", cases[i].name, NULL);

      g_test_add (path, LibvirtFixture, &cases[i], libvirt_fixture_set_up, run_case,
                  libvirt_fixture_tear_down);
    }
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-refresh/everything", test_everything);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-refresh/list-notices", test_list_notices);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-refresh/filtered-list", test_filtered_list);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-refresh/own-changes", test_own_changes);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-refresh/two-connections", test_two_connections);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-refresh/details", test_details);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-refresh/unlisted-parent", test_unlisted_parent);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-refresh/gone", test_gone);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-refresh/threads", test_threads);
  return g_test_run ();
}
