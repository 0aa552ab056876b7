/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Lives of repositories, backups, plans of backups and mounts: the last reference, closing,
 * cancelling and threads, as docs/threads.md says. */

#include "backend.h"

#include "../core/local/image-fixture.h"

#include <gio/gunixsocketaddress.h>

#define N_MOMENTS 12
#define N_THREADS 8
#define WRITTEN (4 * 65536)

typedef struct
{
  Backend backend;
  char *folder; /* of the repository, and of files that are made */
  char *store;
  VckRepository *repository;
  VckBackup *backup; /* a first one */
} Fixture;

static VckRepository *
open_repository (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  VckRepository *repository =
      vck_repository_open (self->store, VCK_REPOSITORY_CREATE, NULL, &error);

  g_assert_no_error (error);
  return repository;
}

static void
set_up (Fixture *self, gconstpointer with_images)
{
  g_autoptr (GError) error = NULL;

  backend_set_up (&self->backend, with_images);
  backend_write (&self->backend, WRITTEN);
  self->folder = image_fixture_new ();
  self->store = g_build_filename (self->folder, "store", NULL);
  self->repository = open_repository (self);
  self->backup = vck_repository_backup (self->repository, self->backend.domain, "first", 0, 0, 0,
                                        NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer with_images)
{
  g_object_unref (self->backup);
  g_object_unref (self->repository);
  backend_tear_down (&self->backend, with_images);
  g_free (self->store);
  image_fixture_remove (self->folder);
}

static char *
new_file (Fixture *self, const char *name, guint number)
{
  return g_strdup_printf ("%s/%s.%u", self->folder, name, number);
}

static gboolean
exists (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static VckMount *
mount (VckRepository *repository, VckBackup *backup, const char *socket)
{
  g_autoptr (GError) error = NULL;
  VckMount *mounted = vck_repository_mount (repository, backup, socket, NULL, &error);

  g_assert_no_error (error);
  return mounted;
}

/* An NBD server listens at the socket. */
static void
assert_served (const char *socket)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  char greeting[8];

  g_assert_no_error (error);
  g_assert_true (g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                                          greeting, sizeof greeting, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (greeting, sizeof greeting, "NBDMAGIC", 8);
}

/* --- the last reference --- */

typedef struct
{
  guint n_left;
  GPtrArray *made; /* what calls returned */
} Calls;

static void
keep (Calls *calls, gpointer made, GError *error)
{
  g_assert_no_error (error);
  g_assert_nonnull (made);
  g_ptr_array_add (calls->made, made);
  calls->n_left--;
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) backups =
      vck_repository_list_backups_finish (VCK_REPOSITORY (source), result, &error);

  g_assert_no_error (error);
  keep (data, g_object_ref (backups->pdata[0]), NULL);
}

static void
mounted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  VckMount *mounted = vck_repository_mount_finish (VCK_REPOSITORY (source), result, &error);

  keep (data, mounted, error);
}

static void
planned_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  VckBackupPlan *plan = vck_repository_plan_backup_finish (VCK_REPOSITORY (source), result, &error);

  keep (data, plan, error);
}

static void
backed_up_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  VckBackup *backup = vck_repository_backup_finish (VCK_REPOSITORY (source), result, &error);

  keep (data, backup, error);
}

static void
restored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (vck_repository_restore_finish (VCK_REPOSITORY (source), result, &error));
  keep (data, g_object_ref (source), error);
}

static void
wait_for (const Calls *calls)
{
  while (calls->n_left > 0)
    g_main_context_iteration (NULL, TRUE);
}

/* Calls hold the repository, the backup and the domain that they are about, and let go of them. */
static void
test_during_calls (Fixture *self, gconstpointer with_images)
{
  g_autofree char *to = new_file (self, "to", 1);
  g_autofree char *socket = new_file (self, "socket", 1);
  g_autofree char *id = g_strdup (vck_backup_get_id (self->backup));
  g_autoptr (GError) error = NULL;
  VckConnection *connection = vck_connection_open (self->backend.uri, 0, NULL, &error);
  VckDomain *domain = vck_connection_lookup_domain_by_name (connection, "guest", NULL, &error);
  VckRepository *repository = open_repository (self);
  VckBackup *backup =
      vck_repository_lookup_backup (repository, vck_domain_get_uuid (domain), id, NULL, &error);
  Calls calls = { 5, g_ptr_array_new_with_free_func (g_object_unref) };
  GWeakRef weak[4];

  g_assert_no_error (error);
  g_weak_ref_init (&weak[0], connection);
  g_weak_ref_init (&weak[1], domain);
  g_weak_ref_init (&weak[2], repository);
  g_weak_ref_init (&weak[3], backup);
  vck_repository_plan_backup_async (repository, domain, 0, 0, 0, NULL, planned_cb, &calls);
  vck_repository_list_backups_async (repository, vck_domain_get_uuid (domain), NULL, listed_cb,
                                     &calls);
  vck_repository_mount_async (repository, backup, socket, NULL, mounted_cb, &calls);
  vck_repository_restore_async (repository, backup, "vda", to, 0, NULL, restored_cb, &calls);
  vck_repository_backup_async (repository, domain, "second", 0, 0, 0, NULL, backed_up_cb, &calls);
  g_object_unref (connection);
  g_object_unref (domain);
  g_object_unref (repository);
  g_object_unref (backup);
  wait_for (&calls);

  g_assert_true (exists (to));
  assert_served (socket);
  g_ptr_array_unref (calls.made);
  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    support_await_end (&weak[i]);
  g_assert_false (exists (socket));
  g_assert_cmpint (vck_repository_count_backups (
                       self->repository, vck_domain_get_uuid (self->backend.domain), NULL, NULL),
                   ==, 2);
}

typedef struct
{
  VckRepository *repository;
  VckBackup *backup;
  VckBackupPlan *plan;
  VckMount *mount;
  GWeakRef weak[4];
  guint n_calls;
} Held;

static void
drop_cb (VckDomain *domain, VckCheckpoint *checkpoint, gpointer data)
{
  Held *held = data;

  held->n_calls++;
  g_clear_object (&held->repository);
  g_clear_object (&held->backup);
  g_clear_object (&held->plan);
  g_clear_object (&held->mount);
}

/* While the repository is at it. */
static void
test_in_a_handler (Fixture *self, gconstpointer with_images)
{
  g_autofree char *socket = new_file (self, "socket", 1);
  g_autoptr (GError) error = NULL;
  Calls calls = { 1, g_ptr_array_new_with_free_func (g_object_unref) };
  Held held = { .repository = open_repository (self) };

  held.plan =
      vck_repository_plan_backup (held.repository, self->backend.domain, 0, 0, 0, NULL, &error);
  g_assert_no_error (error);
  held.backup =
      vck_repository_lookup_backup (held.repository, vck_domain_get_uuid (self->backend.domain),
                                    vck_backup_get_id (self->backup), NULL, &error);
  g_assert_no_error (error);
  held.mount = mount (held.repository, held.backup, socket);
  g_weak_ref_init (&held.weak[0], held.repository);
  g_weak_ref_init (&held.weak[1], held.backup);
  g_weak_ref_init (&held.weak[2], held.plan);
  g_weak_ref_init (&held.weak[3], held.mount);
  g_signal_connect (self->backend.domain, "checkpoint-added", G_CALLBACK (drop_cb), &held);
  vck_repository_backup_async (held.repository, self->backend.domain, NULL, 0, 0, 0, NULL,
                               backed_up_cb, &calls);
  while (held.n_calls == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (exists (socket));
  wait_for (&calls);
  g_ptr_array_unref (calls.made);
  for (guint i = 0; i < G_N_ELEMENTS (held.weak); i++)
    support_await_end (&held.weak[i]);
  g_assert_cmpuint (held.n_calls, ==, 1);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (vck_mount_close_finish (VCK_MOUNT (source), result, &error));
  g_assert_no_error (error);
  ++*(guint *) data;
}

/* Closing holds the mount, and without closing, the last reference ends it. */
static void
test_of_a_mount (Fixture *self, gconstpointer with_images)
{
  g_autofree char *socket = new_file (self, "socket", 1);
  VckMount *mounted = mount (self->repository, self->backup, socket);
  guint n_closed = 0;

  assert_served (socket);
  vck_mount_close_async (mounted, NULL, closed_cb, &n_closed);
  g_object_unref (mounted);
  while (n_closed == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (exists (socket));

  mounted = mount (self->repository, self->backup, socket);
  assert_served (socket);
  support_assert_dies (mounted);
  g_assert_false (exists (socket));
  image_fixture_assert_no_child ();
}

/* --- after closing --- */

/* Plans keep what they say, and reading the repository needs no connection. */
static void
test_after_close (Fixture *self, gconstpointer with_images)
{
  g_autofree char *to = new_file (self, "to", 1);
  g_autofree char *socket = new_file (self, "socket", 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckBackupPlan) plan =
      vck_repository_plan_backup (self->repository, self->backend.domain, 0, 0, 0, NULL, &error);
  g_autoptr (VckMount) mounted = mount (self->repository, self->backup, socket);
  g_autoptr (GPtrArray) disks = NULL;

  g_assert_no_error (error);
  g_assert_true (vck_connection_close (self->backend.connection, &error));
  disks = vck_backup_plan_list_disks (plan);
  g_assert_cmpuint (disks->len, ==, 2);
  g_assert_cmpstr (vck_backup_plan_disk_get_base (disks->pdata[0]), ==,
                   vck_backup_get_id (self->backup));
  g_assert_null (
      vck_repository_plan_backup (self->repository, self->backend.domain, 0, 0, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  g_assert_null (
      vck_repository_backup (self->repository, self->backend.domain, NULL, 0, 0, 0, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  g_assert_true (
      vck_repository_restore (self->repository, self->backup, "vda", to, 0, NULL, &error));
  g_assert_no_error (error);
  assert_served (socket);
}

/* A mount that is closed keeps its name, and the name can be used again. */
static void
test_after_close_of_a_mount (Fixture *self, gconstpointer with_images)
{
  g_autofree char *socket = new_file (self, "socket", 1);
  g_autoptr (VckMount) first = mount (self->repository, self->backup, socket);
  g_autoptr (VckMount) second = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (vck_repository_mount (self->repository, self->backup, socket, NULL, &error));
  support_assert_error (error, VCK_ERROR_OPERATION_FAILED);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (vck_mount_close (first, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (vck_mount_get_socket (first), ==, socket);
      g_assert_false (exists (socket));
    }
  second = mount (self->repository, self->backup, socket);
  g_assert_true (vck_mount_close (first, NULL, &error));
  assert_served (socket);
}

/* --- cancelling --- */

/* Makes a call; returns whether it was made, or else it was cancelled. */
typedef gboolean (*CancelledCall) (Fixture *self,
                                   guint number,
                                   GCancellable *cancellable,
                                   GError **error);

/* Makes the call once to the end, and then once for each part of the time that this took, when it
 * is cancelled; returns how many were made. */
static guint
cancel_at_moments (Fixture *self, CancelledCall call)
{
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  gint64 duration;
  guint n_made = 1;

  g_assert_true (call (self, 0, NULL, &error));
  g_assert_no_error (error);
  duration = g_get_monotonic_time () - start;
  for (guint i = 1; i <= N_MOMENTS; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      GThread *thread = support_cancel_after (cancellable, duration * i / N_MOMENTS);

      if (call (self, i, cancellable, &error))
        n_made++;
      else
        support_assert_cancelled (&error);
      g_thread_join (thread);
    }
  return n_made;
}

static gboolean
back_up (Fixture *self, guint number, GCancellable *cancellable, GError **error)
{
  g_autoptr (VckBackup) backup = vck_repository_backup (self->repository, self->backend.domain,
                                                        NULL, 0, 0, 0, cancellable, error);

  return backup != NULL;
}

/* What the next backup of vda would be based on. */
static char *
find_base (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckBackupPlan) planned =
      vck_repository_plan_backup (self->repository, self->backend.domain, 0, 0, 0, NULL, &error);
  g_autoptr (GPtrArray) disks = NULL;

  g_assert_no_error (error);
  disks = vck_backup_plan_list_disks (planned);
  return g_strdup (vck_backup_plan_disk_get_base (disks->pdata[0]));
}

/* Each backup is there with its checkpoint or not at all: nothing is found to be wrong, and the
 * next one is based on the last. */
static void
test_cancel_backup (Fixture *self, gconstpointer with_images)
{
  const char *uuid = vck_domain_get_uuid (self->backend.domain);
  guint n_made = 1 + cancel_at_moments (self, back_up);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autoptr (GPtrArray) findings = NULL;
  g_autofree char *base = NULL;

  g_assert_true (vck_repository_recover (self->repository, self->backend.domain, NULL, &error));
  g_assert_no_error (error);
  backups = vck_repository_list_backups (self->repository, uuid, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (backups->len, ==, n_made);
  findings = vck_repository_verify (self->repository, uuid, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (findings->len, ==, 0);
  base = find_base (self);
  g_assert_cmpstr (base, ==, vck_backup_get_id (backups->pdata[n_made - 1]));
}

static gboolean
restore (Fixture *self, guint number, GCancellable *cancellable, GError **error)
{
  g_autofree char *to = new_file (self, "restored", number);
  gboolean made =
      vck_repository_restore (self->repository, self->backup, "vda", to, 0, cancellable, error);

  g_assert_cmpint (made, ==, exists (to));
  return made;
}

/* The files are there or not, and nothing else is left beside them. */
static void
test_cancel_restore (Fixture *self, gconstpointer with_images)
{
  guint n_made = cancel_at_moments (self, restore);
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, NULL);
  guint n_files = 0;

  for (const char *name; (name = g_dir_read_name (folder)) != NULL;)
    n_files += g_str_has_prefix (name, "restored.") || g_str_has_prefix (name, ".");
  g_assert_cmpuint (n_files, ==, n_made);
}

static gboolean
mount_and_close (Fixture *self, guint number, GCancellable *cancellable, GError **error)
{
  g_autofree char *socket = new_file (self, "socket", number);
  g_autoptr (VckMount) mounted =
      vck_repository_mount (self->repository, self->backup, socket, cancellable, error);

  g_assert_cmpint (mounted != NULL, ==, exists (socket));
  if (mounted == NULL)
    return FALSE;
  assert_served (socket);
  if (vck_mount_close (mounted, cancellable, error))
    return TRUE;
  assert_served (socket);
  return FALSE;
}

/* Closing is cancelled before it begins or not at all. */
static void
test_cancel_mount (Fixture *self, gconstpointer with_images)
{
  cancel_at_moments (self, mount_and_close);
  image_fixture_assert_no_child ();
}

static gboolean
plan (Fixture *self, guint number, GCancellable *cancellable, GError **error)
{
  g_autoptr (VckBackupPlan) planned = vck_repository_plan_backup (
      self->repository, self->backend.domain, 0, 0, 0, cancellable, error);

  return planned != NULL;
}

static void
test_cancel_plan (Fixture *self, gconstpointer with_images)
{
  cancel_at_moments (self, plan);
  g_assert_true (back_up (self, 0, NULL, NULL));
}

/* --- threads --- */

typedef struct
{
  Fixture *fixture;
  VckMount *shared;
  guint number;
} Worker;

/* Backs up itself, or is refused as another thread is at it; everything else works. */
static gpointer
work_thread (gpointer data)
{
  Worker *worker = data;
  Fixture *self = worker->fixture;
  g_autofree char *to = new_file (self, "to", worker->number);
  g_autofree char *socket = new_file (self, "socket", worker->number);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckMount) own = mount (self->repository, self->backup, socket);
  g_autoptr (VckBackup) made = NULL;

  assert_served (socket);
  g_assert_true (plan (self, 0, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (
      vck_repository_restore (self->repository, self->backup, "vda", to, 0, NULL, &error));
  g_assert_no_error (error);
  made =
      vck_repository_backup (self->repository, self->backend.domain, NULL, 0, 0, 0, NULL, &error);
  if (made == NULL)
    support_assert_error (error, VCK_ERROR_BUSY);
  g_assert_true (vck_mount_close (worker->shared, NULL, &error));
  g_assert_no_error (error);
  return GINT_TO_POINTER (made != NULL);
}

static void
test_threads (Fixture *self, gconstpointer with_images)
{
  g_autofree char *socket = new_file (self, "shared", 1);
  g_autoptr (VckMount) shared = mount (self->repository, self->backup, socket);
  Worker workers[N_THREADS];
  GThread *threads[N_THREADS];
  int n_made = 1;

  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ self, shared, i };
      threads[i] = g_thread_new ("worker", work_thread, &workers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    n_made += GPOINTER_TO_INT (g_thread_join (threads[i]));
  g_assert_cmpint (n_made, >, 1);
  g_assert_cmpint (vck_repository_count_backups (
                       self->repository, vck_domain_get_uuid (self->backend.domain), NULL, NULL),
                   ==, n_made);
  g_assert_false (exists (socket));
  image_fixture_assert_no_child ();
}

#define ADD(name, function)                                                                        \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_test_add ("/vck/repository-lives/" name "/memory", Fixture, NULL, set_up, function,          \
                tear_down);                                                                        \
    g_test_add ("/vck/repository-lives/" name "/local", Fixture, "images", set_up, function,       \
                tear_down);                                                                        \
  }                                                                                                \
  G_STMT_END

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("during-calls", test_during_calls);
  ADD ("in-a-handler", test_in_a_handler);
  ADD ("of-a-mount", test_of_a_mount);
  ADD ("after-close", test_after_close);
  ADD ("after-close-of-a-mount", test_after_close_of_a_mount);
  ADD ("cancel-backup", test_cancel_backup);
  ADD ("cancel-restore", test_cancel_restore);
  ADD ("cancel-mount", test_cancel_mount);
  ADD ("cancel-plan", test_cancel_plan);
  ADD ("threads", test_threads);
  return g_test_run ();
}
