/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/backup-pull.h"

#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "backup/backup-documents.h"
#include "backup/backup-end.h"
#include "backup/backup-names.h"
#include "handles/handles.h"
#include "model/backup-xml.h"
#include "model/pull-server.h"
#include "nbd/nbd-copy.h"
#include "nbd/nbd-uri.h"

#define FOLDER_PREFIX "vck-backup-"
#define BITMAP "vck-changes"
#define CLUSTER_SIZE 65536
/* Progress is reported, and room is looked at, at most four times a second. */
#define REPORT_WAIT (G_TIME_SPAN_SECOND / 4)
/* Where scratch files grow, so much has to be free to begin, and to go on. */
#define ROOM_TO_BEGIN (G_GUINT64_CONSTANT (64) * 1024 * 1024)
#define ROOM_TO_GO_ON (G_GUINT64_CONSTANT (32) * 1024 * 1024)

/* How long the end of a job is waited for, and how often it is looked for; in microseconds. */
#define END_TIMEOUT (2 * G_TIME_SPAN_SECOND)
#define END_INTERVAL 10000

/* The copy of one disk. */
typedef struct
{
  const VckcBackupPull *pull;
  const VckcBackupPlanDisk *disk;
  const VckcPullServer *server;
  gint64 last_report; /* g_get_monotonic_time() */
} PullCopy;

bool
vckc_backup_pull_check_support (VckcError **err)
{
  return vckc_nbd_extents_check_support (err);
}

/* --- scratch files --- */

/* Files of this suffix belong to the backup, so that a later process knows the job for its own. */
static char *
backup_pull_make_suffix (const char *store_uuid, const char *id)
{
  g_autofree char *name = vckc_backup_make_checkpoint_name (store_uuid, id);

  return g_strconcat (".", name, NULL);
}

/* Beside the image, which several disks may have, or, of a block device, in the folder of the
 * socket. NULL if there is none. */
static char *
backup_pull_make_scratch (const VckcBackupPull *pull,
                          const VckcPullServer *server,
                          const VckcBackupPlanDisk *disk,
                          VckcError **err)
{
  g_autofree char *suffix = backup_pull_make_suffix (pull->manifest->store, pull->manifest->id);
  g_autofree char *name = g_strconcat (disk->target, suffix, NULL);

  if (!disk->is_block)
    return g_strconcat (disk->source, ".", name, NULL);
  if (server->folder != NULL)
    return g_build_filename (vckc_private_folder_get_path (server->folder), name, NULL);
  vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                  "disk '%s' of domain '%s' is a block device of another host, beside which no "
                  "scratch file can be made; make the backup on that host",
                  disk->target, pull->domain->name);
  return NULL;
}

bool
vckc_backup_pull_is_job_of (const VckcJobInfo *info, const char *store_uuid, const char *id)
{
  g_autofree char *suffix = backup_pull_make_suffix (store_uuid, id);

  for (guint i = 0; info->mode == VCKC_BACKUP_MODE_PULL && i < info->disks->len; i++)
    {
      const VckcJobDisk *disk = g_ptr_array_index (info->disks, i);

      if (disk->file != NULL && g_str_has_suffix (disk->file, suffix))
        return true;
    }
  return false;
}

/* What the guest overwrites goes there. */
static char *
backup_pull_get_scratch_folder (const VckcPullServer *server, const VckcBackupPlanDisk *disk)
{
  return disk->is_block ? g_strdup (vckc_private_folder_get_path (server->folder))
                        : g_path_get_dirname (disk->source);
}

/* The guest's writes fail when nothing is left. `begun`: what is copied already is not given up
 * because the room cannot be found out. */
static bool
backup_pull_check_room (const VckcBackupPull *pull,
                        const VckcPullServer *server,
                        bool begun,
                        VckcError **err)
{
  const guint64 needed = begun ? ROOM_TO_GO_ON : ROOM_TO_BEGIN;

  for (guint i = 0; server->watch_room && i < pull->plan->disks->len; i++)
    {
      const VckcBackupPlanDisk *disk = g_ptr_array_index (pull->plan->disks, i);
      g_autofree char *folder = backup_pull_get_scratch_folder (server, disk);
      struct statvfs info;
      const bool known = statvfs (folder, &info) == 0;

      if (known ? (guint64) info.f_bavail * info.f_frsize >= needed : begun)
        continue;
      if (known)
        vckc_set_error (err, VCKC_ERROR_NO_SPACE,
                        "'%s' has less than %d MiB of room, which the guest's writes may need "
                        "while disk '%s' is read",
                        folder, (int) (needed / 1024 / 1024), disk->target);
      else
        vckc_set_error_errno (err, errno,
                              "cannot find out how much room '%s' has, which the guest's writes "
                              "may need while disk '%s' is read",
                              folder, disk->target);
      return false;
    }
  return true;
}

/* --- the job --- */

static bool
backup_pull_add_disk (const VckcBackupPull *pull,
                      const VckcPullServer *server,
                      const VckcBackupPlanDisk *disk,
                      VckcBackupDef *def,
                      VckcError **err)
{
  VckcBackupDiskDef *own = vckc_backup_disk_def_new (disk->target);

  g_ptr_array_add (def->disks, own);
  own->backup = true;
  own->type = VCKC_BACKUP_STORE_FILE;
  own->path = backup_pull_make_scratch (pull, server, disk, err);
  own->format = g_strdup ("qcow2");
  own->mode = disk->base != NULL ? VCKC_BACKUP_DISK_INCREMENTAL : VCKC_BACKUP_DISK_FULL;
  own->incremental = g_strdup (disk->base_checkpoint);
  own->export_name = g_strdup (disk->target);
  own->export_bitmap = g_strdup (disk->base != NULL ? BITMAP : NULL);
  return own->path != NULL;
}

static VckcBackupServer *
backup_pull_copy_server (const VckcBackupServer *server)
{
  VckcBackupServer *copy = g_new0 (VckcBackupServer, 1);

  copy->transport = server->transport;
  copy->name = g_strdup (server->name);
  copy->port = server->port;
  copy->socket = g_strdup (server->socket);
  return copy;
}

static char *
backup_pull_make_document (const VckcBackupPull *pull,
                           const VckcPullServer *server,
                           VckcError **err)
{
  g_autoptr (VckcBackupDef) def = vckc_backup_def_new ();

  def->mode = VCKC_BACKUP_MODE_PULL;
  def->server = backup_pull_copy_server (server->server);
  def->has_disks = true;
  for (guint i = 0; i < pull->plan->disks->len; i++)
    if (!backup_pull_add_disk (pull, server, g_ptr_array_index (pull->plan->disks, i), def, err))
      return NULL;
  return vckc_backup_def_format (def);
}

static VckcPullServer *
backup_pull_make_server (const VckcBackupPull *pull, VckcError **err)
{
  const VckcDriver *driver = pull->domain->connect->driver;

  return driver->domain_make_pull_server != NULL
             ? driver->domain_make_pull_server (pull->domain, pull->unencrypted, err)
             : vckc_pull_server_new_unix (FOLDER_PREFIX, err);
}

static bool
backup_pull_begin (const VckcBackupPull *pull, const VckcPullServer *server, VckcError **err)
{
  g_autofree char *xml = NULL;

  if (!backup_pull_check_room (pull, server, false, err))
    return false;
  xml = backup_pull_make_document (pull, server, err);
  return xml != NULL
         && vckc_domain_backup_begin (pull->domain, xml, pull->checkpoint_xml,
                                      pull->quiesce ? VCKC_BACKUP_BEGIN_QUIESCE : 0, err)
                == 0;
}

/* --- copying --- */

static void
backup_pull_note (const VckcBackupPull *pull, const VckcBackupPlanDisk *disk, guint64 bytes)
{
  vckc_job_figures_set (pull->domain->connect->figures, pull->domain->uuid, disk->target,
                        (gint64) bytes, (gint64) MAX (bytes, disk->bytes));
}

static void
backup_pull_report (const VckcBackupPull *pull)
{
  VckcEventQueue *events = pull->domain->connect->events;
  g_autoptr (VckcJobInfo) info = vckc_event_queue_has_subscribers (events)
                                     ? vckc_domain_get_job_info (pull->domain, 0, NULL)
                                     : NULL;

  if (info == NULL || vckc_job_state_is_end (info->state))
    return;
  vckc_event_queue_push_job (events, VCKC_EVENT_JOB_PROGRESS, pull->domain, info);
  vckc_event_queue_deliver (events);
}

static bool
backup_pull_progress_cb (guint64 bytes, gpointer data, VckcError **err)
{
  PullCopy *copy = data;
  const gint64 now = g_get_monotonic_time ();

  backup_pull_note (copy->pull, copy->disk, bytes);
  if (now - copy->last_report < REPORT_WAIT)
    return true;
  copy->last_report = now;
  backup_pull_report (copy->pull);
  return backup_pull_check_room (copy->pull, copy->server, true, err);
}

static char *
backup_pull_make_uri (const VckcBackupServer *server, const char *target)
{
  return server->transport == VCKC_BACKUP_TRANSPORT_UNIX
             ? vckc_nbd_make_unix_uri (server->socket, target)
             : vckc_nbd_make_tcp_uri (server->name, server->port, target);
}

/* Into an open file. */
static gint64
backup_pull_copy (PullCopy *copy, int fd, const char *path, VckcError **err)
{
  const VckcBackupPlanDisk *disk = copy->disk;
  g_autofree char *uri = backup_pull_make_uri (copy->server->server, disk->target);
  g_autofree char *peer =
      g_strdup_printf ("the NBD server of domain '%s'", copy->pull->domain->name);
  g_autofree char *backing = vckc_backup_make_backing (disk);
  const VckcNbdCopy request = { .from = { .uri = uri,
                                          .peer = peer,
                                          .bitmap = backing != NULL ? BITMAP : NULL,
                                          .capacity = disk->virtual_size,
                                          .with_zero = true,
                                          .timeout = VCKC_NBD_TIMEOUT },
                                .fd = fd,
                                .path = path,
                                .image = { .virtual_size = disk->virtual_size,
                                           .cluster_size = CLUSTER_SIZE,
                                           .backing_file = backing,
                                           .backing_format = backing != NULL ? "qcow2" : NULL },
                                .progress = backup_pull_progress_cb,
                                .opaque = copy };

  return vckc_nbd_copy (&request, err);
}

static bool
backup_pull_copy_disk (const VckcBackupPull *pull,
                       const VckcPullServer *server,
                       const VckcBackupPlanDisk *disk,
                       GArray *files,
                       VckcError **err)
{
  const VckcPartial *partial = pull->partial;
  PullCopy copy = { .pull = pull, .disk = disk, .server = server };
  g_autofree char *name = vckc_backup_make_file (disk->target);
  g_autofree char *path = g_build_filename (partial->where, name, NULL);
  int fd = openat (partial->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  gint64 bytes;

  if (fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot make the image '%s'", path);
      return false;
    }
  g_array_append_val (files, fd);
  bytes = backup_pull_copy (&copy, fd, path, err);
  if (bytes < 0)
    return false;
  backup_pull_note (pull, disk, (guint64) bytes);
  vckc_manifest_find_disk (pull->manifest, disk->target)->bytes = (guint64) bytes;
  return true;
}

/* Adds the open files of the images, in the order of the plan's disks. */
static bool
backup_pull_copy_all (const VckcBackupPull *pull,
                      const VckcPullServer *server,
                      GArray *files,
                      VckcError **err)
{
  for (guint i = 0; i < pull->plan->disks->len; i++)
    backup_pull_note (pull, g_ptr_array_index (pull->plan->disks, i), 0);
  for (guint i = 0; i < pull->plan->disks->len; i++)
    if (!backup_pull_copy_disk (pull, server, g_ptr_array_index (pull->plan->disks, i), files, err))
      return false;
  return true;
}

static void
backup_pull_close_cb (gpointer file)
{
  close (*(int *) file);
}

/* After the job, which the guest's writes pay for. A descriptor that was open all along is certain
 * to report what the kernel failed to store before. */
static bool
backup_pull_store (const VckcBackupPull *pull, const GArray *files, VckcError **err)
{
  for (guint i = 0; i < files->len; i++)
    {
      const VckcBackupPlanDisk *disk = g_ptr_array_index (pull->plan->disks, i);

      if (fsync (g_array_index (files, int, i)) == 0)
        continue;
      vckc_set_error_errno (err, errno, "cannot store the image of disk '%s' in '%s'", disk->target,
                            pull->partial->where);
      return false;
    }
  return true;
}

/* --- the end --- */

/* The server ends with its job, and the reader may see that first. Waits for the end of a job that
 * another process ends, for a moment: after the loss of a link the job goes on. */
static void
backup_pull_await_end (const VckcBackupPull *pull)
{
  const gint64 deadline = g_get_monotonic_time () + END_TIMEOUT;
  bool is_running;

  do
    {
      g_autoptr (VckcJobInfo) info = vckc_domain_get_job_info (pull->domain, 0, NULL);

      is_running = info != NULL;
      if (is_running)
        g_usleep (END_INTERVAL);
    }
  while (is_running && g_get_monotonic_time () < deadline);
}

/* Why the reading failed: what became of the job explains it, if it was ended elsewhere. */
static void
backup_pull_explain (const VckcBackupPull *pull,
                     const VckcJobInfo *info,
                     bool was_running,
                     VckcError *error /* (transfer full) */,
                     VckcError **err)
{
  if (was_running || info == NULL || vckc_error_get_code (error) == VCKC_ERROR_CANCELLED)
    {
      vckc_propagate_error (err, error);
      return;
    }
  vckc_error_free (error);
  vckc_backup_explain_end (pull->domain, info, err);
}

static VckcJobInfo *
backup_pull_finish (const VckcBackupPull *pull,
                    VckcError *error /* (transfer full) (nullable) */,
                    VckcError **err)
{
  bool was_running = false;
  g_autoptr (VckcJobInfo) info = NULL;

  if (error != NULL && vckc_error_get_code (error) == VCKC_ERROR_SYSTEM_ERROR)
    backup_pull_await_end (pull);
  info = vckc_backup_end_job (pull->domain, &was_running);
  vckc_job_figures_clear (pull->domain->connect->figures, pull->domain->uuid);
  if (error == NULL && info != NULL && info->state == VCKC_JOB_STATE_DONE)
    return g_steal_pointer (&info);
  if (error == NULL)
    vckc_set_error (&error, VCKC_ERROR_OPERATION_FAILED,
                    "the backup of domain '%s' is read, but did not end well", pull->domain->name);
  backup_pull_explain (pull, info, was_running, error, err);
  return NULL;
}

VckcJobInfo *
vckc_backup_pull (const VckcBackupPull *pull, VckcError **err)
{
  g_autoptr (VckcPullServer) server = NULL;
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (VckcJobInfo) info = NULL;
  VckcError *error = NULL;

  g_array_set_clear_func (files, backup_pull_close_cb);
  if (!vckc_backup_pull_check_support (err))
    return NULL;
  server = backup_pull_make_server (pull, err);
  if (server == NULL || !backup_pull_begin (pull, server, err))
    return NULL;
  backup_pull_copy_all (pull, server, files, &error);
  info = backup_pull_finish (pull, error, err);
  return info != NULL && backup_pull_store (pull, files, err) ? g_steal_pointer (&info) : NULL;
}
