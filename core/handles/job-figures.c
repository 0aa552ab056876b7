/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "handles/job-figures.h"

#include "base/lock.h"

typedef struct
{
  gint64 done;
  gint64 total;
} JobFigure;

struct _VckcJobFigures
{
  VckcMutex mutex;
  GHashTable *domains; /* UUID -> target -> JobFigure */
};

VckcJobFigures *
vckc_job_figures_new (void)
{
  VckcJobFigures *figures = g_new0 (VckcJobFigures, 1);

  vckc_mutex_init (&figures->mutex);
  figures->domains =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  return figures;
}

void
vckc_job_figures_free (VckcJobFigures *figures)
{
  g_hash_table_unref (figures->domains);
  vckc_mutex_clear (&figures->mutex);
  g_free (figures);
}

static GHashTable *
job_figures_get_disks_locked (VckcJobFigures *figures, const char *uuid)
{
  GHashTable *disks = g_hash_table_lookup (figures->domains, uuid);

  if (disks == NULL)
    {
      disks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (figures->domains, g_strdup (uuid), disks);
    }
  return disks;
}

void
vckc_job_figures_set (VckcJobFigures *figures,
                      const char *uuid,
                      const char *disk,
                      gint64 done,
                      gint64 total)
{
  JobFigure *figure = g_new (JobFigure, 1);

  *figure = (JobFigure){ .done = done, .total = total };
  vckc_mutex_lock (&figures->mutex);
  g_hash_table_replace (job_figures_get_disks_locked (figures, uuid), g_strdup (disk), figure);
  vckc_mutex_unlock (&figures->mutex);
}

void
vckc_job_figures_clear (VckcJobFigures *figures, const char *uuid)
{
  vckc_mutex_lock (&figures->mutex);
  g_hash_table_remove (figures->domains, uuid);
  vckc_mutex_unlock (&figures->mutex);
}

void
vckc_job_figures_apply (VckcJobFigures *figures, const char *uuid, VckcJobInfo *info)
{
  GHashTable *disks;

  vckc_mutex_lock (&figures->mutex);
  disks = g_hash_table_lookup (figures->domains, uuid);
  for (guint i = 0; disks != NULL && i < info->disks->len; i++)
    {
      VckcJobDisk *disk = g_ptr_array_index (info->disks, i);
      const JobFigure *figure = g_hash_table_lookup (disks, disk->name);

      if (figure == NULL)
        continue;
      disk->bytes_done = figure->done;
      disk->bytes_total = figure->total;
    }
  vckc_mutex_unlock (&figures->mutex);
}
