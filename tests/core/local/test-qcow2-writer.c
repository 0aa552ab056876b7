/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assert-error.h"
#include "image-fixture.h"
#include "qemu/qcow2-header.h"
#include "qemu/qcow2-writer.h"

#define MIB G_GUINT64_CONSTANT (1048576)

typedef struct
{
  char *folder;
  char *path; /* of the image "new" */
  int dir_fd;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer options)
{
  fixture->folder = image_fixture_new ();
  fixture->path = g_build_filename (fixture->folder, "new", NULL);
  fixture->dir_fd = open (fixture->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (fixture->dir_fd, >=, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer options)
{
  close (fixture->dir_fd);
  g_free (fixture->path);
  image_fixture_remove (fixture->folder);
}

static void
create (Fixture *fixture, const VckcQcow2Options *options)
{
  VckcError *error = NULL;
  int fd = vckc_qcow2_create (fixture->dir_fd, "new", fixture->path, options, &error);

  g_assert_null (error);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (close (fd), ==, 0);
}

/* What 'qemu-img check' finds in the image, which must be nothing. */
static void
check (Fixture *fixture)
{
  const char *const argv[] = { "qemu-img", "check", "-q", "-f", "qcow2", fixture->path, NULL };

  image_fixture_run_quietly (argv);
}

static void
assert_info (Fixture *fixture, const char *part)
{
  const char *const argv[] = { "qemu-img",    "info", "--output=json", "-f", "qcow2",
                               fixture->path, NULL };
  g_autofree char *info = image_fixture_run (argv);

  if (strstr (info, part) == NULL)
    g_error ("no %s in %s", part, info);
}

/* Writes the first and the last sector of the disk. */
static void
fill (Fixture *fixture, guint64 size)
{
  g_autofree char *last = g_strdup_printf ("write -P 9 %" G_GUINT64_FORMAT " 512", size - 512);
  const char *const argv[] = { "qemu-io", "-f", "qcow2",       "-c", "write -P 7 0 512",
                               "-c",      last, fixture->path, NULL };

  g_free (image_fixture_run (argv));
}

typedef struct
{
  const char *name;
  guint64 virtual_size;
  guint32 cluster_size;
  bool extended_l2;
} Shape;

static const Shape shapes[] = {
  { "usual", 10240 * MIB, 65536, false },
  { "odd-end", 10 * MIB + 512, 65536, false },
  { "one-sector", 512, 65536, false },
  { "4-KiB-clusters", 3 * MIB + 1536, 4096, false },
  { "2-MiB-clusters", 100 * MIB, 2097152, false },
  { "extended-l2", 100 * MIB, 131072, true },
  { "smallest-extended-l2", 64 * MIB, 16384, true },
  /* More L1 entries than one refcount block counts clusters of. */
  { "many-refcount-blocks", 8 * 1048576 * MIB, 4096, false },
  { "many-table-clusters", 128 * 1024 * MIB, 512, false },
};

static void
test_shape (Fixture *fixture, gconstpointer data)
{
  const Shape *shape = data;
  const VckcQcow2Options options = { .virtual_size = shape->virtual_size,
                                     .cluster_size = shape->cluster_size,
                                     .extended_l2 = shape->extended_l2 };
  g_autofree char *size =
      g_strdup_printf ("\"virtual-size\": %" G_GUINT64_FORMAT, shape->virtual_size);
  g_autofree char *cluster = g_strdup_printf ("\"cluster-size\": %u", shape->cluster_size);

  create (fixture, &options);
  check (fixture);
  assert_info (fixture, size);
  assert_info (fixture, cluster);
  assert_info (fixture, shape->extended_l2 ? "\"extended-l2\": true" : "\"extended-l2\": false");
  fill (fixture, shape->virtual_size);
  check (fixture);
}

static void
test_empty_disk (Fixture *fixture, gconstpointer data)
{
  const VckcQcow2Options options = { .cluster_size = 65536 };

  create (fixture, &options);
  check (fixture);
  assert_info (fixture, "\"virtual-size\": 0");
}

/* What is not written reads as the backing file, by a name that is relative to the image. */
static void
test_backing_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *base = image_fixture_make_image (fixture->folder, "base.qcow2", NULL);
  const VckcQcow2Options options = { .virtual_size = 64 * MIB,
                                     .cluster_size = 65536,
                                     .backing_file = "base.qcow2",
                                     .backing_format = "qcow2" };
  const char *const compare[] = { "qemu-img", "compare", "-q", base, fixture->path, NULL };

  image_fixture_write (base, MIB, 3 * MIB);
  create (fixture, &options);
  check (fixture);
  assert_info (fixture, "\"backing-filename\": \"base.qcow2\"");
  assert_info (fixture, "\"backing-filename-format\": \"qcow2\"");
  image_fixture_run_quietly (compare);
}

static void
test_mode (Fixture *fixture, gconstpointer data)
{
  const VckcQcow2Options options = { .virtual_size = MIB, .cluster_size = 65536 };
  mode_t mask = umask (0);
  struct stat info;

  create (fixture, &options);
  umask (mask);
  g_assert_cmpint (stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0600);
}

static void
assert_refused (Fixture *fixture,
                const VckcQcow2Options *options,
                VckcErrorCode code,
                const char *part)
{
  VckcError *error = NULL;

  g_assert_cmpint (vckc_qcow2_create (fixture->dir_fd, "new", fixture->path, options, &error), ==,
                   -1);
  assert_error (error, code, part);
}

/* Neither a file that exists nor what a link leads to is touched. */
static void
test_taken (Fixture *fixture, gconstpointer data)
{
  const VckcQcow2Options options = { .virtual_size = MIB, .cluster_size = 65536 };
  g_autofree char *other = g_build_filename (fixture->folder, "other", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "mine", -1, NULL));
  assert_refused (fixture, &options, VCKC_ERROR_OPERATION_FAILED,
                  "there is something of that name");
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (symlink (other, fixture->path), ==, 0);
  assert_refused (fixture, &options, VCKC_ERROR_OPERATION_FAILED,
                  "there is something of that name");
  g_assert_false (g_file_test (other, G_FILE_TEST_EXISTS));
}

static void
test_impossible (Fixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_strnfill (1024, 'n');
  const struct
  {
    VckcQcow2Options options;
    const char *part;
  } cases[] = {
    { { .virtual_size = MIB, .cluster_size = 0 }, "a power of two from 512 bytes to 2 MiB" },
    { { .virtual_size = MIB, .cluster_size = 256 }, "and not of 256" },
    { { .virtual_size = MIB, .cluster_size = 65537 }, "and not of 65537" },
    { { .virtual_size = MIB, .cluster_size = 4194304 }, "and not of 4194304" },
    { { .virtual_size = MIB, .cluster_size = 8192, .extended_l2 = true }, "have subclusters" },
    { { .virtual_size = 1000, .cluster_size = 65536 }, "1000 bytes, is no multiple of 512" },
    { { .virtual_size = G_MAXUINT64 - 511, .cluster_size = 65536 }, "needs clusters of more than" },
    { { .virtual_size = 1048576 * MIB, .cluster_size = 512 }, "needs clusters of more than 512" },
    { { .virtual_size = MIB,
        .cluster_size = 65536,
        .backing_file = name,
        .backing_format = "qcow2" },
      "the name of its backing file, of 1024 bytes, does not fit" },
    { { .virtual_size = MIB,
        .cluster_size = 512,
        .backing_file = name + 600,
        .backing_format = "qcow2" },
      "does not fit" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      assert_refused (fixture, &cases[i].options, VCKC_ERROR_CONFIG_UNSUPPORTED, cases[i].part);
      g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
    }
}

/* Our own reader agrees with QEMU's. */
static void
test_header (Fixture *fixture, gconstpointer data)
{
  const VckcQcow2Options options = { .virtual_size = 5 * MIB,
                                     .cluster_size = 65536,
                                     .backing_file = "../base/vda.qcow2",
                                     .backing_format = "qcow2" };
  VckcQcow2Header header;

  create (fixture, &options);
  g_assert_true (vckc_qcow2_header_read (fixture->path, &header, NULL));
  g_assert_cmpuint (header.version, ==, 3);
  g_assert_cmpuint (header.virtual_size, ==, 5 * MIB);
  g_assert_cmpuint (header.cluster_size, ==, 65536);
  g_assert_true (header.has_backing_file);
  g_assert_false (header.cut || header.dirty || header.corrupt || header.has_data_file);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/qcow2-writer/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *path = g_strdup_printf ("/vck/qcow2-writer/shape/%s", shapes[i].name);

      g_test_add (path, Fixture, &shapes[i], set_up, test_shape, tear_down);
    }
  ADD ("empty-disk", test_empty_disk);
  ADD ("backing-file", test_backing_file);
  ADD ("mode", test_mode);
  ADD ("taken", test_taken);
  ADD ("impossible", test_impossible);
  ADD ("header", test_header);
  return g_test_run ();
}
