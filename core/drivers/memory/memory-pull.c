/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/memory-pull.h"

#include <unistd.h>

#include "drivers/memory/memory-copy.h"
#include "managed/backends/pull-offer.h"
#include "qemu/qmp-block.h"

typedef struct
{
  VckcBlockBackup backup;
  VckcMemoryFault *fault;    /* borrowed */
  VckcMemoryImages *images;  /* borrowed */
  VckcBlockSession *session; /* borrowed: only until it has started */
  const VckcBlockDisk *from; /* borrowed as long: the disks of the session */
  VckcPullOffer offer;
  VckcStorageDaemon *daemon; /* owned */
  VckcMemoryPoint *points;   /* owned: the disks */
  int *fds;                  /* owned: the images of the disks; -1 once the daemon has them */
  VckcQmpDisk *disks;        /* owned: what the daemon opens */
  guint n_disks;
  VckcBlockBitmapRef *bitmaps; /* owned: that are added */
  guint n_bitmaps;
} MemoryPull;

static char *
memory_pull_keep (MemoryPull *self, const char *text)
{
  return g_string_chunk_insert (self->offer.strings, text);
}

static void
memory_pull_close_files (MemoryPull *self)
{
  for (guint i = 0; i < self->n_disks; i++)
    {
      if (self->fds[i] >= 0)
        close (self->fds[i]);
      self->fds[i] = -1;
    }
}

static void
memory_pull_free (VckcBlockBackup *backup)
{
  MemoryPull *self = (MemoryPull *) backup;

  g_clear_pointer (&self->daemon, vckc_storage_daemon_free);
  memory_pull_close_files (self);
  for (guint i = 0; i < self->n_disks; i++)
    vckc_memory_point_clear (&self->points[i]);
  g_free (self->points);
  g_free (self->fds);
  g_free (self->disks);
  g_free (self->bitmaps);
  vckc_pull_offer_clear (&self->offer);
  g_free (self);
}

/* The daemon opens the image by the number that it inherits it under, behind that of the socket. */
static bool
memory_pull_add_disk (MemoryPull *self,
                      const VckcBlockBackupDisk *disk,
                      guint i,
                      guint number,
                      VckcError **err)
{
  g_autofree char *node = g_strdup_printf ("copy%u", i);
  g_autofree char *path = g_strdup_printf ("/dev/fd/%u", number);
  const char *target = self->from[disk->disk].target;

  self->points[i].disk = disk->disk;
  self->points[i].base = disk->base != NULL ? memory_pull_keep (self, disk->base) : NULL;
  self->disks[i] = (VckcQmpDisk){ .node = memory_pull_keep (self, node),
                                  .target = memory_pull_keep (self, target),
                                  .path = memory_pull_keep (self, path),
                                  .locked = true };
  self->fds[i] = vckc_memory_copy_open (target, err);
  return self->fds[i] >= 0
         && vckc_pull_offer_add (&self->offer, self->session, disk, target, node, err);
}

static bool
memory_pull_add_disks (MemoryPull *self, const VckcBlockBackupPlan *plan, VckcError **err)
{
  const guint first = VCKC_STORAGE_DAEMON_FIRST_FD + (plan->server->fd >= 0 ? 1 : 0);

  for (guint i = 0; i < plan->n_disks; i++)
    if (!memory_pull_add_disk (self, &plan->disks[i], i, first + i, err))
      return false;
  return true;
}

static bool
memory_pull_start_daemon (MemoryPull *self, int socket, VckcError **err)
{
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (int));
  const int *all;
  const char *version;

  if (socket >= 0)
    g_array_append_val (files, socket);
  g_array_append_vals (files, self->fds, self->n_disks);
  all = (const int *) (void *) files->data;
  self->daemon = socket >= 0 ? vckc_storage_daemon_start_server (all, files->len, err)
                             : vckc_storage_daemon_start (NULL, all, files->len, err);
  if (self->daemon == NULL)
    return false;
  version = vckc_qmp_client_get_version (vckc_storage_daemon_get_qmp (self->daemon));
  g_strlcpy (self->backup.qemu, version != NULL ? version : "", sizeof self->backup.qemu);
  return true;
}

/* The daemon has the files, too. */
static bool
memory_pull_write_copies (MemoryPull *self, VckcError **err)
{
  for (guint i = 0; i < self->n_disks; i++)
    if (!vckc_memory_copy_write (self->fds[i], self->disks[i].target, &self->points[i], err))
      return false;
  memory_pull_close_files (self);
  return true;
}

static bool
memory_pull_start (VckcBlockBackup *backup, VckcError **err)
{
  MemoryPull *self = (MemoryPull *) backup;
  const VckcBlockDisk *from = self->from;

  self->session = NULL;
  self->from = NULL;
  return vckc_memory_fault_pass (self->fault, G_STRFUNC, err)
         && vckc_memory_images_take_point (self->images, from, self->bitmaps, self->n_bitmaps,
                                           self->points, self->n_disks, err)
         && memory_pull_write_copies (self, err)
         && vckc_storage_daemon_check (
             self->daemon,
             vckc_qmp_block_open (vckc_storage_daemon_get_qmp (self->daemon), self->disks,
                                  self->n_disks, true, err),
             err)
         && vckc_pull_offer_begin (&self->offer, self->daemon, err);
}

/* A lasting fault meets what is offered, too. */
static bool
memory_pull_wait (VckcBlockBackup *backup,
                  guint milliseconds,
                  VckcBlockBackupProgress *progress,
                  VckcError **err)
{
  MemoryPull *self = (MemoryPull *) backup;
  g_autoptr (VckcError) error = NULL;

  vckc_pull_offer_wait (&self->offer, self->daemon, milliseconds, progress);
  if (self->offer.cancelled || !vckc_memory_fault_lasts (self->fault, &error))
    return true;
  for (guint i = 0; i < self->n_disks; i++)
    {
      progress[i].state = VCKC_BLOCK_BACKUP_FAILED;
      vckc_block_backup_progress_set_error (&progress[i], error);
    }
  return true;
}

static bool
memory_pull_cancel (VckcBlockBackup *backup, VckcError **err)
{
  ((MemoryPull *) backup)->offer.cancelled = true;
  return true;
}

static bool
memory_pull_finish (VckcBlockBackup *backup, VckcError **err)
{
  return vckc_memory_fault_pass (((MemoryPull *) backup)->fault, G_STRFUNC, err);
}

/* All goes with the daemon, clients too. */
static bool
memory_pull_forget (VckcBlockBackup *backup, VckcError **err)
{
  return true;
}

static const VckcBlockBackupClass memory_pull_class = {
  .start = memory_pull_start,
  .wait = memory_pull_wait,
  .cancel = memory_pull_cancel,
  .finish = memory_pull_finish,
  .forget = memory_pull_forget,
  .free = memory_pull_free,
};

VckcBlockBackup *
vckc_memory_pull_open (VckcMemoryFault *fault,
                       VckcMemoryImages *images,
                       VckcBlockSession *session,
                       const VckcBlockDisk *disks,
                       const VckcBlockBackupPlan *plan,
                       VckcError **err)
{
  MemoryPull *self = g_new0 (MemoryPull, 1);
  g_autoptr (VckcBlockBackup) backup = &self->backup;

  backup->klass = &memory_pull_class;
  self->fault = fault;
  self->images = images;
  self->session = session;
  self->from = disks;
  vckc_pull_offer_init (&self->offer, plan);
  self->n_disks = plan->n_disks;
  self->points = g_new0 (VckcMemoryPoint, plan->n_disks);
  self->disks = g_new0 (VckcQmpDisk, plan->n_disks);
  self->fds = g_new (int, plan->n_disks);
  for (guint i = 0; i < plan->n_disks; i++)
    self->fds[i] = -1;
  self->n_bitmaps = plan->n_bitmaps;
  self->bitmaps = g_new0 (VckcBlockBitmapRef, plan->n_bitmaps);
  for (guint i = 0; i < plan->n_bitmaps; i++)
    self->bitmaps[i] = (VckcBlockBitmapRef){ plan->bitmaps[i].disk,
                                             memory_pull_keep (self, plan->bitmaps[i].name) };
  return memory_pull_add_disks (self, plan, err)
                 && memory_pull_start_daemon (self, plan->server->fd, err)
             ? g_steal_pointer (&backup)
             : NULL;
}
