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

typedef struct
{
  char *folder;
  char *image;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer options)
{
  fixture->folder = image_fixture_new ();
  fixture->image = image_fixture_make_image (fixture->folder, "disk.qcow2", options);
}

static void
tear_down (Fixture *fixture, gconstpointer options)
{
  g_free (fixture->image);
  image_fixture_remove (fixture->folder);
}

/* Overwrites bytes of the image. */
static void
patch (Fixture *fixture, off_t offset, const char *bytes, gsize size)
{
  int fd = open (fixture->image, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (pwrite (fd, bytes, size, offset), ==, (gssize) size);
  close (fd);
}

static void
assert_unreadable (const char *path, VckcErrorCode code, const char *part)
{
  VckcQcow2Header header = { .version = 77 };
  VckcError *error = NULL;

  g_assert_false (vckc_qcow2_header_read (path, &header, &error));
  g_assert_cmpuint (header.version, ==, 77);
  assert_error (error, code, part);
}

/* The header can be read, and says that no bitmaps can be kept. */
static void
assert_refused (Fixture *fixture, const char *part)
{
  VckcQcow2Header header;
  VckcError *error = NULL;

  g_assert_true (vckc_qcow2_header_read (fixture->image, &header, &error));
  g_assert_null (error);
  g_assert_false (vckc_qcow2_header_check_bitmaps (&header, fixture->image, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, part);
}

static void
test_usual (Fixture *fixture, gconstpointer options)
{
  VckcQcow2Header header;
  VckcError *error = NULL;

  g_assert_true (vckc_qcow2_header_read (fixture->image, &header, &error));
  g_assert_null (error);
  g_assert_cmpuint (header.version, ==, 3);
  g_assert_cmpuint (header.virtual_size, ==, 64 << 20);
  g_assert_cmpuint (header.cluster_size, ==, 128 << 10);
  g_assert_false (header.encrypted);
  g_assert_false (header.has_backing_file);
  g_assert_false (header.dirty);
  g_assert_false (header.corrupt);
  g_assert_false (header.block_device);
  g_assert_true (vckc_qcow2_header_check_bitmaps (&header, fixture->image, &error));
  g_assert_null (error);
}

static void
test_version_2 (Fixture *fixture, gconstpointer options)
{
  assert_refused (fixture, "is of version 2, which keeps no bitmaps; upgrade it with 'qemu-img "
                           "amend -o compat=1.1'");
}

static void
test_later_version (Fixture *fixture, gconstpointer options)
{
  patch (fixture, 4, "\0\0\0\4", 4);
  assert_unreadable (fixture->image, VCKC_ERROR_CONFIG_UNSUPPORTED, "or of a later version");
}

static void
test_cluster_size (Fixture *fixture, gconstpointer options)
{
  patch (fixture, 20, "\0\0\0\100", 4);
  assert_unreadable (fixture->image, VCKC_ERROR_CONFIG_UNSUPPORTED, "is damaged");
}

static void
test_encrypted (Fixture *fixture, gconstpointer options)
{
  patch (fixture, 32, "\0\0\0\2", 4);
  assert_refused (fixture, "is encrypted");
}

static void
test_corrupt (Fixture *fixture, gconstpointer options)
{
  patch (fixture, 72, "\0\0\0\0\0\0\0\2", 8);
  assert_refused (fixture, "is marked as corrupt; repair it with 'qemu-img check -r all'");
}

static void
test_dirty (Fixture *fixture, gconstpointer options)
{
  VckcQcow2Header header;

  patch (fixture, 72, "\0\0\0\0\0\0\0\1", 8);
  g_assert_true (vckc_qcow2_header_read (fixture->image, &header, NULL));
  g_assert_true (header.dirty);
  g_assert_false (header.corrupt);
  g_assert_true (vckc_qcow2_header_check_bitmaps (&header, fixture->image, NULL));
}

static void
test_backing_file (Fixture *fixture, gconstpointer options)
{
  g_autofree char *overlay = g_build_filename (fixture->folder, "overlay", NULL);
  const char *const argv[] = { "qemu-img", "create", "-q",           "-f",    "qcow2", "-F",
                               "qcow2",    "-b",     fixture->image, overlay, NULL };
  VckcQcow2Header header;

  g_free (image_fixture_run (argv));
  g_assert_true (vckc_qcow2_header_read (overlay, &header, NULL));
  g_assert_true (header.has_backing_file);
}

/* A header cut anywhere is refused; with all of it, it is not. */
static void
test_cut (Fixture *fixture, gconstpointer options)
{
  VckcQcow2Header header;

  for (int size = 112; size >= 0; size--)
    {
      VckcError *error = NULL;
      bool ok;

      g_assert_cmpint (truncate (fixture->image, size), ==, 0);
      ok = vckc_qcow2_header_read (fixture->image, &header, &error);
      g_assert_true (ok == (size >= 80));
      if (!ok)
        assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      size < 4 ? "is not in qcow2 format" : "is damaged");
    }
}

static void
test_not_an_image (Fixture *fixture, gconstpointer options)
{
  g_autofree char *missing = g_build_filename (fixture->folder, "missing", NULL);
  g_autofree char *fifo = g_build_filename (fixture->folder, "fifo", NULL);
  g_autofree char *raw = g_build_filename (fixture->folder, "raw", NULL);

  assert_unreadable (missing, VCKC_ERROR_SYSTEM_ERROR, "No such file or directory");
  assert_unreadable (fixture->folder, VCKC_ERROR_CONFIG_UNSUPPORTED,
                     "is neither a file nor a block device");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_unreadable (fifo, VCKC_ERROR_CONFIG_UNSUPPORTED, "is neither a file nor a block device");
  assert_unreadable ("/dev/zero", VCKC_ERROR_CONFIG_UNSUPPORTED, "is neither a file nor");
  g_assert_true (g_file_set_contents (raw,
                                      "some text that is long enough to be a header and more "
                                      "than that, or so it seems to me",
                                      -1, NULL));
  assert_unreadable (raw, VCKC_ERROR_CONFIG_UNSUPPORTED, "is not in qcow2 format, whatever");
}

/* One case: an image with these options. */
#define ADD(name, options, test)                                                                   \
  g_test_add ("/vck/qcow2-header/" name, Fixture, options, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("usual", "cluster_size=128k", test_usual);
  ADD ("version-2", "compat=0.10", test_version_2);
  ADD ("later-version", NULL, test_later_version);
  ADD ("cluster-size", NULL, test_cluster_size);
  ADD ("encrypted", NULL, test_encrypted);
  ADD ("corrupt", NULL, test_corrupt);
  ADD ("dirty", NULL, test_dirty);
  ADD ("backing-file", NULL, test_backing_file);
  ADD ("cut", NULL, test_cut);
  ADD ("not-an-image", NULL, test_not_an_image);
  return g_test_run ();
}
