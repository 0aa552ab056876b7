/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The same with libvirt's own test driver, for comparison. */

#include "bench.h"

#include <stdlib.h>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

static const char domain_xml[] =
    "<domain type='test'><name>bench</name><memory>1024</memory><os><type>hvm</type></os>"
    "<devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
    "<source file='/bench/a.qcow2'/><target dev='vda' bus='virtio'/></disk>"
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
    "<source file='/bench/b.qcow2'/><target dev='vdb' bus='virtio'/></disk></devices></domain>";

static void
check (bool succeeded)
{
  if (!succeeded)
    g_error ("libvirt: %s", virGetLastErrorMessage ());
}

static void
create_all (Bench *bench, virDomain *domain, guint count)
{
  gsize before = bench_memory ();

  bench_start (bench);
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *xml =
          g_strdup_printf ("<domaincheckpoint><name>c%u</name></domaincheckpoint>", i);
      virDomainCheckpoint *checkpoint = virDomainCheckpointCreateXML (domain, xml, 0);

      check (checkpoint != NULL);
      virDomainCheckpointFree (checkpoint);
    }
  bench_stop (bench, "libvirt", "create", count);
  bench_note (bench, "libvirt", "memory per checkpoint", count,
              ((double) bench_memory () - (double) before) / count, "bytes");
}

static virDomainCheckpoint **
list_all (Bench *bench, virDomain *domain, guint count)
{
  virDomainCheckpoint **list = NULL;
  double best = 0;

  for (guint i = 0; i < BENCH_REPEATS (count); i++)
    {
      for (guint j = 0; list != NULL && j < count; j++)
        virDomainCheckpointFree (list[j]);
      free (list);
      bench_start (bench);
      check (virDomainListAllCheckpoints (domain, &list, VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL)
             == (int) count);
      bench_lap (bench, &best, count);
    }
  bench_note (bench, "libvirt", "list topologically", count, best, "us");
  return list;
}

static void
look_up_all (Bench *bench, virDomain *domain, guint count)
{
  double best = 0;

  for (guint repeat = 0; repeat < BENCH_REPEATS (count); repeat++)
    {
      bench_start (bench);
      for (guint i = 0; i < count; i++)
        {
          char name[16];
          virDomainCheckpoint *checkpoint;

          g_snprintf (name, sizeof name, "c%u", i);
          checkpoint = virDomainCheckpointLookupByName (domain, name, 0);
          check (checkpoint != NULL);
          virDomainCheckpointFree (checkpoint);
        }
      bench_lap (bench, &best, count);
    }
  bench_note (bench, "libvirt", "look up", count, best, "us");
}

static void
read_and_delete_all (Bench *bench, virDomainCheckpoint **list, guint count)
{
  bench_start (bench);
  for (guint i = 0; i < count; i++)
    free (virDomainCheckpointGetXMLDesc (list[i], 0));
  bench_stop (bench, "libvirt", "get XML", count);
  bench_start (bench);
  for (guint i = 0; i < count; i++)
    {
      check (virDomainCheckpointDelete (list[i], 0) == 0);
      virDomainCheckpointFree (list[i]);
    }
  bench_stop (bench, "libvirt", "delete", count);
}

static void
compare (Bench *bench, const char *operation, const char *goal)
{
  bench_note (bench, "libvirt/vck", operation, BENCH_COMPARED,
              bench_find (bench, "libvirt", operation, BENCH_COMPARED)
                  / bench_find (bench, "memory", operation, BENCH_COMPARED),
              goal);
}

void
bench_run_libvirt (Bench *bench)
{
  virConnect *connect = virConnectOpen ("test:///default");
  virDomain *domain = connect != NULL ? virDomainDefineXML (connect, domain_xml) : NULL;
  virDomainCheckpoint **list = NULL;

  check (domain != NULL && virDomainCreate (domain) == 0);
  create_all (bench, domain, BENCH_COMPARED);
  list = list_all (bench, domain, BENCH_COMPARED);
  look_up_all (bench, domain, BENCH_COMPARED);
  read_and_delete_all (bench, list, BENCH_COMPARED);
  free (list);
  virDomainFree (domain);
  virConnectClose (connect);
  compare (bench, "create", "x (at least 100)");
  compare (bench, "list topologically", "x (at least 5)");
  compare (bench, "look up", "x (at least 5)");
  compare (bench, "memory per checkpoint", "x (at least 2)");
  compare (bench, "get XML", "x");
  compare (bench, "delete", "x");
}
