/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/store-root.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup-names.h"
#include "backup/json-file.h"
#include "backup/manifest-fields.h"
#include "base/dir-file.h"
#include "base/json-parse.h"

#define MAX_ROOT_FILE 65536

typedef struct
{
  guint64 format;
  char *uuid;
} RootFile;

static const VckcField root_fields[] = {
  { NULL, "format", VCKC_FIELD_NUMBER, true, G_STRUCT_OFFSET (RootFile, format), NULL },
  { NULL, "uuid", VCKC_FIELD_TEXT, true, G_STRUCT_OFFSET (RootFile, uuid),
    vckc_backup_uuid_is_valid },
};

void
vckc_store_root_free (VckcStoreRoot *root)
{
  if (root == NULL)
    return;
  if (root->fd >= 0)
    close (root->fd);
  g_free (root->path);
  g_free (root->uuid);
  g_free (root);
}

/* Is it a folder, or may it be one? Files of that name are what an interrupted write has left. */
static bool
is_folder (const VckcStoreRoot *root, const char *name)
{
  struct stat info;

  return fstatat (root->fd, name, &info, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG (info.st_mode);
}

static bool
is_left_over (const VckcStoreRoot *root, const char *name)
{
  return vckc_backup_uuid_is_valid (name) && !is_folder (root, name);
}

/* Names that virtnbdbackup gives to its files. */
static bool
is_of_virtnbdbackup (const char *name)
{
  return g_str_has_suffix (name, ".full.data") || g_str_has_suffix (name, ".copy.data")
         || strstr (name, ".virtnbdbackup.") != NULL;
}

/* There is no store: says what there is, if it is known. */
static void
store_root_set_none (const VckcStoreRoot *root, VckcError **err)
{
  g_autoptr (GPtrArray) names = vckc_dir_list (root->fd, root->path, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (is_of_virtnbdbackup (g_ptr_array_index (names, i)))
      {
        vckc_set_error (err, VCKC_ERROR_NO_BACKUP,
                        "the folder '%s' holds backups of virtnbdbackup, which cannot be read or "
                        "continued here; restore them with virtnbdrestore, and make a full backup "
                        "into a new folder",
                        root->path);
        return;
      }
  vckc_set_error (err, VCKC_ERROR_NO_BACKUP, "there is no store of backups in the folder '%s'",
                  root->path);
}

/* An empty folder becomes a store; one with other files in it does not. */
static bool
store_root_initialize (VckcStoreRoot *root, VckcError **err)
{
  g_autoptr (GPtrArray) names = vckc_dir_list (root->fd, root->path, err);
  RootFile file = { VCKC_STORE_ROOT_FORMAT, g_uuid_string_random () };
  g_autoptr (JsonObject) object = json_object_new ();

  root->uuid = file.uuid;
  if (names == NULL)
    return false;
  for (guint i = 0; i < names->len; i++)
    {
      if (is_left_over (root, g_ptr_array_index (names, i)))
        continue;
      if (is_of_virtnbdbackup (g_ptr_array_index (names, i)))
        {
          store_root_set_none (root, err);
          return false;
        }
      vckc_set_error (
          err, VCKC_ERROR_OPERATION_FAILED,
          "cannot make a store of backups in the folder '%s': it is not empty, and holds "
          "no store; name a new folder",
          root->path);
      return false;
    }
  vckc_fields_write (root_fields, G_N_ELEMENTS (root_fields), &file, object);
  return vckc_json_file_write (root->fd, root->path, VCKC_STORE_ROOT_FILE, object, err);
}

static bool
store_root_parse (VckcStoreRoot *root, const char *text, VckcError **err)
{
  RootFile file = { 0 };
  g_autofree char *why = NULL;
  g_autoptr (JsonNode) node = vckc_json_parse_object (text, strlen (text), &why);
  bool ok = node != NULL
            && vckc_fields_read (root_fields, G_N_ELEMENTS (root_fields),
                                 json_node_get_object (node), &file, &why);

  root->uuid = file.uuid;
  if (!ok)
    vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT, "the file '%s/%s' is damaged: %s",
                    root->path, VCKC_STORE_ROOT_FILE, why);
  else if (file.format > VCKC_STORE_ROOT_FORMAT)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "the store '%s' has the format %" G_GUINT64_FORMAT
                    ", and only %d is known here; use the version of Vck that made it",
                    root->path, file.format, VCKC_STORE_ROOT_FORMAT);
  else
    return true;
  return false;
}

static bool
store_root_load (VckcStoreRoot *root, bool create, VckcError **err)
{
  VckcDirFound found;
  g_autofree char *text =
      vckc_dir_read (root->fd, root->path, VCKC_STORE_ROOT_FILE, MAX_ROOT_FILE, &found, err);

  if (text != NULL)
    return store_root_parse (root, text, err);
  if (found != VCKC_DIR_MISSING)
    return false;
  if (create)
    return store_root_initialize (root, err);
  store_root_set_none (root, err);
  return false;
}

VckcStoreRoot *
vckc_store_root_open (const char *path, bool create, bool read_only, VckcError **err)
{
  g_autoptr (VckcStoreRoot) root = g_new0 (VckcStoreRoot, 1);
  VckcDirFound found;

  root->path = g_canonicalize_filename (path, NULL);
  root->read_only = read_only;
  root->fd = vckc_dir_open (AT_FDCWD, root->path, root->path, create, &found, err);
  if (root->fd < 0 && found == VCKC_DIR_MISSING)
    vckc_set_error (err, VCKC_ERROR_NO_BACKUP, "there is no folder '%s'", root->path);
  if (root->fd < 0 || !store_root_load (root, create, err))
    return NULL;
  return g_steal_pointer (&root);
}

static int
store_root_compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
vckc_store_root_list_domains (const VckcStoreRoot *root, VckcError **err)
{
  GPtrArray *names = vckc_dir_list (root->fd, root->path, err);

  if (names == NULL)
    return NULL;
  for (guint i = names->len; i-- > 0;)
    if (!vckc_backup_uuid_is_valid (g_ptr_array_index (names, i))
        || is_left_over (root, g_ptr_array_index (names, i)))
      g_ptr_array_remove_index_fast (names, i);
  g_ptr_array_sort (names, store_root_compare_names);
  return names;
}
