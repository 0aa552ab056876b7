/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/block-backend.h"

bool
vckc_block_error_is_of_disk (const VckcError *error)
{
  return vckc_error_is_of_disk (error)
         || vckc_error_get_code (error) == VCKC_ERROR_CONFIG_UNSUPPORTED;
}

bool
vckc_block_list_backing_bitmaps (VckcBlockBackend *backend,
                                 const VckcBlockDisk *disk,
                                 GHashTable **ret_files,
                                 char **ret_problem,
                                 VckcError **err)
{
  g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (VckcError) error = NULL;

  *ret_problem = NULL;
  if (backend->klass->list_backing_bitmaps != NULL
      && !backend->klass->list_backing_bitmaps (backend, disk, files, &error))
    {
      if (vckc_error_is_exhaustion (error))
        {
          vckc_propagate_error (err, g_steal_pointer (&error));
          return false;
        }
      *ret_problem = g_strdup (vckc_error_get_message (error));
    }
  *ret_files = g_steal_pointer (&files);
  return true;
}

VckcBlockImage
vckc_block_image_at (VckcBlockBackend *backend, const char *path)
{
  VckcBlockImage image = { 0 };

  if (path == NULL || backend->klass->identify == NULL
      || !backend->klass->identify (backend, path, &image))
    return (VckcBlockImage){ 0 };
  return image;
}
