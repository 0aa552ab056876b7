/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Many calls at once, and what happens to them when the connection is closed or dropped. */

#include "support.h"

#define N_CALLS 64

typedef struct
{
  guint n_ended;
  guint n_worked;
  guint n_closed;
} Tally;

static void
count_outcome (Tally *tally, gboolean worked, GError *error)
{
  tally->n_ended++;
  if (worked)
    {
      g_assert_no_error (error);
      tally->n_worked++;
      return;
    }
  g_assert_error (error, VCK_ERROR, VCK_ERROR_NO_CONNECT);
  tally->n_closed++;
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckCheckpoint) checkpoint =
      vck_domain_create_checkpoint_xml_finish (VCK_DOMAIN (source), result, &error);

  count_outcome (data, checkpoint != NULL, error);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) checkpoints =
      vck_domain_list_checkpoints_finish (VCK_DOMAIN (source), result, &error);

  count_outcome (data, checkpoints != NULL, error);
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckDomain) domain =
      vck_connection_lookup_domain_by_name_finish (VCK_CONNECTION (source), result, &error);

  count_outcome (data, domain != NULL, error);
}

/* A mixture of changes and questions. */
static void
start_calls (VckConnection *connection, VckDomain *domain, Tally *tally)
{
  for (guint i = 0; i < N_CALLS; i++)
    {
      g_autofree char *xml =
          g_strdup_printf ("<domaincheckpoint><name>c%u</name></domaincheckpoint>", i);

      if (i % 4 == 0)
        vck_connection_lookup_domain_by_name_async (connection, "test", NULL, looked_up_cb, tally);
      else if (i % 4 == 1)
        vck_domain_list_checkpoints_async (domain, 0, NULL, listed_cb, tally);
      else
        vck_domain_create_checkpoint_xml_async (domain, xml, 0, NULL, created_cb, tally);
    }
}

static void
wait_for_all (const Tally *tally)
{
  while (tally->n_ended < N_CALLS)
    g_main_context_iteration (NULL, TRUE);
}

static void
count_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  guint *count = data;

  (*count)++;
}

static void
test_many_calls (void)
{
  VckConnection *connection = support_open ();
  VckDomain *domain = support_lookup_test (connection);
  Tally tally = { 0 };
  guint n_added = 0;
  g_autoptr (GError) error = NULL;

  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (count_cb), &n_added);
  start_calls (connection, domain, &tally);
  wait_for_all (&tally);
  g_assert_cmpuint (tally.n_worked, ==, N_CALLS);

  support_drain (NULL);
  g_assert_cmpuint (n_added, ==, N_CALLS / 2);
  g_assert_cmpint (vck_domain_count_checkpoints (domain, 0, NULL, &error), ==, N_CALLS / 2);
  g_assert_no_error (error);
  support_assert_dies (domain);
  support_assert_dies (connection);
}

/* Each call ends once: with its true result, or because the connection is closed. */
static void
test_close_meanwhile (void)
{
  VckConnection *connection = support_open ();
  VckDomain *domain = support_lookup_test (connection);
  Tally tally = { 0 };
  g_autoptr (GError) error = NULL;

  start_calls (connection, domain, &tally);
  g_assert_true (vck_connection_close (connection, &error));
  g_assert_no_error (error);
  wait_for_all (&tally);
  g_assert_cmpuint (tally.n_worked + tally.n_closed, ==, N_CALLS);

  support_drain (NULL);
  g_assert_cmpuint (tally.n_ended, ==, N_CALLS);
  support_assert_dies (domain);
  support_assert_dies (connection);
}

/* Calls under way hold what they need. */
static void
test_drop_meanwhile (void)
{
  VckConnection *connection = support_open ();
  VckDomain *domain = support_lookup_test (connection);
  Tally tally = { 0 };
  GWeakRef weak;

  g_weak_ref_init (&weak, domain);
  start_calls (connection, domain, &tally);
  g_object_unref (domain);
  g_object_unref (g_object_ref (connection));
  wait_for_all (&tally);
  g_assert_cmpuint (tally.n_worked, ==, N_CALLS);

  support_assert_dies (connection);
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
}

#define N_THREADS 8
#define N_ROUNDS 25

/* Objects, each held and in the set once. */
typedef struct
{
  GMutex lock;
  GHashTable *objects; /* under lock */
} Objects;

static void
objects_init (Objects *self)
{
  g_mutex_init (&self->lock);
  self->objects = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

static void
objects_add (Objects *self, gpointer object)
{
  g_mutex_lock (&self->lock);
  g_assert_true (g_hash_table_add (self->objects, g_object_ref (object)));
  g_mutex_unlock (&self->lock);
}

static void
objects_assert_equal (Objects *self, Objects *other)
{
  GHashTableIter iter;
  gpointer object;

  g_assert_cmpuint (g_hash_table_size (self->objects), ==, g_hash_table_size (other->objects));
  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, &object, NULL))
    g_assert_true (g_hash_table_contains (other->objects, object));
}

static void
objects_clear (Objects *self)
{
  g_hash_table_unref (self->objects);
  g_mutex_clear (&self->lock);
}

static void
object_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  objects_add (data, checkpoint);
}

typedef struct
{
  VckDomain *domain;
  Objects *created;
  guint number;
} Worker;

static gpointer
worker_thread (gpointer data)
{
  Worker *worker = data;
  g_autofree char *name = g_strdup_printf ("worker-%u", worker->number);

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (VckCheckpoint) checkpoint = support_create (worker->domain, name);

      objects_add (worker->created, checkpoint);
      support_delete (checkpoint, 0);
    }
  return NULL;
}

/* Threads create and delete under the same names again and again, while the main context makes
 * signals of the events: of each checkpoint there is one object, in the call and in both
 * signals. */
static void
test_signals_meanwhile (void)
{
  VckConnection *connection = support_open ();
  VckDomain *domain = support_lookup_test (connection);
  Objects created, added, removed;
  Worker workers[N_THREADS];
  GThread *threads[N_THREADS];

  objects_init (&created);
  objects_init (&added);
  objects_init (&removed);
  g_signal_connect (domain, "checkpoint-added", G_CALLBACK (object_cb), &added);
  g_signal_connect (domain, "checkpoint-removed", G_CALLBACK (object_cb), &removed);
  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ domain, &created, i };
      threads[i] = g_thread_new ("worker", worker_thread, &workers[i]);
    }
  while (g_hash_table_size (removed.objects) < N_THREADS * N_ROUNDS)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  support_drain (NULL);

  objects_assert_equal (&created, &added);
  objects_assert_equal (&created, &removed);
  objects_clear (&created);
  objects_clear (&added);
  objects_clear (&removed);
  support_assert_dies (domain);
  support_assert_dies (connection);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/threads/many-calls", test_many_calls);
  g_test_add_func ("/vck/threads/close-meanwhile", test_close_meanwhile);
  g_test_add_func ("/vck/threads/drop-meanwhile", test_drop_meanwhile);
  g_test_add_func ("/vck/threads/signals-meanwhile", test_signals_meanwhile);

  return g_test_run ();
}
