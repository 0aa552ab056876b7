/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/memory-backup.h"

#include "base/lock.h"
#include "managed/backends/export-socket.h"
#include "managed/backends/image-stat.h"
#include "managed/backends/made-file.h"

/* A backup takes so many steps, each of so many milliseconds. */
#define N_STEPS 8
#define STEP 10

struct _VckcMemoryBackups
{
  VckcMemoryFault *fault; /* borrowed */
  VckcMutex mutex;        /* covers what follows */
  GHashTable *files;      /* set of paths */
  GHashTable *sockets;    /* path -> which one that is, a VckcBlockImage */
  bool held;
  guint n_to_refuse; /* limits */
  gint64 speed;      /* that was set last; -1 if none was */
};

typedef struct
{
  VckcBlockBackup backup;
  VckcMemoryBackups *backups; /* borrowed */
  VckcBlockSession *session;  /* borrowed: only until it has started */
  GStringChunk *names;        /* owned */
  GArray *bitmaps;            /* owned, of VckcBlockBitmapRef */
  GArray *totals;             /* owned, of guint64: bytes of each disk */
  guint n_steps;              /* that are done */
  guint64 speed;              /* bytes per second of each disk; 0: no limit */
  gint64 stepped;             /* when the last one was; g_get_monotonic_time() */
  bool cancelled;
  char *error;   /* (nullable), owned: why it failed */
  bool no_space; /* that is why */
} MemoryBackup;

VckcMemoryBackups *
vckc_memory_backups_new (VckcMemoryFault *fault)
{
  VckcMemoryBackups *self = g_new0 (VckcMemoryBackups, 1);

  self->fault = fault;
  self->speed = -1;
  vckc_mutex_init (&self->mutex);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->sockets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

/* A backup that could not be ended may have left its socket, which nothing removes later. */
void
vckc_memory_backups_free (VckcMemoryBackups *self)
{
  GHashTableIter iter;
  gpointer path, made_as;

  g_hash_table_iter_init (&iter, self->sockets);
  while (g_hash_table_iter_next (&iter, &path, &made_as))
    vckc_made_file_remove (path, made_as, NULL);
  g_hash_table_unref (self->sockets);
  g_hash_table_unref (self->files);
  vckc_mutex_clear (&self->mutex);
  g_free (self);
}

void
vckc_memory_backups_hold (VckcMemoryBackups *self, bool held)
{
  vckc_mutex_lock (&self->mutex);
  self->held = held;
  vckc_mutex_unlock (&self->mutex);
}

void
vckc_memory_backups_refuse_speed (VckcMemoryBackups *self, guint n)
{
  vckc_mutex_lock (&self->mutex);
  self->n_to_refuse = n;
  vckc_mutex_unlock (&self->mutex);
}

gint64
vckc_memory_backups_get_speed (VckcMemoryBackups *self)
{
  gint64 speed;

  vckc_mutex_lock (&self->mutex);
  speed = self->speed;
  vckc_mutex_unlock (&self->mutex);
  return speed;
}

static bool
memory_backups_are_held (VckcMemoryBackups *self)
{
  bool held;

  vckc_mutex_lock (&self->mutex);
  held = self->held;
  vckc_mutex_unlock (&self->mutex);
  return held;
}

bool
vckc_memory_backups_has_file (VckcMemoryBackups *self, const char *path)
{
  bool has;

  vckc_mutex_lock (&self->mutex);
  has = g_hash_table_contains (self->files, path);
  vckc_mutex_unlock (&self->mutex);
  return has;
}

bool
vckc_memory_backups_make_file (VckcMemoryBackups *self,
                               const VckcBlockBackupFile *file,
                               VckcError **err)
{
  bool is_new;

  if (!vckc_memory_fault_pass (self->fault, G_STRFUNC, err))
    return false;
  vckc_mutex_lock (&self->mutex);
  is_new = !g_hash_table_contains (self->files, file->path);
  if (is_new)
    g_hash_table_add (self->files, g_strdup (file->path));
  vckc_mutex_unlock (&self->mutex);
  if (!is_new)
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                    "the file '%s' for the backup of disk '%s' exists already; name another one, "
                    "or write to it as it is with the REUSE_EXTERNAL flag",
                    file->path, file->target);
  return is_new;
}

bool
vckc_memory_backups_open_file (VckcMemoryBackups *self, const char *path, VckcError **err)
{
  if (!vckc_memory_fault_pass (self->fault, G_STRFUNC, err))
    return false;
  if (vckc_memory_backups_has_file (self, path))
    return true;
  vckc_set_error_errno (err, ENOENT, "cannot open the backup file '%s'", path);
  return false;
}

bool
vckc_memory_backups_make_socket (VckcMemoryBackups *self,
                                 const char *path,
                                 int *ret_fd,
                                 VckcError **err)
{
  VckcBlockImage made_as = { 0 };

  if (!vckc_memory_fault_pass (self->fault, G_STRFUNC, err))
    return false;
  *ret_fd = vckc_export_socket_make (path, err);
  if (*ret_fd < 0)
    return false;
  vckc_image_stat (path, &made_as);
  vckc_mutex_lock (&self->mutex);
  g_hash_table_insert (self->sockets, g_strdup (path), g_memdup2 (&made_as, sizeof made_as));
  vckc_mutex_unlock (&self->mutex);
  return true;
}

/* No fault meets it, as taking back what was just made seldom fails. */
bool
vckc_memory_backups_remove_file (VckcMemoryBackups *self, const char *path, VckcError **err)
{
  g_autofree char *key = NULL;
  g_autofree VckcBlockImage *made_as = NULL;

  vckc_mutex_lock (&self->mutex);
  g_hash_table_remove (self->files, path);
  g_hash_table_steal_extended (self->sockets, path, (gpointer *) &key, (gpointer *) &made_as);
  vckc_mutex_unlock (&self->mutex);
  return made_as == NULL || vckc_made_file_remove (path, made_as, err);
}

static bool
memory_backup_start (VckcBlockBackup *backup, VckcError **err)
{
  MemoryBackup *self = (MemoryBackup *) backup;
  VckcBlockSession *session = self->session;

  self->session = NULL;
  return vckc_memory_fault_pass (self->backups->fault, G_STRFUNC, err)
         && (self->bitmaps->len == 0
             || vckc_block_session_add_bitmaps (
                 session, (const VckcBlockBitmapRef *) (void *) self->bitmaps->data,
                 self->bitmaps->len, err));
}

/* Would another step be faster than the limit? */
static bool
memory_backup_is_slowed (const MemoryBackup *self)
{
  guint64 most = 0;

  for (guint i = 0; self->speed > 0 && i < self->totals->len; i++)
    most = MAX (most, g_array_index (self->totals, guint64, i));
  return self->speed > 0
         && (double) (g_get_monotonic_time () - self->stepped) * (double) self->speed
                < (double) most / N_STEPS * G_USEC_PER_SEC;
}

/* Gets on by a step, unless it is held, limited, or has ended. */
static void
memory_backup_step (MemoryBackup *self)
{
  g_autoptr (VckcError) error = NULL;

  if (self->error != NULL || self->n_steps == N_STEPS)
    return;
  if (self->cancelled)
    self->error = g_strdup ("Operation canceled");
  else if (memory_backups_are_held (self->backups) || memory_backup_is_slowed (self))
    return;
  else if (vckc_memory_fault_pass (self->backups->fault, G_STRFUNC, &error))
    {
      self->n_steps++;
      self->stepped = g_get_monotonic_time ();
    }
  else
    {
      self->error = g_strdup (vckc_error_get_message (error));
      self->no_space = vckc_error_get_code (error) == VCKC_ERROR_NO_SPACE;
    }
}

static bool
memory_backup_wait (VckcBlockBackup *backup,
                    guint milliseconds,
                    VckcBlockBackupProgress *progress,
                    VckcError **err)
{
  MemoryBackup *self = (MemoryBackup *) backup;

  g_usleep (MIN (milliseconds, STEP) * 1000);
  memory_backup_step (self);
  for (guint i = 0; i < self->totals->len; i++)
    {
      vckc_block_backup_progress_clear (&progress[i]);
      progress[i].total = g_array_index (self->totals, guint64, i);
      progress[i].done = progress[i].total / N_STEPS * self->n_steps;
      progress[i].error = g_strdup (self->error);
      progress[i].no_space = self->no_space;
      progress[i].state = self->error != NULL        ? VCKC_BLOCK_BACKUP_FAILED
                          : self->n_steps == N_STEPS ? VCKC_BLOCK_BACKUP_COPIED
                                                     : VCKC_BLOCK_BACKUP_COPYING;
    }
  return true;
}

static bool
memory_backup_cancel (VckcBlockBackup *backup, VckcError **err)
{
  ((MemoryBackup *) backup)->cancelled = true;
  return true;
}

static bool
memory_backup_set_speed (VckcBlockBackup *backup, guint64 speed, VckcError **err)
{
  MemoryBackup *self = (MemoryBackup *) backup;
  bool refused;

  vckc_mutex_lock (&self->backups->mutex);
  refused = self->backups->n_to_refuse > 0;
  if (refused)
    self->backups->n_to_refuse--;
  else
    self->backups->speed = (gint64) speed;
  vckc_mutex_unlock (&self->backups->mutex);
  if (refused)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "the limit was made to be refused");
  else
    self->speed = speed;
  return !refused;
}

static bool
memory_backup_finish (VckcBlockBackup *backup, VckcError **err)
{
  return vckc_memory_fault_pass (((MemoryBackup *) backup)->backups->fault, G_STRFUNC, err);
}

static bool
memory_backup_forget (VckcBlockBackup *backup, VckcError **err)
{
  return true;
}

static void
memory_backup_free (VckcBlockBackup *backup)
{
  MemoryBackup *self = (MemoryBackup *) backup;

  g_string_chunk_free (self->names);
  g_array_unref (self->bitmaps);
  g_array_unref (self->totals);
  g_free (self->error);
  g_free (self);
}

static const VckcBlockBackupClass memory_backup_class = {
  .start = memory_backup_start,
  .wait = memory_backup_wait,
  .cancel = memory_backup_cancel,
  .set_speed = memory_backup_set_speed,
  .finish = memory_backup_finish,
  .forget = memory_backup_forget,
  .free = memory_backup_free,
};

/* How many bytes there are to copy of a disk. */
static bool
memory_backup_measure (VckcBlockSession *session,
                       const VckcBlockBackupDisk *disk,
                       guint64 *ret_total,
                       VckcError **err)
{
  const VckcBlockBitmapRef ref = { disk->disk, disk->base };
  VckcBlockBitmap *bitmap = NULL;

  if (disk->base == NULL)
    return vckc_block_session_get_capacity (session, disk->disk, ret_total, err);
  if (!vckc_block_session_find_bitmap (session, &ref, &bitmap, err))
    return false;
  *ret_total = bitmap != NULL ? bitmap->dirty : 0;
  vckc_block_bitmap_free (bitmap);
  return true;
}

VckcBlockBackup *
vckc_memory_backup_open (VckcMemoryBackups *backups,
                         VckcBlockSession *session,
                         const VckcBlockBackupPlan *plan,
                         VckcError **err)
{
  MemoryBackup *self = g_new0 (MemoryBackup, 1);
  g_autoptr (VckcBlockBackup) backup = &self->backup;

  backup->klass = &memory_backup_class;
  self->backups = backups;
  self->session = session;
  self->names = g_string_chunk_new (64);
  self->bitmaps = g_array_new (FALSE, FALSE, sizeof (VckcBlockBitmapRef));
  self->totals = g_array_new (FALSE, FALSE, sizeof (guint64));
  for (guint i = 0; i < plan->n_bitmaps; i++)
    {
      const VckcBlockBitmapRef ref = { plan->bitmaps[i].disk,
                                       g_string_chunk_insert (self->names, plan->bitmaps[i].name) };

      g_array_append_val (self->bitmaps, ref);
    }
  for (guint i = 0; i < plan->n_disks; i++)
    {
      guint64 total;

      if (!memory_backup_measure (session, &plan->disks[i], &total, err))
        return NULL;
      g_array_append_val (self->totals, total);
    }
  return g_steal_pointer (&backup);
}
