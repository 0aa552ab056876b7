/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The changed blocks of an image as a real storage daemon exports them, compared with the truth. */

#include <string.h>

#include "../local/assert-error.h"
#include "../local/image-fixture.h"
#include "assert-extents.h"
#include "nbd/nbd-extents.h"
#include "nbd/nbd-uri.h"
#include "storage-export.h"

#define CLUSTER G_GUINT64_CONSTANT (65536)
#define EXPORT_NAME "a name/with %20"
#define N_CHANGES 400

typedef struct
{
  char *folder;
  char *image;
  char *socket;
  char *uri;
  guint64 capacity;
  GString *commands; /* for qemu-io, so far */
  guint8 *truth;     /* flags of each cluster */
} ExportFixture;

static void
make_image (ExportFixture *fixture, guint64 capacity)
{
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, capacity);
  const char *const argv[] = {
    "qemu-img", "create", "-q", "-f", "qcow2", fixture->image, size, NULL
  };

  g_free (image_fixture_run (argv));
  fixture->capacity = capacity;
  fixture->truth = g_malloc ((capacity + CLUSTER - 1) / CLUSTER);
  memset (fixture->truth, VCKC_EXTENT_ZERO, (capacity + CLUSTER - 1) / CLUSTER);
}

static void
set_up (ExportFixture *fixture, gconstpointer data)
{
  fixture->folder = image_fixture_new ();
  fixture->image = g_build_filename (fixture->folder, "disk.qcow2", NULL);
  fixture->socket = g_build_filename (fixture->folder, "nbd socket", NULL);
  fixture->uri = vckc_nbd_make_unix_uri (fixture->socket, EXPORT_NAME);
  fixture->commands = g_string_new (NULL);
}

static void
tear_down (ExportFixture *fixture, gconstpointer data)
{
  image_fixture_assert_no_child ();
  g_string_free (fixture->commands, TRUE);
  g_free (fixture->truth);
  g_free (fixture->uri);
  g_free (fixture->socket);
  g_free (fixture->image);
  image_fixture_remove (fixture->folder);
}

/* Runs the commands so far. */
static void
run_commands (ExportFixture *fixture)
{
  g_autofree char *script = g_build_filename (fixture->folder, "commands", NULL);
  const char *const argv[] = { "sh",           "-c",   "qemu-io -d unmap -f qcow2 \"$0\" < \"$1\"",
                               fixture->image, script, NULL };
  GError *error = NULL;

  g_file_set_contents (script, fixture->commands->str, -1, &error);
  g_assert_no_error (error);
  g_free (image_fixture_run (argv));
  g_string_truncate (fixture->commands, 0);
}

/* Adds a command on whole clusters, as far as the disk has them. */
static void
change (ExportFixture *fixture, const char *command, guint64 cluster, guint64 n, guint flags)
{
  guint64 offset = cluster * CLUSTER;
  guint64 length = MIN (n * CLUSTER, fixture->capacity - offset);

  g_string_append_printf (fixture->commands, "%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
                          command, offset, length);
  memset (fixture->truth + cluster, (int) flags, (length + CLUSTER - 1) / CLUSTER);
}

static void
change_at_random (ExportFixture *fixture, GRand *random, guint dirty)
{
  const guint64 n_clusters = (fixture->capacity + CLUSTER - 1) / CLUSTER;
  static const struct
  {
    const char *command;
    guint flags;
  } kinds[] = {
    { "write -q", VCKC_EXTENT_DATA },
    { "write -q -z", VCKC_EXTENT_ZERO },
    { "write -q -z -u", VCKC_EXTENT_ZERO },
    { "discard -q", VCKC_EXTENT_ZERO },
  };

  for (guint i = 0; i < N_CHANGES; i++)
    {
      gint32 kind = g_rand_int_range (random, 0, G_N_ELEMENTS (kinds));
      guint64 cluster = (guint64) g_rand_int_range (random, 0, (gint32) n_clusters);

      change (fixture, kinds[kind].command, cluster, (guint64) g_rand_int_range (random, 1, 16),
              kinds[kind].flags | dirty);
    }
  run_commands (fixture);
}

static void
add_bitmap (ExportFixture *fixture)
{
  const char *const argv[] = { "qemu-img", "bitmap", "--add", fixture->image, "a", NULL };

  g_free (image_fixture_run (argv));
}

static GArray *
read_all (ExportFixture *fixture, const char *bitmap, bool with_zero)
{
  const VckcNbdExtents source = { .uri = fixture->uri,
                                  .peer = "the storage daemon",
                                  .bitmap = bitmap,
                                  .capacity = fixture->capacity,
                                  .with_zero = with_zero,
                                  .timeout = VCKC_NBD_TIMEOUT };
  VckcError *error = NULL;
  g_autoptr (VckcExtentReader) reader = vckc_nbd_extents_read (&source, &error);

  assert_ok (reader != NULL, error);
  return read_extents (reader);
}

/* Fails the test unless the list is what was done to the disk. */
static void
assert_truth (ExportFixture *fixture, const GArray *extents, bool with_zero)
{
  g_autoptr (GArray) expected = vckc_extents_new ();

  for (guint64 offset = 0; offset < fixture->capacity; offset += CLUSTER)
    {
      guint flags = fixture->truth[offset / CLUSTER];

      if ((flags & VCKC_EXTENT_DIRTY) != 0)
        vckc_extents_add (expected, offset, MIN (CLUSTER, fixture->capacity - offset),
                          with_zero ? flags : VCKC_EXTENT_DIRTY);
    }
  g_assert_cmpuint (expected->len, >, 0);
  assert_extents (extents, expected);
}

/* More than two requests long, no whole number of clusters, and written to where requests meet. */
static void
test_truth (ExportFixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261127);
  const guint64 request = 0xffff0000 / CLUSTER;
  g_autoptr (StorageExport) storage = NULL;
  g_autoptr (GArray) with_zero = NULL;
  g_autoptr (GArray) without_zero = NULL;

  make_image (fixture, 9 * G_GUINT64_CONSTANT (1024) * 1024 * 1024 + 1536);
  change_at_random (fixture, random, 0);
  add_bitmap (fixture);
  change_at_random (fixture, random, VCKC_EXTENT_DIRTY);
  change (fixture, "write -q", request - 2, 4, VCKC_EXTENT_DATA | VCKC_EXTENT_DIRTY);
  change (fixture, "write -q -z", 2 * request - 1, 1, VCKC_EXTENT_ZERO | VCKC_EXTENT_DIRTY);
  change (fixture, "write -q", fixture->capacity / CLUSTER - 1, 2,
          VCKC_EXTENT_DATA | VCKC_EXTENT_DIRTY);
  run_commands (fixture);

  storage = storage_export_new (fixture->socket, fixture->image, EXPORT_NAME, "a");
  with_zero = read_all (fixture, "a", true);
  assert_truth (fixture, with_zero, true);
  without_zero = read_all (fixture, "a", false);
  assert_truth (fixture, without_zero, false);
}

static void
test_nothing_dirty (ExportFixture *fixture, gconstpointer data)
{
  g_autoptr (StorageExport) storage = NULL;
  g_autoptr (GArray) extents = NULL;

  make_image (fixture, 64 * 1024 * 1024);
  add_bitmap (fixture);
  storage = storage_export_new (fixture->socket, fixture->image, EXPORT_NAME, "a");
  extents = read_all (fixture, "a", true);
  g_assert_cmpuint (extents->len, ==, 0);
}

static void
assert_fails (ExportFixture *fixture,
              const char *bitmap,
              guint64 capacity,
              VckcErrorCode code,
              const char *part)
{
  const VckcNbdExtents source = { fixture->uri, "the storage daemon", bitmap, capacity,
                                  true,         VCKC_NBD_TIMEOUT };
  VckcError *error = NULL;

  g_assert_null (vckc_nbd_extents_read (&source, &error));
  assert_error (error, code, part);
}

static void
test_not_offered (ExportFixture *fixture, gconstpointer data)
{
  g_autoptr (StorageExport) storage = NULL;
  g_autofree char *other = vckc_nbd_make_unix_uri (fixture->socket, "other");

  make_image (fixture, 64 * 1024 * 1024);
  add_bitmap (fixture);
  storage = storage_export_new (fixture->socket, fixture->image, EXPORT_NAME, "a");
  assert_fails (fixture, "b", fixture->capacity, VCKC_ERROR_OPERATION_FAILED,
                "does not offer 'qemu:dirty-bitmap:b'");
  assert_fails (fixture, "a", 1024, VCKC_ERROR_INTERNAL,
                "exports 67108864 bytes of a disk of 1024");
  g_free (fixture->uri);
  fixture->uri = g_steal_pointer (&other);
  assert_fails (fixture, "a", fixture->capacity, VCKC_ERROR_SYSTEM_ERROR, "the storage daemon");
}

static void
test_no_server (ExportFixture *fixture, gconstpointer data)
{
  assert_fails (fixture, "a", 1024, VCKC_ERROR_SYSTEM_ERROR, "No such file");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/vck/nbd-extents/truth", ExportFixture, NULL, set_up, test_truth, tear_down);
  g_test_add ("/vck/nbd-extents/nothing-dirty", ExportFixture, NULL, set_up, test_nothing_dirty,
              tear_down);
  g_test_add ("/vck/nbd-extents/not-offered", ExportFixture, NULL, set_up, test_not_offered,
              tear_down);
  g_test_add ("/vck/nbd-extents/no-server", ExportFixture, NULL, set_up, test_no_server, tear_down);
  return g_test_run ();
}
