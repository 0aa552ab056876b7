/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/methods/backup-begin.h"

#include "base/log.h"
#include "managed/domain-table.h"
#include "managed/methods/backup-end.h"
#include "managed/methods/backup-files.h"
#include "managed/methods/backup-recover.h"
#include "managed/methods/backup-thread.h"
#include "managed/methods/checkpoint-prepare.h"
#include "managed/methods/checkpoint-write.h"
#include "model/checkpoint-xml.h"

/* A backup that is being begun. */
typedef struct
{
  VckcEngine *engine;
  VckcManagedDomain *domain;
  VckcCheckpointDef *checkpoint; /* (nullable), borrowed */
  VckcBackupStatus *status;      /* owned */
  VckcBitmapSet *set;            /* owned: the images, and the bitmaps that are added */
  VckcBackupFiles files;
  VckcBlockBackup *backup;        /* owned */
  VckcJournal *undo;              /* (nullable), owned: written if not NULL */
  bool kept;                      /* the status is in the store */
  bool opening;                   /* QEMU may have opened the files */
  const VckcBackupServer *server; /* (nullable), borrowed: of a pull */
} BackupStart;

static void
backup_start_clear (BackupStart *start)
{
  g_clear_pointer (&start->backup, vckc_block_backup_free);
  g_clear_pointer (&start->set, vckc_bitmap_set_free);
  vckc_backup_files_clear (&start->files);
  g_clear_pointer (&start->status, vckc_backup_status_free);
  g_clear_pointer (&start->undo, vckc_journal_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BackupStart, backup_start_clear)

/* Leaves nothing in QEMU. */
static bool
backup_start_clear_machine (BackupStart *start, VckcError **err)
{
  if (start->backup != NULL)
    return vckc_backup_stop (start->backup, start->status->disks->len, err);
  return !start->opening
         || vckc_backup_clear_machine (start->engine, start->domain, start->set, start->status,
                                       err);
}

/* After a failure: all is as it was. What cannot be ended now is ended by a later call. */
static void
backup_start_abandon (BackupStart *start)
{
  g_autoptr (VckcError) error = NULL;
  bool cleared;

  vckc_bitmap_set_close (start->set, NULL);
  cleared = backup_start_clear_machine (start, &error);
  g_clear_pointer (&start->backup, vckc_block_backup_free);
  vckc_backup_files_clear (&start->files);
  if (start->undo != NULL)
    vckc_checkpoint_undo (start->engine, start->domain, start->undo);
  if (start->kept && cleared)
    {
      vckc_backup_remove_files (start->engine, start->status);
      vckc_backup_keep_status (start->engine, start->domain, NULL, &error);
    }
  if (error != NULL)
    vckc_log_info (VCKC_ABOUT (.domain = start->domain->uuid, .error = error), "domain '%s': %s",
                   start->domain->uuid, vckc_error_get_message (error));
}

/* Drops what the last backup may have left where it copied: it is not known any more once this one
 * is noted in the store. */
static bool
backup_start_drop_last (BackupStart *start, VckcError **err)
{
  const VckcBackupStatus *last = start->domain->backup_status;

  return last == NULL
         || vckc_block_session_drop_backup (vckc_bitmap_set_get_session (start->set), last->id,
                                            err);
}

/* Opens images and files. From here on the images are held. */
static bool
backup_start_open (BackupStart *start, VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (start->domain, start->domain->def);

  if (start->checkpoint != NULL)
    vckc_bitmap_set_add_checkpoint (start->set, start->checkpoint, start->domain->def);
  vckc_backup_add_images (start->set, start->status);
  /* What copies opens the images, and would not copy from a bitmap that is not good. */
  if (!vckc_bitmap_set_open (start->set, start->engine->backend, &machine,
                             VCKC_BLOCK_SESSION_DIRECT, err)
      || !vckc_checkpoint_check_no_bitmap_exists (start->set, err)
      || !backup_start_drop_last (start, err)
      || !vckc_backup_files_find (&start->files, start->set, start->status, err)
      || !vckc_backup_files_make (&start->files, start->engine, start->domain->def, start->set,
                                  start->status, err))
    return false;
  start->kept = true;
  return vckc_backup_note_status (start->engine, start->domain, start->status, err)
         && vckc_backup_files_name (&start->files, start->engine, start->status, err);
}

static bool
backup_start_open_backup (BackupStart *start, unsigned int flags, VckcError **err)
{
  const VckcBlockBackupServer server = {
    .fd = start->files.socket,
    .path = start->status->socket,
    .host = start->server != NULL ? start->server->name : NULL,
    .port = start->server != NULL ? start->server->port : 0,
  };
  const VckcBlockBackupPlan plan = {
    .id = start->status->id,
    .server = start->server != NULL ? &server : NULL,
    .disks = (const VckcBlockBackupDisk *) (void *) start->files.disks->data,
    .n_disks = start->files.disks->len,
    .bitmaps = vckc_bitmap_set_get_refs (start->set),
    .n_bitmaps = vckc_bitmap_set_size (start->set),
    .all_workers = (flags & VCKC_BACKUP_BEGIN_ALL_WORKERS) != 0,
  };

  start->opening = true;
  start->backup =
      vckc_block_session_open_backup (vckc_bitmap_set_get_session (start->set), &plan, err);
  if (start->backup == NULL)
    return false;
  start->status->outlives = start->backup->outlives;
  for (guint i = 0; i < start->status->disks->len; i++)
    vckc_backup_status_get_disk (start->status, i)->note =
        g_strdup (vckc_block_backup_get_note (start->backup, i));
  return true;
}

static bool
backup_start_write_journal (BackupStart *start, VckcError **err)
{
  if (start->checkpoint == NULL)
    return true;
  start->undo = vckc_checkpoint_make_undo (start->domain, "backup", start->checkpoint->name);
  vckc_bitmap_set_add_to_journal (start->set, start->undo);
  return vckc_store_write_journal (start->engine->store, start->domain->uuid, start->undo, err);
}

/* Fixes the point in time. Once frozen, the guest is thawed whatever happens. */
static bool
backup_start_copying (BackupStart *start, bool quiesce, VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (start->domain, start->domain->def);
  bool started, thawed;

  if (!quiesce)
    return vckc_block_backup_start (start->backup, err);
  if (!vckc_block_freeze (start->engine->backend, &machine, err))
    return false;
  started = vckc_block_backup_start (start->backup, err);
  thawed = vckc_block_thaw (start->engine->backend, &machine, started ? err : NULL);
  return started && thawed;
}

/* Writes the checkpoint and that the backup is under way, in one step. */
static bool
backup_start_write (BackupStart *start, VckcError **err)
{
  g_autoptr (VckcJournal) change = vckc_journal_new ("backup");
  const char *uuid = start->domain->uuid;

  start->status->phase = VCKC_BACKUP_RUNNING;
  if (start->backup->qemu[0] != '\0')
    start->status->qemu = g_strdup (start->backup->qemu);
  change->set_backup = true;
  change->backup = vckc_backup_status_format (start->status);
  if (start->checkpoint != NULL)
    {
      g_hash_table_insert (change->write, g_strdup (start->checkpoint->name),
                           vckc_checkpoint_def_format_stored (start->checkpoint));
      change->set_current = true;
      change->current = g_strdup (start->checkpoint->name);
    }
  return vckc_store_apply (start->engine->store, uuid, change, err)
         && vckc_store_clear_journal (start->engine->store, uuid, err);
}

static bool
backup_start_carry_out (BackupStart *start, unsigned int flags, VckcError **err)
{
  bool quiesce = (flags & VCKC_BACKUP_BEGIN_QUIESCE) != 0;

  return backup_start_open (start, err) && backup_start_open_backup (start, flags, err)
         && backup_start_write_journal (start, err) && backup_start_copying (start, quiesce, err)
         && (start->checkpoint == NULL
             || vckc_checkpoint_note_disks (start->set, start->checkpoint, err))
         && vckc_bitmap_set_close (start->set, err) && backup_start_write (start, err);
}

/* What is stored becomes known. */
static VckcBackupJob *
backup_start_publish (BackupStart *start, VckcBackupRequest *request)
{
  VckcEngine *engine = start->engine;
  VckcManagedDomain *domain = start->domain;
  VckcBackupJob *job;

  vckc_backup_adopt_status (engine, domain, start->status);
  job = vckc_backup_job_new (engine, domain, g_steal_pointer (&start->status));
  vckc_mutex_lock (&engine->mutex);
  if (request->checkpoint != NULL)
    vckc_checkpoint_link_locked (engine, domain, g_steal_pointer (&request->checkpoint), true);
  domain->backup = vckc_backup_job_ref (job);
  vckc_backup_job_emit_locked (job, VCKC_EVENT_JOB_STARTED);
  vckc_mutex_unlock (&engine->mutex);
  vckc_job_stored (engine, domain);
  return job;
}

bool
vckc_backup_begin (VckcEngine *engine,
                   VckcManagedDomain *domain,
                   VckcBackupRequest *request,
                   VckcBackupJob **ret_job,
                   VckcBlockBackup **ret_backup,
                   VckcError **err)
{
  g_auto (BackupStart) start = { .engine = engine,
                                 .domain = domain,
                                 .checkpoint = request->checkpoint,
                                 .server = request->def->server,
                                 .set = vckc_bitmap_set_new () };

  vckc_domain_lock_assert_held (&domain->lock);
  vckc_backup_files_init (&start.files);
  if (((request->flags & VCKC_BACKUP_BEGIN_QUIESCE) != 0
       && !vckc_checkpoint_check_quiesce (engine, domain, err))
      || (request->checkpoint != NULL
          && !vckc_checkpoint_prepare (engine, domain, request->checkpoint, err)))
    return false;
  start.status = vckc_backup_make_plan (engine, domain, request, err);
  if (start.status == NULL)
    return false;
  if (!backup_start_carry_out (&start, request->flags, err))
    {
      backup_start_abandon (&start);
      return false;
    }
  *ret_backup = g_steal_pointer (&start.backup);
  *ret_job = backup_start_publish (&start, request);
  return true;
}
