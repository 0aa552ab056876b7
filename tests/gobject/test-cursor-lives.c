/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Lives of cursors of changed blocks and of plans of checkpoints: the last reference, closing,
 * cancelling and threads, as docs/threads.md says. */

#include "backend.h"

#include "../core/local/image-fixture.h"

#define MIB (G_GUINT64_CONSTANT (1) << 20)
#define GRANULARITY 65536
#define N_EXTENTS 12 /* of vda, on local: */
#define N_MOMENTS 24
#define N_THREADS 8

typedef struct
{
  Backend backend;
  VckCheckpoint *checkpoint;
  GPtrArray *extents; /* all that there are */
} Fixture;

static void
set_up (Fixture *self, gconstpointer with_images)
{
  g_autoptr (GError) error = NULL;

  backend_set_up (&self->backend, with_images);
  self->checkpoint = support_create (self->backend.domain, "monday");
  for (guint i = 0; with_images != NULL && i < N_EXTENTS; i++)
    image_fixture_write (self->backend.images[0], i * 2 * MIB, GRANULARITY);
  self->extents = vck_checkpoint_list_extents (self->checkpoint, "vda", 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (self->extents->len, ==, with_images != NULL ? N_EXTENTS : 0);
}

static void
tear_down (Fixture *self, gconstpointer with_images)
{
  g_ptr_array_unref (self->extents);
  g_object_unref (self->checkpoint);
  backend_tear_down (&self->backend, with_images);
}

static VckExtentCursor *
open_cursor (VckCheckpoint *checkpoint)
{
  g_autoptr (GError) error = NULL;
  VckExtentCursor *cursor = vck_checkpoint_open_extents (checkpoint, "vda", 0, NULL, &error);

  g_assert_no_error (error);
  return cursor;
}

static GPtrArray *
read_some (VckExtentCursor *cursor, guint max)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *read = vck_extent_cursor_read (cursor, max, NULL, &error);

  g_assert_no_error (error);
  return read;
}

/* The extents are those from number `first` on. */
static void
assert_extents (Fixture *self, const GPtrArray *read, guint first)
{
  g_assert_cmpuint (first + read->len, <=, self->extents->len);
  for (guint i = 0; i < read->len; i++)
    {
      const VckExtent *extent = read->pdata[i];
      const VckExtent *expected = self->extents->pdata[first + i];

      g_assert_cmpuint (extent->offset, ==, expected->offset);
      g_assert_cmpuint (extent->length, ==, expected->length);
    }
}

static VckCheckpointPlan *
plan (VckDomain *domain)
{
  g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();
  g_autoptr (GError) error = NULL;
  VckCheckpointPlan *planned;

  vck_checkpoint_config_set_name (config, "tuesday");
  planned = vck_domain_plan_checkpoint (domain, config, 0, NULL, &error);
  g_assert_no_error (error);
  return planned;
}

static void
assert_plan (VckCheckpointPlan *planned)
{
  g_autoptr (GPtrArray) disks = vck_checkpoint_plan_list_disks (planned);

  g_assert_cmpstr (vck_checkpoint_plan_get_name (planned), ==, "tuesday");
  g_assert_cmpuint (disks->len, ==, 2);
  for (guint i = 0; i < disks->len; i++)
    g_assert_cmpstr (vck_checkpoint_plan_disk_get_bitmap (disks->pdata[i]), ==, "tuesday");
}

static gboolean
can_write (const char *image)
{
  const char *const argv[] = { "qemu-io", "-f", "qcow2", "-c", "write 0 64k", image, NULL };
  int status = -1;

  g_assert_true (
      g_spawn_sync (NULL, (char **) argv, NULL,
                    G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                    NULL, NULL, NULL, NULL, &status, NULL));
  return status == 0;
}

/* Nothing holds the image, once calls that were cancelled have ended: QEMU can open it to write. */
static void
assert_image_is_free (Fixture *self)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  support_drain (NULL);
  while (self->backend.folder != NULL && !can_write (self->backend.images[0]))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      support_drain (NULL);
    }
}

/* --- the last reference --- */

typedef struct
{
  GPtrArray *read; /* NULL until the call ends */
  VckExtentCursor *cursor;
} Reading;

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Reading *reading = data;
  g_autoptr (GError) error = NULL;

  reading->read = vck_extent_cursor_read_finish (VCK_EXTENT_CURSOR (source), result, &error);
  g_assert_no_error (error);
  g_clear_object (&reading->cursor);
}

/* A cursor holds its connection. */
static void
test_during_a_call (Fixture *self, gconstpointer with_images)
{
  g_autoptr (GError) error = NULL;
  VckConnection *connection = vck_connection_open (self->backend.uri, 0, NULL, &error);
  VckDomain *domain = vck_connection_lookup_domain_by_name (connection, "guest", NULL, &error);
  VckCheckpoint *checkpoint = vck_domain_lookup_checkpoint (domain, "monday", NULL, &error);
  VckExtentCursor *cursor = open_cursor (checkpoint);
  Reading reading = { NULL, NULL };
  GWeakRef weak;

  g_weak_ref_init (&weak, cursor);
  g_object_unref (checkpoint);
  g_object_unref (domain);
  g_object_unref (connection);
  vck_extent_cursor_read_async (cursor, 5, NULL, read_cb, &reading);
  g_object_unref (cursor);
  while (reading.read == NULL)
    g_main_context_iteration (NULL, TRUE);
  assert_extents (self, reading.read, 0);
  g_ptr_array_unref (reading.read);
  support_await_end (&weak);
  assert_image_is_free (self);
}

static void
test_in_a_callback (Fixture *self, gconstpointer with_images)
{
  Reading reading = { NULL, open_cursor (self->checkpoint) };

  vck_extent_cursor_read_async (reading.cursor, 5, NULL, read_cb, &reading);
  while (reading.read == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (reading.cursor);
  assert_extents (self, reading.read, 0);
  g_ptr_array_unref (reading.read);
  assert_image_is_free (self);
}

typedef struct
{
  VckExtentCursor *cursor;
  VckCheckpointPlan *plan;
  guint n_calls;
} Held;

static void
drop_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  Held *held = data;

  held->n_calls++;
  g_clear_object (&held->cursor);
  g_clear_object (&held->plan);
}

static void
test_in_a_handler (Fixture *self, gconstpointer with_images)
{
  g_autoptr (VckCheckpoint) created = NULL;
  Held held = { NULL, plan (self->backend.domain), 0 };

  held.cursor = open_cursor (self->checkpoint);
  g_ptr_array_unref (read_some (held.cursor, 1000));
  g_signal_connect (self->backend.domain, "checkpoint-added", G_CALLBACK (drop_cb), &held);
  created = support_create (self->backend.domain, "tuesday");
  while (held.n_calls == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (held.cursor);
  g_signal_handlers_disconnect_by_data (self->backend.domain, &held);
  assert_image_is_free (self);
}

/* --- after closing --- */

static void
test_after_close (Fixture *self, gconstpointer with_images)
{
  g_autoptr (VckExtentCursor) cursor = open_cursor (self->checkpoint);
  g_autoptr (VckCheckpointPlan) planned = plan (self->backend.domain);
  g_autoptr (GPtrArray) read = read_some (cursor, 3);
  g_autoptr (GError) error = NULL;

  assert_extents (self, read, 0);
  g_assert_true (vck_connection_close (self->backend.connection, &error));
  for (guint i = 0; i < 2; i++)
    {
      g_assert_null (vck_extent_cursor_read (cursor, 1, NULL, &error));
      support_assert_error (error, VCK_ERROR_NO_CONNECT);
    }
  g_assert_cmpuint (vck_extent_cursor_get_dirty_bytes (cursor), ==, read->len * GRANULARITY);
  assert_plan (planned);
  g_assert_null (vck_checkpoint_open_extents (self->checkpoint, "vda", 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  g_assert_null (vck_domain_plan_checkpoint (self->backend.domain, NULL, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  g_clear_object (&cursor);
  assert_image_is_free (self);
}

/* Or the other tests would see nothing. */
static void
test_holds_its_image (Fixture *self, gconstpointer with_images)
{
  g_autoptr (VckExtentCursor) cursor = open_cursor (self->checkpoint);

  g_assert_false (can_write (self->backend.images[0]));
  g_clear_object (&cursor);
  g_assert_true (can_write (self->backend.images[0]));
}

/* A cursor at its end holds nothing, and says each time that this is the end. */
static void
test_after_the_end (Fixture *self, gconstpointer with_images)
{
  g_autoptr (VckExtentCursor) cursor = open_cursor (self->checkpoint);
  g_autoptr (GPtrArray) read = read_some (cursor, 1000);

  assert_extents (self, read, 0);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) none = read_some (cursor, 1);

      g_assert_cmpuint (none->len, ==, 0);
    }
  assert_image_is_free (self);
  g_assert_cmpuint (vck_extent_cursor_get_dirty_bytes (cursor), ==, read->len * GRANULARITY);
}

/* --- cancelling --- */

/* A read returns what it has read or is cancelled before it begins: nothing is lost. */
static void
test_cancel_read (Fixture *self, gconstpointer with_images)
{
  g_autoptr (VckExtentCursor) cursor = open_cursor (self->checkpoint);
  guint n_read = 0;

  for (guint i = 0; i < N_MOMENTS; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) read = NULL;
      GThread *thread = support_cancel_after (cancellable, i * 20);

      read = vck_extent_cursor_read (cursor, 1, cancellable, &error);
      g_thread_join (thread);
      if (read == NULL)
        {
          support_assert_cancelled (&error);
          continue;
        }
      assert_extents (self, read, n_read);
      n_read += read->len;
    }
  g_autoptr (GPtrArray) rest = read_some (cursor, 1000);
  assert_extents (self, rest, n_read);
  g_assert_cmpuint (n_read + rest->len, ==, self->extents->len);
}

/* A cursor that comes too late is dropped by the call, and a plan changes nothing. */
static void
test_cancel_open (Fixture *self, gconstpointer with_images)
{
  for (guint i = 0; i < N_MOMENTS; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (VckExtentCursor) cursor = NULL;
      g_autoptr (VckCheckpointPlan) planned = NULL;
      GThread *thread = support_cancel_after (cancellable, i * 100);

      cursor = vck_checkpoint_open_extents (self->checkpoint, "vda", 0, cancellable, &error);
      if (cursor == NULL)
        support_assert_cancelled (&error);
      planned = vck_domain_plan_checkpoint (self->backend.domain, NULL, 0, cancellable, &error);
      if (planned == NULL)
        support_assert_cancelled (&error);
      g_thread_join (thread);
    }
  assert_image_is_free (self);
  g_assert_cmpint (vck_domain_count_checkpoints (self->backend.domain, 0, NULL, NULL), ==, 1);
}

/* --- threads --- */

typedef struct
{
  Fixture *fixture;
  VckExtentCursor *shared;
  GMutex *lock;
  GHashTable *offsets; /* under lock */
} Worker;

static void
note (Worker *worker, const GPtrArray *read)
{
  g_mutex_lock (worker->lock);
  for (guint i = 0; i < read->len; i++)
    {
      const VckExtent *extent = read->pdata[i];

      g_assert_true (g_hash_table_add (worker->offsets, GSIZE_TO_POINTER (extent->offset + 1)));
    }
  g_mutex_unlock (worker->lock);
}

/* Reads one by one from the cursor of all threads, to its end. */
static void
read_shared (Worker *worker)
{
  for (gboolean end = FALSE; !end;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) read = vck_extent_cursor_read (worker->shared, 1, NULL, &error);

      if (read == NULL)
        {
          support_assert_error (error, VCK_ERROR_BUSY);
          g_thread_yield ();
          continue;
        }
      note (worker, read);
      end = read->len == 0;
    }
}

static gpointer
work_thread (gpointer data)
{
  Worker *worker = data;
  Fixture *self = worker->fixture;
  g_autoptr (VckExtentCursor) own = open_cursor (self->checkpoint);
  g_autoptr (VckCheckpointPlan) planned = plan (self->backend.domain);
  g_autoptr (GPtrArray) read = read_some (own, 1000);

  assert_plan (planned);
  assert_extents (self, read, 0);
  g_assert_cmpuint (read->len, ==, self->extents->len);
  read_shared (worker);
  return NULL;
}

/* Each thread has a cursor and a plan of its own, and all of them read from one: each extent is
 * read once. */
static void
test_threads (Fixture *self, gconstpointer with_images)
{
  g_autoptr (VckExtentCursor) shared = open_cursor (self->checkpoint);
  g_autoptr (GHashTable) offsets = g_hash_table_new (NULL, NULL);
  GThread *threads[N_THREADS];
  GMutex lock;
  Worker worker = { self, shared, &lock, offsets };

  g_mutex_init (&lock);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("worker", work_thread, &worker);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_mutex_clear (&lock);
  g_assert_cmpuint (g_hash_table_size (offsets), ==, self->extents->len);
  g_assert_cmpuint (vck_extent_cursor_get_dirty_bytes (shared), ==,
                    self->extents->len * GRANULARITY);
  assert_image_is_free (self);
}

#define ADD(name, function)                                                                        \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_test_add ("/vck/cursor-lives/" name "/memory", Fixture, NULL, set_up, function, tear_down);  \
    g_test_add ("/vck/cursor-lives/" name "/local", Fixture, "images", set_up, function,           \
                tear_down);                                                                        \
  }                                                                                                \
  G_STMT_END

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/vck/cursor-lives/holds-its-image/local", Fixture, "images", set_up,
              test_holds_its_image, tear_down);
  ADD ("during-a-call", test_during_a_call);
  ADD ("in-a-callback", test_in_a_callback);
  ADD ("in-a-handler", test_in_a_handler);
  ADD ("after-close", test_after_close);
  ADD ("after-the-end", test_after_the_end);
  ADD ("cancel-read", test_cancel_read);
  ADD ("cancel-open", test_cancel_open);
  ADD ("threads", test_threads);
  return g_test_run ();
}
