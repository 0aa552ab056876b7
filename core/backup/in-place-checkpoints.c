/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/in-place-checkpoints.h"

#include <stdlib.h>

#include "backup/backup-names.h"
#include "backup/checkpoint-redefine.h"
#include "handles/handles.h"

static bool
is_restored (const VckcInPlaceJournal *journal, const char *target)
{
  for (guint i = 0; i < journal->disks->len; i++)
    {
      const VckcInPlaceDisk *disk = g_ptr_array_index (journal->disks, i);

      if (g_str_equal (disk->target, target))
        return true;
    }
  return false;
}

/* Of which disks the checkpoint has bitmaps. */
static void
in_place_look_at (const VckcCheckpointDef *checkpoint,
                  const VckcDomainDef *def,
                  const VckcInPlaceJournal *journal,
                  bool *ret_restored,
                  bool *ret_others)
{
  *ret_restored = *ret_others = false;
  for (guint i = 0; i < checkpoint->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (checkpoint->disks, i);

      if (disk->tracked && is_restored (journal, disk->name))
        *ret_restored = true;
      else if (disk->tracked && vckc_domain_def_find_disk (def, disk->name) != NULL)
        *ret_others = true;
    }
}

static bool
in_place_take_out (VckcDomainCheckpoint *checkpoint,
                   const VckcInPlaceJournal *journal,
                   VckcError **err)
{
  g_autoptr (GHashTable) targets = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < journal->disks->len; i++)
    g_hash_table_add (targets, ((VckcInPlaceDisk *) journal->disks->pdata[i])->target);
  return vckc_checkpoint_untrack (checkpoint, targets, err);
}

static bool
in_place_drop_found (VckcDomainCheckpoint *handle,
                     const VckcDomainDef *def,
                     const VckcInPlaceJournal *journal,
                     const char *store_uuid,
                     VckcError **err)
{
  const char *name = vckc_domain_checkpoint_get_name (handle, NULL);
  g_autoptr (VckcCheckpointDef) checkpoint = vckc_checkpoint_redefine_load (handle, err);
  bool restored, others;

  if (checkpoint == NULL)
    return false;
  in_place_look_at (checkpoint, def, journal, &restored, &others);
  if (!restored)
    return true;
  if (!others)
    return vckc_domain_checkpoint_delete (handle, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, err) == 0;
  return vckc_backup_find_id (name, store_uuid) == NULL || in_place_take_out (handle, journal, err);
}

/* One that was deleted since they were listed need not be dropped. */
static bool
in_place_drop_one (VckcDomainCheckpoint *handle,
                   const VckcDomainDef *def,
                   const VckcInPlaceJournal *journal,
                   const char *store_uuid,
                   VckcError **err)
{
  VckcError *error = NULL;

  if (in_place_drop_found (handle, def, journal, store_uuid, &error))
    return true;
  if (vckc_error_get_code (error) == VCKC_ERROR_NO_DOMAIN_CHECKPOINT)
    {
      vckc_error_free (error);
      return true;
    }
  vckc_propagate_error (err, error);
  return false;
}

bool
vckc_in_place_drop_checkpoints (VckcDomain *domain,
                                const VckcDomainDef *def,
                                const VckcInPlaceJournal *journal,
                                const char *store_uuid,
                                VckcError **err)
{
  VckcDomainCheckpoint **checkpoints = NULL;
  int n = vckc_domain_list_all_checkpoints (domain, &checkpoints, 0, err);
  bool ok = n >= 0;

  for (int i = 0; i < n; i++)
    {
      ok = ok && in_place_drop_one (checkpoints[i], def, journal, store_uuid, err);
      vckc_domain_checkpoint_unref (checkpoints[i], NULL);
    }
  free (checkpoints);
  return ok;
}

static VckcCheckpointDef *
in_place_describe (const VckcDomainDef *def, const VckcInPlaceJournal *journal)
{
  VckcCheckpointDef *checkpoint = vckc_checkpoint_def_new ();

  checkpoint->name = g_strdup (journal->checkpoint);
  checkpoint->description = g_strdup_printf ("restored from the backup '%s'", journal->backup);
  checkpoint->creation_time = journal->time;
  checkpoint->has_disks = true;
  checkpoint->domain = vckc_domain_def_ref ((VckcDomainDef *) def);
  for (guint i = 0; i < journal->disks->len; i++)
    {
      const VckcInPlaceDisk *disk = g_ptr_array_index (journal->disks, i);

      if (disk->tracked && vckc_in_place_disk_is_of_domain (disk, def))
        g_ptr_array_add (checkpoint->disks,
                         vckc_checkpoint_disk_def_new (disk->target, true, journal->checkpoint));
    }
  return checkpoint;
}

bool
vckc_in_place_define_checkpoint (VckcDomain *domain,
                                 const VckcDomainDef *def,
                                 const VckcInPlaceJournal *journal,
                                 VckcError **err)
{
  g_autoptr (VckcCheckpointDef) checkpoint = NULL;

  if (journal->checkpoint == NULL)
    return true;
  checkpoint = in_place_describe (def, journal);
  return checkpoint->disks->len == 0 || vckc_checkpoint_redefine (domain, checkpoint, err);
}
