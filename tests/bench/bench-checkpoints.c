/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-checkpoints.h"

#include <stdlib.h>

void
bench_check (VckcError *error)
{
  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
}

VckcConnect *
bench_open (const char *uri)
{
  VckcError *error = NULL;
  VckcConnect *connect = vckc_connect_open (uri, 0, &error);

  bench_check (error);
  return connect;
}

static void
create_all (Bench *bench, const char *subject, VckcDomain *domain, guint count)
{
  gsize before = bench_memory ();

  bench_start (bench);
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *xml =
          g_strdup_printf ("<domaincheckpoint><name>c%u</name></domaincheckpoint>", i);
      VckcError *error = NULL;

      vckc_object_unref (vckc_domain_checkpoint_create_xml (domain, xml, 0, &error));
      bench_check (error);
    }
  bench_stop (bench, subject, "create", count);
  bench_note (bench, subject, "memory per checkpoint", count,
              ((double) bench_memory () - (double) before) / count, "bytes");
}

static void
free_list (VckcDomainCheckpoint **list)
{
  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    vckc_object_unref (list[i]);
  free (list);
}

static VckcDomainCheckpoint **
list_all (Bench *bench, const char *subject, VckcDomain *domain, guint count)
{
  VckcDomainCheckpoint **list = NULL;
  double best = 0;

  for (guint i = 0; i < BENCH_REPEATS (count); i++)
    {
      VckcError *error = NULL;

      free_list (list);
      bench_start (bench);
      vckc_domain_list_all_checkpoints (domain, &list, VCKC_CHECKPOINT_LIST_TOPOLOGICAL, &error);
      bench_lap (bench, &best, count);
      bench_check (error);
    }
  bench_note (bench, subject, "list topologically", count, best, "us");
  return list;
}

static void
look_up_all (Bench *bench, const char *subject, VckcDomain *domain, guint count)
{
  double best = 0;

  for (guint repeat = 0; repeat < BENCH_REPEATS (count); repeat++)
    {
      bench_start (bench);
      for (guint i = 0; i < count; i++)
        {
          char name[16];
          VckcError *error = NULL;

          g_snprintf (name, sizeof name, "c%u", i);
          vckc_object_unref (vckc_domain_checkpoint_lookup_by_name (domain, name, 0, &error));
          bench_check (error);
        }
      bench_lap (bench, &best, count);
    }
  bench_note (bench, subject, "look up", count, best, "us");
}

static void
read_all (Bench *bench, const char *subject, VckcDomainCheckpoint **list, guint count)
{
  bench_start (bench);
  for (guint i = 0; i < count; i++)
    free (vckc_domain_checkpoint_get_xml_desc (list[i], 0, NULL));
  bench_stop (bench, subject, "get XML", count);
  bench_start (bench);
  for (guint i = 0; i < count; i++)
    free (vckc_domain_checkpoint_get_parent_name (list[i], NULL));
  bench_stop (bench, subject, "get parent name", count);
}

static void
delete_all (Bench *bench, const char *subject, VckcDomainCheckpoint **list, guint count)
{
  bench_start (bench);
  for (guint i = 0; i < count; i++)
    {
      VckcError *error = NULL;

      vckc_domain_checkpoint_delete (list[i], 0, &error);
      bench_check (error);
    }
  bench_stop (bench, subject, "delete", count);
}

void
bench_checkpoints (Bench *bench, const char *subject, VckcDomain *domain, guint count)
{
  VckcDomainCheckpoint **list;

  create_all (bench, subject, domain, count);
  list = list_all (bench, subject, domain, count);
  look_up_all (bench, subject, domain, count);
  read_all (bench, subject, list, count);
  delete_all (bench, subject, list, count);
  free_list (list);
}
