/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "api/disk-policy.h"

/* How many disks a message explains. */
#define DISK_POLICY_MAX_REASONS 3

/* Disks are listed by their targets, or by the paths of their images. */
static bool
disk_policy_is_same (const VckcCheckpointDiskDef *listed, const VckcDomainDisk *disk)
{
  return g_str_equal (listed->name, disk->target) || g_strcmp0 (listed->name, disk->source) == 0;
}

static bool
disk_policy_is_listed (const VckcCheckpointDef *def, const VckcDomainDisk *disk)
{
  for (guint i = 0; i < def->disks->len; i++)
    if (disk_policy_is_same (g_ptr_array_index (def->disks, i), disk))
      return true;
  return false;
}

static bool
disk_policy_lists_only (const VckcCheckpointDef *def, GPtrArray *disks)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      bool found = false;

      for (guint j = 0; j < disks->len && !found; j++)
        found =
            disk_policy_is_same (g_ptr_array_index (def->disks, i), g_ptr_array_index (disks, j));
      if (!found)
        return false;
    }
  return true;
}

static void
disk_policy_track (VckcCheckpointDef *def, const VckcDomainDisk *disk)
{
  g_ptr_array_add (def->disks, vckc_checkpoint_disk_def_new (disk->target, true, NULL));
  def->has_disks = true;
}

static void
disk_policy_track_all (VckcCheckpointDef *def, GPtrArray *disks)
{
  for (guint i = 0; i < disks->len; i++)
    {
      const VckcDomainDisk *disk = g_ptr_array_index (disks, i);

      if (!disk->idle && !disk_policy_is_listed (def, disk))
        disk_policy_track (def, disk);
    }
}

static void
disk_policy_explain (GString *reasons, const VckcDomainDisk *disk, guint number)
{
  if (number == DISK_POLICY_MAX_REASONS)
    g_string_append (reasons, ", …");
  if (number >= DISK_POLICY_MAX_REASONS)
    return;
  g_string_append_printf (reasons, "%s'%s' (%s)", number > 0 ? ", " : "", disk->target,
                          disk->reason);
}

/* A disk that could not be examined is not taken for one that cannot be tracked. */
static bool
disk_policy_track_trackable (VckcCheckpointDef *def,
                             VckcDomain *domain,
                             GPtrArray *disks,
                             VckcError **err)
{
  g_autoptr (GString) reasons = g_string_new (NULL);
  guint n_unfit = 0;

  for (guint i = 0; i < disks->len; i++)
    {
      const VckcDomainDisk *disk = g_ptr_array_index (disks, i);

      if (disk_policy_is_listed (def, disk))
        continue;
      if (disk->unknown)
        {
          vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR,
                          "whether disk '%s' of domain '%s' can be tracked is not known: %s; skip "
                          "the disk to create a checkpoint without it",
                          disk->target, domain->name, disk->reason);
          return false;
        }
      if (disk->reason == NULL)
        disk_policy_track (def, disk);
      else
        disk_policy_explain (reasons, disk, n_unfit++);
    }
  if (n_unfit == 0 || vckc_checkpoint_def_tracks_any_disk (def))
    return true;
  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "no disk of domain '%s' can be tracked: %s; a checkpoint needs one", domain->name,
                  reasons->str);
  return false;
}

static GPtrArray *
disk_policy_list (VckcDomain *domain, VckcError **err)
{
  g_autofree VckcDomainDisk **list = NULL;
  int count = vckc_domain_list_disks (domain, &list, err);
  GPtrArray *disks;

  if (count < 0)
    return NULL;
  disks = g_ptr_array_new_with_free_func (vckc_object_unref);
  for (int i = 0; i < count; i++)
    g_ptr_array_add (disks, list[i]);
  return disks;
}

static bool
disk_policy_check_list (const VckcCheckpointDef *def, VckcError **err)
{
  if (def->disks->len > 0)
    return true;
  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "the checkpoint lists no disk, and its policy is to track the listed ones only; "
                  "list a disk, or choose another policy");
  return false;
}

bool
vckc_disk_policy_apply (VckcDiskPolicy policy,
                        VckcCheckpointDef *def,
                        VckcDomain *domain,
                        VckcError **err)
{
  g_autoptr (GPtrArray) disks = NULL;

  if (policy == VCKC_DISK_POLICY_LISTED)
    return disk_policy_check_list (def, err);
  /* A document without a list stands for all disks. */
  if (policy == VCKC_DISK_POLICY_ALL && def->disks->len == 0)
    return true;
  disks = disk_policy_list (domain, err);
  if (disks == NULL)
    return false;
  /* Creating the checkpoint is refused, and the message names that disk, if no other is added. */
  if (!disk_policy_lists_only (def, disks))
    return true;
  if (policy == VCKC_DISK_POLICY_TRACKABLE)
    return disk_policy_track_trackable (def, domain, disks, err);
  disk_policy_track_all (def, disks);
  return true;
}

static const VckcDomainDisk *
disk_policy_find (GPtrArray *disks, const char *target)
{
  for (guint i = 0; i < disks->len; i++)
    {
      const VckcDomainDisk *disk = g_ptr_array_index (disks, i);

      if (g_str_equal (disk->target, target))
        return disk;
    }
  return NULL;
}

static const char *
disk_policy_find_reason (VckcDiskPolicy policy,
                         const VckcCheckpointDef *def,
                         const VckcDomainDisk *disk)
{
  if (disk != NULL && disk_policy_is_listed (def, disk))
    return "the configuration leaves it out";
  if (policy == VCKC_DISK_POLICY_LISTED)
    return "the configuration does not list it, and its policy is to track the listed ones only";
  return disk != NULL && disk->reason != NULL ? disk->reason : "the domain was changed meanwhile";
}

bool
vckc_disk_policy_explain (VckcDiskPolicy policy,
                          const VckcCheckpointDef *def,
                          VckcDomain *domain,
                          VckcCheckpointPlan *plan,
                          VckcError **err)
{
  g_autoptr (GPtrArray) disks = disk_policy_list (domain, err);

  if (disks == NULL)
    return false;
  for (guint i = 0; i < plan->disks->len; i++)
    {
      VckcCheckpointPlanDisk *planned = g_ptr_array_index (plan->disks, i);

      if (!planned->tracked)
        planned->reason = g_strdup (
            disk_policy_find_reason (policy, def, disk_policy_find (disks, planned->target)));
    }
  return true;
}
