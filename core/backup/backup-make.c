/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/backup-make.h"

#include <gio/gio.h>
#include <unistd.h>

#include "backup/backup-documents.h"
#include "backup/backup-end.h"
#include "backup/backup-finish.h"
#include "backup/backup-mode.h"
#include "backup/backup-names.h"
#include "backup/backup-pull.h"
#include "backup/backup-recover.h"
#include "backup/backup-version.h"
#include "backup/own-checkpoints.h"
#include "backup/partial.h"
#include "base/clock.h"
#include "base/dir-file.h"
#include "base/log.h"
#include "handles/handles.h"
#include "handles/job-info.h"
#include "qemu/qcow2-writer.h"

#define DOMAIN_FILE "domain.xml"
#define CLUSTER_SIZE 65536

/* A backup that is being made. All is borrowed but what is said to be owned. */
typedef struct
{
  const VckcStoreRoot *root;
  VckcDomain *domain;
  const VckcBackupOptions *options;
  const VckcBackupPlan *plan;
  VckcManifest *manifest; /* owned */
  VckcPartial *partial;   /* owned */
} BackupMaker;

static VckcManifestDisk *
backup_maker_describe_disk (const VckcBackupPlanDisk *planned)
{
  VckcManifestDisk *disk = vckc_manifest_disk_new ();

  disk->target = g_strdup (planned->target);
  disk->file = vckc_backup_make_file (planned->target);
  disk->virtual_size = planned->virtual_size;
  disk->cluster_size = CLUSTER_SIZE;
  disk->base = g_strdup (planned->base);
  disk->base_checkpoint = g_strdup (planned->base_checkpoint);
  disk->why_full = g_strdup (planned->why_full);
  disk->bytes = planned->bytes;
  disk->source = g_strdup (planned->source);
  return disk;
}

static VckcManifest *
backup_maker_describe (const BackupMaker *maker)
{
  VckcManifest *manifest = vckc_manifest_new ();
  bool tracked = false;

  manifest->id = vckc_backup_id_new ();
  manifest->time = vckc_clock_now () / G_USEC_PER_SEC;
  manifest->store = g_strdup (maker->root->uuid);
  manifest->domain_uuid = g_strdup (maker->domain->uuid);
  manifest->domain_name = g_strdup (maker->domain->name);
  manifest->domain_uri = g_strdup (maker->domain->connect->uri);
  manifest->label = g_strdup (maker->options->label);
  manifest->quiesced = maker->options->quiesce;
  manifest->left_out = g_strdup (maker->plan->left_out);
  manifest->kind = g_strdup (vckc_manifest_kind_of (maker->plan->mode));
  manifest->vck = g_strdup (VCKC_VERSION);
  for (guint i = 0; i < maker->plan->disks->len; i++)
    {
      const VckcBackupPlanDisk *disk = g_ptr_array_index (maker->plan->disks, i);

      g_ptr_array_add (manifest->disks, backup_maker_describe_disk (disk));
      tracked = tracked || disk->tracked;
    }
  if (tracked)
    manifest->checkpoint_name = vckc_backup_make_checkpoint_name (manifest->store, manifest->id);
  return manifest;
}

/* The empty image of a disk, based on the one in the backup before. */
static bool
backup_maker_make_image (BackupMaker *maker, const VckcBackupPlanDisk *disk, VckcError **err)
{
  g_autofree char *name = vckc_backup_make_file (disk->target);
  g_autofree char *path = g_build_filename (maker->partial->where, name, NULL);
  g_autofree char *backing = vckc_backup_make_backing (disk);
  const VckcQcow2Options options = { .virtual_size = disk->virtual_size,
                                     .cluster_size = CLUSTER_SIZE,
                                     .backing_file = backing,
                                     .backing_format = backing != NULL ? "qcow2" : NULL };
  int fd = vckc_qcow2_create (maker->partial->fd, name, path, &options, err);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

/* All that is there before the job begins, but the images. */
static bool
backup_maker_prepare (BackupMaker *maker, VckcError **err)
{
  const VckcPartial *partial = maker->partial;
  g_autofree char *xml = NULL;

  if (!vckc_partial_write_manifest (partial, VCKC_PARTIAL_PENDING_FILE, maker->manifest, err))
    return false;
  xml = vckc_domain_get_xml_desc (maker->domain, 0, err);
  return xml != NULL
         && vckc_dir_replace (partial->fd, partial->where, DOMAIN_FILE, xml, partial->fd, err);
}

static char *
backup_maker_make_checkpoint (const BackupMaker *maker)
{
  return maker->manifest->checkpoint_name != NULL ? vckc_checkpoint_document_new (
             maker->plan, maker->manifest->checkpoint_name, maker->options->label)
                                                  : NULL;
}

/* --- QEMU writes the images --- */

static bool
backup_maker_make_images (BackupMaker *maker, VckcError **err)
{
  for (guint i = 0; i < maker->plan->disks->len; i++)
    if (!backup_maker_make_image (maker, g_ptr_array_index (maker->plan->disks, i), err))
      return false;
  return true;
}

static bool
backup_maker_remove_images (BackupMaker *maker, VckcError **err)
{
  for (guint i = 0; i < maker->plan->disks->len; i++)
    {
      const VckcBackupPlanDisk *disk = g_ptr_array_index (maker->plan->disks, i);
      g_autofree char *name = vckc_backup_make_file (disk->target);

      if (!vckc_dir_remove (maker->partial->fd, maker->partial->where, name, err))
        return false;
    }
  return true;
}

static bool
backup_maker_begin (BackupMaker *maker, VckcError **err)
{
  g_autofree char *backup = vckc_backup_document_new (maker->plan, maker->partial);
  g_autofree char *checkpoint = backup_maker_make_checkpoint (maker);
  unsigned int flags =
      VCKC_BACKUP_BEGIN_REUSE_EXTERNAL | (maker->options->quiesce ? VCKC_BACKUP_BEGIN_QUIESCE : 0);

  maker->manifest->time = vckc_clock_now () / G_USEC_PER_SEC;
  return vckc_domain_backup_begin (maker->domain, backup, checkpoint, flags, err) == 0;
}

/* How it has ended; NULL if it did not begin or could not be waited for. */
static VckcJobInfo *
backup_maker_await (BackupMaker *maker, VckcError **err)
{
  VckcJobInfo *info = vckc_domain_wait_job (maker->domain, err);

  if (info == NULL)
    vckc_object_unref (vckc_backup_end_job (maker->domain, NULL));
  return info;
}

/* --- this process does --- */

static VckcJobInfo *
backup_maker_pull (BackupMaker *maker, VckcError **err)
{
  g_autofree char *checkpoint = backup_maker_make_checkpoint (maker);
  const VckcBackupPull pull = { .domain = maker->domain,
                                .plan = maker->plan,
                                .partial = maker->partial,
                                .manifest = maker->manifest,
                                .checkpoint_xml = checkpoint,
                                .quiesce = maker->options->quiesce,
                                .unencrypted = maker->options->unencrypted };

  maker->manifest->time = vckc_clock_now () / G_USEC_PER_SEC;
  return vckc_backup_pull (&pull, err);
}

/* QEMU could not open the images, and nothing has begun. What was noted of the backup has to say
 * first that the end of its job will mean nothing. */
static VckcJobInfo *
backup_maker_pull_instead (BackupMaker *maker, VckcError *why, VckcError **err)
{
  g_autofree char *kind = maker->manifest->kind;

  vckc_log_info (VCKC_ABOUT (.domain = maker->domain->name, .error = why),
                 "the backup of domain '%s' is read, as QEMU cannot write it: %s",
                 maker->domain->name, vckc_error_get_message (why));
  maker->manifest->kind = g_strdup (vckc_manifest_kind_of (VCKC_BACKUP_MODE_PULL));
  return vckc_partial_write_manifest (maker->partial, VCKC_PARTIAL_PENDING_FILE, maker->manifest,
                                      err)
                 && backup_maker_remove_images (maker, err)
             ? backup_maker_pull (maker, err)
             : NULL;
}

static VckcJobInfo *
backup_maker_push (BackupMaker *maker, VckcError **err)
{
  VckcError *error = NULL;
  VckcJobInfo *info;

  if (!backup_maker_make_images (maker, err))
    return NULL;
  if (backup_maker_begin (maker, &error))
    return backup_maker_await (maker, err);
  if (!vckc_backup_mode_is_out_of_reach (maker->domain, error)
      || !vckc_backup_pull_check_support (NULL))
    {
      vckc_propagate_error (err, error);
      return NULL;
    }
  info = backup_maker_pull_instead (maker, error, err);
  vckc_error_free (error);
  return info;
}

/* From here on the call is not cancelled, as what has begun is brought to an end. */
static GCancellable *
backup_maker_shield (void)
{
  GCancellable *never = g_cancellable_new ();

  g_cancellable_push_current (never);
  return never;
}

static void
backup_maker_unshield (GCancellable *never)
{
  g_cancellable_pop_current (never);
  g_object_unref (never);
}

static bool
backup_maker_end (BackupMaker *maker, VckcJobInfo *info, VckcError **err)
{
  if (info->state != VCKC_JOB_STATE_DONE)
    {
      vckc_backup_explain_end (maker->domain, info, err);
      return false;
    }
  return vckc_backup_finish (maker->partial, maker->manifest, maker->domain, info,
                             maker->options->checksum, err);
}

/* Copies, and gives the backup its name. */
static bool
backup_maker_run (BackupMaker *maker, VckcError **err)
{
  g_autoptr (VckcJobInfo) info = NULL;
  GCancellable *never;
  bool ok;

  if (!backup_maker_prepare (maker, err))
    return false;
  info = maker->plan->mode == VCKC_BACKUP_MODE_PULL ? backup_maker_pull (maker, err)
                                                    : backup_maker_push (maker, err);
  never = backup_maker_shield ();
  ok = info != NULL && backup_maker_end (maker, info, err);
  if (ok)
    vckc_own_checkpoints_retire (maker->domain, maker->manifest);
  backup_maker_unshield (never);
  return ok;
}

/* After a failure. What cannot be removed now is removed before the next backup. */
static void
backup_maker_clean (BackupMaker *maker)
{
  GCancellable *never = backup_maker_shield ();
  g_autoptr (VckcError) error = NULL;

  if (!vckc_backup_take_away (maker->partial, maker->root, maker->domain, &error))
    vckc_log_info (VCKC_ABOUT (.error = error), "what was begun in '%s' is left: %s",
                   maker->partial->where, vckc_error_get_message (error));
  backup_maker_unshield (never);
}

static bool
backup_check_no_fallback (const VckcBackupPlan *plan, VckcError **err)
{
  for (guint i = 0; i < plan->disks->len; i++)
    {
      const VckcBackupPlanDisk *disk = g_ptr_array_index (plan->disks, i);

      if (disk->base == NULL && !disk->untrackable)
        {
          vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                          "disk '%s' would have to be copied in full: %s; leave the flag "
                          "NO_FALLBACK out%s",
                          disk->target, disk->why_full,
                          disk->chain_full ? ", or pass a greater max_chain" : "");
          return false;
        }
    }
  return true;
}

/* With the folder locked. */
static bool
backup_make_locked (const VckcStoreRoot *root,
                    const VckcDomainFolder *folder,
                    VckcDomain *domain,
                    const VckcBackupOptions *options,
                    const VckcBackupPlan *plan,
                    char **ret_id,
                    VckcError **err)
{
  BackupMaker maker = { .root = root, .domain = domain, .options = options, .plan = plan };
  bool ok;

  maker.manifest = backup_maker_describe (&maker);
  maker.partial = vckc_partial_new (folder, maker.manifest->id, err);
  ok = maker.partial != NULL && backup_maker_run (&maker, err);
  if (ok)
    *ret_id = g_strdup (maker.manifest->id);
  else if (maker.partial != NULL)
    backup_maker_clean (&maker);
  vckc_partial_free (maker.partial);
  vckc_manifest_free (maker.manifest);
  return ok;
}

/* With the folder locked: plans, unless `early` is a plan that was made when there was no folder,
 * and there still is nothing that would change it. */
static VckcBackupPlan *
backup_plan_locked (const VckcStoreRoot *root,
                    VckcDomainFolder *folder,
                    VckcDomain *domain,
                    const VckcBackupOptions *options,
                    VckcBackupPlan *early /* (transfer full) (nullable) */,
                    VckcError **err)
{
  g_autoptr (VckcBackupPlan) plan = early;
  g_autoptr (VckcBackupList) list = vckc_backup_list_load (folder, root, err);

  if (list == NULL)
    return NULL;
  if (plan != NULL && list->entries->len == 0)
    return g_steal_pointer (&plan);
  return vckc_plan_make (domain, root, folder, list, &options->plan, err);
}

/* Opens the folder of the domain, or makes it once a plan, *ret_early, shows that there is
 * something to be backed up. */
static VckcDomainFolder *
backup_open_folder (const VckcStoreRoot *root,
                    VckcDomain *domain,
                    const VckcBackupOptions *options,
                    VckcBackupPlan **ret_early,
                    VckcError **err)
{
  VckcError *error = NULL;
  VckcDomainFolder *folder = vckc_domain_folder_open (root, domain->uuid, false, &error);

  *ret_early = NULL;
  if (folder != NULL)
    return folder;
  if (vckc_error_get_code (error) != VCKC_ERROR_NO_BACKUP)
    {
      vckc_propagate_error (err, error);
      return NULL;
    }
  vckc_error_free (error);
  *ret_early = vckc_plan_make (domain, root, NULL, NULL, &options->plan, err);
  return *ret_early != NULL ? vckc_domain_folder_open (root, domain->uuid, true, err) : NULL;
}

static bool
backup_make (const VckcStoreRoot *root,
             VckcDomain *domain,
             const VckcBackupOptions *options,
             char **ret_id,
             VckcError **err)
{
  g_autoptr (VckcBackupPlan) early = NULL;
  g_autoptr (VckcBackupPlan) plan = NULL;
  g_autoptr (VckcDomainFolder) folder = backup_open_folder (root, domain, options, &early, err);

  *ret_id = NULL;
  if (folder == NULL || !vckc_domain_folder_lock (folder, VCKC_FOLDER_LOCK_WRITER, true, err)
      || !vckc_backups_recover (root, folder, domain, err))
    return false;
  plan = backup_plan_locked (root, folder, domain, options, g_steal_pointer (&early), err);
  if (plan == NULL || (options->no_fallback && !backup_check_no_fallback (plan, err)))
    return false;
  return !plan->needed || backup_make_locked (root, folder, domain, options, plan, ret_id, err);
}

bool
vckc_backup_make (const VckcStoreRoot *root,
                  VckcDomain *domain,
                  const VckcBackupOptions *options,
                  char **ret_id,
                  VckcError **err)
{
  bool made = backup_make (root, domain, options, ret_id, err);

  vckc_error_note_no_space (err);
  return made;
}

VckcBackupPlan *
vckc_backup_plan (const VckcStoreRoot *root,
                  VckcDomain *domain,
                  const VckcPlanOptions *options,
                  VckcError **err)
{
  VckcError *error = NULL;
  g_autoptr (VckcDomainFolder) folder = vckc_domain_folder_open (root, domain->uuid, false, &error);
  g_autoptr (VckcBackupList) list =
      folder != NULL ? vckc_backup_list_load (folder, root, &error) : NULL;

  if (list == NULL && vckc_error_get_code (error) != VCKC_ERROR_NO_BACKUP)
    {
      vckc_propagate_error (err, error);
      return NULL;
    }
  vckc_error_free (error);
  return vckc_plan_make (domain, root, folder, list, options, err);
}

bool
vckc_backup_recover_all (const VckcStoreRoot *root, VckcDomain *domain, VckcError **err)
{
  VckcError *error = NULL;
  g_autoptr (VckcDomainFolder) folder = vckc_domain_folder_open (root, domain->uuid, false, &error);

  if (folder == NULL && vckc_error_get_code (error) == VCKC_ERROR_NO_BACKUP)
    {
      vckc_error_free (error);
      return true;
    }
  if (folder == NULL)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  return vckc_domain_folder_lock (folder, VCKC_FOLDER_LOCK_WRITER, true, err)
         && vckc_backups_recover (root, folder, domain, err);
}
