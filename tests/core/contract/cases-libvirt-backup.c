/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups with libvirt's QEMU driver. The ids are rows of docs/internals/semantics.md. */

#include "cases-libvirt.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "../run-program.h"
#include "backup-steps.h"

/* What is refused at once, and leaves nothing. */
typedef struct
{
  const char *id;
  const char *backup;
  const char *checkpoint; /* NULL for none */
  unsigned int flags;
  int code; /* a VckcErrorCode */
  const char *part;
} RefusedCase;

static const RefusedCase refused[] = {
  { "B02", PUSH (VDA_TO ("@DIR@/t")), NULL, 2, VCKC_ERROR_INVALID_ARG, "flag" },
  { "B04", PUSH (VDA_TO ("@DIR@/t")), "<x/>", 0, VCKC_ERROR_XML_ERROR, "domaincheckpoint" },
  { "B06", "<domainbackup mode='foo'/>", NULL, 0, VCKC_ERROR_XML_INVALID_SCHEMA, "foo" },
  { "B07", "<domainbackup mode='pull'/>", NULL, 0, VCKC_ERROR_XML_INVALID_SCHEMA, "server" },
  { "B11", PUSH ("<disk name='vda' backup='no'/>"), NULL, 0, VCKC_ERROR_CONFIG_UNSUPPORTED,
    "no disks selected" },
  { "B12", "<domainbackup mode='pull'><server name='localhost'/></domainbackup>", NULL, 0,
    VCKC_ERROR_OPERATION_UNSUPPORTED, "port" },
  { "B14", PUSH ("<disk name='vdz' type='file'><target file='@DIR@/t'/></disk>"), NULL, 0,
    VCKC_ERROR_CONFIG_UNSUPPORTED, "vdz" },
  { "B15", PUSH (VDA_TO ("@DIR@/t") VDA_TO ("@DIR@/u")), NULL, 0, VCKC_ERROR_CONFIG_UNSUPPORTED,
    "twice" },
  { "B16",
    PUSH ("<disk name='vda' type='file' backupmode='incremental'><target file='@DIR@/t'/></disk>"),
    NULL, 0, VCKC_ERROR_CONFIG_UNSUPPORTED, "incremental" },
  { "B18", PUSH ("<disk name='vda' type='file' incremental='none'><target file='@DIR@/t'/></disk>"),
    NULL, 0, VCKC_ERROR_NO_DOMAIN_CHECKPOINT, "none" },
  { "B21", PUSH (VDA_TO ("@DIR@/b.qcow2")), NULL, 0, VCKC_ERROR_INVALID_ARG, "exists" },
  { "B22", PUSH (VDA_TO ("@DIR@/none/t")), NULL, 0, VCKC_ERROR_SYSTEM_ERROR, "No such file" },
  { "B25", PUSH (VDA_TO ("@DIR@/t")),
    "<domaincheckpoint><name>c</name><disks><disk name='vdc'/></disks></domaincheckpoint>", 0,
    VCKC_ERROR_CONFIG_UNSUPPORTED, "vdc" },
  { "B29", PUSH (VDA_TO ("@DIR@/t")), CHECKPOINT ("k1"), 0, VCKC_ERROR_CHECKPOINT_EXISTS, "k1" },
  { "B35-missing", PUSH (VDA_TO ("@DIR@/t")), NULL, VCKC_BACKUP_BEGIN_REUSE_EXTERNAL,
    VCKC_ERROR_SYSTEM_ERROR, "No such file" },
};

static void
run_refused (gpointer data, gconstpointer row)
{
  Fixture *fixture = data;
  const RefusedCase *self = row;
  g_autofree char *tree = NULL;

  fixture_run (fixture, "create k1");
  backup_assert_begin_fails (fixture, self->backup, self->checkpoint, self->flags, self->code,
                             self->part);
  g_assert_cmpint (backup_get_info_code (fixture, 0), ==, VCKC_ERROR_NO_BACKUP);
  g_assert_false (backup_has_file (fixture, "t"));
  tree = fixture_tree (fixture);
  g_assert_cmpstr (tree, ==, "k1 cur=k1");
}

static void
run_off (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_power_off (fixture);
  backup_assert_begin_fails (fixture, PUSH (VDA_TO ("@DIR@/t")), NULL, 0,
                             VCKC_ERROR_OPERATION_UNSUPPORTED, "virsh start --paused");
}

/* B05 */
static void
run_no_job (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_domain_backup_get_xml_desc (fixture->domain, 0, &error));
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_NO_BACKUP);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_cmpint (vckc_domain_abort_job (fixture->domain, &error), ==, -1);
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_NO_BACKUP);
  g_assert_cmpint (backup_get_info_code (fixture, 0), ==, VCKC_ERROR_NO_BACKUP);
  g_assert_cmpint (backup_get_info_code (fixture, VCKC_JOB_INFO_COMPLETED), ==,
                   VCKC_ERROR_NO_BACKUP);
  g_assert_cmpint (vckc_domain_recover_backup (fixture->domain, NULL), ==, 0);
}

/* B26: the names that libvirt makes, the checkpoint, the result, which is kept until it is read. */
static void
run_push (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  JobEvents events;
  int id = job_events_subscribe (&events, fixture);
  g_autofree char *tree = NULL;
  VckcJobInfo *info;
  VckcJobDisk **disks;

  backup_begin (fixture,
                PUSH ("<disk name='vda' type='file'/><disk name='vdb' type='file'>"
                      "<target file='@DIR@/b.bak'/></disk>"),
                CHECKPOINT ("c1"), 0);
  info = backup_await_end (fixture, VCKC_JOB_STATE_DONE);
  g_assert_cmpstr (vckc_job_info_get_checkpoint (info, NULL), ==, "c1");
  g_assert_null (vckc_job_info_get_error (info, NULL));
  g_assert_cmpint (vckc_job_info_get_mode (info, NULL), ==, VCKC_BACKUP_MODE_PUSH);
  g_assert_cmpint (vckc_job_info_get_bytes_done (info, NULL), ==, 16 * 1024 * 1024);
  g_assert_cmpint (vckc_job_info_get_bytes_total (info, NULL), ==, 16 * 1024 * 1024);
  g_assert_cmpint (vckc_job_info_list_disks (info, &disks, NULL), ==, 2);
  g_assert_cmpstr (vckc_job_disk_get_name (disks[0], NULL), ==, "vda");
  for (guint i = 0; i < 2; i++)
    vckc_job_disk_unref (disks[i], NULL);
  free (disks);
  vckc_job_info_unref (info, NULL);
  job_events_assert (&events, "started ended:3 ", 0);
  job_events_unsubscribe (&events, fixture, id);

  /* libvirt alone fails for the disk that is listed without a file: B20. */
  g_assert_true (backup_has_file (fixture, "a.qcow2.c1"));
  g_assert_true (backup_has_file (fixture, "b.bak"));
  run_program ("qemu-img|compare|-U|-q|%s/a.qcow2|%s/a.qcow2.c1", fixture->target.dir,
               fixture->target.dir);
  tree = fixture_tree (fixture);
  g_assert_cmpstr (tree, ==, "c1 cur=c1");
  g_assert_cmpint (backup_get_info_code (fixture, 0), ==, VCKC_ERROR_NO_BACKUP);
  g_assert_cmpint (
      backup_get_info_code (fixture, VCKC_JOB_INFO_COMPLETED | VCKC_JOB_INFO_KEEP_COMPLETED), ==,
      0);
  g_assert_cmpint (backup_get_info_code (fixture, VCKC_JOB_INFO_COMPLETED), ==, 0);
  g_assert_cmpint (backup_get_info_code (fixture, VCKC_JOB_INFO_COMPLETED), ==,
                   VCKC_ERROR_NO_BACKUP);
}

/* B27: only what was written is copied. */
static void
run_incremental (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *tree = NULL;
  VckcJobInfo *info;
  VckcJobDisk **disks;

  fixture_run (fixture, "create c1; write vda 3 2");
  backup_begin (
      fixture,
      "<domainbackup><incremental>c1</incremental><disks>" VDA_TO ("@DIR@/t") "</disks>"
                                                                              "</domainbackup>",
      CHECKPOINT ("c2"), 0);
  info = backup_await_end (fixture, VCKC_JOB_STATE_DONE);
  g_assert_cmpint (vckc_job_info_get_bytes_done (info, NULL), ==, 2 * 65536);
  g_assert_cmpint (vckc_job_info_list_disks (info, &disks, NULL), ==, 1);
  vckc_job_disk_unref (disks[0], NULL);
  free (disks);
  vckc_job_info_unref (info, NULL);
  tree = fixture_tree (fixture);
  g_assert_cmpstr (tree, ==, "c1 c2<c1 cur=c2");
}

/* B30, B31: checkpoints can be changed meanwhile; a pull that is aborted has ended well. */
static void
run_pull (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *xml = NULL;
  g_autofree char *sizes = NULL;
  VckcJobInfo *info;

  fixture_run (fixture, "create c1; write vda 3 2");
  backup_begin (fixture, PULL ("<incremental>c1</incremental><disks><disk name='vda'/></disks>"),
                CHECKPOINT ("c2"), 0);
  xml = vckc_domain_backup_get_xml_desc (fixture->domain, 0, NULL);
  g_assert_nonnull (strstr (xml, "incremental='c1'"));
  g_assert_true (backup_has_file (fixture, "nbd"));
  g_assert_true (backup_has_file (fixture, "a.qcow2.c2"));
  info = vckc_domain_get_job_info (fixture->domain, 0, NULL);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, VCKC_JOB_STATE_RUNNING);
  g_assert_cmpint (vckc_job_info_get_mode (info, NULL), ==, VCKC_BACKUP_MODE_PULL);
  g_assert_cmpint (vckc_job_info_get_bytes_total (info, NULL), ==, -1);
  g_assert_cmpint (vckc_job_info_get_temp_total (info, NULL), ==, 8 * 1024 * 1024);
  g_assert_cmpint (vckc_job_info_get_temp_used (info, NULL), >=, 0);
  vckc_job_info_unref (info, NULL);
  fixture_run (fixture, "create k; delete k; delete c1");
  sizes = fixture_disks (fixture, "c2", VCKC_CHECKPOINT_XML_SIZE);
  g_assert_true (g_str_has_prefix (sizes, "vda=bitmap:c2:0 vdb=bitmap:c2:0"));
  g_assert_cmpint (vckc_domain_abort_job (fixture->domain, NULL), ==, 0);
  info = backup_await_end (fixture, VCKC_JOB_STATE_DONE);
  g_assert_null (vckc_job_info_get_error (info, NULL));
  vckc_job_info_unref (info, NULL);
  g_assert_false (backup_has_file (fixture, "nbd"));
  g_assert_false (backup_has_file (fixture, "a.qcow2.c2"));
  fixture_run (fixture, "delete c2");
}

/* B32: at once, and not after 30 seconds. */
static void
run_busy (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  gint64 start;

  backup_begin (fixture, PULL_VDA, NULL, 0);
  start = g_get_monotonic_time ();
  backup_assert_begin_fails (fixture, PUSH (VDA_TO ("@DIR@/t")), NULL, 0, VCKC_ERROR_BUSY,
                             "backup");
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (vckc_domain_abort_job (fixture->domain, NULL), ==, 0);
  backup_assert_ends (fixture, VCKC_JOB_STATE_DONE);
}

/* Gives the first disk so much data that copying takes a while. */
static void
fill_disk (Fixture *fixture)
{
  fixture_power_off (fixture);
  run_program ("qemu-img|resize|-q|%s/a.qcow2|256M", fixture->target.dir);
  run_program ("qemu-io|-f|qcow2|-c|write -q 0 256M|%s/a.qcow2", fixture->target.dir);
  g_assert_cmpint (virDomainCreateWithFlags (fixture->target.domain, VIR_DOMAIN_START_PAUSED), ==,
                   0);
}

/* A limit that another program sets is shown, too. */
static void
assert_speed_of_others (Fixture *fixture)
{
  VckcJobInfo *info;

  g_assert_cmpint (virDomainBlockJobSetSpeed (fixture->target.domain, "vda", 4096,
                                              VIR_DOMAIN_BLOCK_JOB_SPEED_BANDWIDTH_BYTES),
                   ==, 0);
  info = vckc_domain_get_job_info (fixture->domain, 0, NULL);
  g_assert_cmpint (vckc_job_info_get_speed (info, NULL), ==, 4096);
  vckc_job_info_unref (info, NULL);
}

/* Limits a push; false if all of it is copied already, which QEMU and libvirt refuse to limit. */
typedef bool (*LimitFunc) (Fixture *fixture);

static bool
limit_by_libvirt (Fixture *fixture)
{
  const int limited = virDomainBlockJobSetSpeed (fixture->target.domain, "vda", 1024 * 1024,
                                                 VIR_DOMAIN_BLOCK_JOB_SPEED_BANDWIDTH_BYTES);

  if (limited < 0)
    g_test_message ("not limited: %s", virGetLastErrorMessage ());
  return limited == 0;
}

/* With a byte per second it takes for ever. */
static bool
limit_by_us (Fixture *fixture)
{
  g_autoptr (VckcError) error = NULL;

  if (vckc_domain_set_job_speed (fixture->domain, 1, &error) == 0)
    return true;
  if (vckc_error_get_code (error) != VCKC_ERROR_NO_BACKUP)
    g_error ("%s", vckc_error_get_message (error));
  return false;
}

/* Begins a push that is under way for long: it is limited. If that comes too late, it begins
 * again. Returns the number to unsubscribe with. */
static int
begin_slow_push (Fixture *fixture, JobEvents *events, LimitFunc limit)
{
  const guint times = 20;

  for (guint i = 0; i < times; i++)
    {
      int id = job_events_subscribe (events, fixture);

      backup_begin (fixture, PUSH (VDA_TO ("@DIR@/t")), CHECKPOINT ("c1"), 0);
      if (limit (fixture))
        return id;
      backup_assert_ends (fixture, VCKC_JOB_STATE_DONE);
      job_events_unsubscribe (events, fixture, id);
      fixture_run (fixture, "delete c1");
      run_program ("rm|%s/t", fixture->target.dir);
    }
  g_error ("%u pushes were done before they were limited", times);
}

static void
run_speed (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcError *error = NULL;
  VckcJobInfo *info;
  JobEvents events;
  int id;

  fill_disk (fixture);
  id = begin_slow_push (fixture, &events, limit_by_us);
  g_usleep (G_USEC_PER_SEC / 2);
  info = vckc_domain_get_job_info (fixture->domain, 0, &error);
  g_assert_nonnull (info);
  g_assert_cmpint (vckc_job_info_get_bytes_done (info, NULL), <,
                   vckc_job_info_get_bytes_total (info, NULL));
  g_assert_cmpint (vckc_job_info_get_speed (info, NULL), ==, 1);
  vckc_job_info_unref (info, NULL);
  assert_speed_of_others (fixture);
  g_assert_cmpint (vckc_domain_set_job_speed (fixture->domain, 0, &error), ==, 0);
  backup_assert_ends (fixture, VCKC_JOB_STATE_DONE);
  job_events_unsubscribe (&events, fixture, id);
  g_assert_cmpint (vckc_domain_set_job_speed (fixture->domain, 0, &error), ==, -1);
  g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_NO_BACKUP);
  vckc_error_free (error);
}

/* B34: a push that is aborted has no checkpoint, and no file. */
static void
run_abort (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  JobEvents events;
  int id;
  g_autofree char *tree = NULL;

  fill_disk (fixture);
  fixture_run (fixture, "create k1");
  id = begin_slow_push (fixture, &events, limit_by_libvirt);
  job_events_assert (&events, "started ", 1);
  g_assert_cmpint (vckc_domain_abort_job (fixture->domain, NULL), ==, 0);
  backup_assert_ends (fixture, VCKC_JOB_STATE_CANCELLED);
  job_events_assert (&events, "started ended:5 ", 1);
  job_events_unsubscribe (&events, fixture, id);
  g_assert_false (backup_has_file (fixture, "t"));
  tree = fixture_tree (fixture);
  g_assert_cmpstr (tree, ==, "k1 cur=k1");
}

/* Makes an image whose table of tables points into the middle of a cluster: writing to it fails. */
static void
make_damaged_target (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->target.dir, "t", NULL);
  guint64 offset = 0;
  const guint64 entry = GUINT64_TO_BE (G_GUINT64_CONSTANT (0x8000000000050200));
  int fd;

  run_program ("qemu-img|create|-q|-f|qcow2|%s|8M", path);
  fd = open (path, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (pread (fd, &offset, sizeof offset, 40), ==, sizeof offset);
  g_assert_cmpint (pwrite (fd, &entry, sizeof entry, (off_t) GUINT64_FROM_BE (offset)), ==,
                   sizeof entry);
  close (fd);
}

/* As B39: a push that fails has no checkpoint; a file that was there before stays. */
static void
run_fails (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *tree = NULL;
  VckcJobInfo *info;

  fixture_run (fixture, "create k1; write vda 3 2");
  make_damaged_target (fixture);
  backup_begin (fixture, PUSH (VDA_TO ("@DIR@/t")), CHECKPOINT ("c1"),
                VCKC_BACKUP_BEGIN_REUSE_EXTERNAL);
  info = backup_await_end (fixture, VCKC_JOB_STATE_FAILED);
  g_assert_nonnull (vckc_job_info_get_error (info, NULL));
  vckc_job_info_unref (info, NULL);
  g_assert_true (backup_has_file (fixture, "t"));
  tree = fixture_tree (fixture);
  g_assert_cmpstr (tree, ==, "k1 cur=k1");
}

/* B33: the domain is stopped meanwhile, and the checkpoint of the backup with it. */
static void
run_lost (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *names = NULL;
  VckcJobInfo *info;

  fixture_run (fixture, "create k1");
  backup_begin (fixture, PULL_VDA, CHECKPOINT ("c1"), 0);
  fixture_power_off (fixture);
  info = backup_await_end (fixture, VCKC_JOB_STATE_LOST);
  g_assert_nonnull (strstr (vckc_job_info_get_error (info, NULL), "ended before the backup did"));
  vckc_job_info_unref (info, NULL);
  names = fixture_list (fixture, NULL, 0);
  g_assert_cmpstr (names, ==, "k1");
}

/* A backup that another program has begun is followed once it was taken up. */
static void
run_recover (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *xml = fixture_expand (fixture, PULL_VDA);
  JobEvents events;
  int id = job_events_subscribe (&events, fixture);

  if (virDomainBackupBegin (fixture->target.domain, xml, CHECKPOINT ("c1"), 0) < 0)
    g_error ("%s", virGetLastErrorMessage ());
  g_assert_cmpint (backup_get_info_code (fixture, 0), ==, 0);
  g_assert_cmpint (vckc_domain_recover_backup (fixture->domain, NULL), ==, 0);
  g_assert_cmpint (vckc_domain_recover_backup (fixture->domain, NULL), ==, 0);
  g_assert_cmpint (virDomainAbortJob (fixture->target.domain), ==, 0);
  backup_assert_ends (fixture, VCKC_JOB_STATE_DONE);
  job_events_assert (&events, "started ended:3 ", 0);
  job_events_unsubscribe (&events, fixture, id);
  g_assert_cmpint (backup_get_info_code (fixture, VCKC_JOB_INFO_COMPLETED), ==, 0);
  g_assert_cmpint (backup_get_info_code (fixture, VCKC_JOB_INFO_COMPLETED), ==,
                   VCKC_ERROR_NO_BACKUP);
}

/* Another program's backup begins and ends before it is seen that this one has. */
static void
run_replaced (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *xml = fixture_expand (fixture, PULL_VDA);
  g_autofree char *tree = NULL;
  VckcJobInfo *info;
  const gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  int type = VIR_DOMAIN_JOB_UNBOUNDED;

  backup_begin (fixture, PUSH (VDA_TO ("@DIR@/t")), CHECKPOINT ("c1"), 0);
  while (type != VIR_DOMAIN_JOB_NONE)
    {
      virTypedParameterPtr params = NULL;
      int n_params = 0;

      g_assert_cmpint (virDomainGetJobStats (fixture->target.domain, &type, &params, &n_params, 0),
                       ==, 0);
      virTypedParamsFree (params, n_params);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
  if (virDomainBackupBegin (fixture->target.domain, xml, NULL, 0) < 0)
    g_error ("%s", virGetLastErrorMessage ());
  g_assert_cmpint (virDomainAbortJob (fixture->target.domain), ==, 0);
  info = backup_await_end (fixture, VCKC_JOB_STATE_DONE);
  g_assert_cmpint (vckc_job_info_get_mode (info, NULL), ==, VCKC_BACKUP_MODE_PUSH);
  g_assert_cmpint (vckc_job_info_get_bytes_done (info, NULL), ==, 8 * 1024 * 1024);
  vckc_job_info_unref (info, NULL);
  tree = fixture_tree (fixture);
  g_assert_cmpstr (tree, ==, "c1 cur=c1");
}

/* The result of a backup that was not followed comes from libvirt. */
static void
run_other_result (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autofree char *xml = fixture_expand (fixture, PUSH (VDA_TO ("@DIR@/t")));
  VckcJobInfo *info;

  if (virDomainBackupBegin (fixture->target.domain, xml, NULL, 0) < 0)
    g_error ("%s", virGetLastErrorMessage ());
  info = backup_await_end (fixture, VCKC_JOB_STATE_DONE);
  g_assert_null (vckc_job_info_get_id (info, NULL));
  g_assert_cmpint (vckc_job_info_get_mode (info, NULL), ==, VCKC_BACKUP_MODE_PUSH);
  g_assert_cmpint (vckc_job_info_get_bytes_done (info, NULL), ==, 8 * 1024 * 1024);
  vckc_job_info_unref (info, NULL);
  g_assert_cmpint (backup_get_info_code (fixture, VCKC_JOB_INFO_COMPLETED), ==, 0);
  g_assert_cmpint (backup_get_info_code (fixture, VCKC_JOB_INFO_COMPLETED), ==,
                   VCKC_ERROR_NO_BACKUP);
}

void
add_libvirt_backup_cases (const Target *target)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    add_case (target, refused[i].id, run_refused, &refused[i]);
  add_case (target, "B01", run_off, NULL);
  add_case (target, "B05", run_no_job, NULL);
  add_case (target, "B20-B26", run_push, NULL);
  add_case (target, "B27", run_incremental, NULL);
  add_case (target, "B30-B31", run_pull, NULL);
  add_case (target, "B32", run_busy, NULL);
  add_case (target, "B34", run_abort, NULL);
  add_case (target, "backup-speed", run_speed, NULL);
  add_case (target, "B39", run_fails, NULL);
  add_case (target, "B33", run_lost, NULL);
  add_case (target, "backup-recover", run_recover, NULL);
  add_case (target, "backup-replaced", run_replaced, NULL);
  add_case (target, "backup-of-others", run_other_result, NULL);
}
