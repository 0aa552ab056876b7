/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Whether the file that is opened here is libvirt's: found by what libvirt opens, not by names. */

#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "../local/assert-error.h"
#include "drivers/libvirt/probe/libvirt-same-file.h"
#include "libvirt-fixture.h"

/* What libvirt does when it is asked for the size of the image. */
static const char *opens;     /* the file it opens; NULL for none */
static guint64 reported_size; /* that libvirt reports */
static bool fails;

/* Replaces libvirt's function. */
int
virDomainGetBlockInfo (virDomainPtr domain,
                       const char *disk,
                       virDomainBlockInfoPtr info,
                       unsigned int flags)
{
  int fd = opens != NULL ? open (opens, O_RDONLY | O_CLOEXEC) : -1;

  g_assert_cmpstr (disk, ==, "vda");
  if (fd >= 0)
    close (fd);
  info->physical = reported_size;
  return fails ? -1 : 0;
}

typedef struct
{
  char *dir;
  char *own;   /* a file that is opened here, of four bytes, */
  char *other; /* and one of the same size */
  int fd;
} Files;

static void
files_init (Files *self)
{
  self->dir = g_dir_make_tmp ("vck-same-XXXXXX", NULL);
  self->own = g_build_filename (self->dir, "own", NULL);
  self->other = g_build_filename (self->dir, "other", NULL);
  g_assert_true (g_file_set_contents (self->own, "1234", -1, NULL));
  g_assert_true (g_file_set_contents (self->other, "5678", -1, NULL));
  self->fd = open (self->own, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (self->fd, >=, 0);
  opens = self->own;
  reported_size = 4;
  fails = false;
}

static void
files_clear (Files *self)
{
  close (self->fd);
  g_unlink (self->own);
  g_unlink (self->other);
  g_rmdir (self->dir);
  g_free (self->own);
  g_free (self->other);
  g_free (self->dir);
}

static void
assert_match (LibvirtFixture *fixture, const Files *files, int fd, VckcLibvirtFileMatch expected)
{
  g_autoptr (VckcError) error = NULL;
  VckcLibvirtFileMatch match =
      vckc_libvirt_match_file (fixture->domain, "vda", NULL, fd, files->own, &error);

  g_assert_cmpint (match, ==, expected);
  g_assert_true ((error == NULL) == (expected == VCKC_LIBVIRT_FILE_SAME));
  if (expected == VCKC_LIBVIRT_FILE_OTHER)
    assert_error (g_steal_pointer (&error), VCKC_ERROR_OPERATION_INVALID, files->own);
}

static void
test_match (LibvirtFixture *fixture, gconstpointer unused)
{
  Files files;

  files_init (&files);
  assert_match (fixture, &files, files.fd, VCKC_LIBVIRT_FILE_SAME);
  g_test_message ("another file of the same size");
  opens = files.other;
  assert_match (fixture, &files, files.fd, VCKC_LIBVIRT_FILE_OTHER);
  g_test_message ("a file on another host");
  opens = NULL;
  assert_match (fixture, &files, files.fd, VCKC_LIBVIRT_FILE_OTHER);
  g_test_message ("another program opens ours meanwhile");
  opens = files.own;
  reported_size = 5;
  assert_match (fixture, &files, files.fd, VCKC_LIBVIRT_FILE_OTHER);
  g_test_message ("none here");
  assert_match (fixture, &files, -1, VCKC_LIBVIRT_FILE_OTHER);
  g_test_message ("libvirt cannot open it either");
  fails = true;
  assert_match (fixture, &files, files.fd, VCKC_LIBVIRT_FILE_UNKNOWN);
  assert_match (fixture, &files, -1, VCKC_LIBVIRT_FILE_UNKNOWN);
  files_clear (&files);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  LIBVIRT_FIXTURE_TEST ("/vck/libvirt-same-file/match", test_match);
  return g_test_run ();
}
