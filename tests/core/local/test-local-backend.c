/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Bitmaps in real images, through real storage daemons. */

#include <glib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assert-error.h"
#include "backend-fixture.h"
#include "image-fixture.h"

static bool
drop (VckcBlockSession *session, guint disk, const char *name, VckcError **err)
{
  const VckcBlockBitmapRef refs[] = { { disk % 2, name }, { 1, name } };

  return vckc_block_session_remove_bitmaps (session, refs, disk == 2 ? 2 : 1, err);
}

static void
test_life (BackendFixture *fixture, gconstpointer data)
{
  VckcBlockSession *session;
  VckcError *error = NULL;

  backend_fixture_assert_bitmaps (fixture, "", "");
  backend_fixture_add_at_once (fixture, 2, "one");
  backend_fixture_assert_bitmaps (fixture, "one" BACKEND_FIXTURE_EMPTY,
                                  "one" BACKEND_FIXTURE_EMPTY);
  image_fixture_write (fixture->disks[1].path, 65535, 2);
  backend_fixture_add_at_once (fixture, 2, "two");
  image_fixture_write (fixture->disks[1].path, 0, 1);
  image_fixture_write (fixture->disks[0].path, 1 << 20, 1 << 20);
  session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  assert_ok (drop (session, 2, "one", &error), error);
  backend_fixture_close (session);
  backend_fixture_assert_bitmaps (fixture, "two/65536/1048576+recording+persistent;",
                                  "two/65536/65536+recording+persistent;");
}

/* What is listed in the session that adds and removes is what was added and removed. */
static void
test_list_in_session (BackendFixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_autofree char *before = backend_fixture_describe (session, 0);
  g_autofree char *between = NULL;
  g_autofree char *after = NULL;

  g_assert_true (backend_fixture_add (session, 2, "x", NULL));
  between = backend_fixture_describe (session, 0);
  g_assert_true (drop (session, 2, "x", NULL));
  after = backend_fixture_describe (session, 0);
  g_assert_cmpstr (before, ==, "");
  g_assert_cmpstr (between, ==, "x" BACKEND_FIXTURE_EMPTY);
  g_assert_cmpstr (after, ==, "");
  backend_fixture_close (session);
}

/* The path of vdb's image as messages show it: on one line. */
static char *
shown_path (const BackendFixture *fixture)
{
  return g_strdelimit (g_strdup (fixture->disks[1].path), "\n", ' ');
}

static void
test_add_all_or_none (BackendFixture *fixture, gconstpointer data)
{
  VckcBlockSession *session;
  VckcError *error = NULL;
  g_autofree char *path = shown_path (fixture);
  g_autofree char *part =
      g_strdup_printf ("the image '%s' of disk 'vdb' has a bitmap 'x' already; choose another "
                       "name, redefine the checkpoint, or remove the bitmap with 'qemu-img bitmap "
                       "--remove'",
                       path);

  backend_fixture_add_at_once (fixture, 1, "x");
  session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_assert_false (backend_fixture_add (session, 2, "x", &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, part);
  backend_fixture_close (session);
  backend_fixture_assert_bitmaps (fixture, "", "x" BACKEND_FIXTURE_EMPTY);
}

static void
test_remove_all_or_none (BackendFixture *fixture, gconstpointer data)
{
  VckcBlockSession *session;
  VckcError *error = NULL;
  g_autofree char *path = shown_path (fixture);
  g_autofree char *part = g_strdup_printf ("the image '%s' of disk 'vdb' has no bitmap 'x'", path);

  backend_fixture_add_at_once (fixture, 0, "x");
  session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_assert_false (drop (session, 2, "x", &error));
  assert_error (error, VCKC_ERROR_CHECKPOINT_INCONSISTENT, part);
  backend_fixture_close (session);
  backend_fixture_assert_bitmaps (fixture, "x" BACKEND_FIXTURE_EMPTY, "");
}

static void
test_nothing_to_do (BackendFixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);

  g_assert_true (vckc_block_session_add_bitmaps (session, NULL, 0, NULL));
  g_assert_true (vckc_block_session_remove_bitmaps (session, NULL, 0, NULL));
  backend_fixture_close (session);
}

static void
test_names (BackendFixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_autofree char *longest = g_strnfill (1023, 'n');
  g_autofree char *too_long = g_strnfill (1024, 'n');
  VckcError *error = NULL;

  g_assert_true (backend_fixture_add (session, 0, longest, NULL));
  g_assert_true (backend_fixture_add (session, 0, "\"quotes\" & ä", NULL));
  g_assert_false (backend_fixture_add (session, 2, too_long, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "disk 'vda': the image '");
  error = NULL;
  g_assert_false (backend_fixture_add (session, 2, "", &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "cannot have the bitmap ''");
  backend_fixture_close (session);
}

/* Two writers exclude each other, as do a writer and a reader; readers do not. */
static void
test_locked (BackendFixture *fixture, gconstpointer data)
{
  VckcBlockSession *holder = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_autofree char *part =
      g_strdup_printf ("the image '%s' of disk 'vda' is held by another program, such as a running "
                       "QEMU; stop it first",
                       fixture->disks[0].path);

  backend_fixture_assert_no_session (fixture, VCKC_BLOCK_SESSION_WRITE, VCKC_ERROR_BUSY, part);
  backend_fixture_assert_no_session (fixture, VCKC_BLOCK_SESSION_READ, VCKC_ERROR_BUSY, part);
  backend_fixture_close (holder);

  holder = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_READ);
  backend_fixture_assert_no_session (fixture, VCKC_BLOCK_SESSION_WRITE, VCKC_ERROR_BUSY, part);
  backend_fixture_close (backend_fixture_open (fixture, VCKC_BLOCK_SESSION_READ));
  backend_fixture_close (holder);
}

/* The daemon only reports what there is: once that is known, its end does not matter. */
static void
test_killed (BackendFixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_autofree char *before = backend_fixture_describe (session, 0);
  VckcError *error = NULL;

  g_assert_cmpint (kill (image_fixture_get_child (), SIGKILL), ==, 0);
  assert_ok (backend_fixture_add (session, 2, "x", &error), error);
  backend_fixture_close (session);
  backend_fixture_assert_bitmaps (fixture, "x" BACKEND_FIXTURE_EMPTY, "x" BACKEND_FIXTURE_EMPTY);
  session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  g_assert_cmpint (kill (image_fixture_get_child (), SIGKILL), ==, 0);
  g_assert_false (backend_fixture_add (session, 0, "y", &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "it was ended by signal 9 (Killed)");
  backend_fixture_close (session);
  backend_fixture_assert_bitmaps (fixture, "x" BACKEND_FIXTURE_EMPTY, "x" BACKEND_FIXTURE_EMPTY);
}

/* A bitmap whose writer was killed is distinguished from a good one, and can be removed. */
static void
test_inconsistent (BackendFixture *fixture, gconstpointer data)
{
  VckcBlockSession *session;
  VckcError *error = NULL;

  backend_fixture_add_at_once (fixture, 2, "x");
  image_fixture_abandon (fixture->disks[0].path);
  image_fixture_abandon (fixture->disks[1].path);
  backend_fixture_assert_bitmaps (fixture, "x/65536/0+persistent+inconsistent;",
                                  "x/65536/0+persistent+inconsistent;");
  session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  assert_ok (drop (session, 2, "x", &error), error);
  backend_fixture_close (session);
  backend_fixture_assert_bitmaps (fixture, "", "");
}

/* When we are killed, the daemon closes the images as it should. */
static void
test_we_are_killed (BackendFixture *fixture, gconstpointer data)
{
  int fds[2];
  char byte;
  pid_t child;

  backend_fixture_add_at_once (fixture, 2, "x");
  g_assert_cmpint (pipe (fds), ==, 0);
  child = fork ();
  if (child == 0)
    {
      backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
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
      VckcBlockSession *session =
          vckc_block_session_open (fixture->backend, &backend_fixture_machine, fixture->disks, 2,
                                   VCKC_BLOCK_SESSION_WRITE, &error);

      if (session != NULL)
        {
          backend_fixture_close (session);
          break;
        }
      g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_BUSY);
      vckc_error_free (error);
    }
  backend_fixture_assert_bitmaps (fixture, "x" BACKEND_FIXTURE_EMPTY, "x" BACKEND_FIXTURE_EMPTY);
}

/* The image of the second disk is broken meanwhile: the first one does not keep its bitmap. */
static void
test_half_way (BackendFixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  VckcError *error = NULL;
  g_autofree char *left = NULL;

  g_assert_cmpint (truncate (fixture->disks[1].path, 0), ==, 0);
  g_assert_false (backend_fixture_add (session, 2, "x", &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "cannot change the bitmaps of disk 'vdb': ");
  left = backend_fixture_describe (session, 0);
  g_assert_cmpstr (left, ==, "");
  backend_fixture_close (session);
}

/* The locks end with the session, though a child of the program has the files open. */
static void
test_fork (BackendFixture *fixture, gconstpointer data)
{
  VckcBlockSession *session = backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE);
  pid_t child = fork ();

  if (child == 0)
    for (;;)
      pause ();
  backend_fixture_close (session);
  backend_fixture_close (backend_fixture_open (fixture, VCKC_BLOCK_SESSION_WRITE));
  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/local-backend/" name, BackendFixture, NULL, backend_fixture_set_up, test,      \
              backend_fixture_tear_down)

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
  ADD ("half-way", test_half_way);
  ADD ("fork", test_fork);
  return g_test_run ();
}
