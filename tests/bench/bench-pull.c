/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Incremental backups of a running domain of libvirt: written by QEMU, read by Vck over NBD, and
 * made by virtnbdbackup. */

#include "bench-pull.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/local/image-fixture.h"
#include "backup/backup-pull.h"
#include "bench-disk.h"
#include "bench-floor.h"
#include "bench-hypervisor.h"
#include "bench-rounds.h"
#include "qemu/qcow2-writer.h"

#define SUBJECT "libvirt"
#define OTHER_PROGRAM "virtnbdbackup"
#define BASE OTHER_PROGRAM ".0" /* the checkpoint that it makes first */
#define OWN_BASE "base"         /* without it */

typedef struct
{
  BenchDisk disk;
  BenchHypervisor host;
  BenchFloor *floor;
  VckcConnect *connect;
  VckcDomain *domain;
  const char *base;
  char *other_folder; /* of the other program; NULL if it is not there */
} Case;

/* --- the other program, which takes no URI of a socket without name and password --- */

static bool
run_other (const Case *self, const char *level)
{
  const char *const argv[] = {
    OTHER_PROGRAM,      "-U", self->host.uri, "-d",    "bench",      "-l",    level, "-o",
    self->other_folder, "-n", "--user",       "bench", "--password", "bench", NULL
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  int status = 0;

  if (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &errors,
                    &status, &error)
      && g_spawn_check_wait_status (status, &error))
    return true;
  g_printerr ("bench: '" OTHER_PROGRAM "' fails: %s: %s\n", error->message, errors);
  return false;
}

/* Its first backup, of all. Without the program, or if it fails, there are no figures of it. */
static bool
begin_other (Case *self)
{
  g_autofree char *program = g_find_program_in_path (OTHER_PROGRAM);

  if (program == NULL)
    {
      g_printerr ("bench: '" OTHER_PROGRAM "' is not installed, so no figures of it\n");
      return false;
    }
  self->other_folder = g_dir_make_tmp ("vck-bench-XXXXXX", NULL);
  if (run_other (self, "full"))
    return true;
  image_fixture_remove (g_steal_pointer (&self->other_folder));
  return false;
}

static gint64
back_up_with_other (gpointer data, VckcError **err)
{
  const Case *self = data;
  const gint64 start = g_get_monotonic_time ();

  if (run_other (self, "diff"))
    return g_get_monotonic_time () - start;
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "'" OTHER_PROGRAM "' fails");
  return -1;
}

/* --- ways --- */

static gint64
settle (gpointer data, VckcError **err)
{
  bench_disk_settle (&((Case *) data)->disk);
  return 0;
}

static gint64
copy (gpointer data, VckcError **err)
{
  const Case *self = data;

  return bench_floor_copy (self->floor, self->disk.folder);
}

static void
delete_checkpoint (const Case *self)
{
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_lookup_by_name (self->domain, "now", 0, &error);

  bench_check (error);
  vckc_domain_checkpoint_delete (checkpoint, 0, &error);
  bench_check (error);
  vckc_object_unref (checkpoint);
}

static gint64
sync_and_remove (const Case *self, const char *path, gint64 start)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gint64 took;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fsync (fd), ==, 0);
  took = g_get_monotonic_time () - start;
  close (fd);
  g_unlink (path);
  delete_checkpoint (self);
  return took;
}

#define CHECKPOINT "<domaincheckpoint><name>now</name></domaincheckpoint>"

static void
make_target (const Case *self, const char *path)
{
  const VckcQcow2Options options = { .virtual_size = self->disk.size,
                                     .cluster_size = BENCH_CLUSTER,
                                     .backing_file = "before.qcow2",
                                     .backing_format = "qcow2" };
  VckcError *error = NULL;
  int fd = vckc_qcow2_create (AT_FDCWD, path, path, &options, &error);

  bench_check (error);
  close (fd);
  bench_hypervisor_give (path);
}

static gint64
push (gpointer data, VckcError **err)
{
  Case *self = data;
  g_autofree char *path = g_build_filename (self->disk.folder, "push.qcow2", NULL);
  g_autofree char *xml =
      g_strdup_printf ("<domainbackup><incremental>%s</incremental><disks>"
                       "<disk name='vda' type='file'><target file='%s'/><driver type='qcow2'/>"
                       "</disk></disks></domainbackup>",
                       self->base, path);
  const gint64 start = g_get_monotonic_time ();
  VckcJobInfo *info;

  make_target (self, path);
  if (vckc_domain_backup_begin (self->domain, xml, CHECKPOINT, VCKC_BACKUP_BEGIN_REUSE_EXTERNAL,
                                err)
      < 0)
    return -1;
  info = vckc_domain_wait_job (self->domain, err);
  g_assert_nonnull (info);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, VCKC_JOB_STATE_DONE);
  g_assert_cmpint (vckc_job_info_get_bytes_done (info, NULL), >=, (gint64) self->disk.expected);
  vckc_object_unref (info);
  return sync_and_remove (self, path, start);
}

/* A plan for the disk, as a store makes it. */
static VckcBackupPlan *
make_plan (const Case *self)
{
  VckcBackupPlan *plan = vckc_backup_plan_new ();
  VckcBackupPlanDisk *disk = vckc_backup_plan_disk_new ("vda", self->disk.image, self->disk.size);

  disk->tracked = true;
  disk->base = g_strdup ("before");
  disk->base_file = g_strdup ("vda.qcow2");
  disk->base_checkpoint = g_strdup (self->base);
  disk->bytes = self->disk.expected;
  g_ptr_array_add (plan->disks, disk);
  plan->mode = VCKC_BACKUP_MODE_PULL;
  return plan;
}

static VckcManifest *
make_manifest (const Case *self)
{
  VckcManifest *manifest = vckc_manifest_new ();
  VckcManifestDisk *disk = vckc_manifest_disk_new ();

  disk->target = g_strdup ("vda");
  g_ptr_array_add (manifest->disks, disk);
  manifest->id = g_strdup ("20261127T075307.120667Z-1fae9c02");
  manifest->store = g_strdup ("8a6e0f4e-0000-4000-8000-000000000001");
  return manifest;
}

static gint64
pull (gpointer data, VckcError **err)
{
  Case *self = data;
  g_autofree char *path = g_build_filename (self->disk.folder, "vda.qcow2", NULL);
  g_autoptr (VckcBackupPlan) plan = make_plan (self);
  g_autoptr (VckcManifest) manifest = make_manifest (self);
  const VckcPartial partial = { .id = manifest->id,
                                .name = manifest->id,
                                .where = self->disk.folder,
                                .fd = open (self->disk.folder, O_RDONLY | O_DIRECTORY) };
  const VckcBackupPull request = { .domain = self->domain,
                                   .plan = plan,
                                   .partial = &partial,
                                   .manifest = manifest,
                                   .checkpoint_xml = CHECKPOINT };
  const gint64 start = g_get_monotonic_time ();
  VckcJobInfo *info = vckc_backup_pull (&request, err);

  close (partial.fd);
  if (info == NULL)
    return -1;
  vckc_object_unref (info);
  g_assert_cmpuint (vckc_manifest_find_disk (manifest, "vda")->bytes, >=, self->disk.expected);
  return sync_and_remove (self, path, start);
}

/* --- what is measured --- */

static void
create_base (Case *self)
{
  VckcError *error = NULL;

  self->connect = bench_open (self->host.uri);
  self->domain = vckc_domain_lookup_by_name (self->connect, "bench", &error);
  bench_check (error);
  self->base = BASE;
  if (begin_other (self))
    return;
  self->base = OWN_BASE;
  vckc_object_unref (vckc_domain_checkpoint_create_xml (
      self->domain, "<domaincheckpoint><name>" OWN_BASE "</name></domaincheckpoint>", 0, &error));
  bench_check (error);
}

/* One cluster in a hundred has changed since the base. */
static guint
prepare (Case *self)
{
  guint count;

  bench_hypervisor_power_on (&self->host);
  create_base (self);
  bench_hypervisor_power_off (&self->host);
  count = bench_disk_scatter (&self->disk, 100);
  self->floor = bench_floor_new (self->disk.image);
  self->disk.expected = bench_floor_get_bytes (self->floor);
  bench_hypervisor_power_on (&self->host);
  return count;
}

static void
measure (Bench *bench, Case *self)
{
  BenchRounds compared = { .count = prepare (self),
                           .before = settle,
                           .plain = "copy",
                           .floor = copy,
                           .data = self,
                           .rounds = 5 };

  compared.name = "incremental, written by QEMU, 1 %";
  compared.ours = push;
  compared.at_most = 2.6;
  bench_compare (bench, SUBJECT, &compared);
  compared.name = "incremental, read by Vck, 1 %";
  compared.ours = pull;
  compared.at_most = 2.3;
  if (!bench_compare (bench, SUBJECT, &compared) || self->other_folder == NULL)
    return;
  compared.name = "incremental, beside " OTHER_PROGRAM;
  compared.plain = OTHER_PROGRAM;
  compared.floor = back_up_with_other;
  compared.at_most = 1.0 / 7;
  compared.rounds = 2;
  bench_compare (bench, SUBJECT, &compared);
}

void
bench_run_pull (Bench *bench)
{
  Case self = { NULL };

  bench_disk_init (&self.disk, 10, 0);
  if (bench_hypervisor_start (&self.host, self.disk.image))
    measure (bench, &self);
  g_clear_pointer (&self.floor, bench_floor_free);
  vckc_object_unref (self.domain);
  vckc_object_unref (self.connect);
  if (self.other_folder != NULL)
    image_fixture_remove (self.other_folder);
  bench_hypervisor_stop (&self.host);
  bench_disk_clear (&self.disk);
}
