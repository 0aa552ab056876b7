/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Bitmaps in real images, through real storage daemons. */

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assert-error.h"
#include "drivers/local/images/local-backend.h"
#include "image-fixture.h"

#define VARIABLE "VCK_QEMU_STORAGE_DAEMON"
static const VckcBlockMachine machine = { .uuid = "8a6e0f4e-0000-4000-8000-000000000001" };

typedef struct
{
  char *folder;
  VckcBlockBackend *backend;
  VckcBlockDisk disks[2]; /* vda and vdb */
  guint n_files;          /* open before the test */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = image_fixture_new ();
  fixture->backend = vckc_local_backend_new (NULL);
  fixture->disks[0] =
      (VckcBlockDisk){ "vda", image_fixture_make_image (fixture->folder, "a.qcow2", NULL),
                       "qcow2" };
  fixture->disks[1] = (VckcBlockDisk){
    "vdb", image_fixture_make_image (fixture->folder, "b, =%20\"'\n\\ä.qcow2", NULL), "qcow2"
  };
  fixture->n_files = image_fixture_count_files ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unsetenv (VARIABLE);
  g_assert_cmpuint (image_fixture_count_files (), ==, fixture->n_files);
  image_fixture_assert_no_child ();
  vckc_block_backend_free (fixture->backend);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->disks); i++)
    g_free ((char *) fixture->disks[i].path);
  image_fixture_remove (fixture->folder);
}

/* A session on both disks. */
static VckcBlockSession *
open_session (Fixture *fixture, VckcBlockSessionMode mode)
{
  VckcError *error = NULL;
  VckcBlockSession *session = vckc_block_session_open (fixture->backend, &machine, fixture->disks,
                                                       G_N_ELEMENTS (fixture->disks), mode, &error);

  assert_ok (session != NULL, error);
  return session;
}

static void
close_session (VckcBlockSession *session)
{
  VckcError *error = NULL;
  bool ok = vckc_block_session_close (session, &error);

  assert_ok (ok, error);
}

/* A session that must not open. */
static void
assert_no_session (Fixture *fixture,
                   VckcBlockSessionMode mode,
                   VckcErrorCode code,
                   const char *part)
{
  VckcError *error = NULL;

  g_assert_null (vckc_block_session_open (fixture->backend, &machine, fixture->disks,
                                          G_N_ELEMENTS (fixture->disks), mode, &error));
  assert_error (error, code, part);
}

/* Adds a bitmap of that name to one disk, or to both if `disk` is 2. */
static bool
add (VckcBlockSession *session, guint disk, const char *name, VckcError **err)
{
  const VckcBlockBitmapRef refs[] = { { disk % 2, name }, { 1, name } };

  return vckc_block_session_add_bitmaps (session, refs, disk == 2 ? 2 : 1, err);
}

static bool
drop (VckcBlockSession *session, guint disk, const char *name, VckcError **err)
{
  const VckcBlockBitmapRef refs[] = { { disk % 2, name }, { 1, name } };

  return vckc_block_session_remove_bitmaps (session, refs, disk == 2 ? 2 : 1, err);
}

/* Adds bitmaps in a session of their own. */
static void
add_at_once (Fixture *fixture, guint disk, const char *name)
{
  VckcBlockSession *session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  VckcError *error = NULL;
  bool ok = add (session, disk, name, &error);

  assert_ok (ok, error);
  close_session (session);
}

/* The bitmaps of a disk as text. */
static char *
describe (VckcBlockSession *session, guint disk)
{
  g_autoptr (GPtrArray) bitmaps = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  VckcError *error = NULL;
  bool ok = vckc_block_session_list_bitmaps (session, disk, &bitmaps, &error);

  assert_ok (ok, error);
  for (guint i = 0; i < bitmaps->len; i++)
    {
      const VckcBlockBitmap *bitmap = g_ptr_array_index (bitmaps, i);

      g_string_append_printf (
          text, "%s/%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT "%s%s%s%s;", bitmap->name,
          bitmap->granularity, bitmap->dirty, bitmap->recording ? "+recording" : "",
          bitmap->persistent ? "+persistent" : "", bitmap->inconsistent ? "+inconsistent" : "",
          bitmap->busy ? "+busy" : "");
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_bitmaps (Fixture *fixture, const char *on_vda, const char *on_vdb)
{
  VckcBlockSession *session = open_session (fixture, VCKC_BLOCK_SESSION_READ);
  g_autofree char *a = describe (session, 0);
  g_autofree char *b = describe (session, 1);

  close_session (session);
  g_assert_cmpstr (a, ==, on_vda);
  g_assert_cmpstr (b, ==, on_vdb);
}

#define EMPTY "/65536/0+recording+persistent;"

static void
test_life (Fixture *fixture, gconstpointer data)
{
  VckcBlockSession *session;
  VckcError *error = NULL;

  assert_bitmaps (fixture, "", "");
  add_at_once (fixture, 2, "one");
  assert_bitmaps (fixture, "one" EMPTY, "one" EMPTY);
  image_fixture_write (fixture->disks[1].path, 65535, 2);
  add_at_once (fixture, 2, "two");
  image_fixture_write (fixture->disks[1].path, 0, 1);
  image_fixture_write (fixture->disks[0].path, 1 << 20, 1 << 20);
  session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  assert_ok (drop (session, 2, "one", &error), error);
  close_session (session);
  assert_bitmaps (fixture, "two/65536/1048576+recording+persistent;",
                  "two/65536/65536+recording+persistent;");
}

/* What is listed in the session that adds and removes is what was added and removed. */
static void
test_list_in_session (Fixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_autofree char *before = describe (session, 0);
  g_autofree char *between = NULL;
  g_autofree char *after = NULL;

  g_assert_true (add (session, 2, "x", NULL));
  between = describe (session, 0);
  g_assert_true (drop (session, 2, "x", NULL));
  after = describe (session, 0);
  g_assert_cmpstr (before, ==, "");
  g_assert_cmpstr (between, ==, "x" EMPTY);
  g_assert_cmpstr (after, ==, "");
  close_session (session);
}

/* The path of vdb's image as messages show it: on one line. */
static char *
shown_path (const Fixture *fixture)
{
  return g_strdelimit (g_strdup (fixture->disks[1].path), "\n", ' ');
}

static void
test_add_all_or_none (Fixture *fixture, gconstpointer data)
{
  VckcBlockSession *session;
  VckcError *error = NULL;
  g_autofree char *path = shown_path (fixture);
  g_autofree char *part =
      g_strdup_printf ("the image '%s' of disk 'vdb' has a bitmap 'x' already; choose another "
                       "name, redefine the checkpoint, or remove the bitmap with 'qemu-img bitmap "
                       "--remove'",
                       path);

  add_at_once (fixture, 1, "x");
  session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_assert_false (add (session, 2, "x", &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, part);
  close_session (session);
  assert_bitmaps (fixture, "", "x" EMPTY);
}

static void
test_remove_all_or_none (Fixture *fixture, gconstpointer data)
{
  VckcBlockSession *session;
  VckcError *error = NULL;
  g_autofree char *path = shown_path (fixture);
  g_autofree char *part = g_strdup_printf ("the image '%s' of disk 'vdb' has no bitmap 'x'", path);

  add_at_once (fixture, 0, "x");
  session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_assert_false (drop (session, 2, "x", &error));
  assert_error (error, VCKC_ERROR_CHECKPOINT_INCONSISTENT, part);
  close_session (session);
  assert_bitmaps (fixture, "x" EMPTY, "");
}

static void
test_nothing_to_do (Fixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);

  g_assert_true (vckc_block_session_add_bitmaps (session, NULL, 0, NULL));
  g_assert_true (vckc_block_session_remove_bitmaps (session, NULL, 0, NULL));
  close_session (session);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_autofree char *longest = g_strnfill (1023, 'n');
  g_autofree char *too_long = g_strnfill (1024, 'n');
  VckcError *error = NULL;

  g_assert_true (add (session, 0, longest, NULL));
  g_assert_true (add (session, 0, "\"quotes\" & ä", NULL));
  g_assert_false (add (session, 2, too_long, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "disk 'vda': the image '");
  error = NULL;
  g_assert_false (add (session, 2, "", &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "cannot have the bitmap ''");
  close_session (session);
}

/* Two writers exclude each other, as do a writer and a reader; readers do not. */
static void
test_locked (Fixture *fixture, gconstpointer data)
{
  VckcBlockSession *holder = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_autofree char *part =
      g_strdup_printf ("the image '%s' of disk 'vda' is held by another program, such as a running "
                       "QEMU; stop it first",
                       fixture->disks[0].path);

  assert_no_session (fixture, VCKC_BLOCK_SESSION_WRITE, VCKC_ERROR_BUSY, part);
  assert_no_session (fixture, VCKC_BLOCK_SESSION_READ, VCKC_ERROR_BUSY, part);
  close_session (holder);

  holder = open_session (fixture, VCKC_BLOCK_SESSION_READ);
  assert_no_session (fixture, VCKC_BLOCK_SESSION_WRITE, VCKC_ERROR_BUSY, part);
  close_session (open_session (fixture, VCKC_BLOCK_SESSION_READ));
  close_session (holder);
}

/* The daemon only reports what there is: once that is known, its end does not matter. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_autofree char *before = describe (session, 0);
  VckcError *error = NULL;

  g_assert_cmpint (kill (image_fixture_get_child (), SIGKILL), ==, 0);
  assert_ok (add (session, 2, "x", &error), error);
  close_session (session);
  assert_bitmaps (fixture, "x" EMPTY, "x" EMPTY);
  session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_assert_cmpint (kill (image_fixture_get_child (), SIGKILL), ==, 0);
  g_assert_false (add (session, 0, "y", &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "it was ended by signal 9 (Killed)");
  close_session (session);
  assert_bitmaps (fixture, "x" EMPTY, "x" EMPTY);
}

/* A bitmap whose writer was killed is distinguished from a good one, and can be removed. */
static void
test_inconsistent (Fixture *fixture, gconstpointer data)
{
  VckcBlockSession *session;
  VckcError *error = NULL;

  add_at_once (fixture, 2, "x");
  image_fixture_abandon (fixture->disks[0].path);
  image_fixture_abandon (fixture->disks[1].path);
  assert_bitmaps (fixture, "x/65536/0+persistent+inconsistent;",
                  "x/65536/0+persistent+inconsistent;");
  session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  assert_ok (drop (session, 2, "x", &error), error);
  close_session (session);
  assert_bitmaps (fixture, "", "");
}

/* When we are killed, the daemon closes the images as it should. */
static void
test_we_are_killed (Fixture *fixture, gconstpointer data)
{
  int fds[2];
  char byte;
  pid_t child;

  add_at_once (fixture, 2, "x");
  g_assert_cmpint (pipe (fds), ==, 0);
  child = fork ();
  if (child == 0)
    {
      open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
      if (write (fds[1], "!", 1) == 1)
        pause ();
      _exit (1);
    }
  close (fds[1]);
  g_assert_cmpint (read (fds[0], &byte, 1), ==, 1);
  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  close (fds[0]);
  for (;;)
    {
      VckcError *error = NULL;
      VckcBlockSession *session = vckc_block_session_open (
          fixture->backend, &machine, fixture->disks, 2, VCKC_BLOCK_SESSION_WRITE, &error);

      if (session != NULL)
        {
          close_session (session);
          break;
        }
      g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_BUSY);
      vckc_error_free (error);
    }
  assert_bitmaps (fixture, "x" EMPTY, "x" EMPTY);
}

static void
test_no_program (Fixture *fixture, gconstpointer data)
{
  g_setenv (VARIABLE, "vck-no-such-program", TRUE);
  assert_no_session (fixture, VCKC_BLOCK_SESSION_READ, VCKC_ERROR_SYSTEM_ERROR,
                     "qemu-system-common");
}

/* The image of the second disk is broken meanwhile: the first one does not keep its bitmap. */
static void
test_half_way (Fixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  VckcError *error = NULL;
  g_autofree char *left = NULL;

  g_assert_cmpint (truncate (fixture->disks[1].path, 0), ==, 0);
  g_assert_false (add (session, 2, "x", &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "cannot change the bitmaps of disk 'vdb': ");
  left = describe (session, 0);
  g_assert_cmpstr (left, ==, "");
  close_session (session);
}

/* The locks end with the session, though a child of the program has the files open. */
static void
test_fork (Fixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = open_session (fixture, VCKC_BLOCK_SESSION_WRITE);
  pid_t child = fork ();

  if (child == 0)
    for (;;)
      pause ();
  close_session (session);
  close_session (open_session (fixture, VCKC_BLOCK_SESSION_WRITE));
  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
}

/* Images are looked at alone: their backing files may be missing or secret. */
static void
test_backing_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *overlay = g_build_filename (fixture->folder, "overlay", NULL);
  const char *const argv[] = { "qemu-img", "create", "-q",  "-u", "-f",
                               "qcow2",    "-F",     "raw", "-b", "/no/such/file",
                               overlay,    "64M",    NULL };

  g_free (image_fixture_run (argv));
  g_free ((char *) fixture->disks[0].path);
  fixture->disks[0].path = g_steal_pointer (&overlay);
  add_at_once (fixture, 2, "x");
  assert_bitmaps (fixture, "x" EMPTY, "x" EMPTY);
}

static void
test_many_disks (Fixture *fixture, gconstpointer data)
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
  session = vckc_block_session_open (fixture->backend, &machine, disks, N, VCKC_BLOCK_SESSION_WRITE,
                                     &error);
  assert_ok (session != NULL, error);
  assert_ok (vckc_block_session_add_bitmaps (session, refs, N, &error), error);
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *text = describe (session, i);

      g_assert_cmpstr (text, ==, "x" EMPTY);
    }
  close_session (session);
  for (guint i = 0; i < N; i++)
    g_free ((char *) disks[i].path);
}

/* What check_disk says, and what a session on such a disk says. */
static void
assert_untrackable (Fixture *fixture,
                    const VckcBlockDisk *disk,
                    VckcErrorCode code,
                    const char *part)
{
  g_autofree char *reason = NULL;
  VckcError *error = NULL;

  assert_ok (vckc_block_check_disk (fixture->backend, NULL, disk, &reason, &error), error);
  g_assert_nonnull (reason);
  if (strstr (reason, part) == NULL)
    g_error ("no '%s' in '%s'", part, reason);
  g_assert_null (vckc_block_session_open (fixture->backend, &machine, disk, 1,
                                          VCKC_BLOCK_SESSION_WRITE, &error));
  assert_error (error, code, part);
}

static void
test_untrackable (Fixture *fixture, gconstpointer data)
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
test_size (Fixture *fixture, gconstpointer data)
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
      g_autofree char *reason = NULL;

      g_free (image_fixture_run (argv));
      g_assert_true (vckc_block_check_disk (fixture->backend, NULL, &disk, &reason, NULL));
      g_assert_nonnull (strstr (reason, cases[i].part));
    }
}

static void
test_trackable (Fixture *fixture, gconstpointer data)
{
  char *reason = (char *) "";
  VckcError *error = NULL;

  assert_ok (vckc_block_check_disk (fixture->backend, NULL, &fixture->disks[1], &reason, &error),
             error);
  g_assert_null (reason);
}

/* A header that is good and what follows is not: QEMU finds out. */
static void
test_damaged_image (Fixture *fixture, gconstpointer data)
{
  int fd = open (fixture->disks[0].path, O_WRONLY | O_CLOEXEC);
  g_autofree char *part =
      g_strdup_printf ("QEMU cannot open the image '%s' of disk 'vda': ", fixture->disks[0].path);

  /* The offset of the refcount table, not on a cluster. */
  g_assert_cmpint (pwrite (fd, "\1", 1, 55), ==, 1);
  close (fd);
  assert_no_session (fixture, VCKC_BLOCK_SESSION_WRITE, VCKC_ERROR_OPERATION_FAILED, part);
}

/* QEMU would go on with empty tables. */
static void
test_cut_image (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (truncate (fixture->disks[0].path, 65536), ==, 0);
  assert_no_session (fixture, VCKC_BLOCK_SESSION_WRITE, VCKC_ERROR_CONFIG_UNSUPPORTED,
                     "is cut short: its tables are missing");
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/local-backend/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("life", test_life);
  ADD ("list-in-session", test_list_in_session);
  ADD ("add-all-or-none", test_add_all_or_none);
  ADD ("remove-all-or-none", test_remove_all_or_none);
  ADD ("nothing-to-do", test_nothing_to_do);
  ADD ("names", test_names);
  ADD ("locked", test_locked);
  ADD ("killed", test_killed);
  ADD ("inconsistent", test_inconsistent);
  ADD ("we-are-killed", test_we_are_killed);
  ADD ("no-program", test_no_program);
  ADD ("half-way", test_half_way);
  ADD ("fork", test_fork);
  ADD ("backing-file", test_backing_file);
  ADD ("many-disks", test_many_disks);
  ADD ("untrackable", test_untrackable);
  ADD ("size", test_size);
  ADD ("trackable", test_trackable);
  ADD ("damaged-image", test_damaged_image);
  ADD ("cut-image", test_cut_image);
  return g_test_run ();
}
