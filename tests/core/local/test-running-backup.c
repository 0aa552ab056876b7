/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a running domain, by its own QEMU, while it writes. */

#define _GNU_SOURCE /* memmem(), prlimit(), syscall() */

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backup-fixture.h"
#include "checkpoint-steps.h"
#include "image-fixture.h"
#include "machine-fixture.h"

#define FORM(n) GUINT_TO_POINTER (n)
#define LARGE FORM (1000)
#define N_SLOTS 64
#define SLOT 4096

typedef struct
{
  BackupFixture backup;
  MachineFixture *machine;
  GThread *writer; /* (nullable) */
  gint stopped;    /* atomic */
  guint n_written; /* of the last pair of writes that is done; read once the writer has ended */
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

/* The pattern of write number `n`; 0 is what there was before. */
static guint
get_pattern (guint n)
{
  return n == 0 ? 0 : 1 + n % 255;
}

static void
write_number (Fixture *fixture, const char *node, guint n)
{
  machine_fixture_write_pattern (fixture->machine, node, get_pattern (n),
                                 (guint64) n % N_SLOTS * SLOT, SLOT);
}

/* Writes pairs, first to one disk, then to the other. */
static gpointer
writer_cb (gpointer data)
{
  Fixture *fixture = data;

  for (guint n = fixture->n_written + 1; !g_atomic_int_get (&fixture->stopped); n++)
    {
      write_number (fixture, "a", n);
      write_number (fixture, "b", n);
      fixture->n_written = n;
    }
  return NULL;
}

static void
start_writing (Fixture *fixture)
{
  fixture->stopped = 0;
  fixture->writer = g_thread_new ("writer", writer_cb, fixture);
}

static void
stop_writing (Fixture *fixture)
{
  g_atomic_int_set (&fixture->stopped, 1);
  g_thread_join (g_steal_pointer (&fixture->writer));
}

/* After how many writes, up to `limit`, a disk was as that file reads; -1 if it never was. */
static int
find_number (Fixture *fixture, guint disk, const char *name, guint limit)
{
  g_autofree char *file = backup_fixture_get_file (&fixture->backup, disk, name);
  g_autofree char *raw = g_strconcat (file, ".raw", NULL);
  const char *const convert[] = {
    "qemu-img", "convert", "-f", "qcow2", "-O", "raw", file, raw, NULL
  };
  g_autofree char *text = NULL;
  guint last[N_SLOTS] = { 0 };
  gsize length;

  g_free (image_fixture_run (convert));
  g_assert_true (g_file_get_contents (raw, &text, &length, NULL));
  for (guint n = 0; n <= limit; n++)
    {
      guint slot = 0;

      last[n % N_SLOTS] = n;
      while (slot < N_SLOTS && (guchar) text[slot * SLOT] == get_pattern (last[slot])
             && memcmp (text + slot * SLOT, text + slot * SLOT + 1, SLOT - 1) == 0)
        slot++;
      if (slot == N_SLOTS)
        return (int) n;
    }
  return -1;
}

/* Each point is the state after one write, the same on both disks but for the one under way. */
static void
test_truth (Fixture *fixture, gconstpointer form)
{
  int points[3][BACKUP_DISKS];

  start_writing (fixture);
  backup_fixture_back_up (&fixture->backup, "p0", NULL);
  backup_fixture_back_up (&fixture->backup, "p1", "p0");
  backup_fixture_back_up (&fixture->backup, "p2", "p1");
  stop_writing (fixture);
  for (guint point = 0; point < 3; point++)
    {
      g_autofree char *name = g_strdup_printf ("p%u", point);

      for (guint i = 0; i < BACKUP_DISKS; i++)
        {
          points[point][i] = find_number (fixture, i, name, fixture->n_written);
          g_assert_cmpint (points[point][i], >=, point > 0 ? points[point - 1][i] : 0);
        }
      g_assert_cmpint (points[point][0] - points[point][1], >=, 0);
      g_assert_cmpint (points[point][0] - points[point][1], <=, 1);
    }
  g_assert_cmpint (points[2][0], >, points[0][0]);
  backup_fixture_assert_list (&fixture->backup, "p0 p1 p2");
  g_assert_cmpuint (machine_fixture_count_bitmaps (fixture->machine, "nb"), ==, 3);
}

/* The bitmaps are still right when QEMU has ended, and the next backup is based on them. */
static void
test_then_off (Fixture *fixture, gconstpointer form)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autofree char *file = backup_fixture_get_file (&fixture->backup, 1, "p1");
  g_autofree char *expected = NULL;
  g_autofree char *hash = NULL;

  backup_fixture_back_up (&fixture->backup, "p0", NULL);
  write_number (fixture, "b", 1);
  machine_fixture_stop (fixture->machine);
  backup_images_change (fixture->backup.images[1], fixture->backup.sizes[1], rand);
  expected = backup_images_hash (fixture->backup.images[1], "qcow2");
  backup_fixture_back_up (&fixture->backup, "p1", "p0");
  hash = backup_images_hash (file, "qcow2");
  g_assert_cmpstr (hash, ==, expected);
}

/* What may be done meanwhile; cancelled, it leaves nothing. */
static void
test_cancel (Fixture *fixture, gconstpointer form)
{
  VckcCheckpointConfig config = { .policy = VCKC_DISK_POLICY_TRACKABLE };
  VckcDomainCheckpoint *one;
  VckcDomainCheckpoint *during;
  VckcCheckpointPlan *creation;
  VckcDeletePlan *deletion;
  VckcError *error = NULL;
  int result;

  backup_fixture_begin (&fixture->backup, "one", NULL);
  creation = vckc_domain_plan_checkpoint (fixture->backup.domain, &config, 0, &error);
  assert_ok (creation != NULL, error);
  vckc_checkpoint_plan_unref (creation, NULL);
  during = vckc_domain_checkpoint_create_xml (
      fixture->backup.domain, "<domaincheckpoint><name>during</name></domaincheckpoint>", 0,
      &error);
  assert_ok (during != NULL, error);
  one = vckc_domain_checkpoint_lookup_by_name (fixture->backup.domain, "one", 0, NULL);
  g_assert_cmpint (vckc_domain_checkpoint_delete (one, 0, &error), ==, -1);
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
  error = NULL;
  g_assert_null (vckc_domain_checkpoint_plan_delete (one, 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
  error = NULL;
  deletion = vckc_domain_checkpoint_plan_delete (during, 0, &error);
  assert_ok (deletion != NULL, error);
  vckc_delete_plan_unref (deletion, NULL);
  result = vckc_domain_abort_job (fixture->backup.domain, &error);
  assert_ok (result == 0, error);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_CANCELLED));
  backup_fixture_assert_list (&fixture->backup, "during");
  g_assert_false (backup_fixture_has_file (&fixture->backup, 0, "one"));
  g_assert_cmpuint (machine_fixture_count_bitmaps (fixture->machine, "nb"), ==, 1);
  vckc_domain_checkpoint_unref (one, NULL);
  vckc_domain_checkpoint_unref (during, NULL);
}

/* QEMU goes on without the program that began, and another one takes the backup up. */
static void
test_taken_up (Fixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;
  int result;

  backup_fixture_begin (&fixture->backup, "one", NULL);
  backup_fixture_disconnect (&fixture->backup);
  backup_fixture_connect (&fixture->backup);
  result = vckc_domain_recover_backup (fixture->backup.domain, &error);
  assert_ok (result == 0, error);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
  backup_fixture_assert_list (&fixture->backup, "one");
  g_assert_true (backup_fixture_has_file (&fixture->backup, 0, "one"));
  g_assert_cmpint (find_number (fixture, 0, "one", 0), ==, 0);
  g_assert_cmpuint (machine_fixture_count_bitmaps (fixture->machine, "nb"), ==, 1);
}

/* Leaves the backup until QEMU has copied all of it. False if it was ended before it was left. */
static bool
leave_until_copied (Fixture *fixture)
{
  const gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  backup_fixture_disconnect (&fixture->backup);
  for (;;)
    {
      const guint all = machine_fixture_count_jobs (fixture->machine, NULL);

      if (all == 0 || machine_fixture_count_jobs (fixture->machine, "concluded") > 0)
        return false;
      if (machine_fixture_count_jobs (fixture->machine, "pending") == all)
        return true;
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (10000);
    }
}

/* Begins a backup, and leaves it until all is copied. If it ends too soon, it begins again. */
static void
begin_and_copy (Fixture *fixture)
{
  const guint times = 20;

  for (guint i = 0; i < times; i++)
    {
      VckcError *error = NULL;
      int result;

      backup_fixture_begin (&fixture->backup, "one", NULL);
      if (leave_until_copied (fixture))
        return;
      backup_fixture_connect (&fixture->backup);
      result = vckc_domain_recover_backup (fixture->backup.domain, &error);
      assert_ok (result == 0, error);
      g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
      delete_checkpoint (fixture->backup.domain, "one");
      for (guint disk = 0; disk < BACKUP_DISKS; disk++)
        {
          g_autofree char *file = backup_fixture_get_file (&fixture->backup, disk, "one");

          g_assert_cmpint (g_unlink (file), ==, 0);
        }
    }
  g_error ("%u backups ended before they were left", times);
}

/* A job that has copied all waits for the process that follows it. */
static void
test_ended_on_demand (Fixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;
  int result;

  begin_and_copy (fixture);
  backup_fixture_connect (&fixture->backup);
  result = vckc_domain_recover_backup (fixture->backup.domain, &error);
  assert_ok (result == 0, error);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
}

/* All is copied, and QEMU cannot write the tables that it has kept in memory: the files hold
 * nothing that can be found. */
static void
test_tables_cannot_be_written (Fixture *fixture, gconstpointer form)
{
  const struct rlimit nothing = { 0, RLIM_INFINITY };
  const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
  const pid_t qemu = machine_fixture_get_pid (fixture->machine);
  g_autofree char *why = NULL;
  VckcError *error = NULL;
  int result;

  begin_and_copy (fixture);
  g_assert_cmpint (prlimit (qemu, RLIMIT_FSIZE, &nothing, NULL), ==, 0);
  backup_fixture_connect (&fixture->backup);
  result = vckc_domain_recover_backup (fixture->backup.domain, &error);
  assert_ok (result == 0, error);
  why = backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_FAILED);
  g_assert_nonnull (strstr (why, "cannot write the rest of the backup"));
  g_assert_cmpint (prlimit (qemu, RLIMIT_FSIZE, &all, NULL), ==, 0);
  backup_fixture_assert_list (&fixture->backup, "");
  g_assert_false (backup_fixture_has_file (&fixture->backup, 0, "one"));
  backup_fixture_back_up (&fixture->backup, "one", NULL);
}

/* So often QEMU does not get the question whether it has written all. Atomic. */
static gint lost_questions;

/* So often its answer to that is lost. Atomic. */
static gint lost_answers;

/* Once QEMU has opened the first file, its socket is renamed to that; NULL: no more. */
static const char *socket_aside;
static const char *socket_path;
static guint n_opened;

/* Is the message lost, with the connection? */
static bool
is_cut_off (const struct iovec *part)
{
  if (socket_aside == NULL || memmem (part->iov_base, part->iov_len, "blockdev-add", 12) == NULL
      || n_opened++ == 0)
    return false;
  g_assert_cmpint (g_rename (socket_path, socket_aside), ==, 0);
  socket_aside = NULL;
  return true;
}

/* Waits until QEMU has done what it was asked; nothing else is asked meanwhile. */
static void
await_answer (int fd)
{
  const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  char bytes[65536];
  ssize_t size = -1;

  while (size < 0 || memmem (bytes, (size_t) size, "\"return\"", 8) == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (1000);
      size = recv (fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    }
}

/* Instead of the function of the C library. */
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
  if (is_cut_off (part))
    {
      errno = ECONNRESET;
      return -1;
    }
  if (memmem (part->iov_base, part->iov_len, "blockdev-reopen", 15) != NULL
      && g_atomic_int_get (&lost_answers) > 0)
    {
      g_atomic_int_add (&lost_answers, -1);
      g_assert_cmpint (syscall (SYS_sendmsg, fd, message, flags), >, 0);
      await_answer (fd);
      errno = ECONNRESET;
      return -1;
    }
  return (ssize_t) syscall (SYS_sendmsg, fd, message, flags);
}

/* A question that QEMU does not get is asked again; what it has copied is not given up. */
static void
test_asked_again (Fixture *fixture, gconstpointer form)
{
  g_atomic_int_set (&lost_questions, 2);
  backup_fixture_begin (&fixture->backup, "one", NULL);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
  g_assert_cmpint (g_atomic_int_get (&lost_questions), ==, 0);
  g_assert_cmpint (find_number (fixture, 0, "one", 0), ==, 0);
}

/* QEMU has written all, and its answer is lost, or gets to a program that ends: the next one that
 * asks does not take that for a failure. */
static void
test_answer_lost (Fixture *fixture, gconstpointer form)
{
  g_atomic_int_set (&lost_answers, 1);
  backup_fixture_begin (&fixture->backup, "one", NULL);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
  g_assert_cmpint (g_atomic_int_get (&lost_answers), ==, 0);
  g_assert_cmpint (find_number (fixture, 0, "one", 0), ==, 0);
}

/* That it does not answer does not keep the backup from being cancelled. */
static void
test_cancelled_when_copied (Fixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;
  int result;

  g_atomic_int_set (&lost_questions, G_MAXINT);
  backup_fixture_begin (&fixture->backup, "one", NULL);
  while (g_atomic_int_get (&lost_questions) == G_MAXINT)
    g_usleep (1000);
  result = vckc_domain_abort_job (fixture->backup.domain, &error);
  assert_ok (result == 0, error);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_CANCELLED));
  g_atomic_int_set (&lost_questions, 0);
  backup_fixture_assert_list (&fixture->backup, "");
  g_assert_false (backup_fixture_has_file (&fixture->backup, 0, "one"));
  backup_fixture_back_up (&fixture->backup, "one", NULL);
}

/* While it is begun the connection is lost, and nothing listens any more. QEMU lives and has a file
 * open, which is not removed before that is closed. */
static void
test_unreachable (Fixture *fixture, gconstpointer form)
{
  g_autofree char *aside = g_strconcat (fixture->backup.qmp, ".aside", NULL);
  VckcError *error = NULL;

  socket_path = fixture->backup.qmp;
  socket_aside = aside;
  g_assert_false (backup_fixture_try_begin (&fixture->backup, "one", NULL, 0, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "the connection to the running QEMU was lost");
  g_assert_null (socket_aside);
  g_assert_true (backup_fixture_has_file (&fixture->backup, 0, "one"));
  g_assert_cmpint (g_rename (aside, fixture->backup.qmp), ==, 0);
  backup_fixture_back_up (&fixture->backup, "two", NULL);
  g_assert_false (backup_fixture_has_file (&fixture->backup, 0, "one"));
  backup_fixture_assert_list (&fixture->backup, "two");
}

/* With QEMU all is lost that it had not stored. */
static void
test_qemu_is_killed (Fixture *fixture, gconstpointer form)
{
  backup_fixture_begin (&fixture->backup, "one", NULL);
  machine_fixture_kill (fixture->machine);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_LOST));
  backup_fixture_assert_list (&fixture->backup, "");
  g_assert_false (backup_fixture_has_file (&fixture->backup, 0, "one"));
  backup_fixture_back_up (&fixture->backup, "one", NULL);
}

/* What reserving room does in this program; 0: what it does. */
static int reserving_fails_with;

/* Instead of the function of the C library, which has this name in this program. */
int fallocate64 (int fd, int mode, off_t offset, off_t length);

int
fallocate64 (int fd, int mode, off_t offset, off_t length)
{
  if (reserving_fails_with == 0)
    return (int) syscall (SYS_fallocate, fd, mode, offset, length);
  errno = reserving_fails_with;
  return -1;
}

/* A file that could become full while the guest writes is not begun to be written: this QEMU would
 * let the guest's writes fail. */
static void
test_no_room (Fixture *fixture, gconstpointer form)
{
  static const int errors[] = { ENOSPC, EDQUOT, EOPNOTSUPP };

  for (gsize i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      VckcError *error = NULL;

      reserving_fails_with = errors[i];
      g_assert_false (backup_fixture_try_begin (&fixture->backup, "one", NULL, 0, &error));
      reserving_fails_with = 0;
      assert_error (error, VCKC_ERROR_NO_SPACE, "room");
      backup_fixture_assert_list (&fixture->backup, "");
      g_assert_false (backup_fixture_has_file (&fixture->backup, 0, "one"));
      g_assert_cmpuint (machine_fixture_count_bitmaps (fixture->machine, "nb"), ==, 0);
      write_number (fixture, "b", (guint) i + 1);
    }
  backup_fixture_back_up (&fixture->backup, "one", NULL);
}

/* What a file has reserved and does not need is given back. */
static void
test_room_is_given_back (Fixture *fixture, gconstpointer form)
{
  g_autofree char *file = backup_fixture_get_file (&fixture->backup, 1, "one");
  struct stat info;

  write_number (fixture, "b", 1);
  backup_fixture_back_up (&fixture->backup, "one", NULL);
  g_assert_cmpint (stat (file, &info), ==, 0);
  g_assert_cmpint (info.st_blocks * 512, <=, info.st_size + 65536);
}

/* The temporary bitmap of a backup that is under way is nothing that verifying finds. */
static void
test_verified_meanwhile (Fixture *fixture, gconstpointer form)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n;

  backup_fixture_back_up (&fixture->backup, "zero", NULL);
  machine_fixture_write (fixture->machine, "b", 0, 64 * 1024 * 1024);
  machine_fixture_write (fixture->machine, "b", 128 * 1024 * 1024, 64 * 1024 * 1024);
  backup_fixture_begin (&fixture->backup, "one", "zero");
  g_assert_cmpuint (machine_fixture_count_bitmaps (fixture->machine, "nb"), ==, 3);
  n = vckc_domain_verify_checkpoints (fixture->backup.domain, &findings, &error);
  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    g_test_message ("%s", vckc_finding_get_message (findings[i], NULL));
  g_assert_cmpint (n, ==, 0);
  free (findings);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_DONE));
}

#define ADD(name, form, function)                                                                  \
  g_test_add ("/running-backup/" name, Fixture, form, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGXFSZ, SIG_IGN); /* for QEMU: a write beyond the limit of a file only fails */
  ADD ("truth", FORM (0), test_truth);
  ADD ("then-off", FORM (1), test_then_off);
  ADD ("cancel", LARGE, test_cancel);
  ADD ("taken-up", LARGE, test_taken_up);
  ADD ("ended-on-demand", LARGE, test_ended_on_demand);
  ADD ("tables-cannot-be-written", LARGE, test_tables_cannot_be_written);
  ADD ("asked-again", LARGE, test_asked_again);
  ADD ("answer-lost", LARGE, test_answer_lost);
  ADD ("cancelled-when-copied", FORM (0), test_cancelled_when_copied);
  ADD ("no-room", FORM (0), test_no_room);
  ADD ("room-is-given-back", FORM (0), test_room_is_given_back);
  ADD ("verified-meanwhile", LARGE, test_verified_meanwhile);
  ADD ("unreachable", FORM (0), test_unreachable);
  ADD ("qemu-is-killed", LARGE, test_qemu_is_killed);
  return g_test_run ();
}
