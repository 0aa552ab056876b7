/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Subscribers are soon notified of what other processes do in a store folder. */

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assert-error.h"
#include "base/lock.h"
#include "handles/handles.h"
#include "image-fixture.h"
#include "managed/domain-table.h"
#include "managed/engine.h"
#include "vckc.h"

/* Within this time subscribers must be notified. The promise is 200 ms; a host that is busy with
 * other tests is allowed more. */
#define LIMIT (10 * G_TIME_SPAN_SECOND)
#define HELD_UUID "6dbb0e5c-8a67-4f0c-a1ac-9c6f9c8d2c11"

typedef struct
{
  char *folder;
  char *uri;
  VckcConnect *connect;
  int id; /* of the subscription */
  VckcMutex mutex;
  VckcCond changed;
  GString *log; /* under the mutex */
} Fixture;

static const char *own_program;

static void
listen_cb (const VckcEvent *event, void *opaque)
{
  static const char *const types[] = { NULL, "+domain", "-domain", "state",  "+",
                                       "-",  "~",       "closed",  "renamed" };
  Fixture *fixture = opaque;

  if (event->type >= G_N_ELEMENTS (types))
    return;
  vckc_mutex_lock (&fixture->mutex);
  g_string_append_printf (fixture->log, "%s%s%s ", types[event->type],
                          event->domain != NULL ? event->domain->name : "",
                          event->checkpoint != NULL ? event->checkpoint->name : "");
  vckc_cond_broadcast (&fixture->changed);
  vckc_mutex_unlock (&fixture->mutex);
}

static void
start_listening (Fixture *fixture)
{
  fixture->id = vckc_connect_subscribe (fixture->connect, listen_cb, fixture, NULL, NULL);
  g_assert_cmpint (fixture->id, >, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;

  fixture->folder = image_fixture_new ();
  fixture->uri = g_strdup_printf ("local://%s/not/yet", fixture->folder);
  fixture->log = g_string_new (NULL);
  vckc_mutex_init (&fixture->mutex);
  vckc_cond_init (&fixture->changed);
  fixture->connect = vckc_connect_open (fixture->uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->connect, vckc_object_unref);
  vckc_cond_clear (&fixture->changed);
  vckc_mutex_clear (&fixture->mutex);
  g_string_free (fixture->log, TRUE);
  g_free (fixture->uri);
  image_fixture_remove (fixture->folder);
}

/* Until the log says so much, and no more. */
static void
assert_logged (Fixture *fixture, const char *expected)
{
  gint64 deadline = g_get_monotonic_time () + LIMIT;
  bool in_time = true;

  vckc_mutex_lock (&fixture->mutex);
  while (in_time && strlen (fixture->log->str) < strlen (expected))
    in_time = vckc_cond_wait_until (&fixture->changed, &fixture->mutex, deadline);
  g_assert_cmpstr (fixture->log->str, ==, expected);
  g_string_truncate (fixture->log, 0);
  vckc_mutex_unlock (&fixture->mutex);
}

/* Does something in another process, which has ended when this returns. */
static void
elsewhere (Fixture *fixture, const char *action, const char *name)
{
  const char *const argv[] = { own_program, fixture->uri, action, name, NULL };

  g_free (image_fixture_run (argv));
}

static void
test_all_changes (Fixture *fixture, gconstpointer data)
{
  start_listening (fixture);
  elsewhere (fixture, "define", "vm");
  assert_logged (fixture, "+domainvm ");
  elsewhere (fixture, "create", "one");
  assert_logged (fixture, "+vmone ");
  elsewhere (fixture, "delete", "one");
  assert_logged (fixture, "-vmone ");
  elsewhere (fixture, "rename", "web");
  assert_logged (fixture, "renamedweb ");
  elsewhere (fixture, "create", "two");
  assert_logged (fixture, "+webtwo ");
  elsewhere (fixture, "undefine", "web");
  assert_logged (fixture, "-webtwo -domainweb ");
  elsewhere (fixture, "define", "again");
  assert_logged (fixture, "+domainagain ");
}

/* What happened before the subscription is reported too: the connection did not know it. */
static void
test_before (Fixture *fixture, gconstpointer data)
{
  elsewhere (fixture, "define", "vm");
  start_listening (fixture);
  assert_logged (fixture, "+domainvm ");
}

/* A folder that goes as a whole, and comes back. */
static void
test_folder_gone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *root = g_build_filename (fixture->folder, "not", "yet", NULL);
  g_autofree char *aside = g_build_filename (fixture->folder, "aside", NULL);

  start_listening (fixture);
  elsewhere (fixture, "define", "vm");
  assert_logged (fixture, "+domainvm ");
  g_assert_cmpint (g_rename (root, aside), ==, 0);
  assert_logged (fixture, "-domainvm ");
  g_assert_cmpint (g_rename (aside, root), ==, 0);
  assert_logged (fixture, "+domainvm ");
}

static void
await_followed (bool expected)
{
  gint64 deadline = g_get_monotonic_time () + LIMIT;

  while (image_fixture_has_thread ("vck-store") != expected && g_get_monotonic_time () < deadline)
    g_thread_yield ();
  g_assert_true (image_fixture_has_thread ("vck-store") == expected);
}

/* Without a subscription nothing is monitored. The thread of the test before may only now end. */
static void
test_no_subscription (Fixture *fixture, gconstpointer data)
{
  guint n_files;

  await_followed (false);
  n_files = image_fixture_count_files ();
  start_listening (fixture);
  await_followed (true);
  g_assert_cmpint (vckc_connect_unsubscribe (fixture->connect, fixture->id, NULL), ==, 0);
  await_followed (false);
  g_assert_cmpuint (image_fixture_count_files (), ==, n_files);
  start_listening (fixture);
  await_followed (true);
  g_clear_pointer (&fixture->connect, vckc_object_unref);
  await_followed (false);
}

typedef struct
{
  VckcConnect *connect;
  gint done; /* atomic */
} Closer;

static void
close_cb (const VckcEvent *event, void *opaque)
{
  Closer *closer = opaque;

  if (event->type != VCKC_EVENT_DOMAIN_ADDED)
    return;
  g_clear_pointer (&closer->connect, vckc_object_unref);
  g_atomic_int_set (&closer->done, 1);
}

static void
assert_opens_again (Fixture *fixture)
{
  VckcDomain **domains = NULL;
  VckcError *error = NULL;

  fixture->connect = vckc_connect_open (fixture->uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
  g_assert_cmpint (vckc_connect_list_all_domains (fixture->connect, &domains, 0, NULL), ==, 1);
  vckc_object_unref (domains[0]);
  g_free (domains);
}

/* The last reference can be dropped from inside, in the thread that follows. */
static void
test_closed_inside (Fixture *fixture, gconstpointer data)
{
  Closer closer = { g_steal_pointer (&fixture->connect), 0 };

  vckc_connect_subscribe (closer.connect, close_cb, &closer, NULL, NULL);
  elsewhere (fixture, "define", "vm");
  while (g_atomic_int_get (&closer.done) == 0)
    g_thread_yield ();
  await_followed (false);
  assert_opens_again (fixture);
}

/* --- a thread that takes its time to end --- */

static gint n_ended; /* atomic */

static void
slow_end_cb (gpointer data)
{
  g_usleep (G_USEC_PER_SEC / 4);
  g_atomic_int_inc (&n_ended);
}

static GPrivate slow_end = G_PRIVATE_INIT (slow_end_cb);

static void
end_slowly_cb (const VckcEvent *event, void *opaque)
{
  g_private_set (&slow_end, opaque);
  listen_cb (event, opaque);
}

/* When the connection is closed outside, nothing of the thread is left: the program may end. */
static void
test_joined (Fixture *fixture, gconstpointer data)
{
  g_atomic_int_set (&n_ended, 0);
  fixture->id = vckc_connect_subscribe (fixture->connect, end_slowly_cb, fixture, NULL, NULL);
  g_assert_cmpint (fixture->id, >, 0);
  elsewhere (fixture, "define", "vm");
  assert_logged (fixture, "+domainvm ");
  g_assert_cmpint (vckc_connect_close (fixture->connect, NULL), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&n_ended), ==, 1);
}

/* Nor is anything of those that have ended before. */
static void
test_joined_again (Fixture *fixture, gconstpointer data)
{
  g_atomic_int_set (&n_ended, 0);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("vm%u", i);
      g_autofree char *expected = g_strdup_printf ("+domain%s ", name);

      fixture->id = vckc_connect_subscribe (fixture->connect, end_slowly_cb, fixture, NULL, NULL);
      elsewhere (fixture, "define", name);
      assert_logged (fixture, expected);
      g_assert_cmpint (vckc_connect_unsubscribe (fixture->connect, fixture->id, NULL), ==, 0);
    }
  /* Not by dropping the reference: a thread that delivers an event has one, too. */
  g_assert_cmpint (vckc_connect_close (fixture->connect, NULL), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&n_ended), ==, 3);
}

/* What the thread waits for in vain does not hold up those that close the connection. */
static void
test_closed_while_held (Fixture *fixture, gconstpointer data)
{
  VckcEngine *engine = vckc_engine_of (fixture->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_entry (engine, HELD_UUID);
  VckcError *error = NULL;

  vckc_engine_set_job_timeout (engine, G_MAXINT);
  start_listening (fixture);
  assert_ok (vckc_domain_lock_acquire (&domain->lock, "held", G_MAXINT64, NULL, NULL, &error),
             error);
  elsewhere (fixture, "define-held", "held");
  g_usleep (G_USEC_PER_SEC); /* the thread looks, and finds it held */
  g_assert_cmpint (vckc_connect_close (fixture->connect, NULL), ==, 0);
  vckc_mutex_lock (&engine->mutex);
  g_assert_cmpuint (engine->n_watches, ==, 0);
  vckc_domain_lock_release_locked (&domain->lock);
  vckc_mutex_unlock (&engine->mutex);
}

/* Programs that end at once: whatever is wrong then is found with a sanitizer, or by valgrind. */
static void
test_end_at_once (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 10; i++)
    elsewhere (fixture, "follow", "-");
}

/* The other process: does one thing to the only domain there is. */
static int
act (const char *uri, const char *action, const char *name)
{
  g_autoptr (VckcConnect) connect = vckc_connect_open (uri, 0, NULL);
  g_autofree char *xml = g_strdup_printf (
      g_str_equal (action, "define") || g_str_equal (action, "define-held")
          ? "<domain><name>%s</name>%s<devices><disk type='file'><driver type='qcow2'/>"
            "<source file='/x.qcow2'/><target dev='vda'/></disk></devices></domain>"
          : "<domaincheckpoint><name>%s</name>%s<creationTime>5</creationTime></domaincheckpoint>",
      name, g_str_equal (action, "define-held") ? "<uuid>" HELD_UUID "</uuid>" : "");
  VckcDomain **domains = NULL;
  int n = vckc_connect_list_all_domains (connect, &domains, 0, NULL);
  VckcDomain *domain = n > 0 ? domains[0] : NULL;

  if (g_str_has_prefix (action, "define"))
    return vckc_domain_define_xml (connect, xml, NULL) == NULL;
  if (g_str_equal (action, "create"))
    return vckc_domain_checkpoint_create_xml (domain, xml, VCKC_CHECKPOINT_CREATE_REDEFINE, NULL)
           == NULL;
  if (g_str_equal (action, "delete"))
    return vckc_domain_checkpoint_delete (
        vckc_domain_checkpoint_lookup_by_name (domain, name, 0, NULL),
        VCKC_CHECKPOINT_DELETE_METADATA_ONLY, NULL);
  if (g_str_equal (action, "rename"))
    return vckc_domain_rename (domain, name, 0, NULL);
  return vckc_domain_undefine (domain, VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, NULL);
}

static void
ignore_cb (const VckcEvent *event, void *opaque)
{
}

/* Follows the store until the program ends. */
static int
follow (const char *uri)
{
  VckcConnect *connect = vckc_connect_open (uri, 0, NULL);

  g_assert_cmpint (vckc_connect_subscribe (connect, ignore_cb, NULL, NULL, NULL), >, 0);
  g_assert_cmpint (vckc_connect_close (connect, NULL), ==, 0);
  vckc_object_unref (connect);
  return 0;
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/store-follow/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (argc == 4)
    {
      if (g_str_equal (argv[2], "follow"))
        return follow (argv[1]);
      _exit (act (argv[1], argv[2], argv[3]));
    }
  own_program = argv[0];
  ADD ("all-changes", test_all_changes);
  ADD ("before", test_before);
  ADD ("folder-gone", test_folder_gone);
  ADD ("no-subscription", test_no_subscription);
  ADD ("closed-inside", test_closed_inside);
  ADD ("joined", test_joined);
  ADD ("joined-again", test_joined_again);
  ADD ("closed-while-held", test_closed_while_held);
  ADD ("end-at-once", test_end_at_once);
  return g_test_run ();
}
