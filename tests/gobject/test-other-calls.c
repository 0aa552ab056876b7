/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Calls that no other scenario has, on memory: and on local:, as in every language: see
 * tests/languages/scenario.md. */

#include "backend.h"

#include <string.h>

#include <glib/gstdio.h>

#include "../core/local/image-fixture.h"

static void
note_open_cb (VckConnection *connection, GParamSpec *pspec, GString *seen)
{
  g_string_append (seen, vck_connection_is_open (connection) ? "open " : "not-open ");
}

static void
note_closed_cb (VckConnection *connection, VckCloseReason reason, GString *seen)
{
  g_string_append (seen, "closed");
}

static void
test_property (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckConnection) connection = vck_connection_new (self->uri, 0);
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (connection, "notify::is-open", G_CALLBACK (note_open_cb), seen);
  g_signal_connect (connection, "closed", G_CALLBACK (note_closed_cb), seen);
  g_assert_true (g_initable_init (G_INITABLE (connection), NULL, &error));
  g_assert_no_error (error);
  g_assert_true (vck_connection_is_open (connection));
  while (seen->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (seen->str, ==, "open ");
  g_assert_true (vck_connection_close (connection, &error));
  g_assert_no_error (error);
  g_assert_false (vck_connection_is_open (connection));
  while (strstr (seen->str, "closed") == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (seen->str, ==, "open not-open closed");
}

static gboolean
close_in_background (VckConnection *connection, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  vck_connection_close_async (connection, cancellable, support_result_cb, &slot);
  result = support_wait (&slot);
  return vck_connection_close_finish (connection, result, error);
}

static void
test_background (Backend *self, gconstpointer with_images)
{
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 2; i++)
    {
      g_assert_true (close_in_background (self->connection, NULL, &error));
      g_assert_no_error (error);
      g_assert_false (vck_connection_is_open (self->connection));
    }
}

static void
test_cancelled (Backend *self, gconstpointer with_images)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (close_in_background (self->connection, cancellable, &error));
  support_assert_cancelled (&error);
  g_assert_true (vck_connection_is_open (self->connection));
}

static void
test_unopened (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckConnection) connection = vck_connection_new (self->uri, 0);
  g_autoptr (GError) error = NULL;

  g_assert_false (close_in_background (connection, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_CONNECT);
}

static void
test_open (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckConnection) connection = vck_connection_new (self->uri, 0);
  g_autoptr (GError) error = NULL;

  g_assert_false (vck_connection_is_open (connection));
  g_assert_cmpint (vck_connection_count_domains (connection, 0, NULL, &error), ==, -1);
  support_assert_error (error, VCK_ERROR_INVALID_CONNECT);
  g_assert_true (g_initable_init (G_INITABLE (connection), NULL, &error));
  g_assert_no_error (error);
  g_assert_true (vck_connection_is_open (connection));
  for (int i = 0; i < 2; i++)
    g_assert_true (vck_connection_close (connection, NULL));
  g_assert_false (vck_connection_is_open (connection));
  g_assert_cmpint (vck_connection_count_domains (connection, 0, NULL, &error), ==, -1);
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
}

static gboolean
is_listed (Backend *self, VckDomainListFlags flags)
{
  g_autoptr (GPtrArray) domains = vck_connection_list_domains (self->connection, flags, NULL, NULL);

  g_assert_cmpint (vck_connection_count_domains (self->connection, flags, NULL, NULL), ==,
                   domains->len);
  return g_ptr_array_find (domains, self->domain, NULL);
}

static void
test_domains (Backend *self, gconstpointer with_images)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VckDomain) by_name =
      vck_connection_lookup_domain_by_name (self->connection, "guest", NULL, NULL);
  g_autoptr (VckDomain) by_uuid = vck_connection_lookup_domain_by_uuid (
      self->connection, vck_domain_get_uuid (self->domain), NULL, NULL);

  g_assert_true (by_name == self->domain && by_uuid == self->domain);
  g_assert_true (is_listed (self, 0));
  g_assert_true (is_listed (self, VCK_DOMAIN_LIST_INACTIVE));
  g_assert_false (is_listed (self, VCK_DOMAIN_LIST_ACTIVE));
  g_assert_null (vck_connection_lookup_domain_by_uuid (self->connection, "x", NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_ARG);
}

static void
test_counts (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckCheckpoint) first = support_create (self->domain, "first");
  g_autoptr (VckCheckpoint) second = support_create (self->domain, "second");

  g_assert_cmpint (vck_domain_count_disks (self->domain, NULL, NULL), ==, 2);
  g_assert_cmpint (vck_checkpoint_count_disks (first, 0, NULL, NULL), ==, 2);
  g_assert_cmpint (vck_checkpoint_count_children (first, 0, NULL, NULL), ==, 1);
  g_assert_cmpint (vck_checkpoint_count_children (second, 0, NULL, NULL), ==, 0);
}

static void
test_documents (Backend *self, gconstpointer with_images)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = vck_domain_get_xml_desc (self->domain, 0, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (xml, "<name>guest</name>"));
  g_assert_null (vck_domain_get_backup_xml (self->domain, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_BACKUP);
}

static void
test_measure (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckCheckpoint) first = support_create (self->domain, "first");
  g_autoptr (GPtrArray) disks = NULL;
  g_autoptr (GError) error = NULL;

  backend_write (self, 1);
  disks = vck_domain_measure_checkpoints (self->domain, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (disks->len, ==, 2);
  for (guint i = 0; i < disks->len; i++)
    {
      VckCheckpointDisk *disk = g_ptr_array_index (disks, i);
      const gint64 written = i == 0 && with_images != NULL ? 65536 : 0;

      g_assert_cmpstr (vck_checkpoint_disk_get_checkpoint (disk), ==, "first");
      g_assert_cmpint (vck_checkpoint_disk_get_size (disk), ==, written);
    }
  g_assert_true (vck_domain_refresh (self->domain, NULL, &error));
  g_assert_no_error (error);
}

/* "vda second" of those with that owner; what all have is checked. */
static char *
describe_bitmaps (Backend *self, GPtrArray *bitmaps, VckBitmapOwner owner)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < bitmaps->len; i++)
    {
      VckBitmap *bitmap = g_ptr_array_index (bitmaps, i);
      const gboolean on_vda = g_str_equal (vck_bitmap_get_disk (bitmap), "vda");

      g_assert_cmpstr (vck_bitmap_get_image (bitmap), ==, self->images[on_vda ? 0 : 1]);
      g_assert_cmpint (vck_bitmap_get_granularity (bitmap), ==, 65536);
      g_assert_cmpint (vck_bitmap_get_size (bitmap), ==,
                       on_vda && self->folder != NULL ? 65536 : 0);
      g_assert_true (vck_bitmap_is_recording (bitmap) && vck_bitmap_is_persistent (bitmap));
      g_assert_false (vck_bitmap_is_inconsistent (bitmap) || vck_bitmap_is_busy (bitmap));
      if (owner == VCK_BITMAP_OWNER_CHECKPOINT && vck_bitmap_get_owner (bitmap) == owner)
        g_assert_cmpstr (vck_bitmap_get_checkpoint (bitmap), ==, vck_bitmap_get_name (bitmap));
      if (vck_bitmap_get_owner (bitmap) == owner)
        g_string_append_printf (names, "%s %s ", vck_bitmap_get_disk (bitmap),
                                vck_bitmap_get_name (bitmap));
    }
  return g_string_free (names, FALSE);
}

static void
test_bitmaps (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckCheckpoint) first = support_create (self->domain, "first");
  g_autoptr (VckCheckpoint) second = support_create (self->domain, "second");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) bitmaps = NULL;
  g_autofree char *owned = NULL;
  g_autofree char *left = NULL;
  g_autoptr (GError) error = NULL;

  backend_write (self, 1);
  g_assert_true (vck_checkpoint_delete (first, VCK_CHECKPOINT_DELETE_METADATA_ONLY, NULL, &error));
  bitmaps = vck_domain_list_bitmaps (self->domain, VCK_BITMAP_LIST_BACKING, NULL, &error);
  g_assert_no_error (error);
  owned = describe_bitmaps (self, bitmaps, VCK_BITMAP_OWNER_CHECKPOINT);
  left = describe_bitmaps (self, bitmaps, VCK_BITMAP_OWNER_ORPHAN);
  g_assert_cmpstr (owned, ==, "vda second vdb second ");
  g_assert_cmpstr (left, ==, "vda first vdb first ");
  g_cancellable_cancel (cancellable);
  g_assert_null (vck_domain_list_bitmaps (self->domain, 0, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_true (vck_connection_close (self->connection, &error));
  g_assert_null (vck_domain_list_bitmaps (self->domain, 0, NULL, &error));
  g_assert_error (error, VCK_ERROR, VCK_ERROR_NO_CONNECT);
}

/* A bitmap of another program, and then an image that is not there. */
static void
test_foreign_bitmap (Backend *self, gconstpointer with_images)
{
  const char *const add[] = { "qemu-img", "bitmap", "--add", self->images[1], "other", NULL };
  g_autoptr (GPtrArray) bitmaps = NULL;
  g_autoptr (GError) error = NULL;
  VckBitmap *bitmap;

  g_free (image_fixture_run (add));
  bitmaps = vck_domain_list_bitmaps (self->domain, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (bitmaps->len, ==, 1);
  bitmap = g_ptr_array_index (bitmaps, 0);
  g_assert_cmpstr (vck_bitmap_get_name (bitmap), ==, "other");
  g_assert_cmpint (vck_bitmap_get_owner (bitmap), ==, VCK_BITMAP_OWNER_FOREIGN);
  g_assert_null (vck_bitmap_get_checkpoint (bitmap));
  image_fixture_abandon (self->images[1]);
  g_ptr_array_unref (bitmaps);
  bitmaps = vck_domain_list_bitmaps (self->domain, 0, NULL, &error);
  g_assert_no_error (error);
  bitmap = g_ptr_array_index (bitmaps, 0);
  g_assert_true (vck_bitmap_is_inconsistent (bitmap));
  g_assert_cmpint (vck_bitmap_get_size (bitmap), ==, -1);
  g_assert_cmpint (g_unlink (self->images[1]), ==, 0);
  g_assert_null (vck_domain_list_bitmaps (self->domain, 0, NULL, &error));
  g_assert_error (error, VCK_ERROR, VCK_ERROR_OPERATION_FAILED);
  g_assert_nonnull (strstr (error->message, "disk 'vdb'"));
}

/* The names of the rows, and whether they are the objects that calls return. */
static char *
describe_rows (VckDomain *domain, VckCheckpointList *list)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (VckCheckpoint) row = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_autoptr (VckCheckpoint) found =
          vck_domain_lookup_checkpoint (domain, vck_checkpoint_get_name (row), NULL, NULL);

      g_string_append_printf (names, "%s%s ", vck_checkpoint_get_name (row),
                              found == row ? "" : "?");
    }
  return g_string_free (names, FALSE);
}

static void
assert_rows (Backend *self, VckCheckpointList *list, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = NULL;

  g_assert_true (vck_checkpoint_list_load (list, NULL, &error));
  g_assert_no_error (error);
  rows = describe_rows (self->domain, list);
  g_assert_cmpstr (rows, ==, expected);
}

static void
test_lists (Backend *self, gconstpointer with_images)
{
  g_autoptr (VckCheckpoint) first = support_create (self->domain, "first");
  g_autoptr (VckCheckpoint) second = support_create (self->domain, "second");
  g_autoptr (VckCheckpointList) checkpoints = vck_domain_get_checkpoints (self->domain);
  g_autoptr (VckDomainList) domains = vck_connection_get_domains (self->connection);
  g_autoptr (GError) error = NULL;
  guint n_domains;

  assert_rows (self, checkpoints, "first second ");
  support_delete (first, 0);
  assert_rows (self, checkpoints, "second ");
  g_assert_true (vck_domain_list_load (domains, NULL, &error));
  g_assert_no_error (error);
  n_domains = g_list_model_get_n_items (G_LIST_MODEL (domains));
  g_assert_cmpint (vck_connection_count_domains (self->connection, 0, NULL, NULL), ==, n_domains);

  vck_connection_close (self->connection, NULL);
  g_assert_false (vck_domain_list_load (domains, NULL, &error));
  support_assert_error (error, VCK_ERROR_NO_CONNECT);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (domains)), ==, n_domains);
}

static void
assert_mounted (Backend *self, VckRepository *store, VckBackup *backup)
{
  g_autofree char *socket = g_build_filename (self->folder, "socket", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckMount) mount = vck_repository_mount (store, backup, socket, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (vck_mount_get_socket (mount), ==, socket);
  g_assert_true (g_file_test (socket, G_FILE_TEST_EXISTS));
  g_assert_true (vck_mount_close (mount, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (socket, G_FILE_TEST_EXISTS));
}

static void
assert_pushes (VckBackupPlan *plan)
{
  VckBackupMode mode = VCK_BACKUP_MODE_PULL;
  g_autofree char *why_pull = NULL;

  g_object_get (plan, "mode", &mode, "why-pull", &why_pull, NULL);
  g_assert_cmpint (mode, ==, VCK_BACKUP_MODE_PUSH);
  g_assert_null (why_pull);
  g_assert_cmpint (vck_backup_plan_get_mode (plan), ==, mode);
  g_assert_null (vck_backup_plan_get_why_pull (plan));
}

static void
test_store (Backend *self, gconstpointer with_images)
{
  g_autofree char *path = g_build_filename (self->folder, "store", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckRepository) store = vck_repository_open (path, VCK_REPOSITORY_CREATE, NULL, &error);
  g_autoptr (VckBackupPlan) plan = NULL;
  g_autoptr (VckBackup) backup = NULL;
  g_autoptr (GPtrArray) findings = NULL;

  g_assert_no_error (error);
  plan = vck_repository_plan_backup (store, self->domain, 0, 0, 0, NULL, &error);
  g_assert_no_error (error);
  assert_pushes (plan);
  backup = vck_repository_backup (store, self->domain, NULL, 0, 0, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (
      vck_repository_count_backups (store, vck_domain_get_uuid (self->domain), NULL, NULL), ==, 1);
  findings = vck_repository_verify (store, NULL, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (findings->len, ==, 0);
  g_assert_true (vck_repository_recover (store, self->domain, NULL, &error));
  g_assert_no_error (error);
  assert_mounted (self, store, backup);
}

/* What Vck.Repository does with the image of a domain that is off. */
static void
test_in_place (Backend *self, gconstpointer with_images)
{
  g_autofree char *path = g_build_filename (self->folder, "store", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (VckRepository) store = vck_repository_open (path, VCK_REPOSITORY_CREATE, NULL, &error);
  g_autoptr (VckBackup) backup =
      vck_repository_backup (store, self->domain, NULL, 0, 0, 0, NULL, &error);
  g_autoptr (GPtrArray) findings = NULL;
  g_autofree char *before = image_fixture_run ((const char *[]){
      "qemu-io", "-r", "-f", "qcow2", "-c", "read -P 0 0 1M", self->images[0], NULL });

  g_assert_no_error (error);
  backend_write (self, 1 << 20);
  g_assert_false (vck_repository_restore_in_place (store, self->domain, backup, "vda",
                                                   VCK_RESTORE_RAW, NULL, &error));
  support_assert_error (error, VCK_ERROR_INVALID_ARG);
  g_assert_true (
      vck_repository_restore_in_place (store, self->domain, backup, "vda", 0, NULL, &error));
  g_assert_no_error (error);
  g_free (image_fixture_run ((const char *[]){ "qemu-io", "-r", "-f", "qcow2", "-c",
                                               "read -P 0 0 1M", self->images[0], NULL }));
  findings = vck_repository_verify_domain (store, self->domain, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (findings->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_BOTH ("/closing/", "property", test_property);
  ADD_BOTH ("/closing/", "background", test_background);
  ADD_BOTH ("/closing/", "cancelled", test_cancelled);
  ADD_BOTH ("/closing/", "unopened", test_unopened);
  ADD_BOTH ("/other-calls/", "open", test_open);
  ADD_BOTH ("/other-calls/", "domains", test_domains);
  ADD_BOTH ("/other-calls/", "counts", test_counts);
  ADD_BOTH ("/other-calls/", "documents", test_documents);
  ADD_BOTH ("/other-calls/", "measure", test_measure);
  ADD_BOTH ("/other-calls/", "bitmaps", test_bitmaps);
  g_test_add ("/other-calls/foreign-bitmap", Backend, "images", backend_set_up, test_foreign_bitmap,
              backend_tear_down);
  ADD_BOTH ("/other-calls/", "lists", test_lists);
  g_test_add ("/other-calls/store", Backend, "images", backend_set_up, test_store,
              backend_tear_down);
  g_test_add ("/other-calls/in-place", Backend, "images", backend_set_up, test_in_place,
              backend_tear_down);

  return g_test_run ();
}
