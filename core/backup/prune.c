/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/prune.h"

#include "backup/merge.h"
#include "base/clock.h"

static VckcPrunePlan *
prune_look (VckcDomainFolder *folder,
            const VckcStoreRoot *root,
            const VckcPrunePolicy *policy,
            VckcError **err)
{
  g_autoptr (VckcBackupList) list = vckc_backup_list_load (folder, root, err);

  return list != NULL
             ? vckc_prune_plan_new (list, folder, policy, vckc_clock_now () / G_USEC_PER_SEC, err)
             : NULL;
}

/* All merges come first: until then every backup is whole. The newest backups go first, as older
 * ones may be what they are based on. */
static bool
prune_carry_out (VckcDomainFolder *folder,
                 const VckcStoreRoot *root,
                 const VckcPrunePlan *plan,
                 VckcError **err)
{
  for (guint i = 0; i < plan->merges->len; i++)
    {
      const VckcPruneMerge *merge = g_ptr_array_index (plan->merges, i);

      if (!vckc_merge (folder, root, merge->id, merge->target, merge->levels, err))
        return false;
    }
  for (guint i = plan->choices->len; i-- > 0;)
    {
      const VckcPruneChoice *choice = g_ptr_array_index (plan->choices, i);

      if (!choice->keep && !vckc_merge_remove_backup (folder, root, choice->id, err))
        return false;
    }
  return true;
}

VckcPrunePlan *
vckc_prune (VckcDomainFolder *folder,
            const VckcStoreRoot *root,
            const VckcPrunePolicy *policy,
            bool dry_run,
            VckcError **err)
{
  g_autoptr (VckcPrunePlan) plan = NULL;
  bool ok;

  if (dry_run)
    return prune_look (folder, root, policy, err);
  if (!vckc_domain_folder_lock (folder, VCKC_FOLDER_LOCK_WRITER, true, err))
    return NULL;
  ok = vckc_merge_recover (folder, root, err)
       && (plan = prune_look (folder, root, policy, err)) != NULL
       && prune_carry_out (folder, root, plan, err);
  vckc_domain_folder_unlock (folder, VCKC_FOLDER_LOCK_WRITER);
  return ok ? g_steal_pointer (&plan) : NULL;
}
