/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The same domain or checkpoint is the same object as long as that object lives. */

#include "support.h"

#define N_THREADS 8
#define N_ROUNDS 300

static void
test_domain (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckDomain) by_uuid = NULL;
  g_autoptr (VckDomain) by_either = NULL;
  g_autoptr (GPtrArray) domains = NULL;
  g_autoptr (GError) error = NULL;

  by_uuid =
      vck_connection_lookup_domain_by_uuid (connection, vck_domain_get_uuid (domain), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (by_uuid == domain);
  by_either = vck_connection_lookup_domain (connection, "test", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (by_either == domain);

  domains = vck_connection_list_domains (connection, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (domains->len, ==, 1);
  g_assert_true (g_ptr_array_index (domains, 0) == domain);
}

static void
take_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  VckCheckpoint **taken = data;

  g_assert_null (*taken);
  *taken = g_object_ref (checkpoint);
}

static void
test_checkpoint (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) a = NULL;
  g_autoptr (VckCheckpoint) b = NULL;
  g_autoptr (VckCheckpoint) parent = NULL;
  g_autoptr (VckCheckpoint) signalled = NULL;
  g_autoptr (GPtrArray) children = NULL;
  g_autoptr (GError) error = NULL;

  a = support_create (domain, "a");
  support_drain (NULL);
  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (take_cb), &signalled);
  b = support_create (domain, "b");
  support_drain (NULL);
  g_assert_true (signalled == b);

  parent = vck_checkpoint_query_parent (b, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (parent == a);
  children = vck_checkpoint_list_children (a, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_ptr_array_index (children, 0) == b);
}

/* The identity lasts as long as the object, not longer. */
static void
test_ends (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  VckDomain *domain = support_lookup_test (connection);
  VckCheckpoint *checkpoint = support_create (domain, "a");
  g_autoptr (VckCheckpoint) found = NULL;
  g_autoptr (GError) error = NULL;

  support_assert_dies (checkpoint);
  found = vck_domain_lookup_checkpoint (domain, "a", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (vck_checkpoint_get_name (found), ==, "a");
  g_clear_object (&found);

  support_assert_dies (domain);
  domain = support_lookup_test (connection);
  g_assert_cmpstr (vck_domain_get_name (domain), ==, "test");
  support_assert_dies (domain);
}

/* A name that is used again is another checkpoint, at once, also in signals. */
static void
test_name_used_again (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) old = support_create (domain, "a");
  g_autoptr (VckCheckpoint) new = NULL;
  g_autoptr (VckCheckpoint) found = NULL;
  g_autoptr (VckCheckpoint) removed = NULL;
  g_autoptr (VckCheckpoint) added = NULL;
  g_autoptr (GError) error = NULL;

  support_drain (NULL);
  g_signal_connect (domain, "checkpoint-removed", G_CALLBACK (take_cb), &removed);
  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (take_cb), &added);
  support_delete (old, 0);
  new = support_create (domain, "a");
  g_assert_true (new != old);
  found = vck_domain_lookup_checkpoint (domain, "a", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (found == new);

  support_drain (NULL);
  g_assert_true (removed == old);
  g_assert_true (added == new);
}

/* The same while no object is held: added and removed are the same, then
 * another one. */
typedef struct
{
  VckCheckpoint *seen[4];
  guint n_seen;
} Seen;

static void
see_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  Seen *seen = data;

  g_assert_cmpuint (seen->n_seen, <, G_N_ELEMENTS (seen->seen));
  seen->seen[seen->n_seen++] = g_object_ref (checkpoint);
}

static void
test_gone_before_signal (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  Seen seen = { .n_seen = 0 };

  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (see_cb), &seen);
  g_signal_connect (domain, "checkpoint-removed", G_CALLBACK (see_cb), &seen);
  for (guint i = 0; i < 2; i++)
    {
      VckCheckpoint *checkpoint = support_create (domain, "a");

      support_delete (checkpoint, 0);
      support_assert_dies (checkpoint);
    }
  support_drain (NULL);

  g_assert_cmpuint (seen.n_seen, ==, 4);
  g_assert_true (seen.seen[0] == seen.seen[1]);
  g_assert_true (seen.seen[1] != seen.seen[2]);
  g_assert_true (seen.seen[2] == seen.seen[3]);
  g_assert_cmpstr (vck_checkpoint_get_name (seen.seen[0]), ==, "a");
  g_assert_null (vck_checkpoint_get_creation_time (seen.seen[0]));
  for (guint i = 0; i < seen.n_seen; i++)
    g_object_unref (seen.seen[i]);
}

static void
test_domain_defined_again (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) old = support_lookup_test (connection);
  g_autoptr (VckDomain) new = NULL;
  g_autoptr (VckCheckpoint) old_checkpoint = support_create (old, "a");
  g_autoptr (VckCheckpoint) new_checkpoint = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = vck_domain_get_xml_desc (old, 0, NULL, &error);

  g_assert_no_error (error);
  vck_domain_undefine (old, VCK_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA, NULL, &error);
  g_assert_no_error (error);
  new = vck_connection_define_domain_xml (connection, xml, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (new != old);
  g_assert_cmpstr (vck_domain_get_uuid (new), ==, vck_domain_get_uuid (old));

  new_checkpoint = support_create (new, "b");
  g_assert_true (vck_checkpoint_get_domain (old_checkpoint) == old);
  g_assert_true (vck_checkpoint_get_domain (new_checkpoint) == new);
}

/* Threads that meet before and after each round. */
typedef struct
{
  VckDomain *domain;
  gpointer found[N_THREADS];
  GMutex lock;
  GCond cond;
  guint waiting;    /* under lock */
  guint generation; /* under lock */
} Meeting;

typedef struct
{
  Meeting *meeting;
  guint number;
} Visitor;

static void
meet (Meeting *meeting)
{
  guint generation;

  g_mutex_lock (&meeting->lock);
  generation = meeting->generation;
  if (++meeting->waiting == N_THREADS)
    {
      meeting->waiting = 0;
      meeting->generation++;
      g_cond_broadcast (&meeting->cond);
    }
  while (meeting->generation == generation)
    g_cond_wait (&meeting->cond, &meeting->lock);
  g_mutex_unlock (&meeting->lock);
}

static gpointer
visitor_thread (gpointer data)
{
  Visitor *visitor = data;
  Meeting *meeting = visitor->meeting;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (VckCheckpoint) found =
          vck_domain_lookup_checkpoint (meeting->domain, "a", NULL, &error);

      g_assert_no_error (error);
      meeting->found[visitor->number] = found;
      meet (meeting);
      g_assert_true (meeting->found[(visitor->number + 1) % N_THREADS] == found);
      meet (meeting);
      /* Dropped without order: the next round races with the end of the object. */
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  Meeting meeting = { .domain = domain };
  Visitor visitors[N_THREADS];
  GThread *threads[N_THREADS];
  VckCheckpoint *checkpoint = support_create (domain, "a");

  g_mutex_init (&meeting.lock);
  g_cond_init (&meeting.cond);
  support_assert_dies (checkpoint);
  for (guint i = 0; i < N_THREADS; i++)
    {
      visitors[i] = (Visitor){ &meeting, i };
      threads[i] = g_thread_new ("visitor", visitor_thread, &visitors[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_cond_clear (&meeting.cond);
  g_mutex_clear (&meeting.lock);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/identity/domain", test_domain);
  g_test_add_func ("/vck/identity/checkpoint", test_checkpoint);
  g_test_add_func ("/vck/identity/ends", test_ends);
  g_test_add_func ("/vck/identity/name-used-again", test_name_used_again);
  g_test_add_func ("/vck/identity/gone-before-signal", test_gone_before_signal);
  g_test_add_func ("/vck/identity/domain-defined-again", test_domain_defined_again);
  g_test_add_func ("/vck/identity/threads", test_threads);

  return g_test_run ();
}
