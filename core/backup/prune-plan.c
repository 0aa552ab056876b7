/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/prune-plan.h"

#include <string.h>

#include "backup/restored-file.h"

#define SECONDS_OF_DAY (24 * 60 * 60)

static void
prune_choice_free (gpointer data)
{
  VckcPruneChoice *choice = data;

  g_free (choice->id);
  g_free (choice->reason);
  g_free (choice);
}

static void
prune_merge_free (gpointer data)
{
  VckcPruneMerge *merge = data;

  g_free (merge->id);
  g_free (merge->target);
  g_free (merge);
}

void
vckc_prune_plan_free (VckcPrunePlan *plan)
{
  if (plan == NULL)
    return;
  g_ptr_array_unref (plan->choices);
  g_ptr_array_unref (plan->merges);
  g_free (plan);
}

static void
prune_choice_keep (VckcPruneChoice *choice, char *reason)
{
  g_free (choice->reason);
  choice->reason = reason;
  choice->keep = true;
}

static const VckcManifest *
prune_get_manifest (const VckcBackupList *list, guint i)
{
  return ((const VckcBackupEntry *) g_ptr_array_index (list->entries, i))->manifest;
}

/* The newest of the day, for as many days as are asked for, from the newest backup on. */
static void
prune_keep_daily (VckcPrunePlan *plan, const VckcBackupList *list, guint days)
{
  gint64 last_day = G_MAXINT64;

  for (guint i = list->entries->len; i-- > 0 && days > 0;)
    {
      VckcPruneChoice *choice = g_ptr_array_index (plan->choices, i);
      gint64 day = prune_get_manifest (list, i)->time / SECONDS_OF_DAY;

      if (day == last_day)
        continue;
      last_day = day;
      days--;
      if (!choice->keep)
        prune_choice_keep (choice, g_strdup ("it is the newest of its day"));
    }
}

static void
prune_apply_policy (VckcPrunePlan *plan,
                    const VckcBackupList *list,
                    const VckcPrunePolicy *policy,
                    gint64 now)
{
  guint n = list->entries->len;

  for (guint i = 0; i < n; i++)
    {
      VckcPruneChoice *choice = g_ptr_array_index (plan->choices, i);
      guint rank = n - i;
      gint64 time = prune_get_manifest (list, i)->time;

      if (rank == 1)
        prune_choice_keep (choice, g_strdup ("it is the newest"));
      else if (rank <= policy->keep_last)
        prune_choice_keep (choice,
                           g_strdup_printf ("it is one of the newest %u", policy->keep_last));
      else if (policy->keep_within > 0 && time > now - policy->keep_within)
        prune_choice_keep (choice, g_strdup ("it is recent enough"));
    }
  prune_keep_daily (plan, list, policy->keep_daily);
}

static VckcPrunePlan *
prune_plan_init (const VckcBackupList *list, VckcError **err)
{
  g_autoptr (VckcPrunePlan) plan = g_new0 (VckcPrunePlan, 1);

  plan->choices = g_ptr_array_new_with_free_func (prune_choice_free);
  plan->merges = g_ptr_array_new_with_free_func (prune_merge_free);
  for (guint i = 0; i < list->entries->len; i++)
    {
      const VckcBackupEntry *entry = g_ptr_array_index (list->entries, i);
      VckcPruneChoice *choice;

      if (entry->manifest == NULL)
        {
          vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                          "cannot prune: a damaged backup may be based on any other: %s",
                          entry->problem);
          return NULL;
        }
      choice = g_new0 (VckcPruneChoice, 1);
      choice->id = g_strdup (entry->id);
      choice->reason = g_strdup ("no rule of the policy keeps it");
      g_ptr_array_add (plan->choices, choice);
    }
  return g_steal_pointer (&plan);
}

static VckcPruneChoice *
prune_find_choice (const VckcPrunePlan *plan, const VckcBackupList *list, const char *id)
{
  const VckcBackupEntry *entry = vckc_backup_list_find (list, id);
  guint i = 0;

  return g_ptr_array_find (list->entries, entry, &i) ? g_ptr_array_index (plan->choices, i) : NULL;
}

/* Has the disk been backed up since it was restored? */
static bool
prune_is_backed_up_since (const VckcBackupList *list, const VckcRestoredDisk *restored)
{
  for (guint i = 0; i < list->entries->len; i++)
    if (strcmp (((const VckcBackupEntry *) g_ptr_array_index (list->entries, i))->id, restored->id)
            > 0
        && vckc_manifest_find_disk (prune_get_manifest (list, i), restored->target) != NULL)
      return true;
  return false;
}

/* The next backup of a disk that was restored in place is based on what it was restored from. */
static bool
prune_keep_restored (VckcPrunePlan *plan,
                     const VckcBackupList *list,
                     const VckcDomainFolder *folder,
                     VckcError **err)
{
  g_autoptr (VckcRestored) restored = vckc_restored_read (folder, err);

  for (guint i = 0; restored != NULL && i < restored->disks->len; i++)
    {
      const VckcRestoredDisk *disk = g_ptr_array_index (restored->disks, i);
      VckcPruneChoice *choice = prune_find_choice (plan, list, disk->backup);

      if (choice != NULL && !choice->keep && disk->checkpoint != NULL
          && !prune_is_backed_up_since (list, disk))
        prune_choice_keep (choice,
                           g_strdup_printf ("disk '%s' was restored from it, and not backed "
                                            "up since",
                                            disk->target));
    }
  return restored != NULL;
}

/* Notes on which backups each level of a chain is needed for: `uses` has "ID/TARGET" -> the id of
 * the level above. A level that two of them need is kept, as it cannot be merged into both. */
static void
prune_note_uses (VckcPrunePlan *plan,
                 const VckcBackupList *list,
                 const VckcChain *chain,
                 GHashTable *uses)
{
  for (guint i = 1; i < chain->levels->len; i++)
    {
      const VckcChainLevel *above = g_ptr_array_index (chain->levels, i - 1);
      const VckcChainLevel *level = g_ptr_array_index (chain->levels, i);
      char *key = g_strdup_printf ("%s/%s", level->manifest->id, level->disk->target);
      const char *known = g_hash_table_lookup (uses, key);
      VckcPruneChoice *choice = prune_find_choice (plan, list, level->manifest->id);

      if (known != NULL && !g_str_equal (known, above->manifest->id) && !choice->keep)
        prune_choice_keep (choice,
                           g_strdup_printf ("more than one backup is based on its disk '%s'",
                                            level->disk->target));
      g_hash_table_insert (uses, key, above->manifest->id);
    }
}

/* Calls `visit` for the chain of each disk of each backup that is kept, oldest first. */
static bool
prune_visit_kept (VckcPrunePlan *plan,
                  const VckcBackupList *list,
                  const VckcDomainFolder *folder,
                  void (*visit) (VckcPrunePlan *plan,
                                 const VckcBackupList *list,
                                 const VckcChain *chain,
                                 GHashTable *uses),
                  GHashTable *uses,
                  VckcError **err)
{
  for (guint i = 0; i < plan->choices->len; i++)
    {
      const VckcPruneChoice *choice = g_ptr_array_index (plan->choices, i);
      const VckcManifest *manifest = prune_get_manifest (list, i);

      for (guint j = 0; choice->keep && j < manifest->disks->len; j++)
        {
          const VckcManifestDisk *disk = g_ptr_array_index (manifest->disks, j);
          g_autoptr (VckcChain) chain =
              vckc_chain_find (list, folder, manifest->id, disk->target, err);

          if (chain == NULL)
            return false;
          visit (plan, list, chain, uses);
        }
    }
  return true;
}

/* Levels from the nearest on that are not kept are merged into the disk. */
static void
prune_add_merge (VckcPrunePlan *plan,
                 const VckcBackupList *list,
                 const VckcChain *chain,
                 GHashTable *uses)
{
  const VckcChainLevel *top = vckc_chain_get_top (chain);
  VckcPruneMerge *merge;
  guint levels = 0;

  for (guint i = 1; i < chain->levels->len; i++)
    {
      const VckcChainLevel *level = g_ptr_array_index (chain->levels, i);

      if (prune_find_choice (plan, list, level->manifest->id)->keep)
        break;
      levels++;
    }
  if (levels == 0)
    return;
  merge = g_new0 (VckcPruneMerge, 1);
  merge->id = g_strdup (top->manifest->id);
  merge->target = g_strdup (top->disk->target);
  merge->levels = levels;
  g_ptr_array_add (plan->merges, merge);
}

VckcPrunePlan *
vckc_prune_plan_new (const VckcBackupList *list,
                     const VckcDomainFolder *folder,
                     const VckcPrunePolicy *policy,
                     gint64 now,
                     VckcError **err)
{
  g_autoptr (VckcPrunePlan) plan = prune_plan_init (list, err);
  g_autoptr (GHashTable) uses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (plan == NULL)
    return NULL;
  prune_apply_policy (plan, list, policy, now);
  if (!prune_keep_restored (plan, list, folder, err)
      || !prune_visit_kept (plan, list, folder, prune_note_uses, uses, err)
      || !prune_visit_kept (plan, list, folder, prune_add_merge, uses, err))
    return NULL;
  return g_steal_pointer (&plan);
}
