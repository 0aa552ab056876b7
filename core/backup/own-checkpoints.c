/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/own-checkpoints.h"

#include <stdlib.h>
#include <string.h>

#include "backup/backup-names.h"
#include "handles/handles.h"

/* If its bitmaps went with a QEMU that was killed, or with an image, there is nothing to delete but
 * what is listed. */
static bool
own_checkpoint_delete_found (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VckcError *error = NULL;

  if (vckc_domain_checkpoint_delete (checkpoint, 0, &error) == 0)
    return true;
  if (vckc_error_get_code (error) != VCKC_ERROR_CHECKPOINT_INCONSISTENT)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  vckc_error_free (error);
  return vckc_domain_checkpoint_delete (checkpoint, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, err) == 0;
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
        g_info ("the old checkpoint '%s' is kept: %s", name, vckc_error_get_message (error));
    }
}
