/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-figures.h"

static gboolean
is_of_checkpoint (VckcDomainCheckpointDisk *disk, const char *name, guint64 incarnation)
{
  return vckc_domain_checkpoint_disk_get_incarnation (disk, NULL) == incarnation
         && g_str_equal (vckc_domain_checkpoint_disk_get_checkpoint (disk, NULL), name);
}

/* The disks of one checkpoint. */
static gboolean
figures_take_checkpoint (VckIdentity *domain,
                         VckcDomainCheckpointDisk *const *disks,
                         gsize n_disks,
                         gint64 measured_at)
{
  g_autoptr (VckIdentity) identity =
      vck_identity_find_child (domain, vckc_domain_checkpoint_disk_get_checkpoint (disks[0], NULL),
                               vckc_domain_checkpoint_disk_get_incarnation (disks[0], NULL));
  g_autoptr (VckProperties) properties =
      identity != NULL ? vck_identity_add_change (identity) : NULL;
  VckcCheckpointState state;
  int64_t size;

  return properties != NULL
         && vckc_checkpoint_disks_sum_up (disks, n_disks, &size, &state, NULL) == 0
         && vck_properties_set_measured (properties, size, state, measured_at);
}

gboolean
vck_figures_take (VckIdentity *domain, const VckcEvent *event)
{
  gboolean changed = FALSE;
  gsize start = 0;

  while (start < event->n_listed)
    {
      const char *name = vckc_domain_checkpoint_disk_get_checkpoint (event->disks[start], NULL);
      const guint64 incarnation =
          vckc_domain_checkpoint_disk_get_incarnation (event->disks[start], NULL);
      gsize end = start + 1;

      while (end < event->n_listed && is_of_checkpoint (event->disks[end], name, incarnation))
        end++;
      if (incarnation != 0)
        changed |=
            figures_take_checkpoint (domain, event->disks + start, end - start, event->measured_at);
      start = end;
    }
  return changed;
}

void
vck_figures_notify (VckIdentity *domain)
{
  g_autoptr (GPtrArray) objects = vck_identity_list_objects (domain);

  for (guint i = 0; i < objects->len; i++)
    if (VCK_IS_CHECKPOINT (objects->pdata[i]))
      vck_checkpoint_notify_changes (objects->pdata[i]);
}
