/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/memory-backend.h"

#include "drivers/memory/memory-extents.h"

#define GRANULARITY 65536
#define CAPACITY (G_GUINT64_CONSTANT (1) << 30)

typedef struct
{
  GHashTable *granules; /* set of granule numbers, as pointers to guint64 */
  bool inconsistent;
} Bitmap;

typedef struct
{
  VckcBlockBackend backend;
  VckcMemoryFault fault;
  VckcMutex mutex;    /* covers all below */
  GHashTable *images; /* path -> (bitmap name -> Bitmap) */
  guint n_freezes;
  guint n_frozen;
  VckcMemoryBackups *backups; /* owned, immutable */
} MemoryBackend;

typedef struct
{
  VckcBlockSession session;
  const VckcBlockDisk *disks; /* borrowed from the caller */
} MemorySession;

static Bitmap *
memory_bitmap_new (void)
{
  Bitmap *bitmap = g_new0 (Bitmap, 1);

  bitmap->granules = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return bitmap;
}

static void
memory_bitmap_free (gpointer data)
{
  Bitmap *bitmap = data;

  g_hash_table_unref (bitmap->granules);
  g_free (bitmap);
}

/* With the mutex held: the bitmaps of an image. */
static GHashTable *
memory_get_image (MemoryBackend *self, const char *path)
{
  GHashTable *bitmaps = g_hash_table_lookup (self->images, path);

  if (bitmaps == NULL)
    {
      bitmaps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, memory_bitmap_free);
      g_hash_table_insert (self->images, g_strdup (path), bitmaps);
    }
  return bitmaps;
}

static bool
memory_check_disk (VckcBlockBackend *backend,
                   const char *qmp_socket,
                   const VckcBlockDisk *disk,
                   char **ret_reason,
                   VckcError **err)
{
  if (disk->path == NULL)
    *ret_reason = g_strdup ("it is not a file");
  else if (!g_str_equal (disk->format, "qcow2"))
    *ret_reason =
        g_strdup_printf ("its format is '%s', and only 'qcow2' can keep bitmaps", disk->format);
  return true;
}

/* An image is what its path names, for good. */
static bool
memory_identify (VckcBlockBackend *backend, const char *path, VckcBlockImage *ret_image)
{
  *ret_image = (VckcBlockImage){ .device = 1, .number = 1 + g_str_hash (path), .lasting = true };
  return true;
}

static VckcBlockSession *
memory_session_open (VckcBlockBackend *backend,
                     const VckcBlockMachine *machine,
                     const VckcBlockDisk *disks,
                     guint n_disks,
                     VckcBlockSessionMode mode,
                     VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) backend;
  MemorySession *session;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return NULL;

  session = g_new0 (MemorySession, 1);
  session->session.backend = backend;
  session->session.can_find = true;
  session->disks = disks;
  return &session->session;
}

static bool
memory_session_get_capacity (VckcBlockSession *session,
                             guint disk,
                             guint64 *ret_capacity,
                             VckcError **err)
{
  *ret_capacity = CAPACITY;
  return true;
}

static VckcBlockBitmap *
memory_describe_bitmap (const char *name, const Bitmap *bitmap)
{
  VckcBlockBitmap *entry = vckc_block_bitmap_new (name, GRANULARITY);

  entry->dirty = (guint64) g_hash_table_size (bitmap->granules) * GRANULARITY;
  entry->inconsistent = bitmap->inconsistent;
  entry->recording = !bitmap->inconsistent;
  return entry;
}

static bool
memory_session_list_bitmaps (VckcBlockSession *session,
                             guint disk,
                             GPtrArray **ret_bitmaps,
                             VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;
  const VckcBlockDisk *disks = ((MemorySession *) session)->disks;
  GPtrArray *bitmaps;
  GHashTableIter iter;
  gpointer name, value;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return false;

  bitmaps = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_block_bitmap_free);
  vckc_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, memory_get_image (self, disks[disk].path));
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_ptr_array_add (bitmaps, memory_describe_bitmap (name, value));
  vckc_mutex_unlock (&self->mutex);
  *ret_bitmaps = bitmaps;
  return true;
}

static bool
memory_session_find_bitmap (VckcBlockSession *session,
                            const VckcBlockBitmapRef *ref,
                            VckcBlockBitmap **ret_bitmap,
                            VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;
  const VckcBlockDisk *disks = ((MemorySession *) session)->disks;
  const Bitmap *bitmap;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return false;

  vckc_mutex_lock (&self->mutex);
  bitmap = g_hash_table_lookup (memory_get_image (self, disks[ref->disk].path), ref->name);
  if (bitmap != NULL)
    *ret_bitmap = memory_describe_bitmap (ref->name, bitmap);
  vckc_mutex_unlock (&self->mutex);
  return true;
}

/* With the mutex held: the numbers of the dirty granules; NULL if there is no such bitmap. */
static GArray *
memory_copy_granules (MemoryBackend *self, const char *path, const char *name)
{
  const Bitmap *bitmap = g_hash_table_lookup (memory_get_image (self, path), name);
  GArray *granules;
  GHashTableIter iter;
  gpointer granule;

  if (bitmap == NULL)
    return NULL;
  granules = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_hash_table_iter_init (&iter, bitmap->granules);
  while (g_hash_table_iter_next (&iter, &granule, NULL))
    g_array_append_vals (granules, granule, 1);
  return granules;
}

static VckcExtentReader *
memory_session_open_extents (VckcBlockSession *session,
                             const VckcBlockBitmapRef *ref,
                             bool with_zero,
                             VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;
  const VckcBlockDisk *disk = &((MemorySession *) session)->disks[ref->disk];
  GArray *granules;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return NULL;

  vckc_mutex_lock (&self->mutex);
  granules = memory_copy_granules (self, disk->path, ref->name);
  vckc_mutex_unlock (&self->mutex);
  if (granules != NULL)
    return vckc_memory_extents_new (&self->fault, granules, GRANULARITY, CAPACITY, with_zero);
  vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT, "disk '%s' has no bitmap '%s'",
                  disk->target, ref->name);
  return NULL;
}

static bool
memory_session_add_bitmaps (VckcBlockSession *session,
                            const VckcBlockBitmapRef *bitmaps,
                            guint n_bitmaps,
                            VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;
  const VckcBlockDisk *disks = ((MemorySession *) session)->disks;
  bool taken = false;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return false;

  vckc_mutex_lock (&self->mutex);
  for (guint i = 0; i < n_bitmaps && !taken; i++)
    {
      const VckcBlockDisk *disk = &disks[bitmaps[i].disk];

      taken = g_hash_table_contains (memory_get_image (self, disk->path), bitmaps[i].name);
      if (taken)
        vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "disk '%s' already has a bitmap '%s'",
                        disk->target, bitmaps[i].name);
    }
  for (guint i = 0; i < n_bitmaps && !taken; i++)
    g_hash_table_insert (memory_get_image (self, disks[bitmaps[i].disk].path),
                         g_strdup (bitmaps[i].name), memory_bitmap_new ());
  vckc_mutex_unlock (&self->mutex);
  return !taken;
}

static bool
memory_session_remove_bitmaps (VckcBlockSession *session,
                               const VckcBlockBitmapRef *bitmaps,
                               guint n_bitmaps,
                               VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;
  const VckcBlockDisk *disks = ((MemorySession *) session)->disks;
  bool missing = false;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return false;

  vckc_mutex_lock (&self->mutex);
  for (guint i = 0; i < n_bitmaps && !missing; i++)
    {
      const VckcBlockDisk *disk = &disks[bitmaps[i].disk];

      missing = !g_hash_table_contains (memory_get_image (self, disk->path), bitmaps[i].name);
      if (missing)
        vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT, "disk '%s' has no bitmap '%s'",
                        disk->target, bitmaps[i].name);
    }
  for (guint i = 0; i < n_bitmaps && !missing; i++)
    g_hash_table_remove (memory_get_image (self, disks[bitmaps[i].disk].path), bitmaps[i].name);
  vckc_mutex_unlock (&self->mutex);
  return !missing;
}

static bool
memory_session_close (VckcBlockSession *session, VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;

  g_free (session);
  return vckc_memory_fault_pass (&self->fault, G_STRFUNC, err);
}

static bool
memory_make_backup_file (VckcBlockBackend *backend,
                         const VckcBlockBackupFile *file,
                         int *ret_fd,
                         VckcBlockImage *ret_made_as,
                         VckcError **err)
{
  *ret_fd = -1;
  memory_identify (backend, file->path, ret_made_as);
  return vckc_memory_backups_make_file (((MemoryBackend *) backend)->backups, file, err);
}

/* It has it already. */
static bool
memory_name_backup_file (VckcBlockBackend *backend,
                         const VckcBlockBackupFile *file,
                         int fd,
                         VckcError **err)
{
  return true;
}

static bool
memory_open_backup_file (VckcBlockBackend *backend,
                         const char *path,
                         const VckcBlockImage *made_as,
                         int *ret_fd,
                         VckcError **err)
{
  *ret_fd = -1;
  return vckc_memory_backups_open_file (((MemoryBackend *) backend)->backups, path, err);
}

static bool
memory_remove_backup_file (VckcBlockBackend *backend,
                           const char *path,
                           const VckcBlockImage *made_as,
                           VckcError **err)
{
  vckc_memory_backups_remove_file (((MemoryBackend *) backend)->backups, path);
  return true;
}

static VckcBlockBackup *
memory_session_open_backup (VckcBlockSession *session,
                            const VckcBlockBackupPlan *plan,
                            VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return NULL;
  return vckc_memory_backup_open (self->backups, session, plan, err);
}

/* No backup goes on without its process. */
static bool
memory_session_attach_backup (VckcBlockSession *session,
                              const VckcBlockBackupPlan *plan,
                              VckcBlockBackup **ret_backup,
                              VckcError **err)
{
  *ret_backup = NULL;
  return true;
}

static bool
memory_freeze (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) backend;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return false;

  vckc_mutex_lock (&self->mutex);
  self->n_freezes++;
  self->n_frozen++;
  vckc_mutex_unlock (&self->mutex);
  return true;
}

static bool
memory_thaw (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) backend;

  vckc_mutex_lock (&self->mutex);
  self->n_frozen--;
  vckc_mutex_unlock (&self->mutex);
  return true;
}

static void
memory_free (VckcBlockBackend *backend)
{
  MemoryBackend *self = (MemoryBackend *) backend;

  vckc_memory_backups_free (self->backups);
  g_hash_table_unref (self->images);
  vckc_mutex_clear (&self->mutex);
  vckc_memory_fault_clear (&self->fault);
  g_free (self);
}

static const VckcBlockBackendClass memory_backend_class = {
  .check_disk = memory_check_disk,
  .identify = memory_identify,
  .session_open = memory_session_open,
  .session_list_bitmaps = memory_session_list_bitmaps,
  .session_find_bitmap = memory_session_find_bitmap,
  .session_open_extents = memory_session_open_extents,
  .session_get_capacity = memory_session_get_capacity,
  .session_add_bitmaps = memory_session_add_bitmaps,
  .session_remove_bitmaps = memory_session_remove_bitmaps,
  .make_backup_file = memory_make_backup_file,
  .name_backup_file = memory_name_backup_file,
  .open_backup_file = memory_open_backup_file,
  .remove_backup_file = memory_remove_backup_file,
  .session_open_backup = memory_session_open_backup,
  .session_attach_backup = memory_session_attach_backup,
  .session_close = memory_session_close,
  .freeze = memory_freeze,
  .thaw = memory_thaw,
  .free = memory_free,
};

VckcBlockBackend *
vckc_memory_backend_new (void)
{
  MemoryBackend *self = g_new0 (MemoryBackend, 1);

  self->backend.klass = &memory_backend_class;
  vckc_memory_fault_init (&self->fault);
  self->backups = vckc_memory_backups_new (&self->fault);
  vckc_mutex_init (&self->mutex);
  self->images =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  return &self->backend;
}

VckcMemoryBackups *
vckc_memory_backend_get_backups (VckcBlockBackend *backend)
{
  return ((MemoryBackend *) backend)->backups;
}

VckcMemoryFault *
vckc_memory_backend_get_fault (VckcBlockBackend *backend)
{
  return &((MemoryBackend *) backend)->fault;
}

static void
memory_mark_dirty (Bitmap *bitmap, guint64 offset, guint64 length)
{
  if (bitmap->inconsistent || length == 0)
    return;
  for (guint64 granule = offset / GRANULARITY; granule <= (offset + length - 1) / GRANULARITY;
       granule++)
    g_hash_table_add (bitmap->granules, g_memdup2 (&granule, sizeof granule));
}

static void
memory_write_image (GHashTable *bitmaps, guint64 offset, guint64 length)
{
  GHashTableIter iter;
  gpointer bitmap;

  g_hash_table_iter_init (&iter, bitmaps);
  while (g_hash_table_iter_next (&iter, NULL, &bitmap))
    memory_mark_dirty (bitmap, offset, length);
}

void
vckc_memory_backend_write (VckcBlockBackend *backend,
                           const char *path,
                           guint64 offset,
                           guint64 length)
{
  MemoryBackend *self = (MemoryBackend *) backend;

  vckc_mutex_lock (&self->mutex);
  memory_write_image (memory_get_image (self, path), offset, length);
  vckc_mutex_unlock (&self->mutex);
}

void
vckc_memory_backend_write_all (VckcBlockBackend *backend, guint64 length)
{
  MemoryBackend *self = (MemoryBackend *) backend;
  GHashTableIter iter;
  gpointer bitmaps;

  vckc_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->images);
  while (g_hash_table_iter_next (&iter, NULL, &bitmaps))
    memory_write_image (bitmaps, 0, length);
  vckc_mutex_unlock (&self->mutex);
}

bool
vckc_memory_backend_lose_bitmap (VckcBlockBackend *backend, const char *path, const char *bitmap)
{
  MemoryBackend *self = (MemoryBackend *) backend;
  bool lost;

  vckc_mutex_lock (&self->mutex);
  lost = g_hash_table_remove (memory_get_image (self, path), bitmap);
  vckc_mutex_unlock (&self->mutex);
  return lost;
}

bool
vckc_memory_backend_break_bitmap (VckcBlockBackend *backend, const char *path, const char *bitmap)
{
  MemoryBackend *self = (MemoryBackend *) backend;
  Bitmap *broken;

  vckc_mutex_lock (&self->mutex);
  broken = g_hash_table_lookup (memory_get_image (self, path), bitmap);
  if (broken != NULL)
    {
      broken->inconsistent = true;
      g_hash_table_remove_all (broken->granules);
    }
  vckc_mutex_unlock (&self->mutex);
  return broken != NULL;
}

guint
vckc_memory_backend_count_freezes (VckcBlockBackend *backend)
{
  MemoryBackend *self = (MemoryBackend *) backend;
  guint count;

  vckc_mutex_lock (&self->mutex);
  count = self->n_freezes;
  vckc_mutex_unlock (&self->mutex);
  return count;
}

guint
vckc_memory_backend_count_frozen (VckcBlockBackend *backend)
{
  MemoryBackend *self = (MemoryBackend *) backend;
  guint count;

  vckc_mutex_lock (&self->mutex);
  count = self->n_frozen;
  vckc_mutex_unlock (&self->mutex);
  return count;
}
