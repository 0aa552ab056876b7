/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is known of checkpoints: sizes, states, and since when. */

#include "support.h"

#define BLOCK 65536

/* A domain with two disks; a second connection to the same URI lets its guest write a block to the
 * beginning of each. */
typedef struct
{
  char *uri;
  VckConnection *connection;
  VckDomain *domain;
} Fixture;

static void
fixture_init (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->uri = support_memory_uri ();
  fixture->connection = vck_connection_open (fixture->uri, 0, NULL, &error);
  g_assert_no_error (error);
  fixture->domain = support_lookup_test (fixture->connection);
}

static void
fixture_clear (Fixture *fixture)
{
  g_clear_object (&fixture->domain);
  g_clear_object (&fixture->connection);
  g_clear_pointer (&fixture->uri, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
fixture_query (Fixture *fixture, const char *query)
{
  g_autofree char *uri = g_strdup_printf ("%s?%s", fixture->uri, query);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, &error);

  g_assert_no_error (error);
}

static gint64
fixture_get_written (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  const int n_disks = vck_domain_count_disks (fixture->domain, NULL, &error);

  g_assert_no_error (error);
  return (gint64) n_disks * BLOCK;
}

static void
fixture_measure (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) disks = vck_domain_measure_checkpoints (fixture->domain, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (disks);
}

static void
assert_unknown (VckCheckpoint *checkpoint)
{
  g_autoptr (GDateTime) time = vck_checkpoint_get_measured_at (checkpoint);

  g_assert_cmpint (vck_checkpoint_get_size (checkpoint), ==, -1);
  g_assert_cmpint (vck_checkpoint_get_state (checkpoint), ==, VCK_CHECKPOINT_STATE_UNKNOWN);
  g_assert_null (time);
}

static void
assert_measured (VckCheckpoint *checkpoint, gint64 size)
{
  g_autoptr (GDateTime) time = vck_checkpoint_get_measured_at (checkpoint);

  g_assert_cmpint (vck_checkpoint_get_size (checkpoint), ==, size);
  g_assert_cmpint (vck_checkpoint_get_state (checkpoint), ==, VCK_CHECKPOINT_STATE_READY);
  g_assert_nonnull (time);
}

/* Every call that measures updates the objects; those of other checkpoints stay. */
static void
test_measure (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckCheckpoint) first = NULL;
  g_autoptr (VckCheckpoint) second = NULL;
  g_autoptr (GError) error = NULL;
  gint64 written;

  fixture_init (&fixture);
  written = fixture_get_written (&fixture);
  first = support_create (fixture.domain, "first");
  assert_unknown (first);
  fixture_query (&fixture, "write=65536");
  second = support_create (fixture.domain, "second");
  fixture_measure (&fixture);
  assert_measured (first, written);
  assert_measured (second, 0);

  fixture_query (&fixture, "write=65536");
  g_assert_cmpint (vck_checkpoint_query_state (second, NULL, &error), ==,
                   VCK_CHECKPOINT_STATE_READY);
  g_assert_no_error (error);
  assert_measured (first, written);
  assert_measured (second, written);

  fixture_query (&fixture, "write=131072");
  g_ptr_array_unref (vck_domain_verify_checkpoints (fixture.domain, NULL, &error));
  g_assert_no_error (error);
  assert_measured (first, 2 * written);
  assert_measured (second, 2 * written);
}

/* Without sizes nothing is measured. */
static void
test_list (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckCheckpoint) first = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  first = support_create (fixture.domain, "first");
  g_ptr_array_unref (vck_checkpoint_list_disks (first, 0, NULL, &error));
  assert_unknown (first);
  g_ptr_array_unref (vck_checkpoint_list_disks (first, VCK_CHECKPOINT_XML_SIZE, NULL, &error));
  g_assert_no_error (error);
  assert_measured (first, 0);
}

/* The time is that of the call. */
static void
test_time (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckCheckpoint) first = NULL;
  g_autoptr (GDateTime) before = NULL;
  g_autoptr (GDateTime) measured = NULL;
  g_autoptr (GDateTime) after = NULL;

  fixture_init (&fixture);
  first = support_create (fixture.domain, "first");
  before = g_date_time_new_now_utc ();
  fixture_measure (&fixture);
  after = g_date_time_new_now_utc ();
  measured = vck_checkpoint_get_measured_at (first);
  g_assert_cmpint (g_date_time_compare (before, measured), <=, 0);
  g_assert_cmpint (g_date_time_compare (measured, after), <=, 0);
  g_assert_cmpint (g_date_time_get_utc_offset (measured), ==, 0);
}

/* What fails leaves what was known, with its time. */
static void
test_failure (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckCheckpoint) first = NULL;
  g_autoptr (GDateTime) before = NULL;
  g_autoptr (GDateTime) after = NULL;
  g_autoptr (GError) error = NULL;

  fixture_init (&fixture);
  first = support_create (fixture.domain, "first");
  fixture_measure (&fixture);
  before = vck_checkpoint_get_measured_at (first);
  fixture_query (&fixture, "write=65536&fail-from=1");
  g_assert_null (vck_domain_measure_checkpoints (fixture.domain, NULL, &error));
  support_assert_error (error, VCK_ERROR_SYSTEM_ERROR);
  after = vck_checkpoint_get_measured_at (first);
  assert_measured (first, 0);
  g_assert_true (g_date_time_equal (before, after));
  fixture_query (&fixture, "fail-from=0");
  fixture_query (&fixture, "fail=0");
}

/* Another checkpoint of the name does not take over what was known of the old one, nor the
 * reverse. */
static void
test_other_life (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckCheckpoint) old = NULL;
  g_autoptr (VckCheckpoint) new = NULL;
  g_autofree char *old_uuid = NULL;
  g_autofree char *new_uuid = NULL;

  fixture_init (&fixture);
  old = support_create (fixture.domain, "first");
  fixture_query (&fixture, "write=65536");
  fixture_measure (&fixture);
  support_delete (old, 0);
  new = support_create (fixture.domain, "first");
  g_assert_true (new != old);
  assert_unknown (new);
  fixture_measure (&fixture);
  assert_measured (new, 0);
  assert_measured (old, fixture_get_written (&fixture));
  old_uuid = vck_checkpoint_get_uuid (old);
  new_uuid = vck_checkpoint_get_uuid (new);
  g_assert_true (g_uuid_string_is_valid (old_uuid));
  g_assert_true (g_uuid_string_is_valid (new_uuid));
  g_assert_cmpstr (old_uuid, !=, new_uuid);
}

/* What was notified, in an order that GObject chooses, and whether all was there with the first of
 * it. */
typedef struct
{
  GPtrArray *words; /* borrowed */
  GThread *thread;
  gint64 size; /* that is to be seen by then */
} NotifyLog;

static void
notify_cb (VckCheckpoint *checkpoint, GParamSpec *pspec, NotifyLog *log)
{
  assert_measured (checkpoint, log->size);
  g_ptr_array_add (log->words, g_strdup (pspec->name));
  log->thread = g_thread_self ();
}

static int
compare_cb (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

/* Empties the log. */
static void
notify_log_assert (NotifyLog *log, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_ptr_array_sort (log->words, compare_cb);
  for (guint i = 0; i < log->words->len; i++)
    g_string_append_printf (text, "%s ", (const char *) log->words->pdata[i]);
  g_assert_cmpstr (text->str, ==, expected);
  g_ptr_array_set_size (log->words, 0);
}

static gpointer
measure_in_thread (gpointer fixture)
{
  fixture_measure (fixture);
  return NULL;
}

/* Values are right when the call returns, in whatever thread; `notify` is emitted in the context of
 * the connection only, once, and of what changed only. */
static void
test_notify (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckCheckpoint) first = NULL;
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  NotifyLog log = { .words = words };

  fixture_init (&fixture);
  first = support_create (fixture.domain, "first");
  support_drain (NULL);
  g_signal_connect (first, "notify", G_CALLBACK (notify_cb), &log);
  g_thread_join (g_thread_new ("measure", measure_in_thread, &fixture));
  assert_measured (first, 0);
  g_assert_cmpuint (words->len, ==, 0);
  support_drain (NULL);
  notify_log_assert (&log, "measured-at size state ");
  g_assert_true (log.thread == g_thread_self ());

  log.size = fixture_get_written (&fixture);
  fixture_query (&fixture, "write=65536");
  fixture_measure (&fixture);
  support_drain (NULL);
  notify_log_assert (&log, "measured-at size ");
}

#define N_THREADS 6
#define N_TIMES 50

static gpointer
measure_often_in_thread (gpointer fixture)
{
  for (guint i = 0; i < N_TIMES; i++)
    fixture_measure (fixture);
  return NULL;
}

/* Many threads, while checkpoints come and go. */
static void
test_threads (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckCheckpoint) first = NULL;
  GThread *threads[N_THREADS];

  fixture_init (&fixture);
  first = support_create (fixture.domain, "first");
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("measure", measure_often_in_thread, &fixture);
  for (guint i = 0; i < N_TIMES; i++)
    {
      g_autoptr (VckCheckpoint) other = support_create (fixture.domain, "other");
      const gint64 size = vck_checkpoint_get_size (other);

      g_assert_true (size == -1 || size == 0);
      support_drain (NULL);
      support_delete (other, 0);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  support_drain (NULL);
  assert_measured (first, 0);
}

/* The name says for which repository. */
static void
test_owner (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (VckCheckpoint) own = NULL;
  g_autoptr (VckCheckpoint) other = NULL;
  g_autoptr (VckCheckpoint) similar = NULL;
  g_autofree char *owner = NULL;
  g_autofree char *of_other = NULL;
  g_autofree char *of_similar = NULL;

  fixture_init (&fixture);
  own = support_create (fixture.domain, "vck.0a1b2c3d.20261127T075307.120667Z-1fae9c02");
  other = support_create (fixture.domain, "first");
  similar = support_create (fixture.domain, "vck.0a1b2c3g.20261127T075307.120667Z-1fae9c02");
  g_object_get (own, "owner", &owner, NULL);
  g_assert_cmpstr (owner, ==, "0a1b2c3d");
  g_object_get (other, "owner", &of_other, NULL);
  g_assert_null (of_other);
  of_similar = vck_checkpoint_get_owner (similar);
  g_assert_null (of_similar);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/figures/measure", test_measure);
  g_test_add_func ("/vck/figures/list", test_list);
  g_test_add_func ("/vck/figures/time", test_time);
  g_test_add_func ("/vck/figures/failure", test_failure);
  g_test_add_func ("/vck/figures/other-life", test_other_life);
  g_test_add_func ("/vck/figures/notify", test_notify);
  g_test_add_func ("/vck/figures/threads", test_threads);
  g_test_add_func ("/vck/figures/owner", test_owner);

  return g_test_run ();
}
