/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which images can have bitmaps, and what is said of the others. */

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "assert-error.h"
#include "backend-fixture.h"
#include "image-fixture.h"

static void
test_no_program (BackendFixture *fixture, gconstpointer data)
{
  g_setenv (BACKEND_FIXTURE_DAEMON, "vck-no-such-program", TRUE);
  backend_fixture_assert_no_session (fixture, VCKC_BLOCK_SESSION_READ, VCKC_ERROR_SYSTEM_ERROR,
                                     "qemu-system-common");
}

/* Images are looked at alone: their backing files may be missing or secret. */
static void
test_backing_file (BackendFixture *fixture, gconstpointer data)
{
  g_autofree char *overlay = g_build_filename (fixture->folder, "overlay", NULL);
  const char *const argv[] = { "qemu-img", "create", "-q",  "-u", "-f",
                               "qcow2",    "-F",     "raw", "-b", "/no/such/file",
                               overlay,    "64M",    NULL };

  g_free (image_fixture_run (argv));
  g_free ((char *) fixture->disks[0].path);
  fixture->disks[0].path = g_steal_pointer (&overlay);
  backend_fixture_add_at_once (fixture, 2, "x");
  backend_fixture_assert_bitmaps (fixture, "x" BACKEND_FIXTURE_EMPTY, "x" BACKEND_FIXTURE_EMPTY);
}

static void
test_many_disks (BackendFixture *fixture, gconstpointer data)
{
  enum
  {
    N = 40
  };
  VckcBlockDisk disks[N];
  VckcBlockBitmapRef refs[N];
  VckcBlockSession *session;
  VckcError *error = NULL;

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      disks[i] =
          (VckcBlockDisk){ "vdx", image_fixture_make_image (fixture->folder, name, NULL), "qcow2" };
      refs[i] = (VckcBlockBitmapRef){ i, "x" };
    }
  session = vckc_block_session_open (fixture->backend, &backend_fixture_machine, disks, N,
                                     VCKC_BLOCK_SESSION_WRITE, &error);
  assert_ok (session != NULL, error);
  assert_ok (vckc_block_session_add_bitmaps (session, refs, N, &error), error);
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *text = backend_fixture_describe (session, i);

      g_assert_cmpstr (text, ==, "x" BACKEND_FIXTURE_EMPTY);
    }
  backend_fixture_close (session);
  for (guint i = 0; i < N; i++)
    g_free ((char *) disks[i].path);
}

/* What check_disk says, and what a session on such a disk says. */
static void
assert_untrackable (BackendFixture *fixture,
                    const VckcBlockDisk *disk,
                    VckcErrorCode code,
                    const char *part)
{
  VckcError *problem = NULL;
  VckcError *error = NULL;

  assert_ok (vckc_block_check_disk (fixture->backend, NULL, disk, &problem, &error), error);
  assert_error (problem, code, part);
  g_assert_null (vckc_block_session_open (fixture->backend, &backend_fixture_machine, disk, 1,
                                          VCKC_BLOCK_SESSION_WRITE, &error));
  assert_error (error, code, part);
}

static void
test_untrackable (BackendFixture *fixture, gconstpointer data)
{
  g_autofree char *old = image_fixture_make_image (fixture->folder, "old", "compat=0.10");
  g_autofree char *missing = g_build_filename (fixture->folder, "missing", NULL);
  g_autofree char *raw = g_build_filename (fixture->folder, "raw", NULL);
  const char *path = fixture->disks[0].path;

  g_assert_true (g_file_set_contents (raw, "raw", -1, NULL));
#define CASE(path_, format_, code_, part_)                                                         \
  assert_untrackable (fixture, &(VckcBlockDisk){ "vda", path_, format_ }, code_, part_)
  CASE (NULL, "qcow2", VCKC_ERROR_CONFIG_UNSUPPORTED, "the disk is empty, or is neither a file");
  CASE ("a.qcow2", "qcow2", VCKC_ERROR_CONFIG_UNSUPPORTED, "'a.qcow2', does not start with '/'");
  CASE ("/tmp/\xff", "qcow2", VCKC_ERROR_CONFIG_UNSUPPORTED, "is not UTF-8");
  CASE (path, "raw", VCKC_ERROR_CONFIG_UNSUPPORTED, "in the format 'qcow2', and the disk is 'raw'");
  CASE (path, NULL, VCKC_ERROR_CONFIG_UNSUPPORTED, "in the format 'qcow2', and the disk is 'raw'");
  CASE (missing, "qcow2", VCKC_ERROR_SYSTEM_ERROR, "missing': No such file or directory");
  CASE (fixture->folder, "qcow2", VCKC_ERROR_CONFIG_UNSUPPORTED, "is neither a file nor a block");
  CASE (raw, "qcow2", VCKC_ERROR_CONFIG_UNSUPPORTED, "raw' is not in qcow2 format");
  CASE (old, "qcow2", VCKC_ERROR_CONFIG_UNSUPPORTED, "is of version 2");
#undef CASE
}

/* For such disks QEMU has no bitmap; what is there can be removed all the same. */
static void
test_size (BackendFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *size;
    const char *part;
  } cases[] = {
    { "0", "has the size 0, so there is nothing that could be tracked" },
    { "512T", "is larger than 256 TiB, for which QEMU can keep no bitmap" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, cases[i].size, NULL);
      const char *const argv[] = { "qemu-img", "create", "-q",          "-f",
                                   "qcow2",    path,     cases[i].size, NULL };
      VckcBlockDisk disk = { "vda", path, "qcow2" };
      VckcError *problem = NULL;

      g_free (image_fixture_run (argv));
      g_assert_true (vckc_block_check_disk (fixture->backend, NULL, &disk, &problem, NULL));
      assert_error (problem, VCKC_ERROR_CONFIG_UNSUPPORTED, cases[i].part);
    }
}

static void
test_trackable (BackendFixture *fixture, gconstpointer data)
{
  VckcError *problem = NULL;
  VckcError *error = NULL;

  assert_ok (vckc_block_check_disk (fixture->backend, NULL, &fixture->disks[1], &problem, &error),
             error);
  g_assert_null (problem);
}

/* A header that is good and what follows is not: QEMU finds out. */
static void
test_damaged_image (BackendFixture *fixture, gconstpointer data)
{
  int fd = open (fixture->disks[0].path, O_WRONLY | O_CLOEXEC);
  g_autofree char *part =
      g_strdup_printf ("QEMU cannot open the image '%s' of disk 'vda': ", fixture->disks[0].path);

  /* The offset of the refcount table, not on a cluster. */
  g_assert_cmpint (pwrite (fd, "\1", 1, 55), ==, 1);
  close (fd);
  backend_fixture_assert_no_session (fixture, VCKC_BLOCK_SESSION_WRITE, VCKC_ERROR_OPERATION_FAILED,
                                     part);
}

/* QEMU would go on with empty tables. */
static void
test_cut_image (BackendFixture *fixture, gconstpointer data)
{
  g_assert_cmpint (truncate (fixture->disks[0].path, 65536), ==, 0);
  backend_fixture_assert_no_session (fixture, VCKC_BLOCK_SESSION_WRITE,
                                     VCKC_ERROR_CONFIG_UNSUPPORTED,
                                     "is cut short: its tables are missing");
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/local-images/" name, BackendFixture, NULL, backend_fixture_set_up, test,       \
              backend_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("no-program", test_no_program);
  ADD ("backing-file", test_backing_file);
  ADD ("many-disks", test_many_disks);
  ADD ("untrackable", test_untrackable);
  ADD ("size", test_size);
  ADD ("trackable", test_trackable);
  ADD ("damaged-image", test_damaged_image);
  ADD ("cut-image", test_cut_image);
  return g_test_run ();
}
