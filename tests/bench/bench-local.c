/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* `local:` with real images: many checkpoints, and many disks compared with the least that
 * QEMU needs for them. */

#include "bench-checkpoints.h"

#include "../core/local/image-fixture.h"
#include "qemu/qmp-block.h"
#include "qemu/storage-daemon.h"

#define N_CHECKPOINTS 500
#define N_ROUNDS 9
#define N_MEASURED 30

typedef struct
{
  char *folder;
  guint n_disks;
  char **paths; /* NULL-terminated */
  VckcConnect *connect;
  VckcDomain *domain;
} Setup;

static char *
make_xml (char **paths)
{
  GString *xml = g_string_new ("<domain type='kvm'><name>bench</name><devices>");

  for (guint i = 0; paths[i] != NULL; i++)
    g_string_append_printf (xml,
                            "<disk type='file'><driver type='qcow2'/><source file='%s'/>"
                            "<target dev='vd%c'/></disk>",
                            paths[i], 'a' + (char) i);
  g_string_append (xml, "</devices></domain>");
  return g_string_free (xml, FALSE);
}

static void
setup_init (Setup *setup, guint n_disks)
{
  g_autofree char *uri = NULL;
  g_autofree char *xml = NULL;
  VckcError *error = NULL;

  setup->folder = image_fixture_new ();
  setup->n_disks = n_disks;
  setup->paths = g_new0 (char *, n_disks + 1);
  for (guint i = 0; i < n_disks; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.qcow2", i);

      setup->paths[i] = image_fixture_make_image (setup->folder, name, NULL);
    }
  uri = g_strdup_printf ("local://%s/domains", setup->folder);
  xml = make_xml (setup->paths);
  setup->connect = bench_open (uri);
  setup->domain = vckc_domain_define_xml (setup->connect, xml, &error);
  bench_check (error);
}

static void
setup_clear (Setup *setup)
{
  vckc_object_unref (setup->domain);
  vckc_object_unref (setup->connect);
  g_strfreev (setup->paths);
  image_fixture_remove (setup->folder);
}

/* One daemon, all images, one transaction, and out: no metadata, no journal, no check. */
static void
bare_session (const Setup *setup, const char *bitmap)
{
  g_autofree VckcQmpDisk *disks = g_new0 (VckcQmpDisk, setup->n_disks);
  g_autofree VckcBlockBitmapRef *bitmaps = g_new0 (VckcBlockBitmapRef, setup->n_disks);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func (g_free);
  VckcError *error = NULL;
  VckcStorageDaemon *daemon = vckc_storage_daemon_start (NULL, NULL, 0, &error);
  VckcQmpClient *qmp;

  bench_check (error);
  for (guint i = 0; i < setup->n_disks; i++)
    {
      g_ptr_array_add (nodes, g_strdup_printf ("bare%u", i));
      disks[i] = (VckcQmpDisk){ .node = g_ptr_array_index (nodes, i),
                                .target = "vd",
                                .path = setup->paths[i] };
      bitmaps[i] = (VckcBlockBitmapRef){ .disk = i, .name = bitmap };
    }
  qmp = vckc_storage_daemon_get_qmp (daemon);
  vckc_qmp_block_open (qmp, disks, setup->n_disks, false, &error);
  bench_check (error);
  vckc_qmp_block_add (qmp, disks, setup->n_disks, bitmaps, setup->n_disks, &error);
  bench_check (error);
  vckc_storage_daemon_free (daemon);
}

static void
create_checkpoint (const Setup *setup, const char *name)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  VckcError *error = NULL;

  vckc_object_unref (vckc_domain_checkpoint_create_xml (setup->domain, xml, 0, &error));
  bench_check (error);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 one = *(const gint64 *) a;
  gint64 other = *(const gint64 *) b;

  return (one > other) - (one < other);
}

/* The middle one of several, as other programs disturb some. */
static double
median (gint64 *times)
{
  qsort (times, N_ROUNDS, sizeof *times, compare_times);
  return (double) times[N_ROUNDS / 2];
}

/* Alternating, so that both meet the same disturbances. */
static void
measure_disks (Bench *bench, guint n_disks)
{
  Setup setup;
  gint64 ours[N_ROUNDS];
  gint64 bare[N_ROUNDS];

  setup_init (&setup, n_disks);
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autofree char *name = g_strdup_printf ("r%u", i);
      g_autofree char *bare_name = g_strdup_printf ("bare%u", i);
      gint64 start = g_get_monotonic_time ();

      bare_session (&setup, bare_name);
      bare[i] = g_get_monotonic_time () - start;
      start = g_get_monotonic_time ();
      create_checkpoint (&setup, name);
      ours[i] = g_get_monotonic_time () - start;
    }
  setup_clear (&setup);
  bench_note (bench, "local", "bare session, disks", n_disks, median (bare), "us");
  bench_note (bench, "local", "create, disks", n_disks, median (ours), "us");
  bench_note_limited (bench, "ratio", "create / bare, disks", n_disks,
                      median (ours) / median (bare), "x", 1.5);
}

void
bench_run_disks (Bench *bench)
{
  static const guint disks[] = { 1, 4, 16 };

  for (gsize i = 0; i < G_N_ELEMENTS (disks); i++)
    measure_disks (bench, disks[i]);
}

static void
free_disks (VckcDomainCheckpointDisk **disks)
{
  for (guint i = 0; disks[i] != NULL; i++)
    vckc_object_unref (disks[i]);
  free (disks);
}

/* Sizes and states of all checkpoints: one call for all of them, one for each, and verifying. */
static void
measure_sizes (Bench *bench, const Setup *setup)
{
  VckcDomainCheckpoint **checkpoints = NULL;
  VckcDomainCheckpointDisk **disks = NULL;
  VckcFinding **findings = NULL;
  VckcError *error = NULL;

  vckc_domain_list_all_checkpoints (setup->domain, &checkpoints, 0, &error);
  bench_check (error);
  bench_start (bench);
  vckc_domain_verify_checkpoints (setup->domain, &findings, &error);
  bench_stop (bench, "local", "verify all", 1);
  bench_check (error);
  bench_start (bench);
  vckc_domain_measure_checkpoints (setup->domain, &disks, &error);
  bench_stop (bench, "local", "sizes of 30, in one call", 1);
  bench_check (error);
  free_disks (disks);
  bench_start (bench);
  for (guint i = 0; checkpoints[i] != NULL; i++)
    {
      vckc_domain_checkpoint_list_disks (checkpoints[i], &disks, VCKC_CHECKPOINT_XML_SIZE, &error);
      bench_check (error);
      free_disks (disks);
      vckc_object_unref (checkpoints[i]);
    }
  bench_stop (bench, "local", "sizes of 30, one by one", 1);
  free (checkpoints);
  free (findings);
}

void
bench_run_local (Bench *bench)
{
  Setup setup;

  setup_init (&setup, 1);
  bench_checkpoints (bench, "local", setup.domain, N_CHECKPOINTS);
  for (guint i = 0; i < N_MEASURED; i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u", i);

      create_checkpoint (&setup, name);
    }
  measure_sizes (bench, &setup);
  setup_clear (&setup);
}
