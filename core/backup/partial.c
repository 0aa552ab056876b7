/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/partial.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup-names.h"
#include "base/dir-file.h"

#define SUFFIX ".partial"

static VckcPartial *
partial_alloc (const VckcDomainFolder *folder, const char *id)
{
  VckcPartial *partial = g_new0 (VckcPartial, 1);

  partial->folder = folder;
  partial->id = g_strdup (id);
  partial->name = g_strconcat (".", id, SUFFIX, NULL);
  partial->where = g_build_filename (folder->where, partial->name, NULL);
  partial->fd = -1;
  return partial;
}

void
vckc_partial_free (VckcPartial *partial)
{
  if (partial == NULL)
    return;
  if (partial->fd >= 0)
    close (partial->fd);
  g_free (partial->id);
  g_free (partial->name);
  g_free (partial->where);
  g_free (partial);
}

VckcPartial *
vckc_partial_open (const VckcDomainFolder *folder, const char *id, VckcError **err)
{
  g_autoptr (VckcPartial) partial = partial_alloc (folder, id);
  VckcDirFound found;

  partial->fd = vckc_dir_open (folder->fd, partial->where, partial->name, false, &found, err);
  if (partial->fd < 0 && found == VCKC_DIR_MISSING)
    vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "the folder '%s' is gone", partial->where);
  return partial->fd >= 0 ? g_steal_pointer (&partial) : NULL;
}

VckcPartial *
vckc_partial_new (const VckcDomainFolder *folder, const char *id, VckcError **err)
{
  g_autoptr (VckcPartial) partial = partial_alloc (folder, id);

  if (mkdirat (folder->fd, partial->name, 0700) == 0)
    return vckc_dir_sync (folder->fd, folder->where, err) ? vckc_partial_open (folder, id, err)
                                                          : NULL;
  vckc_set_error_errno (err, errno, "cannot make the folder '%s'", partial->where);
  return NULL;
}

static char *
partial_find_id (const char *name)
{
  g_autofree char *id = NULL;

  if (name[0] != '.' || !g_str_has_suffix (name, SUFFIX))
    return NULL;
  id = g_strndup (name + 1, strlen (name) - 1 - strlen (SUFFIX));
  return vckc_backup_id_is_valid (id) ? g_steal_pointer (&id) : NULL;
}

static int
partial_compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

GPtrArray *
vckc_partial_list (const VckcDomainFolder *folder, VckcError **err)
{
  g_autoptr (GPtrArray) names = vckc_dir_list (folder->fd, folder->where, err);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      char *id = partial_find_id (g_ptr_array_index (names, i));

      if (id != NULL)
        g_ptr_array_add (ids, id);
    }
  g_ptr_array_sort (ids, partial_compare_ids);
  return names != NULL ? g_steal_pointer (&ids) : NULL;
}

bool
vckc_partial_write_manifest (const VckcPartial *partial,
                             const char *name,
                             const VckcManifest *manifest,
                             VckcError **err)
{
  g_autofree char *text = vckc_manifest_format (manifest, NULL);

  return vckc_dir_replace (partial->fd, partial->where, name, text, partial->fd, err)
         && vckc_dir_sync (partial->fd, partial->where, err);
}

VckcManifest *
vckc_partial_read_manifest (const VckcPartial *partial,
                            const char *name,
                            const VckcStoreRoot *root,
                            VckcError **err)
{
  g_autofree char *where = g_build_filename (partial->where, name, NULL);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcManifest) manifest = NULL;
  g_autofree char *text = NULL;
  VckcDirFound found;

  text = vckc_dir_read (partial->fd, partial->where, name, VCKC_MANIFEST_MAX_SIZE, &found, &error);
  if (text == NULL && found == VCKC_DIR_FAILED)
    {
      vckc_propagate_error (err, g_steal_pointer (&error));
      return NULL;
    }
  manifest = text != NULL ? vckc_manifest_parse (text, where, &error) : NULL;
  if (manifest == NULL || !g_str_equal (manifest->id, partial->id)
      || !g_str_equal (manifest->store, root->uuid)
      || !g_str_equal (manifest->domain_uuid, partial->folder->uuid))
    return NULL;
  return g_steal_pointer (&manifest);
}

bool
vckc_partial_publish (const VckcPartial *partial, VckcError **err)
{
  const VckcDomainFolder *folder = partial->folder;

  if (!vckc_dir_remove (partial->fd, partial->where, VCKC_PARTIAL_PENDING_FILE, err)
      || !vckc_dir_sync (partial->fd, partial->where, err))
    return false;
  if (renameat (folder->fd, partial->name, folder->fd, partial->id) == 0)
    return vckc_dir_sync (folder->fd, folder->where, err);
  vckc_set_error_errno (err, errno, "cannot rename the folder '%s' to '%s'", partial->where,
                        partial->id);
  return false;
}

bool
vckc_partial_drop (const VckcPartial *partial, VckcError **err)
{
  const VckcDomainFolder *folder = partial->folder;

  return vckc_domain_folder_remove_tree (folder, partial->name, err)
         && vckc_dir_sync (folder->fd, folder->where, err);
}
