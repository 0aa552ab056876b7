/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups by a QEMU whose socket was removed: what it has must not be taken for ended. */

#define _GNU_SOURCE /* struct ucred, syscall() */

#include <glib.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "backup-fixture.h"
#include "forbidden-call.h"
#include "image-fixture.h"
#include "machine-fixture.h"

#define NFS 0x6969
#define LARGE GUINT_TO_POINTER (1000)

typedef struct
{
  BackupFixture backup;
  MachineFixture *machine;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer form)
{
  backup_fixture_set_up (&fixture->backup, form);
  fixture->machine = machine_fixture_start_drives (fixture->backup.qmp, fixture->backup.images);
}

static void
tear_down (Fixture *fixture, gconstpointer form)
{
  g_clear_pointer (&fixture->machine, machine_fixture_free);
  backup_fixture_tear_down (&fixture->backup, form);
}

/* It is not known how far QEMU has come, so the backup has not ended. */
static void
assert_goes_on (Fixture *fixture)
{
  VckcError *error = NULL;
  VckcJobInfo *info;

  g_usleep (G_USEC_PER_SEC);
  info = vckc_domain_get_job_info (fixture->backup.domain, 0, &error);
  assert_ok (info != NULL, error);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), <=, VCKC_JOB_STATE_FINISHING);
  vckc_job_info_unref (info, NULL);
  g_assert_true (backup_fixture_has_file (&fixture->backup, 0, "one"));
  g_assert_true (backup_fixture_has_file (&fixture->backup, 1, "one"));
}

/* When QEMU has been sent the backup, its socket is renamed to that, so that it cannot be seen to
 * end before; what is connected stays so. "" removes it, NULL leaves it. */
static const char *socket_aside;
static const char *socket_path;

/* Instead of the function of the C library. */
ssize_t
sendmsg (int fd, const struct msghdr *message, int flags)
{
  const struct iovec *part = message->msg_iov;
  const ssize_t sent = (ssize_t) syscall (SYS_sendmsg, fd, message, flags);
  int result = 0;

  if (socket_aside == NULL || memmem (part->iov_base, part->iov_len, "blockdev-backup", 15) == NULL)
    return sent;
  result = *socket_aside != '\0' ? g_rename (socket_path, socket_aside) : g_remove (socket_path);
  g_assert_cmpint (result, ==, 0);
  socket_aside = NULL;
  return sent;
}

static void
begin_out_of_reach (Fixture *fixture, const char *aside)
{
  socket_path = fixture->backup.qmp;
  socket_aside = aside;
  backup_fixture_begin (&fixture->backup, "one", NULL);
  g_assert_null (socket_aside);
}

/* A QEMU whose socket is gone goes on with the backup, whichever answers in its stead. */
static void
test_socket_is_removed (Fixture *fixture, gconstpointer form)
{
  static const char *const no_disks[] = { NULL };
  g_autofree char *aside = g_strconcat (fixture->backup.qmp, ".aside", NULL);
  g_autoptr (MachineFixture) other = machine_fixture_new (fixture->backup.qmp, no_disks);

  begin_out_of_reach (fixture, aside);
  assert_goes_on (fixture);
  machine_fixture_start (other);
  assert_goes_on (fixture);
  machine_fixture_kill (other);
  assert_goes_on (fixture);
  g_assert_cmpint (g_rename (aside, fixture->backup.qmp), ==, 0);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
  backup_fixture_assert_list (&fixture->backup, "one");
}

/* Does this program not see which process a socket is of? */
static bool process_is_hidden;

/* Instead of the function of the C library. */
int
getsockopt (int fd, int level, int name, void *value, socklen_t *size)
{
  int result = (int) syscall (SYS_getsockopt, fd, level, name, value, size);

  if (result == 0 && process_is_hidden && level == SOL_SOCKET && name == SO_PEERCRED)
    ((struct ucred *) value)->pid = 0;
  return result;
}

/* It goes on until it ends; seen by its process, or by its images. */
static void
test_killed_without_socket (Fixture *fixture, gconstpointer form)
{
  for (guint i = 0; i < 2; i++)
    {
      process_is_hidden = i == 1;
      begin_out_of_reach (fixture, "");
      assert_goes_on (fixture);
      machine_fixture_kill (fixture->machine);
      g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_LOST));
      backup_fixture_assert_list (&fixture->backup, "");
      g_assert_false (backup_fixture_has_file (&fixture->backup, 0, "one"));
      machine_fixture_start (fixture->machine);
    }
  process_is_hidden = false;
}

/* The kernel has no descriptors of processes. It stays so until the program ends. */
static void
test_without_pidfd (Fixture *fixture, gconstpointer form)
{
  forbid_call (SYS_pidfd_open);
  test_socket_is_removed (fixture, form);
  backup_fixture_begin (&fixture->backup, "two", NULL);
  machine_fixture_kill (fixture->machine);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_LOST));
}

static void
cancel_and_disconnect (Fixture *fixture)
{
  VckcError *error = NULL;

  assert_ok (vckc_domain_abort_job (fixture->backup.domain, &error) == 0, error);
  backup_fixture_disconnect (&fixture->backup);
}

/* When it is taken up, it was cancelled, even if all was copied meanwhile. */
static void
assert_is_cancelled (Fixture *fixture)
{
  VckcError *error = NULL;

  backup_fixture_connect (&fixture->backup);
  assert_ok (vckc_domain_recover_backup (fixture->backup.domain, &error) == 0, error);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_CANCELLED));
  backup_fixture_assert_list (&fixture->backup, "");
  g_assert_false (backup_fixture_has_file (&fixture->backup, 0, "one"));
}

/* Of a QEMU that cannot be reached it is not known whether it has ended, not even by its process.
 */
static void
test_cancelled_out_of_reach (Fixture *fixture, gconstpointer form)
{
  g_autofree char *aside = g_strconcat (fixture->backup.qmp, ".aside", NULL);

  process_is_hidden = true;
  begin_out_of_reach (fixture, aside);
  assert_goes_on (fixture);
  cancel_and_disconnect (fixture);
  g_assert_true (backup_fixture_has_file (&fixture->backup, 0, "one"));
  g_assert_cmpint (g_rename (aside, fixture->backup.qmp), ==, 0);
  assert_is_cancelled (fixture);
  process_is_hidden = false;
}

/* Behind that device is a network: QEMU does not write there itself, and the backup ends with this
 * program. */
static dev_t far_device;

/* Instead of the function of the C library, which has this name in this program. */
int
fstatfs64 (int fd, struct statfs64 *info)
{
  int result = (int) syscall (SYS_fstatfs, fd, info);
  struct stat file;

  if (result == 0 && fstat (fd, &file) == 0 && file.st_dev == far_device)
    info->f_type = NFS;
  return result;
}

/* Has the backup made in a far folder; returns the other one. */
static char *
go_far (Fixture *fixture)
{
  char *folder = fixture->backup.folder;
  struct stat info;

  fixture->backup.folder = g_strdup ("/dev/shm/vck-far-XXXXXX");
  g_assert_nonnull (g_mkdtemp (fixture->backup.folder));
  g_assert_cmpint (stat (fixture->backup.folder, &info), ==, 0);
  far_device = info.st_dev;
  return folder;
}

static void
come_back (Fixture *fixture, char *folder)
{
  image_fixture_remove (fixture->backup.folder);
  fixture->backup.folder = folder;
  far_device = 0;
}

/* A connection is not held open by a QEMU that cannot be reached. */
static void
test_closed_out_of_reach (Fixture *fixture, gconstpointer form)
{
  g_autofree char *aside = g_strconcat (fixture->backup.qmp, ".aside", NULL);
  char *folder = go_far (fixture);
  VckcError *error = NULL;

  process_is_hidden = true;
  begin_out_of_reach (fixture, aside);
  assert_goes_on (fixture);
  backup_fixture_disconnect (&fixture->backup);
  g_assert_true (backup_fixture_has_file (&fixture->backup, 0, "one"));
  g_assert_cmpint (g_rename (aside, fixture->backup.qmp), ==, 0);
  backup_fixture_connect (&fixture->backup);
  assert_ok (vckc_domain_recover_backup (fixture->backup.domain, &error) == 0, error);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_LOST));
  backup_fixture_assert_list (&fixture->backup, "");
  g_assert_false (backup_fixture_has_file (&fixture->backup, 0, "one"));
  process_is_hidden = false;
  come_back (fixture, folder);
}

/* The connection is gone before QEMU can be asked. */
static void
test_cancelled_last (Fixture *fixture, gconstpointer form)
{
  backup_fixture_begin (&fixture->backup, "one", NULL);
  cancel_and_disconnect (fixture);
  assert_is_cancelled (fixture);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/lost-socket/" name, Fixture, LARGE, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("socket-is-removed", test_socket_is_removed);
  ADD ("killed-without-socket", test_killed_without_socket);
  ADD ("cancelled-out-of-reach", test_cancelled_out_of_reach);
  ADD ("closed-out-of-reach", test_closed_out_of_reach);
  ADD ("cancelled-last", test_cancelled_last);
  ADD ("without-pidfd", test_without_pidfd);
  return g_test_run ();
}
