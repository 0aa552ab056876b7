/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups into a store that are read from libvirt's QEMU over NBD. */

#include "cases-libvirt.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>

#include "../run-program.h"
#include "backup-steps.h"
#include "qemu/qmp-reply.h"
#include "vckc-repository-backup.h"
#include "vckc-repository.h"

/* A store beside the images of the domain. */
static VckcRepository *
open_store (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->target.dir, "store", NULL);
  VckcRepository *repository = vckc_repository_open (path, VCKC_REPOSITORY_CREATE, NULL);

  g_assert_nonnull (repository);
  return repository;
}

/* --- a domain with two usual disks, beside the odd one of the contract --- */

typedef struct
{
  virDomainPtr domain;
  VckcDomain *handle;
} OddDomain;

static const char plain_xml[] =
    "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>plain</name>"
    "<memory unit='MiB'>16</memory><os><type arch='x86_64' machine='pc'>hvm</type></os><devices>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
    "<source file='@DIR@/a.qcow2'/><target dev='vda' bus='virtio'/></disk>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
    "<source file='@DIR@/b.qcow2'/><target dev='vdb' bus='virtio'/></disk></devices>"
    "<qemu:capabilities><qemu:del capability='cpu-unavailable-features'/></qemu:capabilities>"
    "</domain>";

/* From here on the fixture has that one, which runs with the same images. */
static OddDomain
use_plain_domain (Fixture *fixture)
{
  const OddDomain odd = { fixture->target.domain, fixture->domain };
  g_autofree char *xml = fixture_expand (fixture, plain_xml);

  fixture_power_off (fixture);
  fixture->target.domain = virDomainDefineXML (virDomainGetConnect (odd.domain), xml);
  g_assert_nonnull (fixture->target.domain);
  g_assert_cmpint (virDomainCreateWithFlags (fixture->target.domain, VIR_DOMAIN_START_PAUSED), ==,
                   0);
  fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "plain", NULL);
  g_assert_nonnull (fixture->domain);
  return odd;
}

static void
use_odd_domain (Fixture *fixture, const OddDomain *odd)
{
  virDomainDestroy (fixture->target.domain);
  virDomainUndefineFlags (fixture->target.domain, VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA);
  virDomainFree (fixture->target.domain);
  vckc_domain_unref (fixture->domain, NULL);
  fixture->target.domain = odd->domain;
  fixture->domain = odd->handle;
}

/* --- cases --- */

/* Fails, and leaves neither a job nor a checkpoint, a backup or a folder. */
static void
assert_fails (Fixture *fixture, VckcRepository *repository, VckcErrorCode code, const char *part)
{
  VckcError *error = NULL;
  g_autofree char *path = g_strdup_printf ("%s/store/%s", fixture->target.dir,
                                           vckc_domain_get_uuid (fixture->domain, NULL));
  g_autoptr (GDir) store = NULL;
  g_autoptr (GDir) images = g_dir_open (fixture->target.dir, 0, NULL);
  const char *name;

  g_assert_null (
      vckc_repository_backup (repository, fixture->domain, NULL, 0, 0, VCKC_BACKUP_PULL, &error));
  if (vckc_error_get_code (error) != code || strstr (vckc_error_get_message (error), part) == NULL)
    g_error ("not '%s': %s", part, vckc_error_get_message (error));
  vckc_error_free (error);
  g_assert_cmpint (backup_get_info_code (fixture, 0), ==, VCKC_ERROR_NO_BACKUP);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 0);
  g_assert_cmpint (vckc_repository_list_backups (repository, NULL, NULL, NULL), ==, 0);
  store = g_dir_open (path, 0, NULL);
  while (store != NULL && (name = g_dir_read_name (store)) != NULL)
    g_assert_cmpstr (name, ==, "lock");
  g_dir_rewind (images);
  while ((name = g_dir_read_name (images)) != NULL)
    g_assert_null (strstr (name, ".qcow2.vck."));
}

/* The disk was read, so many bytes of it, and is what its image holds. */
static void
assert_disk (Fixture *fixture, VckcBackupDisk *disk, const char *image, int64_t bytes)
{
  g_assert_cmpint (vckc_backup_disk_get_bytes (disk, NULL), ==, bytes);
  run_program ("qemu-img|compare|-q|%s/%s|%s", fixture->target.dir, image,
               vckc_backup_disk_get_path (disk, NULL));
}

static void
run_read (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  const OddDomain odd = use_plain_domain (fixture);
  VckcRepository *repository = open_store (fixture);
  VckcBackupDisk **disks;
  VckcBackup *backup;
  VckcError *error = NULL;
  JobEvents events;
  int id;

  fixture_run (fixture, "write vda 3 2; write vdb 1 1");
  id = job_events_subscribe (&events, fixture);
  backup =
      vckc_repository_backup (repository, fixture->domain, NULL, 0, 0, VCKC_BACKUP_PULL, &error);
  if (backup == NULL)
    g_error ("%s", vckc_error_get_message (error));
  job_events_assert (&events, "started ended:3 ", 2);
  job_events_unsubscribe (&events, fixture, id);
  fixture_power_off (fixture);
  g_assert_cmpint (vckc_backup_list_disks (backup, &disks, NULL), ==, 2);
  assert_disk (fixture, disks[0], "a.qcow2", 2 * 65536);
  assert_disk (fixture, disks[1], "b.qcow2", 65536);
  for (guint i = 0; i < 2; i++)
    vckc_backup_disk_unref (disks[i], NULL);
  free (disks);
  vckc_backup_unref (backup, NULL);
  vckc_repository_unref (repository, NULL);
  use_odd_domain (fixture, &odd);
}

/* --- stopped while it reads, at the first progress --- */

typedef enum
{
  STOP_ABORT,         /* the job has ended before the reader sees it */
  STOP_EXPORTS_FIRST, /* the reader has lost its export for a while when the job ends */
  STOP_CANCEL,
} StopMode;

/* How long the job goes on without exports, in microseconds. */
#define WITHOUT_EXPORTS (G_USEC_PER_SEC / 2)

typedef struct
{
  Fixture *fixture;
  StopMode mode;
  GCancellable *cancellable; /* (nullable) */
  GThread *aborter;          /* (nullable) */
  gint64 bytes_done;         /* of all disks, as the job says */
  gint64 bytes_total;
} Stopper;

/* Returns when libvirt has ended it, so that nothing more can be read. */
static void
abort_job (VckcDomain *domain)
{
  VckcJobInfo *info;

  g_assert_cmpint (vckc_domain_abort_job (domain, NULL), ==, 0);
  while ((info = vckc_domain_get_job_info (domain, 0, NULL)) != NULL)
    {
      vckc_job_info_unref (info, NULL);
      g_usleep (1000);
    }
}

static gpointer
abort_later_cb (gpointer data)
{
  Fixture *fixture = data;

  g_usleep (WITHOUT_EXPORTS);
  abort_job (fixture->domain);
  return NULL;
}

static char *
ask_qemu (Fixture *fixture, const char *command)
{
  char *answer = NULL;

  g_assert_cmpint (virDomainQemuMonitorCommand (fixture->target.domain, command, &answer, 0), ==,
                   0);
  return answer;
}

/* Past libvirt, which knows of the job only. */
static void
end_exports (Fixture *fixture)
{
  g_autofree char *text = ask_qemu (fixture, "{\"execute\":\"query-block-exports\"}");
  g_autoptr (VckcQmpReply) reply = vckc_qmp_reply_new_from_text (text, NULL);
  const VckcQmpValue *exports =
      vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), "return", NULL);

  g_assert_cmpuint (vckc_qmp_array_get_length (exports), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const VckcQmpValue *export = vckc_qmp_array_get_element (exports, i);
      g_autofree char *command = g_strdup_printf (
          "{\"execute\":\"block-export-del\",\"arguments\":{\"id\":\"%s\",\"mode\":\"hard\"}}",
          vckc_qmp_value_get_string (export, "id", NULL));
      g_autofree char *answer = ask_qemu (fixture, command);

      g_assert_nonnull (strstr (answer, "\"return\""));
    }
}

static void
stopper_stop (Stopper *self)
{
  switch (self->mode)
    {
    case STOP_ABORT:
      abort_job (self->fixture->domain);
      break;
    case STOP_EXPORTS_FIRST:
      end_exports (self->fixture);
      self->aborter = g_thread_new ("aborter", abort_later_cb, self->fixture);
      break;
    case STOP_CANCEL:
    default:
      g_cancellable_cancel (self->cancellable);
      break;
    }
}

static void
stop_cb (const VckcEvent *event, void *opaque)
{
  Stopper *stopper = opaque;
  VckcJobInfo *info;

  if (event->type != VCKC_EVENT_JOB_PROGRESS || stopper->bytes_done >= 0)
    return;
  info = vckc_domain_get_job_info (stopper->fixture->domain, 0, NULL);
  stopper->bytes_done = vckc_job_info_get_bytes_done (info, NULL);
  stopper->bytes_total = vckc_job_info_get_bytes_total (info, NULL);
  vckc_job_info_unref (info, NULL);
  stopper_stop (stopper);
}

static void
run_stopped (gpointer data, gconstpointer mode)
{
  Fixture *fixture = data;
  const OddDomain odd = use_plain_domain (fixture);
  VckcRepository *repository = open_store (fixture);
  Stopper stopper = { .fixture = fixture, .mode = GPOINTER_TO_INT (mode), .bytes_done = -1 };
  int id;

  fixture_run (fixture, "write vda 0 128");
  if (stopper.mode == STOP_CANCEL)
    {
      stopper.cancellable = g_cancellable_new ();
      g_cancellable_push_current (stopper.cancellable);
    }
  id = vckc_connect_subscribe (fixture->connect, stop_cb, &stopper, NULL, NULL);
  if (stopper.mode == STOP_CANCEL)
    {
      VckcError *error = NULL;

      g_assert_null (vckc_repository_backup (repository, fixture->domain, NULL, 0, 0,
                                             VCKC_BACKUP_PULL, &error));
      g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_CANCELLED);
      vckc_error_free (error);
      g_cancellable_pop_current (stopper.cancellable);
      g_object_unref (stopper.cancellable);
    }
  else
    assert_fails (fixture, repository, VCKC_ERROR_OPERATION_FAILED, "was aborted");
  g_clear_pointer (&stopper.aborter, g_thread_join);
  g_assert_cmpint (stopper.bytes_done, >, 0);
  g_assert_cmpint (stopper.bytes_total, >=, 8 * 1024 * 1024);
  vckc_connect_unsubscribe (fixture->connect, id, NULL);
  g_assert_cmpint (vckc_repository_list_backups (repository, NULL, NULL, NULL), ==, 0);
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 0);
  g_assert_cmpint (backup_get_info_code (fixture, 0), ==, VCKC_ERROR_NO_BACKUP);
  vckc_repository_unref (repository, NULL);
  use_odd_domain (fixture, &odd);
}

/* libvirt backs up running domains only; what to do is said. */
static void
run_off (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  VckcRepository *repository = open_store (fixture);

  fixture_power_off (fixture);
  assert_fails (fixture, repository, VCKC_ERROR_OPERATION_UNSUPPORTED, "virsh start --paused");
  vckc_repository_unref (repository, NULL);
}

void
add_libvirt_pull_cases (const Target *target)
{
  add_case (target, "store-read", run_read, NULL);
  add_case (target, "store-read-aborted", run_stopped, GINT_TO_POINTER (STOP_ABORT));
  add_case (target, "store-read-exports-first", run_stopped, GINT_TO_POINTER (STOP_EXPORTS_FIRST));
  add_case (target, "store-read-cancelled", run_stopped, GINT_TO_POINTER (STOP_CANCEL));
  add_case (target, "store-off", run_off, NULL);
}
