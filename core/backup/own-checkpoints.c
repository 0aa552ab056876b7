/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/own-checkpoints.h"

#include <stdlib.h>
#include <string.h>

#include "backup/backup-names.h"
#include "backup/checkpoint-redefine.h"
#include "base/log.h"
#include "handles/handles.h"

/* What can be the reason why a checkpoint cannot be deleted, the surest one first: a bitmap that is
 * replaced may also be one that can be deleted. */
static const VckcCheckpointState own_checkpoint_hindrances[] = {
  VCKC_CHECKPOINT_STATE_MISSING,
  VCKC_CHECKPOINT_STATE_REPLACED,
  VCKC_CHECKPOINT_STATE_UNKNOWN,
};

/* The targets of the disks in that state. *ret_left: has the checkpoint other disks that the domain
 * has too? */
static GHashTable *
own_checkpoint_find (VckcDomainCheckpoint *checkpoint,
                     VckcCheckpointState hindrance,
                     bool *ret_left,
                     VckcError **err)
{
  GHashTable *targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  VckcDomainCheckpointDisk **disks = NULL;
  int n = vckc_domain_checkpoint_list_disks (checkpoint, &disks, VCKC_CHECKPOINT_XML_SIZE, err);

  *ret_left = false;
  for (int i = 0; i < n; i++)
    {
      const char *target = vckc_domain_checkpoint_disk_get_name (disks[i], NULL);
      VckcCheckpointState state = vckc_domain_checkpoint_disk_get_state (disks[i], NULL);
      bool tracked = vckc_domain_checkpoint_disk_is_tracked (disks[i], NULL);

      if (tracked && state == hindrance)
        g_hash_table_add (targets, g_strdup (target));
      else if (tracked && state != VCKC_CHECKPOINT_STATE_GONE)
        *ret_left = true;
      vckc_domain_checkpoint_disk_unref (disks[i], NULL);
    }
  free (disks);
  if (n < 0)
    g_clear_pointer (&targets, g_hash_table_unref);
  return targets;
}

/* Takes the disks in that state out, if that leaves others. */
static bool
own_checkpoint_take_out (VckcDomainCheckpoint *checkpoint,
                         VckcCheckpointState hindrance,
                         VckcError **err)
{
  bool left;
  g_autoptr (GHashTable) targets = own_checkpoint_find (checkpoint, hindrance, &left, err);

  if (targets == NULL)
    return false;
  return !left || g_hash_table_size (targets) == 0
         || vckc_checkpoint_untrack (checkpoint, targets, err);
}

/* *ret_inconsistent: it cannot be deleted as it is, which is no error. */
static bool
own_checkpoint_try (VckcDomainCheckpoint *checkpoint, bool *ret_inconsistent, VckcError **err)
{
  VckcError *error = NULL;

  *ret_inconsistent = false;
  if (vckc_domain_checkpoint_delete (checkpoint, 0, &error) == 0)
    return true;
  if (vckc_error_get_code (error) != VCKC_ERROR_CHECKPOINT_INCONSISTENT)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  vckc_error_free (error);
  *ret_inconsistent = true;
  return true;
}

/* If its bitmaps went with a QEMU that was killed, or with an image, only those of other disks are
 * deleted; if there are none, what is listed is. */
static bool
own_checkpoint_delete_found (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  bool inconsistent;

  if (!own_checkpoint_try (checkpoint, &inconsistent, err))
    return false;
  for (guint i = 0; inconsistent && i < G_N_ELEMENTS (own_checkpoint_hindrances); i++)
    if (!own_checkpoint_take_out (checkpoint, own_checkpoint_hindrances[i], err)
        || !own_checkpoint_try (checkpoint, &inconsistent, err))
      return false;
  return !inconsistent
         || vckc_domain_checkpoint_delete (checkpoint, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, err)
                == 0;
}

bool
vckc_own_checkpoint_delete (VckcDomain *domain, const char *name, VckcError **err)
{
  VckcError *error = NULL;
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (domain, name, 0, &error);

  if (checkpoint != NULL && own_checkpoint_delete_found (checkpoint, &error))
    return true;
  if (vckc_error_get_code (error) == VCKC_ERROR_NO_DOMAIN_CHECKPOINT)
    {
      vckc_error_free (error);
      return true;
    }
  vckc_propagate_error (err, error);
  return false;
}

/* The id is a time, so the newest one is the first. */
static int
own_checkpoints_compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) b, *(char *const *) a);
}

/* Names, the newest one first. */
static GPtrArray *
own_checkpoints_list (VckcDomain *domain, const char *store_uuid)
{
  g_autoptr (VckcError) error = NULL;
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  VckcDomainCheckpoint **checkpoints = NULL;
  int n = vckc_domain_list_all_checkpoints (domain, &checkpoints, 0, &error);

  for (int i = 0; i < n; i++)
    {
      const char *name = vckc_domain_checkpoint_get_name (checkpoints[i], NULL);

      if (vckc_backup_find_id (name, store_uuid) != NULL)
        g_ptr_array_add (names, g_strdup (name));
      vckc_domain_checkpoint_unref (checkpoints[i], NULL);
    }
  free (checkpoints);
  g_ptr_array_sort (names, own_checkpoints_compare);
  return names;
}

static GHashTable *
own_checkpoints_find_needed (const VckcManifest *manifest, GPtrArray *names)
{
  GHashTable *needed = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < manifest->disks->len; i++)
    {
      const VckcManifestDisk *disk = g_ptr_array_index (manifest->disks, i);

      if (disk->base_checkpoint != NULL)
        g_hash_table_add (needed, disk->base_checkpoint);
    }
  for (guint i = 0; i < names->len && g_hash_table_size (needed) == 0; i++)
    if (!g_str_equal (g_ptr_array_index (names, i), manifest->checkpoint_name))
      g_hash_table_add (needed, g_ptr_array_index (names, i));
  g_hash_table_add (needed, manifest->checkpoint_name);
  return needed;
}

void
vckc_own_checkpoints_retire (VckcDomain *domain, const VckcManifest *manifest)
{
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GHashTable) needed = NULL;

  if (manifest->checkpoint_name == NULL)
    return;
  names = own_checkpoints_list (domain, manifest->store);
  needed = own_checkpoints_find_needed (manifest, names);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autoptr (VckcError) error = NULL;

      if (!g_hash_table_contains (needed, name)
          && !vckc_own_checkpoint_delete (domain, name, &error))
        vckc_log_info (VCKC_ABOUT (.checkpoint = name, .error = error),
                       "the old checkpoint '%s' is kept: %s", name, vckc_error_get_message (error));
    }
}
