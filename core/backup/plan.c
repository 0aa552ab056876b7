/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/plan.h"

#include <stdlib.h>
#include <sys/statvfs.h>

#include "backup/backup-mode.h"
#include "backup/backup-names.h"
#include "backup/plan-base.h"
#include "backup/source-image.h"
#include "handles/handles.h"
#include "model/domain-def.h"

/* Of each image: header, tables of tables, and other files. */
#define ROOM_OF_IMAGE ((guint64) 1024 * 1024)
/* What one table of an image with clusters of 64 KiB describes. */
#define TABLE_SIZE ((guint64) 64 * 1024)
#define TABLE_REACH ((guint64) 512 * 1024 * 1024)
#define CLUSTER ((guint64) 64 * 1024)

/* What is known of the domain, with what it takes. */
typedef struct
{
  VckcDomainDef *def;
  GHashTable *reasons;     /* target -> why it cannot be tracked */
  GHashTable *measured;    /* by vckc_plan_make_key() */
  GHashTable *checkpoints; /* name -> UUID, NULL if it has none */
} PlanDomain;

static void
plan_domain_clear (PlanDomain *self)
{
  g_clear_pointer (&self->def, vckc_domain_def_unref);
  g_clear_pointer (&self->reasons, g_hash_table_unref);
  g_clear_pointer (&self->measured, g_hash_table_unref);
  g_clear_pointer (&self->checkpoints, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlanDomain, plan_domain_clear)

static bool
plan_domain_list_reasons (PlanDomain *self, VckcDomain *domain, VckcError **err)
{
  VckcDomainDisk **disks;
  int n = vckc_domain_list_disks (domain, &disks, err);

  if (n < 0)
    return false;
  for (int i = 0; i < n; i++)
    {
      const char *reason = vckc_domain_disk_get_reason (disks[i], NULL);

      if (reason != NULL)
        g_hash_table_insert (self->reasons, g_strdup (vckc_domain_disk_get_target (disks[i], NULL)),
                             g_strdup (reason));
      vckc_domain_disk_unref (disks[i], NULL);
    }
  free (disks);
  return true;
}

/* One that was deleted since they were listed is not added. */
static bool
plan_domain_add_checkpoint (PlanDomain *self, VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VckcError *error = NULL;
  char *uuid = vckc_domain_checkpoint_get_uuid (checkpoint, &error);

  if (error == NULL)
    g_hash_table_insert (self->checkpoints,
                         g_strdup (vckc_domain_checkpoint_get_name (checkpoint, NULL)), uuid);
  else if (vckc_error_get_code (error) == VCKC_ERROR_NO_DOMAIN_CHECKPOINT)
    vckc_error_free (error);
  else
    {
      vckc_propagate_error (err, error);
      return false;
    }
  return true;
}

static bool
plan_domain_list_checkpoints (PlanDomain *self, VckcDomain *domain, VckcError **err)
{
  VckcDomainCheckpoint **checkpoints = NULL;
  int n = vckc_domain_list_all_checkpoints (domain, &checkpoints, 0, err);
  bool ok = n >= 0;

  for (int i = 0; i < n; i++)
    {
      ok = ok && plan_domain_add_checkpoint (self, checkpoints[i], err);
      vckc_domain_checkpoint_unref (checkpoints[i], NULL);
    }
  free (checkpoints);
  return ok;
}

static bool
plan_domain_measure (PlanDomain *self, VckcDomain *domain, VckcError **err)
{
  VckcDomainCheckpointDisk **disks;
  int n = vckc_domain_measure_checkpoints (domain, &disks, err);

  if (n < 0)
    return false;
  for (int i = 0; i < n; i++)
    g_hash_table_insert (
        self->measured,
        vckc_plan_make_key (vckc_domain_checkpoint_disk_get_checkpoint (disks[i], NULL),
                            vckc_domain_checkpoint_disk_get_name (disks[i], NULL)),
        disks[i]);
  free (disks);
  return true;
}

static bool
plan_domain_load (PlanDomain *self, VckcDomain *domain, bool with_checkpoints, VckcError **err)
{
  g_autofree char *xml = vckc_domain_get_xml_desc (domain, 0, err);

  self->def = xml != NULL ? vckc_domain_def_parse (xml, err) : NULL;
  self->reasons = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->checkpoints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->measured = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, vckc_object_unref);
  return self->def != NULL && plan_domain_list_reasons (self, domain, err)
         && (!with_checkpoints
             || (plan_domain_list_checkpoints (self, domain, err)
                 && (g_hash_table_size (self->checkpoints) == 0
                     || plan_domain_measure (self, domain, err))));
}

/* The driver is asked where it has an answer: it may be that the image cannot be opened here. If it
 * can, that shows more closely how much there is to copy. */
static bool
plan_examine_image (VckcDomain *domain,
                    const VckcDomainDiskDef *def,
                    VckcSourceImage *ret_image,
                    VckcError **err)
{
  const VckcDriver *driver = domain->connect->driver;
  VckcSourceImage own = { 0 };

  if (driver->domain_measure_disk == NULL)
    return vckc_source_image_examine (def->source, def->format, ret_image, err);
  if (!driver->domain_measure_disk (domain, def->target, &ret_image->virtual_size,
                                    &ret_image->allocated, err))
    return false;
  if (vckc_source_image_examine (def->source, def->format, &own, NULL)
      && own.virtual_size == ret_image->virtual_size)
    {
      ret_image->allocated = MIN (ret_image->allocated, own.allocated);
      ret_image->cluster_size = own.cluster_size;
    }
  return true;
}

/* The disk as it is now. */
static VckcBackupPlanDisk *
plan_disk_new (VckcDomain *domain,
               const VckcDomainDiskDef *def,
               VckcSourceImage *ret_image,
               VckcError **err)
{
  VckcBackupPlanDisk *disk = NULL;

  if (def->source == NULL)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "it is neither a file nor a block device of this host");
  else if (!vckc_backup_target_is_valid (def->target))
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "its target cannot be the name of a file");
  else if (plan_examine_image (domain, def, ret_image, err))
    {
      disk = vckc_backup_plan_disk_new (def->target, def->source, ret_image->virtual_size);
      disk->is_block = def->is_block;
      disk->cluster_size = ret_image->cluster_size;
    }
  return disk;
}

/* Sets what the disk is based on, or why on nothing. False if that could not be found out. */
static bool
plan_choose (const VckcPlanContext *context,
             const PlanDomain *known,
             VckcBackupPlanDisk *disk,
             VckcError **err)
{
  const char *reason = g_hash_table_lookup (known->reasons, disk->target);

  disk->untrackable = reason != NULL;
  disk->tracked = !disk->untrackable && !context->options->no_checkpoint;
  if (context->options->no_checkpoint)
    disk->why_full = g_strdup ("a backup without a checkpoint was asked for");
  else if (context->options->full)
    disk->why_full = g_strdup ("a full backup was asked for");
  else if (reason != NULL)
    disk->why_full =
        g_strdup_printf ("changes of disk '%s' cannot be tracked: %s", disk->target, reason);
  else
    return vckc_plan_choose_base (context, disk, err);
  return true;
}

static void
plan_leave_out (VckcBackupPlan *plan, const char *target, const char *why)
{
  char *before = plan->left_out;

  plan->left_out = g_strdup_printf ("%s%sdisk '%s': %s", before != NULL ? before : "",
                                    before != NULL ? "; " : "", target, why);
  g_free (before);
}

/* Why a disk is in no backup; NULL if it should be in all of them. */
static const char *
plan_explain_never (const VckcDomainDiskDef *def)
{
  if (def->empty)
    return "it is empty";
  if (def->read_only)
    return "it is read-only";
  return def->transient ? "what is written to it is lost in the end (it is transient)" : NULL;
}

/* Is it the disk that cannot be backed up, whenever that is tried? */
static bool
is_unsupported (const VckcError *error)
{
  return vckc_error_get_code (error) == VCKC_ERROR_OPERATION_UNSUPPORTED
         || vckc_error_get_code (error) == VCKC_ERROR_CONFIG_UNSUPPORTED;
}

/* False if the disk should be in the backup and cannot be. */
static bool
plan_add_disk (VckcBackupPlan *plan,
               const VckcPlanContext *context,
               const PlanDomain *known,
               const VckcDomainDiskDef *def,
               VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  VckcSourceImage image;
  VckcBackupPlanDisk *disk = plan_disk_new (context->domain, def, &image, &error);

  if (disk != NULL)
    {
      g_ptr_array_add (plan->disks, disk);
      if (!plan_choose (context, known, disk, err))
        return false;
      if (disk->base == NULL)
        disk->bytes = image.allocated;
      return true;
    }
  if (is_unsupported (error) && context->options->leave_out)
    {
      plan_leave_out (plan, def->target, vckc_error_get_message (error));
      return true;
    }
  if (is_unsupported (error))
    vckc_set_error (err, vckc_error_get_code (error),
                    "disk '%s' cannot be backed up: %s; allow that it is left out, or remove it",
                    def->target, vckc_error_get_message (error));
  else
    {
      vckc_propagate_error (err, g_steal_pointer (&error));
      vckc_prefix_error (err, "cannot back up disk '%s'", def->target);
    }
  return false;
}

static guint64
plan_get_room (const VckcBackupPlanDisk *disk)
{
  guint64 tables = MIN (disk->virtual_size / TABLE_REACH + 1, disk->bytes / CLUSTER + 1);

  return disk->bytes + tables * TABLE_SIZE + ROOM_OF_IMAGE;
}

static bool
plan_find_room (VckcBackupPlan *plan, const VckcStoreRoot *root, VckcError **err)
{
  struct statvfs info;

  if (fstatvfs (root->fd, &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot find out how much room there is in '%s'",
                            root->path);
      return false;
    }
  plan->room_free = (guint64) info.f_bavail * info.f_frsize;
  return true;
}

static void
plan_sum_up (VckcBackupPlan *plan, guint64 threshold)
{
  bool any_full = false;

  for (guint i = 0; i < plan->disks->len; i++)
    {
      const VckcBackupPlanDisk *disk = g_ptr_array_index (plan->disks, i);

      plan->bytes += disk->bytes;
      plan->room_needed += plan_get_room (disk);
      any_full = any_full || disk->base == NULL;
    }
  plan->needed = any_full || plan->bytes >= threshold;
}

static bool
plan_add_disks (VckcBackupPlan *plan,
                const VckcPlanContext *context,
                const PlanDomain *known,
                VckcError **err)
{
  for (guint i = 0; i < known->def->disks->len; i++)
    {
      const VckcDomainDiskDef *def = g_ptr_array_index (known->def->disks, i);
      const char *never = plan_explain_never (def);

      if (never != NULL)
        plan_leave_out (plan, def->target, never);
      else if (!plan_add_disk (plan, context, known, def, err))
        return false;
    }
  if (plan->disks->len > 0)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED, "domain '%s' has no disk to back up%s%s",
                  known->def->name, plan->left_out != NULL ? ": " : "",
                  plan->left_out != NULL ? plan->left_out : "");
  return false;
}

VckcBackupPlan *
vckc_plan_make (VckcDomain *domain,
                const VckcStoreRoot *root,
                const VckcDomainFolder *folder,
                const VckcBackupList *list,
                const VckcPlanOptions *options,
                VckcError **err)
{
  g_auto (PlanDomain) known = { NULL };
  g_autoptr (VckcBackupPlan) plan = vckc_backup_plan_new ();
  g_autoptr (VckcRestored) restored = NULL;
  VckcPlanContext context = {
    .domain = domain, .folder = folder, .list = list, .store_uuid = root->uuid, .options = options
  };

  bool with_checkpoints = !options->full && !options->no_checkpoint;

  if (!plan_domain_load (&known, domain, with_checkpoints, err))
    return NULL;
  if (with_checkpoints && folder != NULL)
    {
      restored = vckc_restored_read (folder, err);
      if (restored == NULL)
        return NULL;
    }
  context.restored = restored;
  context.measured = known.measured;
  context.checkpoints = known.checkpoints;
  if (!vckc_backup_mode_choose (domain, options->pull, plan, err)
      || !plan_add_disks (plan, &context, &known, err) || !plan_find_room (plan, root, err))
    return NULL;
  plan_sum_up (plan, options->threshold);
  return g_steal_pointer (&plan);
}
