/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a running domain to files on a file system that a network or a program is behind: the
 * guest never waits for that. Here it is the shared memory of the host under another name. */

#define _GNU_SOURCE /* memfd_create(), syscall() */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backup-fixture.h"
#include "drivers/local/images/push-scratch.h"
#include "drivers/local/images/remote-file-system.h"
#include "drivers/local/images/running-backup.h"
#include "image-fixture.h"
#include "machine-fixture.h"
#include "pull-fixture.h"

#define FORM(n) GUINT_TO_POINTER (n)
#define LARGE FORM (1000)
#define NFS 0x6969
#define MIB (1024 * 1024)

typedef struct
{
  BackupFixture backup;
  MachineFixture *machine;
  char *folder; /* of the images; that of `backup` is the far one */
} Fixture;

/* On that device all file systems have this type. */
static dev_t far_device;
static guint64 far_type;

/* Instead of the function of the C library, which has this name in this program. */
int
fstatfs64 (int fd, struct statfs64 *info)
{
  int result = (int) syscall (SYS_fstatfs, fd, info);
  struct stat file;

  if (result == 0 && fstat (fd, &file) == 0 && file.st_dev == far_device)
    info->f_type = (__fsword_t) far_type;
  return result;
}

/* What reserving room does in this program; 0: what it does. */
static int reserving_fails_with;

int
fallocate64 (int fd, int mode, off_t offset, off_t length)
{
  if (reserving_fails_with == 0)
    return (int) syscall (SYS_fallocate, fd, mode, offset, length);
  errno = reserving_fails_with;
  return -1;
}

/* So often QEMU does not get the question whether it has written all. Atomic. */
static gint lost_questions;

ssize_t
sendmsg (int fd, const struct msghdr *message, int flags)
{
  const struct iovec *part = message->msg_iov;

  if (memmem (part->iov_base, part->iov_len, "blockdev-reopen", 15) != NULL
      && g_atomic_int_get (&lost_questions) > 0)
    {
      g_atomic_int_add (&lost_questions, -1);
      errno = ECONNRESET;
      return -1;
    }
  return (ssize_t) syscall (SYS_sendmsg, fd, message, flags);
}

/* Are there only files with names? */
static bool no_nameless_files;

int
open64 (const char *path, int flags, ...)
{
  va_list arguments;
  mode_t mode = 0;

  if (no_nameless_files && (flags & O_TMPFILE) == O_TMPFILE)
    {
      errno = EOPNOTSUPP;
      return -1;
    }
  va_start (arguments, flags);
  if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE)
    mode = va_arg (arguments, mode_t);
  va_end (arguments);
  return (int) syscall (SYS_openat, AT_FDCWD, path, flags, mode);
}

static void
set_up (Fixture *fixture, gconstpointer form)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  struct stat here, there;

  backup_fixture_set_up (&fixture->backup, form);
  for (guint i = 0; form != LARGE && i < BACKUP_DISKS; i++)
    backup_images_change (fixture->backup.images[i], fixture->backup.sizes[i], rand);
  fixture->folder = fixture->backup.folder;
  fixture->backup.folder = g_strdup ("/dev/shm/vck-far-XXXXXX");
  g_assert_nonnull (g_mkdtemp (fixture->backup.folder));
  g_assert_cmpint (stat (fixture->folder, &here), ==, 0);
  g_assert_cmpint (stat (fixture->backup.folder, &there), ==, 0);
  g_assert_cmpuint (here.st_dev, !=, there.st_dev);
  far_device = there.st_dev;
  far_type = NFS;
  fixture->machine = machine_fixture_start_drives (fixture->backup.qmp, fixture->backup.images);
}

static void
tear_down (Fixture *fixture, gconstpointer form)
{
  char *far_folder = fixture->backup.folder;

  g_clear_pointer (&fixture->machine, machine_fixture_free);
  fixture->backup.folder = fixture->folder;
  backup_fixture_tear_down (&fixture->backup, form);
  image_fixture_remove (far_folder);
}

/* Fails the test if QEMU has a file of the far folder open. */
static void
assert_is_apart (Fixture *fixture)
{
  g_autofree char *files =
      g_strdup_printf ("/proc/%d/fd", machine_fixture_get_pid (fixture->machine));
  g_autoptr (GDir) dir = g_dir_open (files, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (files, name, NULL);
      g_autofree char *file = g_file_read_link (link, NULL);

      g_assert_false (file != NULL && g_str_has_prefix (file, fixture->backup.folder));
    }
}

/* Nothing of a backup is left, in QEMU or in the folders. */
static void
assert_nothing_left (Fixture *fixture, const char *checkpoints)
{
  backup_fixture_assert_list (&fixture->backup, checkpoints);
  for (guint i = 0; i < BACKUP_DISKS; i++)
    g_assert_false (backup_fixture_has_file (&fixture->backup, i, "one"));
  assert_is_apart (fixture);
  machine_fixture_write (fixture->machine, "b", 0, 4096);
}

static void
write_all (Fixture *fixture, guint pattern)
{
  for (guint64 at = 0; at < 8 * MIB; at += MIB)
    {
      machine_fixture_write_pattern (fixture->machine, "a", pattern, at, 65536);
      machine_fixture_write_pattern (fixture->machine, "b", pattern, at, 65536);
    }
}

static void
assert_notes (Fixture *fixture)
{
  VckcError *error = NULL;
  VckcJobInfo *info = vckc_domain_wait_job (fixture->backup.domain, &error);
  VckcJobDisk **disks = NULL;
  int n;

  assert_ok (info != NULL, error);
  n = vckc_job_info_list_disks (info, &disks, NULL);
  g_assert_cmpint (n, ==, BACKUP_DISKS);
  for (int i = 0; i < n; i++)
    {
      const char *note = vckc_job_disk_get_note (disks[i], NULL);

      g_assert_nonnull (note);
      g_assert_nonnull (strstr (note, "beside the image"));
      g_assert_nonnull (strstr (note, "(NFS)"));
      g_assert_cmpint (vckc_job_disk_get_bytes_done (disks[i], NULL), ==,
                       vckc_job_disk_get_bytes_total (disks[i], NULL));
      vckc_job_disk_unref (disks[i], NULL);
    }
  g_free (disks);
  vckc_job_info_unref (info, NULL);
}

/* Full and incremental backups hold what the disks held, and QEMU never has their files open. */
static void
test_truth (Fixture *fixture, gconstpointer form)
{
  char *hashes[2][BACKUP_DISKS];
  VckcError *error = NULL;

  for (guint point = 0; point < 2; point++)
    {
      g_autofree char *name = g_strdup_printf ("p%u", point);
      const char *base = point == 0 ? NULL : "p0";
      bool begun;

      for (guint i = 0; i < BACKUP_DISKS; i++)
        hashes[point][i] = backup_images_hash (fixture->backup.images[i], "qcow2");
      backup_fixture_make_files (&fixture->backup, name, base);
      begun = backup_fixture_try_begin (&fixture->backup, name, base,
                                        VCKC_BACKUP_BEGIN_REUSE_EXTERNAL, &error);
      assert_ok (begun, error);
      assert_is_apart (fixture);
      write_all (fixture, point + 1);
      g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
      assert_notes (fixture);
      /* So that what it has written is in the image. */
      machine_fixture_stop (fixture->machine);
      machine_fixture_start (fixture->machine);
    }
  backup_fixture_assert_list (&fixture->backup, "p0 p1");
  for (guint point = 0; point < 2; point++)
    for (guint i = 0; i < BACKUP_DISKS; i++)
      {
        g_autofree char *name = g_strdup_printf ("p%u", point);
        g_autofree char *file = backup_fixture_get_file (&fixture->backup, i, name);
        g_autofree char *hash = backup_images_hash (file, "qcow2");

        g_assert_cmpstr (hash, ==, hashes[point][i]);
        g_free (hashes[point][i]);
      }
}

/* A question that QEMU does not get is asked again; what it has copied is not given up. */
static void
test_asked_again (Fixture *fixture, gconstpointer form)
{
  char *hashes[BACKUP_DISKS];

  for (guint i = 0; i < BACKUP_DISKS; i++)
    hashes[i] = backup_images_hash (fixture->backup.images[i], "qcow2");
  g_atomic_int_set (&lost_questions, 2);
  backup_fixture_begin (&fixture->backup, "one", NULL);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
  g_assert_cmpint (g_atomic_int_get (&lost_questions), ==, 0);
  for (guint i = 0; i < BACKUP_DISKS; i++)
    {
      g_autofree char *file = backup_fixture_get_file (&fixture->backup, i, "one");
      g_autofree char *hash = backup_images_hash (file, "qcow2");

      g_assert_cmpstr (hash, ==, hashes[i]);
      g_free (hashes[i]);
    }
}

static void
test_cancel (Fixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;
  bool aborted;

  backup_fixture_begin (&fixture->backup, "one", NULL);
  aborted = vckc_domain_abort_job (fixture->backup.domain, &error) == 0;
  assert_ok (aborted, error);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_CANCELLED));
  assert_nothing_left (fixture, "");
}

static void
assert_code (Fixture *fixture, VckcErrorCode code)
{
  VckcError *error = NULL;
  VckcJobInfo *info = vckc_domain_wait_job (fixture->backup.domain, &error);

  assert_ok (info != NULL, error);
  g_assert_cmpint (vckc_job_info_get_error_code (info, NULL), ==, code);
  vckc_job_info_unref (info, NULL);
}

/* The guest goes on when the far file cannot be written. */
static void
test_far_file_is_full (Fixture *fixture, gconstpointer form)
{
  const struct rlimit small = { 300 * 1024, RLIM_INFINITY };
  struct rlimit before;
  g_autofree char *why = NULL;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_IGN);
  backup_fixture_begin (&fixture->backup, "one", NULL);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  why = backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_FAILED);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_DFL);
  g_assert_nonnull (strstr (why, "cannot write the backup file"));
  assert_code (fixture, VCKC_ERROR_NO_SPACE);
  assert_nothing_left (fixture, "");
}

/* No room beside the image, or none that can be reserved: the backup is not begun. */
static void
test_no_room (Fixture *fixture, gconstpointer form)
{
  static const int errors[] = { ENOSPC, EOPNOTSUPP };

  for (gsize i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      VckcError *error = NULL;

      reserving_fails_with = errors[i];
      g_assert_false (backup_fixture_try_begin (&fixture->backup, "one", NULL, 0, &error));
      reserving_fails_with = 0;
      assert_error (error, VCKC_ERROR_NO_SPACE, "room");
      assert_nothing_left (fixture, "");
    }
}

/* No more room beside the image: not the far file is to blame. */
static void
test_no_more_room (void)
{
  static const int errors[] = { ENOSPC, EDQUOT, EFBIG };

  for (gsize i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      VckcQmpBackupDisk disk = { .target = "vda", .file = "/far/file", .path = "/near/image" };
      guint64 reserved = 1, capacity = MIB;
      int fd = memfd_create ("room", MFD_CLOEXEC);
      VckcPushScratch *scratches[] = { (VckcPushScratch *) &disk }; /* there is one */
      g_autoptr (GArray) fds = g_array_new (FALSE, FALSE, sizeof fd);
      VckcRunningBackup backup = { .local = { .jobs = { .disks = &disk, .n_disks = 1 },
                                              .fds = fds },
                                   .capacities = &capacity,
                                   .reserved = &reserved,
                                   .scratches = scratches };
      VckcError *error = NULL;

      g_array_append_val (fds, fd);
      reserving_fails_with = errors[i];
      g_assert_false (vckc_running_backup_extend (&backup, &error));
      reserving_fails_with = 0;
      g_assert_true (g_str_has_prefix (vckc_error_get_message (error), "beside '/near/image', "));
      assert_error (error, VCKC_ERROR_NO_SPACE, "the backup of disk 'vda'");
      close (fd);
    }
}

/* There is nowhere to write meanwhile: it is refused, and said what can be done. */
static void
test_refused (Fixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;
  bool begun;

  no_nameless_files = true;
  begun = backup_fixture_try_begin (&fixture->backup, "one", NULL, 0, &error);
  no_nameless_files = false;
  g_assert_false (begun);
  assert_error (error, VCKC_ERROR_OPERATION_UNSUPPORTED, "(NFS)");
  assert_nothing_left (fixture, "");
}

/* A link to the image, in a far folder, is not what the file is made beside. */
static void
test_image_is_link (Fixture *fixture, gconstpointer form)
{
  g_autofree char *file = backup_fixture_get_file (&fixture->backup, 0, "one");
  g_autofree char *link = g_build_filename (fixture->backup.folder, "link", NULL);
  int fd = open (file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const VckcPushTarget target = { fd, file, link, false };
  VckcPushScratch *scratch = NULL;
  VckcError *error = NULL;
  struct stat info;
  bool made;

  g_assert_cmpint (symlink (fixture->backup.images[0], link), ==, 0);
  made = vckc_push_scratch_new (&target, &scratch, &error);
  assert_ok (made, error);
  g_assert_nonnull (scratch);
  g_assert_cmpint (fstat (vckc_push_scratch_get_fd (scratch), &info), ==, 0);
  g_assert_cmpuint (info.st_dev, !=, far_device);
  vckc_push_scratch_free (scratch);
  close (fd);
}

/* A pull writes to its scratch file while the guest waits. */
static void
test_pull (Fixture *fixture, gconstpointer form)
{
  g_autofree char *xml = g_strdup_printf (
      "<domainbackup mode='pull'><server transport='unix' socket='%s/nbd'/><disks>"
      "<disk name='vda' type='file'><scratch file='%s/vda-one.qcow2'/></disk></disks>"
      "</domainbackup>",
      fixture->folder, fixture->backup.folder);
  VckcError *error = NULL;

  g_assert_false (pull_fixture_begin_xml (&fixture->backup, xml, 0, &error));
  assert_error (error, VCKC_ERROR_OPERATION_UNSUPPORTED, "must not wait");
  assert_nothing_left (fixture, "");
}

/* Nothing can take up what the program had to copy: it is taken back. */
static void
test_killed (Fixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;
  int status, result;
  pid_t child;

  backup_fixture_disconnect (&fixture->backup);
  child = fork ();
  if (child == 0)
    {
      backup_fixture_connect (&fixture->backup);
      backup_fixture_begin (&fixture->backup, "one", NULL);
      kill (getpid (), SIGKILL);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  backup_fixture_connect (&fixture->backup);
  result = vckc_domain_recover_backup (fixture->backup.domain, &error);
  assert_ok (result == 0, error);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_LOST));
  assert_nothing_left (fixture, "");
  g_assert_cmpuint (machine_fixture_count_bitmaps (fixture->machine, "nb"), ==, 0);
}

/* On the file system of the image the guest depends on it anyway. */
static void
test_beside_the_image (Fixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;
  VckcJobInfo *info;
  VckcJobDisk **disks = NULL;
  struct stat here;
  char *far_folder = fixture->backup.folder;
  int n;

  g_assert_cmpint (stat (fixture->folder, &here), ==, 0);
  far_device = here.st_dev;
  fixture->backup.folder = fixture->folder;
  backup_fixture_begin (&fixture->backup, "one", NULL);
  info = vckc_domain_wait_job (fixture->backup.domain, &error);
  assert_ok (info != NULL, error);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, VCKC_JOB_STATE_DONE);
  n = vckc_job_info_list_disks (info, &disks, NULL);
  for (int i = 0; i < n; i++)
    {
      g_assert_null (vckc_job_disk_get_note (disks[i], NULL));
      vckc_job_disk_unref (disks[i], NULL);
    }
  g_free (disks);
  vckc_job_info_unref (info, NULL);
  fixture->backup.folder = far_folder;
}

static void
test_table (void)
{
  static const struct
  {
    guint64 type;
    const char *name;
  } types[] = {
    { 0x6969, "NFS" },
    { 0xff534d42, "CIFS" },
    { 0xffffffffff534d42, "CIFS" }, /* with the sign of a type of 32 bits */
    { 0xfe534d42, "SMB" },
    { 0x65735546, "FUSE" },
    { 0x00c36400, "Ceph" },
    { 0x01021997, "9p" },
    { 0x7461636f, "OCFS2" },
    { 0x0bd00bd0, "Lustre" },
    { 0xef53, NULL },     /* ext4 */
    { 0x58465342, NULL }, /* XFS */
    { 0x9123683e, NULL }, /* Btrfs */
    { 0x01021994, NULL }, /* tmpfs */
    { 0x2fc12fc1, NULL }, /* ZFS */
    { 0x794c7630, NULL }, /* overlayfs */
    { 0, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    g_assert_cmpstr (vckc_remote_file_system_get_name (types[i].type), ==, types[i].name);
}

#define ADD(name, form, function)                                                                  \
  g_test_add ("/remote-target/" name, Fixture, form, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote-target/table", test_table);
  g_test_add_func ("/remote-target/no-more-room", test_no_more_room);
  ADD ("truth", FORM (0), test_truth);
  ADD ("asked-again", FORM (0), test_asked_again);
  ADD ("cancel", LARGE, test_cancel);
  ADD ("far-file-is-full", FORM (0), test_far_file_is_full);
  ADD ("no-room", FORM (0), test_no_room);
  ADD ("image-is-link", FORM (0), test_image_is_link);
  ADD ("refused", FORM (0), test_refused);
  ADD ("pull", FORM (0), test_pull);
  ADD ("killed", LARGE, test_killed);
  ADD ("beside-the-image", FORM (0), test_beside_the_image);
  return g_test_run ();
}
