/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Copies of disks that a real storage daemon exports, compared with what the disks hold. */

#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "../local/assert-error.h"
#include "../local/backup-images.h"
#include "../local/image-fixture.h"
#include "nbd/nbd-copy.h"
#include "nbd/nbd-uri.h"
#include "storage-export.h"

#define EXPORT_NAME "disk"
#define CLUSTER 65536

typedef struct
{
  char *folder;
  char *image;
  char *socket;
  char *uri;
  const BackupForm *form;
  guint64 last;           /* bytes, as the progress of the last copy was reported */
  StorageExport *storage; /* borrowed; the one that kill_cb() kills */
} CopyFixture;

static void
set_up (CopyFixture *fixture, gconstpointer form)
{
  fixture->folder = image_fixture_new ();
  fixture->socket = g_build_filename (fixture->folder, "nbd", NULL);
  fixture->uri = vckc_nbd_make_unix_uri (fixture->socket, EXPORT_NAME);
  fixture->form = form;
  fixture->image = backup_images_make (fixture->folder, "disk", form);
}

static void
tear_down (CopyFixture *fixture, gconstpointer form)
{
  image_fixture_assert_no_child ();
  g_free (fixture->image);
  g_free (fixture->uri);
  g_free (fixture->socket);
  image_fixture_remove (fixture->folder);
}

static void
change_bitmap (CopyFixture *fixture, const char *how)
{
  const char *const argv[] = {
    "qemu-img", "bitmap", how, "-f", "qcow2", fixture->image, "a", NULL
  };

  g_free (image_fixture_run (argv));
}

static bool
count_cb (guint64 bytes, gpointer data, VckcError **err)
{
  CopyFixture *fixture = data;

  g_assert_cmpuint (bytes, >, fixture->last);
  fixture->last = bytes;
  return true;
}

static bool
stop_cb (guint64 bytes, gpointer unused, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_NO_SPACE, "stopped");
  return false;
}

static bool
kill_cb (guint64 bytes, gpointer data, VckcError **err)
{
  CopyFixture *fixture = data;

  storage_export_kill (fixture->storage);
  return count_cb (bytes, data, err);
}

/* Copies to a new file: all of the disk or, with a base, what the bitmap says. */
static gint64
copy (CopyFixture *fixture,
      const char *name,
      const char *base,
      VckcNbdCopyFunc progress,
      VckcError **err)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  const VckcNbdCopy copy = { .from = { .uri = fixture->uri,
                                       .peer = "the storage daemon",
                                       .bitmap = base != NULL ? "a" : NULL,
                                       .capacity = fixture->form->size,
                                       .with_zero = true,
                                       .timeout = VCKC_NBD_TIMEOUT },
                             .fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
                             .path = path,
                             .image = { .virtual_size = fixture->form->size,
                                        .cluster_size = CLUSTER,
                                        .backing_file = base,
                                        .backing_format = "qcow2" },
                             .progress = progress,
                             .opaque = fixture };
  gint64 bytes;

  fixture->last = 0;
  bytes = vckc_nbd_copy (&copy, err);
  close (copy.fd);
  if (bytes >= 0)
    g_assert_cmpuint ((guint64) bytes, ==, fixture->last);
  return bytes;
}

/* The copy is sound and holds what the disk holds. */
static void
assert_copy (CopyFixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  const char *const compare[] = { "qemu-img", "compare", "-q", fixture->image, path, NULL };
  const char *const check[] = { "qemu-img", "check", "-q", "-f", "qcow2", path, NULL };

  image_fixture_run_quietly (check);
  image_fixture_run_quietly (compare);
}

/* A full copy, and two that are based on the one before. */
static void
test_truth (CopyFixture *fixture, gconstpointer form)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261127);
  g_autofree char *last = NULL;

  change_bitmap (fixture, "--add");
  for (guint round = 0; round < 3; round++)
    {
      g_autofree char *name = g_strdup_printf ("copy-%u", round);
      g_autoptr (StorageExport) storage = NULL;
      VckcError *error = NULL;
      gint64 bytes;

      backup_images_change (fixture->image, fixture->form->size, random);
      storage = storage_export_new (fixture->socket, fixture->image, EXPORT_NAME, "a");
      bytes = copy (fixture, name, last, count_cb, &error);
      assert_ok (bytes >= 0, error);
      g_clear_pointer (&storage, storage_export_free);
      g_assert_cmpint (bytes, <=, (gint64) fixture->form->size);
      assert_copy (fixture, name);
      change_bitmap (fixture, "--clear");
      g_free (last);
      last = g_steal_pointer (&name);
    }
}

static void
test_stopped (CopyFixture *fixture, gconstpointer form)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (StorageExport) storage = NULL;
  VckcError *error = NULL;

  backup_images_change (fixture->image, fixture->form->size, random);
  change_bitmap (fixture, "--add");
  storage = storage_export_new (fixture->socket, fixture->image, EXPORT_NAME, "a");
  g_assert_cmpint (copy (fixture, "copy", NULL, stop_cb, &error), ==, -1);
  assert_error (error, VCKC_ERROR_NO_SPACE, "stopped");
}

static void
test_no_server (CopyFixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;

  g_assert_cmpint (copy (fixture, "copy", NULL, NULL, &error), ==, -1);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "the storage daemon cannot be connected to");
}

/* As when the job is aborted elsewhere: with reads under way. */
static void
test_server_ends (CopyFixture *fixture, gconstpointer form)
{
  g_autoptr (StorageExport) storage = NULL;
  VckcError *error = NULL;

  image_fixture_write (fixture->image, 0, fixture->form->size);
  change_bitmap (fixture, "--add");
  storage = storage_export_new (fixture->socket, fixture->image, EXPORT_NAME, "a");
  fixture->storage = storage;
  g_assert_cmpint (copy (fixture, "copy", NULL, kill_cb, &error), ==, -1);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "the storage daemon ended the connection");
  g_assert_cmpuint (fixture->last, <, fixture->form->size / 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < n_backup_forms; i++)
    {
      g_autofree char *path = g_strdup_printf ("/vck/nbd-copy/truth/%u", i);

      g_test_add (path, CopyFixture, &backup_forms[i], set_up, test_truth, tear_down);
    }
  g_test_add ("/vck/nbd-copy/stopped", CopyFixture, &backup_forms[0], set_up, test_stopped,
              tear_down);
  g_test_add ("/vck/nbd-copy/no-server", CopyFixture, &backup_forms[0], set_up, test_no_server,
              tear_down);
  g_test_add ("/vck/nbd-copy/server-ends", CopyFixture, &backup_forms[0], set_up, test_server_ends,
              tear_down);
  return g_test_run ();
}
