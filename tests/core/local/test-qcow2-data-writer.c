/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Images written from the start of the disk to its end, as QEMU's own tools read them. */

#define _GNU_SOURCE /* syscall() */

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "assert-error.h"
#include "image-fixture.h"
#include "qemu/qcow2-data-writer.h"

#define MIB G_GUINT64_CONSTANT (1048576)

typedef struct
{
  char *folder;
  char *path;  /* of the image */
  char *base;  /* (nullable): of what it is based on, raw */
  char *truth; /* what the disk is to hold, raw */
  int fd;
  int truth_fd;
} Fixture;

typedef struct
{
  const char *name;
  guint64 virtual_size;
  guint32 cluster_size;
  bool on_base;
} Shape;

/* What the kernel was asked to store of a file, without waiting for it. */
static guint n_handed_over;
static off_t handed_over_to;

/* Instead of the function of the C library. */
int
sync_file_range (int fd, off64_t offset, off64_t length, unsigned int flags)
{
  g_assert_cmpuint (flags, ==, SYNC_FILE_RANGE_WRITE);
  n_handed_over++;
  handed_over_to = MAX (handed_over_to, offset + length);
  return (int) syscall (SYS_sync_file_range, fd, offset, length, flags);
}

static const Shape shapes[] = {
  { "usual", 24 * MIB, 65536, false },
  { "on-base", 24 * MIB, 65536, true },
  { "odd-end", 10 * MIB + 512, 65536, true },
  { "one-sector", 512, 65536, true },
  { "4-KiB-clusters", 12 * MIB + 1536, 4096, true },
  { "2-MiB-clusters", 20 * MIB + 512, 2097152, true },
  /* Several L1 and refcount clusters. */
  { "512-byte-clusters", 3 * MIB + 512, 512, true },
};

static char *
make_raw (const Fixture *fixture, const char *name, guint64 size, guint8 byte)
{
  char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree guint8 *data = g_malloc (size);
  GError *error = NULL;

  memset (data, byte, size);
  g_file_set_contents (path, (const char *) data, (gssize) size, &error);
  g_assert_no_error (error);
  return path;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const Shape *shape = data;
  const guint8 byte = shape != NULL && shape->on_base ? 0xb5 : 0;

  fixture->folder = image_fixture_new ();
  fixture->path = g_build_filename (fixture->folder, "new", NULL);
  fixture->fd = open (fixture->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  g_assert_cmpint (fixture->fd, >=, 0);
  if (shape == NULL)
    return;
  if (shape->on_base)
    fixture->base = make_raw (fixture, "base", shape->virtual_size, byte);
  fixture->truth = make_raw (fixture, "truth", shape->virtual_size, byte);
  fixture->truth_fd = open (fixture->truth, O_RDWR | O_CLOEXEC);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  close (fixture->fd);
  if (fixture->truth != NULL)
    close (fixture->truth_fd);
  g_free (fixture->path);
  g_free (fixture->base);
  g_free (fixture->truth);
  image_fixture_remove (fixture->folder);
}

static VckcQcow2DataWriter *
make_writer (Fixture *fixture, guint64 virtual_size, guint32 cluster_size)
{
  const VckcQcow2Options options = { .virtual_size = virtual_size,
                                     .cluster_size = cluster_size,
                                     .backing_file = fixture->base,
                                     .backing_format = "raw" };
  VckcError *error = NULL;
  VckcQcow2DataWriter *writer =
      vckc_qcow2_data_writer_new (fixture->fd, fixture->path, &options, &error);

  assert_ok (writer != NULL, error);
  return writer;
}

/* Adds data or zeroes, to the truth as well. */
static void
add (Fixture *fixture, VckcQcow2DataWriter *writer, guint64 offset, guint64 length, guint8 byte)
{
  g_autofree guint8 *data = g_malloc (length);
  VckcError *error = NULL;
  bool ok;

  memset (data, byte, length);
  ok = byte != 0 ? vckc_qcow2_data_writer_add_data (writer, offset, data, length, &error)
                 : vckc_qcow2_data_writer_add_zeroes (writer, offset, length, &error);
  assert_ok (ok, error);
  g_assert_cmpint (pwrite (fixture->truth_fd, data, length, (off_t) offset), ==, length);
}

static void
finish (VckcQcow2DataWriter *writer)
{
  VckcError *error = NULL;
  bool ok = vckc_qcow2_data_writer_finish (writer, &error);

  assert_ok (ok, error);
  vckc_qcow2_data_writer_free (writer);
}

static void
assert_truth (Fixture *fixture)
{
  const char *const check[] = { "qemu-img", "check", "-q", "-f", "qcow2", fixture->path, NULL };
  const char *const compare[] = { "qemu-img", "compare", "-q",          "-f",           "qcow2",
                                  "-F",       "raw",     fixture->path, fixture->truth, NULL };

  image_fixture_run_quietly (check);
  image_fixture_run_quietly (compare);
}

/* Stretches of nothing, of data and of zeroes. */
static void
test_shape (Fixture *fixture, gconstpointer data)
{
  const Shape *shape = data;
  VckcQcow2DataWriter *writer = make_writer (fixture, shape->virtual_size, shape->cluster_size);
  g_autoptr (GRand) random = g_rand_new_with_seed (20261127);
  const guint64 n = (shape->virtual_size + shape->cluster_size - 1) / shape->cluster_size;

  for (guint64 at = 0; at < n;)
    {
      const guint64 count = MIN ((guint64) g_rand_int_range (random, 1, 200), n - at);
      const guint64 offset = at * shape->cluster_size;
      const guint64 length = MIN (count * shape->cluster_size, shape->virtual_size - offset);

      if (g_rand_boolean (random))
        add (fixture, writer, offset, length, (guint8) g_rand_int_range (random, 0, 4));
      at += count;
    }
  finish (writer);
  assert_truth (fixture);
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  finish (make_writer (fixture, shapes[1].virtual_size, shapes[1].cluster_size));
  assert_truth (fixture);
}

/* What is written goes on without holding more than one table: 1 TiB is written in part. */
static void
test_large (Fixture *fixture, gconstpointer data)
{
  const guint64 size = 1024 * 1024 * MIB;
  VckcQcow2DataWriter *writer = make_writer (fixture, size, 65536);
  const char *const check[] = { "qemu-img", "check", "-q", "-f", "qcow2", fixture->path, NULL };
  const char *const read[] = { "qemu-io",     "-r",
                               "-f",          "qcow2",
                               "-c",          "read -P 7 1099511562240 65536",
                               "-c",          "read -P 0 1099511496704 65536",
                               "-c",          "read -P 7 536870912000 65536",
                               fixture->path, NULL };
  guint8 cluster[65536];
  VckcError *error = NULL;
  struct rusage before, after;
  g_autofree char *output = NULL;

  memset (cluster, 7, sizeof cluster);
  getrusage (RUSAGE_SELF, &before);
  for (guint64 offset = 0; offset < size; offset += 500 * MIB)
    {
      bool ok = vckc_qcow2_data_writer_add_data (writer, offset, cluster, sizeof cluster, &error);

      assert_ok (ok, error);
    }
  assert_ok (vckc_qcow2_data_writer_add_data (writer, size - sizeof cluster, cluster,
                                              sizeof cluster, &error),
             error);
  finish (writer);
  getrusage (RUSAGE_SELF, &after);
  g_assert_cmpint (after.ru_maxrss - before.ru_maxrss, <, 8 * 1024);
  image_fixture_run_quietly (check);
  output = image_fixture_run (read);
  g_assert_null (strstr (output, "Pattern verification failed"));
}

static void
test_full (Fixture *fixture, gconstpointer data)
{
  const VckcQcow2Options options = { .virtual_size = MIB, .cluster_size = 65536 };
  guint8 cluster[65536] = { 1 };
  int fd = open ("/dev/full", O_WRONLY | O_CLOEXEC);
  VckcError *error = NULL;
  g_autoptr (VckcQcow2DataWriter) writer =
      vckc_qcow2_data_writer_new (fd, "/dev/full", &options, &error);

  assert_ok (writer != NULL, error);
  g_assert_false (vckc_qcow2_data_writer_add_data (writer, 0, cluster, sizeof cluster, &error));
  assert_error (error, VCKC_ERROR_NO_SPACE, "cannot write the image '/dev/full'");
  close (fd);
}

static void
test_impossible (Fixture *fixture, gconstpointer data)
{
  const VckcQcow2Options options = { .virtual_size = 1000, .cluster_size = 65536 };
  VckcError *error = NULL;

  g_assert_null (vckc_qcow2_data_writer_new (fixture->fd, "i", &options, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "is no multiple of 512");
}

/* The kernel stores what is written while more is read, not all of it at the end. */
static void
test_handed_over (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (VckcQcow2DataWriter) writer = make_writer (fixture, 64 * MIB, 65536);
  g_autofree guint8 *data = g_malloc0 (MIB);
  VckcError *error = NULL;

  n_handed_over = 0;
  handed_over_to = 0;
  for (guint64 i = 0; i < 64; i++)
    {
      assert_ok (vckc_qcow2_data_writer_add_data (writer, i * MIB, data, MIB, &error), error);
      g_assert_cmpuint ((guint64) handed_over_to + 10 * MIB, >=, i * MIB);
    }
  g_assert_cmpuint (n_handed_over, <=, 8);
  assert_ok (vckc_qcow2_data_writer_finish (writer, &error), error);
  g_assert_cmpint (handed_over_to, >=, 64 * (off_t) MIB);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/qcow2-data-writer/", shapes[i].name, NULL);

      g_test_add (path, Fixture, &shapes[i], set_up, test_shape, tear_down);
    }
#define ADD(name, data, function)                                                                  \
  g_test_add ("/vck/qcow2-data-writer/" name, Fixture, data, set_up, function, tear_down)
  ADD ("nothing", &shapes[1], test_nothing);
  ADD ("large", NULL, test_large);
  ADD ("handed-over", NULL, test_handed_over);
  ADD ("full", NULL, test_full);
  ADD ("impossible", NULL, test_impossible);
  return g_test_run ();
}
