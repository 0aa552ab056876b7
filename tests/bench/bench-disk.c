/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* syncfs() */

#include "bench-disk.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "../core/local/image-fixture.h"
#include "vckc-backup.h"

#define GIB (G_GUINT64_CONSTANT (1) << 30)
#define PIECE (G_GUINT64_CONSTANT (64) << 20)
#define SEED 20261127

/* --- images --- */

/* An image that is based on `below`, if that is not NULL. */
static char *
make_image (const BenchDisk *disk, const char *name, const char *below)
{
  char *path = g_build_filename (disk->folder, name, NULL);
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, disk->size);
  const char *const plain[] = { "qemu-img", "create", "-q", "-f", "qcow2", path, size, NULL };
  const char *const based[] = { "qemu-img", "create", "-q",  "-f", "qcow2", "-F",
                                "qcow2",    "-b",     below, path, size,    NULL };

  g_free (image_fixture_run (below != NULL ? based : plain));
  return path;
}

/* The images below the top one, each with data of its own. Returns the last; NULL if none. */
static char *
make_chain (const BenchDisk *disk, guint levels)
{
  char *below = NULL;

  for (guint i = 0; i < levels; i++)
    {
      g_autofree char *name = g_strdup_printf ("below%u.qcow2", i);
      char *path = make_image (disk, name, below);

      image_fixture_write (path, i * GIB % disk->size + i * BENCH_CLUSTER, BENCH_CLUSTER);
      g_free (below);
      below = path;
    }
  return below;
}

/* Runs commands of qemu-io, one a line. */
static void
run_script (const BenchDisk *disk, const GString *commands)
{
  g_autofree char *script = g_build_filename (disk->folder, "script", NULL);
  const char *const argv[] = {
    "sh",        "-c",   "exec qemu-io -f qcow2 -t unsafe \"$0\" <\"$1\" >/dev/null",
    disk->image, script, NULL
  };

  g_assert_true (g_file_set_contents (script, commands->str, (gssize) commands->len, NULL));
  g_free (image_fixture_run (argv));
  g_unlink (script);
}

static void
add_write (GString *commands, const char *options, guint64 offset, guint64 length)
{
  g_string_append_printf (commands, "write -q %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
                          options, offset, length);
}

guint
bench_disk_scatter (BenchDisk *disk, guint stride)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (SEED);
  g_autoptr (GString) commands = g_string_new (NULL);
  guint count = (guint) (disk->size / BENCH_CLUSTER / stride);
  g_autofree guint *order = g_new (guint, count);

  for (guint i = 0; i < count; i++)
    {
      guint other = (guint) g_rand_int_range (rand, 0, (gint32) i + 1);

      order[i] = order[other];
      order[other] = i;
    }
  for (guint i = 0; i < count; i++)
    {
      guint64 cluster =
          (guint64) order[i] * stride + (guint64) g_rand_int_range (rand, 0, (gint32) stride - 1);

      add_write (commands, "-P 7", cluster * BENCH_CLUSTER, BENCH_CLUSTER);
    }
  run_script (disk, commands);
  return count;
}

guint
bench_disk_scatter_zeros (BenchDisk *disk)
{
  g_autoptr (GString) commands = g_string_new (NULL);
  guint count = (guint) (disk->size / BENCH_CLUSTER / 2);

  for (guint i = 0; i < count; i++)
    add_write (commands, "-z", (guint64) i * 2 * BENCH_CLUSTER, BENCH_CLUSTER);
  run_script (disk, commands);
  return count;
}

guint64
bench_disk_fill (BenchDisk *disk, guint count)
{
  g_autoptr (GString) commands = g_string_new (NULL);

  for (guint i = 0; i < count; i++)
    add_write (commands, "-P 7", disk->size / count / PIECE * PIECE * i, PIECE);
  run_script (disk, commands);
  return count * PIECE;
}

void
bench_disk_settle (BenchDisk *disk)
{
  int fd = open (disk->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (syncfs (fd), ==, 0);
  close (fd);
}

/* --- the domain --- */

static void
define (BenchDisk *disk)
{
  g_autofree char *uri = g_strdup_printf ("local://%s/domains", disk->folder);
  g_autofree char *xml =
      g_strdup_printf ("<domain type='kvm'><name>bench</name><metadata>"
                       "<m:machine xmlns:m='urn:vck:domain:1' qmp='%s'/></metadata><devices>"
                       "<disk type='file'><driver type='qcow2'/><source file='%s'/>"
                       "<target dev='vda'/></disk></devices></domain>",
                       disk->qmp, disk->image);
  VckcError *error = NULL;

  disk->connect = bench_open (uri);
  disk->domain = vckc_domain_define_xml (disk->connect, xml, &error);
  bench_check (error);
}

void
bench_disk_init (BenchDisk *disk, guint size, guint levels)
{
  g_autofree char *below = NULL;

  *disk = (BenchDisk){ .folder = image_fixture_new (), .size = size * GIB };
  disk->qmp = g_build_filename (disk->folder, "qmp", NULL);
  below = make_chain (disk, levels);
  disk->image = make_image (disk, "disk.qcow2", below);
  define (disk);
}

void
bench_disk_clear (BenchDisk *disk)
{
  vckc_object_unref (disk->domain);
  vckc_object_unref (disk->connect);
  g_free (disk->qmp);
  g_free (disk->image);
  image_fixture_remove (disk->folder);
}

void
bench_disk_create_base (BenchDisk *disk)
{
  VckcError *error = NULL;

  vckc_object_unref (vckc_domain_checkpoint_create_xml (
      disk->domain, "<domaincheckpoint><name>base</name></domaincheckpoint>", 0, &error));
  bench_check (error);
}

/* --- backups --- */

static char *
make_file_name (const BenchDisk *disk, const char *folder)
{
  return g_strdup_printf ("%s/backup%u.qcow2", folder, disk->n_backups);
}

bool
bench_disk_begin (BenchDisk *disk, const char *base, const char *folder, VckcError **err)
{
  g_autofree char *file = NULL;
  g_autofree char *checkpoint = NULL;
  g_autofree char *incremental = NULL;
  g_autofree char *xml = NULL;

  disk->n_backups++;
  file = make_file_name (disk, folder);
  checkpoint =
      g_strdup_printf ("<domaincheckpoint><name>b%u</name></domaincheckpoint>", disk->n_backups);
  incremental = base != NULL ? g_strdup_printf ("<incremental>%s</incremental>", base) : NULL;
  xml = g_strdup_printf ("<domainbackup>%s<disks><disk name='vda' type='file'>"
                         "<target file='%s'/><driver type='qcow2'/></disk></disks></domainbackup>",
                         incremental != NULL ? incremental : "", file);
  return vckc_domain_backup_begin (disk->domain, xml, checkpoint, 0, err) == 0;
}

void
bench_disk_wait (BenchDisk *disk)
{
  VckcError *error = NULL;
  VckcJobInfo *info = vckc_domain_wait_job (disk->domain, &error);

  bench_check (error);
  if (vckc_job_info_get_state (info, NULL) != VCKC_JOB_STATE_DONE)
    g_error ("the backup failed: %s", vckc_job_info_get_error (info, NULL));
  if (vckc_job_info_get_bytes_done (info, NULL) < (int64_t) disk->expected)
    g_error ("the backup copied %" G_GINT64_FORMAT " bytes, and not %" G_GUINT64_FORMAT,
             vckc_job_info_get_bytes_done (info, NULL), disk->expected);
  vckc_job_info_unref (info, NULL);
}

void
bench_disk_forget (BenchDisk *disk, const char *folder)
{
  g_autofree char *file = make_file_name (disk, folder);
  g_autofree char *name = g_strdup_printf ("b%u", disk->n_backups);
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_lookup_by_name (disk->domain, name, 0, &error);

  bench_check (error);
  vckc_domain_checkpoint_delete (checkpoint, 0, &error);
  bench_check (error);
  vckc_object_unref (checkpoint);
  g_unlink (file);
}

gint64
bench_disk_back_up (BenchDisk *disk, const char *base, const char *folder, VckcError **err)
{
  gint64 start = g_get_monotonic_time ();
  gint64 took;

  if (!bench_disk_begin (disk, base, folder, err))
    return -1;
  bench_disk_wait (disk);
  took = g_get_monotonic_time () - start;
  bench_disk_forget (disk, folder);
  return took;
}
