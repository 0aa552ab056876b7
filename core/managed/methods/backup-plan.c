/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/methods/backup-plan.h"

#include "base/clock.h"
#include "base/process-mark.h"
#include "managed/backends/block-backup.h"
#include "managed/image-check.h"
#include "model/backup-xml.h"

void
vckc_backup_request_clear (VckcBackupRequest *request)
{
  g_clear_pointer (&request->def, vckc_backup_def_free);
  g_clear_pointer (&request->checkpoint, vckc_checkpoint_def_free);
}

bool
vckc_backup_check_mode (const char *name, const VckcBackupRequest *request, VckcError **err)
{
  if (request->def->mode == VCKC_BACKUP_MODE_PUSH)
    return true;
  if (request->def->server->tls)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "the backup of domain '%s' cannot be offered with TLS; leave out tls='yes', "
                    "and use a Unix socket, or a network that can be trusted",
                    name);
  else if ((request->flags & VCKC_BACKUP_BEGIN_REUSE_EXTERNAL) != 0)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "the scratch files of a backup of domain '%s' in pull mode are always made "
                    "for it; leave out the REUSE_EXTERNAL flag",
                    name);
  else
    return true;
  return false;
}

/* A scratch device could only be used as it is, and what it holds would be taken for the disk's. */
static bool
backup_plan_check_scratch (const VckcBackupDiskDef *disk, VckcError **err)
{
  if (disk->type == VCKC_BACKUP_STORE_BLOCK)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "the block device '%s' cannot be the scratch of disk '%s'; use a file",
                    disk->path, disk->name);
  else if (g_strcmp0 (disk->format, "qcow2") != 0)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the scratch of disk '%s' cannot have the format '%s'; use 'qcow2'", disk->name,
                    disk->format);
  else
    return true;
  return false;
}

/* Can a disk be written in this way? */
static bool
backup_plan_check_store (const VckcBackupDiskDef *disk, unsigned int flags, VckcError **err)
{
  bool reuse = (flags & VCKC_BACKUP_BEGIN_REUSE_EXTERNAL) != 0;

  if (g_strcmp0 (disk->format, "qcow2") != 0 && g_strcmp0 (disk->format, "raw") != 0)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "disk '%s' cannot be backed up in the format '%s'; use 'qcow2' or 'raw'",
                    disk->name, disk->format);
  else if (disk->type == VCKC_BACKUP_STORE_BLOCK && !reuse)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "the block device '%s' for the backup of disk '%s' is not formatted here; "
                    "make an image in it with 'qemu-img create', and use the REUSE_EXTERNAL flag",
                    disk->path, disk->name);
  else
    return true;
  return false;
}

static bool
backup_plan_find_base (VckcEngine *engine,
                       VckcManagedDomain *domain,
                       const char *base,
                       VckcBackupDiskStatus *disk,
                       VckcError **err)
{
  const VckcCheckpointNode *node = vckc_checkpoint_tree_lookup (domain->tree, base);
  const VckcCheckpointDiskDef *tracked =
      node != NULL ? vckc_checkpoint_def_find_disk (node->def, disk->target) : NULL;
  g_autofree char *replaced =
      tracked != NULL ? vckc_image_check_disk (engine->backend, domain->def, node->def, tracked)
                      : NULL;

  if (node == NULL)
    vckc_set_error (err, VCKC_ERROR_NO_DOMAIN_CHECKPOINT,
                    "domain '%s' has no checkpoint '%s', on which the incremental backup of disk "
                    "'%s' is to be based",
                    domain->def->name, base, disk->target);
  else if (tracked == NULL)
    vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                    "checkpoint '%s' does not track disk '%s', so that its incremental backup "
                    "cannot be based on it; make a full backup of that disk",
                    base, disk->target);
  else if (replaced != NULL)
    vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                    "disk '%s' has another image than when checkpoint '%s' was made: %s; make a "
                    "full backup of it",
                    disk->target, base, replaced);
  else
    {
      disk->base = g_strdup (base);
      disk->base_bitmap = g_strdup (tracked->bitmap);
      return true;
    }
  return false;
}

static bool
backup_plan_add_disk (VckcEngine *engine,
                      VckcManagedDomain *domain,
                      const VckcBackupDiskDef *def,
                      const VckcBackupRequest *request,
                      VckcBackupStatus *status,
                      VckcError **err)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain->def, def->name);
  VckcBackupDiskStatus *disk;

  if (request->def->mode == VCKC_BACKUP_MODE_PULL
          ? !backup_plan_check_scratch (def, err)
          : !backup_plan_check_store (def, request->flags, err))
    return false;
  disk = vckc_backup_status_add_disk (status);
  disk->target = g_strdup (def->name);
  disk->image = g_strdup (known->source);
  disk->image_format = g_strdup (known->format);
  disk->file = g_strdup (def->path);
  disk->format = g_strdup (def->format);
  disk->made = (request->flags & VCKC_BACKUP_BEGIN_REUSE_EXTERNAL) == 0;
  disk->export_name = g_strdup (def->export_name);
  disk->export_bitmap = g_strdup (def->export_bitmap);
  if (disk->image != NULL)
    return def->incremental == NULL
           || backup_plan_find_base (engine, domain, def->incremental, disk, err);
  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "disk '%s' cannot be backed up: it is neither a file nor a block device of this "
                  "host",
                  def->name);
  return false;
}

static char *
backup_plan_make_id (void)
{
  return g_strdup_printf ("%0*x", VCKC_BLOCK_BACKUP_ID_LENGTH, g_random_int ());
}

VckcBackupStatus *
vckc_backup_make_plan (VckcEngine *engine,
                       VckcManagedDomain *domain,
                       VckcBackupRequest *request,
                       VckcError **err)
{
  g_autoptr (VckcBackupStatus) status = vckc_backup_status_new ();
  g_autofree char *seconds =
      g_strdup_printf ("%" G_GINT64_FORMAT, vckc_clock_now () / G_USEC_PER_SEC);

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_backup_def_align (request->def, domain->def,
                              request->checkpoint != NULL ? request->checkpoint->name : seconds,
                              err))
    return NULL;
  for (guint i = 0; i < request->def->disks->len; i++)
    {
      const VckcBackupDiskDef *disk = g_ptr_array_index (request->def->disks, i);

      if (disk->backup && !backup_plan_add_disk (engine, domain, disk, request, status, err))
        return NULL;
    }
  status->id = backup_plan_make_id ();
  status->mode = request->def->mode;
  status->phase = VCKC_BACKUP_STARTING;
  status->owner = vckc_process_mark_new ();
  status->xml = vckc_backup_def_format (request->def);
  status->begun = vckc_clock_now ();
  if (request->def->server != NULL)
    status->socket = g_strdup (request->def->server->socket);
  if (request->checkpoint != NULL)
    {
      status->checkpoint = g_strdup (request->checkpoint->name);
      status->checkpoint_uuid = g_strdup (request->checkpoint->uuid);
    }
  return g_steal_pointer (&status);
}
