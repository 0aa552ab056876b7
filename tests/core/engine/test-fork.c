/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A child that was forked: what it may do with connections of its parent, and with its own. */

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "../in-child.h"
#include "../refusal.h"
#include "managed/engine-registry.h"

static void
assert_not_ours (VckcError *error)
{
  g_assert_nonnull (error);
  assert_refused (error, VCKC_ERROR_NO_CONNECT);
  g_assert_nonnull (strstr (vckc_error_get_message (error), "parent process"));
  vckc_error_free (error);
}

/* What a test has opened. */
typedef struct
{
  char *uri;
  VckcConnect *connect;
  VckcDomain *domain;
  VckcDomainCheckpoint *checkpoint;
  int subscription;
  gint n_events; /* atomic */
} Opened;

static void
count_cb (const VckcEvent *event, void *opaque)
{
  g_atomic_int_inc (&((Opened *) opaque)->n_events);
}

static VckcDomainCheckpoint *
create (VckcDomain *domain, const char *name)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  VckcDomainCheckpoint *checkpoint = vckc_domain_checkpoint_create_xml (domain, xml, 0, NULL);

  g_assert_nonnull (checkpoint);
  return checkpoint;
}

static void
open_all (Opened *self, const char *uri)
{
  self->uri = g_strdup (uri);
  self->connect = vckc_connect_open (uri, 0, NULL);
  g_assert_nonnull (self->connect);
  self->domain = vckc_domain_lookup_by_name (self->connect, "test", NULL);
  g_assert_nonnull (self->domain);
  self->checkpoint = create (self->domain, "before");
  self->subscription = vckc_connect_subscribe (self->connect, count_cb, self, NULL, NULL);
  g_assert_cmpint (self->subscription, >, 0);
}

static void
free_all (Opened *self)
{
  g_assert_cmpint (vckc_connect_unsubscribe (self->connect, self->subscription, NULL), ==, 0);
  g_assert_cmpint (vckc_domain_checkpoint_unref (self->checkpoint, NULL), ==, 0);
  g_assert_cmpint (vckc_domain_unref (self->domain, NULL), ==, 0);
  g_assert_cmpint (vckc_connect_unref (self->connect, NULL), ==, 0);
  g_free (self->uri);
}

static void
use_inherited (gpointer data)
{
  Opened *opened = data;
  VckcDomainState state = VCKC_DOMAIN_STATE_NOSTATE;
  VckcError *error = NULL;

  g_assert_null (vckc_domain_lookup_by_name (opened->connect, "test", &error));
  assert_not_ours (g_steal_pointer (&error));
  g_assert_cmpint (vckc_connect_list_all_domains (opened->connect, NULL, 0, &error), ==, -1);
  assert_not_ours (g_steal_pointer (&error));
  g_assert_cmpint (vckc_domain_get_state (opened->domain, &state, &error), ==, -1);
  assert_not_ours (g_steal_pointer (&error));
  g_assert_cmpint (vckc_domain_peek_state (opened->domain, NULL), ==, VCKC_DOMAIN_STATE_NOSTATE);
  g_assert_null (
      vckc_domain_checkpoint_create_xml (opened->domain, "<domaincheckpoint/>", 0, &error));
  assert_not_ours (g_steal_pointer (&error));
  g_assert_cmpint (vckc_domain_checkpoint_delete (opened->checkpoint, 0, &error), ==, -1);
  assert_not_ours (g_steal_pointer (&error));
  g_assert_cmpint (vckc_connect_subscribe (opened->connect, count_cb, opened, NULL, &error), ==,
                   -1);
  assert_not_ours (g_steal_pointer (&error));
}

static void
use_and_free_inherited (gpointer data)
{
  Opened *opened = data;

  use_inherited (opened);
  g_assert_cmpstr (vckc_domain_checkpoint_get_name (opened->checkpoint, NULL), ==, "before");
  g_assert_cmpstr (vckc_domain_get_name (opened->domain, NULL), ==, "test");
  g_assert_cmpstr (vckc_connect_get_uri (opened->connect, NULL), ==, opened->uri);
  g_assert_false (vckc_connect_is_open (opened->connect, NULL));
  g_assert_cmpint (vckc_connect_close (opened->connect, NULL), ==, 0);
  free_all (opened);
}

/* The child gets errors, and whatever it does means nothing to the parent. */
static void
test_inherited (void)
{
  Opened opened = { .n_events = 0 };
  VckcDomainCheckpoint *after = NULL;

  open_all (&opened, "memory:///inherited");
  in_child (use_and_free_inherited, &opened);

  g_assert_true (vckc_connect_is_open (opened.connect, NULL));
  after = create (opened.domain, "after");
  g_assert_cmpint (g_atomic_int_get (&opened.n_events), ==, 1);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (opened.domain, NULL, 0, NULL), ==, 2);
  vckc_domain_checkpoint_unref (after, NULL);
  free_all (&opened);
}

static void
use_and_fork (gpointer data)
{
  Opened own = { .n_events = 0 };

  use_inherited (data);
  open_all (&own, ((Opened *) data)->uri);
  in_child (use_and_free_inherited, &own);
  g_assert_true (vckc_connect_is_open (own.connect, NULL));
  free_all (&own);
}

/* A child opens its own, and is a parent itself. */
static void
test_own (void)
{
  Opened opened = { .n_events = 0 };

  open_all (&opened, "memory:///own");
  in_child (use_and_fork, &opened);
  g_assert_true (vckc_connect_is_open (opened.connect, NULL));
  free_all (&opened);
}

static void
define_at_uri (gpointer uri)
{
  VckcConnect *connect = vckc_connect_open (uri, 0, NULL);
  VckcDomain *domain = NULL;

  g_assert_nonnull (connect);
  domain = vckc_domain_define_xml (connect, "<domain type='kvm'><name>guest</name></domain>", NULL);
  g_assert_nonnull (domain);
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
}

/* Parent and child are two processes with the same URI. */
static void
test_same_uri (void)
{
  g_autofree char *root = g_dir_make_tmp ("vck-fork-XXXXXX", NULL);
  g_autofree char *uri = g_strdup_printf ("local://%s", root);
  VckcConnect *connect = vckc_connect_open (uri, 0, NULL);
  VckcDomain *domain = NULL;

  g_assert_nonnull (connect);
  in_child (define_at_uri, uri);
  domain = vckc_domain_lookup_by_name (connect, "guest", NULL);
  g_assert_nonnull (domain);
  g_assert_cmpint (vckc_domain_undefine (domain, 0, NULL), ==, 0);
  vckc_domain_unref (domain, NULL);
  vckc_connect_unref (connect, NULL);
  g_rmdir (root);
}

/* A thread that is in the middle of something until the test lets it go on. */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  gboolean inside;  /* under lock */
  gboolean allowed; /* under lock */
} Gate;

static Gate gate = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void
gate_set (gboolean *flag, gboolean value)
{
  pthread_mutex_lock (&gate.lock);
  *flag = value;
  pthread_cond_broadcast (&gate.changed);
  pthread_mutex_unlock (&gate.lock);
}

static void
gate_wait (const gboolean *flag)
{
  pthread_mutex_lock (&gate.lock);
  while (!*flag)
    pthread_cond_wait (&gate.changed, &gate.lock);
  pthread_mutex_unlock (&gate.lock);
}

static void
gate_pass (void)
{
  gate_set (&gate.inside, TRUE);
  gate_wait (&gate.allowed);
}

static void
linger_cb (const VckcEvent *event, void *opaque)
{
  gate_pass ();
}

static void *
create_thread (void *domain)
{
  VckcDomainCheckpoint *checkpoint = create (domain, "slow");

  vckc_domain_checkpoint_unref (checkpoint, NULL);
  return NULL;
}

/* The events of the parent are being delivered just when it forks. */
static void
test_in_event (void)
{
  Opened opened = { .n_events = 0 };
  int lingering = 0;
  pthread_t thread;

  gate_set (&gate.inside, FALSE);
  gate_set (&gate.allowed, FALSE);
  open_all (&opened, "memory:///in-event");
  lingering = vckc_connect_subscribe (opened.connect, linger_cb, NULL, NULL, NULL);
  g_assert_cmpint (pthread_create (&thread, NULL, create_thread, opened.domain), ==, 0);
  gate_wait (&gate.inside);
  in_child (use_and_free_inherited, &opened);
  gate_set (&gate.allowed, TRUE);
  g_assert_cmpint (pthread_join (thread, NULL), ==, 0);
  g_assert_cmpint (vckc_connect_unsubscribe (opened.connect, lingering, NULL), ==, 0);
  free_all (&opened);
}

static bool
make_nothing (const char *key, VckcEngineParts *ret_parts, VckcError **err)
{
  gate_pass ();
  vckc_set_error (err, VCKC_ERROR_INTERNAL, "nothing is made of '%s'", key);
  return false;
}

static void *
attach_thread (void *connect)
{
  VckcError *error = NULL;

  g_assert_false (vckc_engine_attach (connect, "test-fork", make_nothing, &error));
  vckc_error_free (error);
  return NULL;
}

/* Another thread has the table of engines locked just when the parent forks. */
static void
test_in_opening (void)
{
  Opened opened = { .n_events = 0 };
  pthread_t thread;

  gate_set (&gate.inside, FALSE);
  gate_set (&gate.allowed, FALSE);
  open_all (&opened, "memory:///in-opening");
  g_assert_cmpint (pthread_create (&thread, NULL, attach_thread, opened.connect), ==, 0);
  gate_wait (&gate.inside);
  in_child (use_and_fork, &opened);
  gate_set (&gate.allowed, TRUE);
  g_assert_cmpint (pthread_join (thread, NULL), ==, 0);
  free_all (&opened);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/fork/inherited", test_inherited);
  g_test_add_func ("/vck/fork/own", test_own);
  g_test_add_func ("/vck/fork/same-uri", test_same_uri);
  g_test_add_func ("/vck/fork/in-event", test_in_event);
  g_test_add_func ("/vck/fork/in-opening", test_in_opening);

  return g_test_run ();
}
