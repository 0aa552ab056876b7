/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/plan-base.h"

#include <string.h>
#include <unistd.h>

#include "backup/backup-names.h"
#include "backup/blocks-file.h"
#include "backup/chain.h"
#include "backup/checkpoint-extents.h"
#include "backup/identity.h"
#include "backup/plan-count.h"
#include "vckc.h"

/* The largest of qcow2. */
#define MAX_CLUSTER_SIZE ((guint64) 2 * 1024 * 1024)

/* What became of looking at one backup. */
typedef enum
{
  PLAN_TAKE,  /* the disk can be based on it */
  PLAN_OLDER, /* not on it, but on an older one perhaps */
  PLAN_FULL,  /* on none: the bitmaps cannot be relied on */
  PLAN_ERROR,
} PlanOutcome;

char *
vckc_plan_make_key (const char *checkpoint, const char *target)
{
  return g_strdup_printf ("%s\n%s", checkpoint, target);
}

/* Errors that say something of the moment, and nothing of the backup or the bitmap. */
static bool
is_of_the_moment (const VckcError *error)
{
  switch (vckc_error_get_code (error))
    {
    case VCKC_ERROR_BUSY:
    case VCKC_ERROR_CANCELLED:
    case VCKC_ERROR_NO_CONNECT:
    case VCKC_ERROR_NO_DOMAIN:
      return true;
    default:
      return vckc_error_is_exhaustion (error);
    }
}

/* Errors that say that this cannot be done here, now or later. */
static bool
is_of_support (const VckcError *error)
{
  switch (vckc_error_get_code (error))
    {
    case VCKC_ERROR_NO_SUPPORT:
    case VCKC_ERROR_OPERATION_UNSUPPORTED:
    case VCKC_ERROR_CONFIG_UNSUPPORTED:
    case VCKC_ERROR_OPERATION_DENIED:
      return true;
    default:
      return false;
    }
}

/* With the message of the error as the reason, unless the error is for the caller. */
static PlanOutcome
plan_take_error (PlanOutcome outcome,
                 VckcError *error /* (transfer full) */,
                 char **ret_why,
                 VckcError **err)
{
  if (is_of_the_moment (error))
    {
      vckc_propagate_error (err, error);
      return PLAN_ERROR;
    }
  *ret_why = g_strdup (vckc_error_get_message (error));
  vckc_error_free (error);
  return outcome;
}

/* --- the backup --- */

static const VckcManifestDisk *
plan_find_disk (const VckcBackupEntry *entry, const char *target)
{
  return entry->manifest != NULL ? vckc_manifest_find_disk (entry->manifest, target) : NULL;
}

static PlanOutcome
plan_check_chain (const VckcPlanContext *context,
                  VckcBackupPlanDisk *disk,
                  const char *id,
                  char **ret_why,
                  VckcError **err)
{
  VckcError *error = NULL;
  g_autoptr (VckcChain) chain =
      vckc_chain_find (context->list, context->folder, id, disk->target, &error);

  if (chain == NULL || !vckc_chain_open (chain, context->folder, &error))
    return plan_take_error (PLAN_OLDER, error, ret_why, err);
  if (chain->levels->len < context->options->max_chain)
    return PLAN_TAKE;
  disk->chain_full = context->options->max_chain < VCKC_CHAIN_MAX_LEVELS;
  *ret_why = g_strdup_printf ("the chain of disk '%s' is %u %s long", disk->target,
                              chain->levels->len, chain->levels->len == 1 ? "image" : "images");
  return PLAN_FULL;
}

/* The restore that gave the disk the content of that backup, if it was the last one. */
static const VckcRestoredDisk *
plan_find_restore (const VckcPlanContext *context, const char *target, const char *id)
{
  const VckcRestoredDisk *restored =
      context->restored != NULL ? vckc_restored_find (context->restored, target) : NULL;

  return restored != NULL && g_str_equal (restored->backup, id) ? restored : NULL;
}

/* Was the backup made before the disk was restored, from another one? Then nothing is known of what
 * is different. */
static bool
is_overtaken (const VckcPlanContext *context, const char *target, const char *id)
{
  const VckcRestoredDisk *restored =
      context->restored != NULL ? vckc_restored_find (context->restored, target) : NULL;

  return restored != NULL && strcmp (id, restored->id) < 0 && !g_str_equal (id, restored->backup);
}

/* The checkpoint that has recorded what is different from that backup; NULL if none has. */
static const char *
plan_get_checkpoint (const VckcPlanContext *context,
                     const char *target,
                     const VckcBackupEntry *entry)
{
  const VckcRestoredDisk *restored = plan_find_restore (context, target, entry->id);
  const char *name = restored != NULL ? restored->checkpoint : entry->manifest->checkpoint_name;
  const char *id = name != NULL ? vckc_backup_find_id (name, context->store_uuid) : NULL;

  return g_strcmp0 (id, restored != NULL ? restored->id : entry->id) == 0 ? name : NULL;
}

/* Is the checkpoint of the domain another one of that name than the backup made? */
static bool
is_replaced (const VckcPlanContext *context,
             const VckcBackupPlanDisk *disk,
             const VckcBackupEntry *entry)
{
  const char *made = entry->manifest->checkpoint_uuid;
  const char *now = g_hash_table_lookup (context->checkpoints, entry->manifest->checkpoint_name);

  return plan_find_restore (context, disk->target, entry->id) == NULL && made != NULL && now != NULL
         && !g_str_equal (made, now);
}

static char *
plan_explain_no_checkpoint (const VckcPlanContext *context,
                            const char *target,
                            const VckcBackupEntry *entry)
{
  if (plan_find_restore (context, target, entry->id) != NULL)
    return g_strdup_printf ("disk '%s' was restored from the backup '%s' without a checkpoint",
                            target, entry->id);
  return g_strdup_printf ("the backup '%s' made no checkpoint", entry->id);
}

/* Why the bitmaps since that backup do not say all, seen from the sizes of the disk; NULL if they
 * may. QEMU forgets what was marked in a part that is cut off, and marks nothing in one that is
 * added; it shows again what was cut off in the rest of a cluster that it kept. */
static char *
plan_explain_resized (const VckcBackupPlanDisk *disk,
                      const VckcBackupEntry *entry,
                      guint64 size,
                      guint64 later_size)
{
  const guint64 cluster_size = disk->cluster_size > 0 ? disk->cluster_size : MAX_CLUSTER_SIZE;

  if (later_size < size)
    return g_strdup_printf ("disk '%s' was made smaller since the backup '%s': %" G_GUINT64_FORMAT
                            " bytes instead of %" G_GUINT64_FORMAT,
                            disk->target, entry->id, later_size, size);
  if (later_size > size && size % cluster_size != 0)
    return g_strdup_printf (
        "disk '%s' was made larger since the backup '%s', in which its %" G_GUINT64_FORMAT
        " bytes end inside a cluster of the image: the rest "
        "of that cluster may hold older data, which no bitmap shows",
        disk->target, entry->id, size);
  return NULL;
}

static PlanOutcome
plan_check_backup (const VckcPlanContext *context,
                   VckcBackupPlanDisk *disk,
                   const VckcBackupEntry *entry,
                   char **ret_why,
                   VckcError **err)
{
  const VckcManifest *manifest = entry->manifest;
  const VckcManifestDisk *before = plan_find_disk (entry, disk->target);

  if (manifest == NULL)
    *ret_why = g_strdup (entry->problem);
  else if (before == NULL)
    *ret_why = g_strdup_printf ("the backup '%s' does not have disk '%s'", entry->id, disk->target);
  else if (plan_get_checkpoint (context, disk->target, entry) == NULL)
    *ret_why = plan_explain_no_checkpoint (context, disk->target, entry);
  else if (is_replaced (context, disk, entry))
    *ret_why = g_strdup_printf ("the checkpoint '%s' is not the one that the backup made, but "
                                "another one of that name",
                                manifest->checkpoint_name);
  else
    return plan_check_chain (context, disk, entry->id, ret_why, err);
  return PLAN_OLDER;
}

/* --- its checkpoint --- */

static const char *
plan_explain_state (VckcCheckpointState state)
{
  switch (state)
    {
    case VCKC_CHECKPOINT_STATE_BUSY:
      return "is in use by a job";
    case VCKC_CHECKPOINT_STATE_NOT_RECORDING:
      return "was switched off, and misses what was written meanwhile";
    case VCKC_CHECKPOINT_STATE_REPLACED:
      return "is not the one that the checkpoint made, or is in another image";
    case VCKC_CHECKPOINT_STATE_INCONSISTENT:
      return "was in use when its writer died";
    case VCKC_CHECKPOINT_STATE_MISSING:
      return "is not in the image";
    case VCKC_CHECKPOINT_STATE_GONE:
      return "is that of a disk that was removed";
    default:
      return "cannot be examined";
    }
}

static PlanOutcome
plan_check_bitmap (const VckcPlanContext *context,
                   const VckcBackupPlanDisk *disk,
                   const char *checkpoint,
                   char **ret_why)
{
  g_autofree char *key = vckc_plan_make_key (checkpoint, disk->target);
  VckcDomainCheckpointDisk *measured = g_hash_table_lookup (context->measured, key);
  const bool is_listed = g_hash_table_contains (context->checkpoints, checkpoint);
  VckcCheckpointState state;

  if (measured == NULL || !is_listed)
    {
      *ret_why = is_listed ? g_strdup_printf ("the checkpoint '%s' does not track disk '%s'",
                                              checkpoint, disk->target)
                           : g_strdup_printf ("the checkpoint '%s' was deleted", checkpoint);
      return PLAN_OLDER;
    }
  state = vckc_domain_checkpoint_disk_get_state (measured, NULL);
  if (state == VCKC_CHECKPOINT_STATE_READY || state == VCKC_CHECKPOINT_STATE_RESIZED)
    return PLAN_TAKE;
  *ret_why = g_strdup_printf ("the bitmap of checkpoint '%s' on disk '%s' %s", checkpoint,
                              disk->target, plan_explain_state (state));
  /* An image that was put back to an earlier state lacks what is later; what it has is right. */
  return state == VCKC_CHECKPOINT_STATE_MISSING ? PLAN_OLDER : PLAN_FULL;
}

/* --- what the bitmaps hold --- */

static VckcExtentReader *
plan_open_blocks (const VckcPlanContext *context,
                  const VckcBackupEntry *entry,
                  const VckcManifestDisk *before,
                  guint32 *ret_block_size,
                  VckcError **err)
{
  g_autofree char *where = g_build_filename (context->folder->where, entry->id, NULL);
  int fd = vckc_domain_folder_open_backup (context->folder, entry->id, err);
  VckcExtentReader *reader = fd >= 0
                                 ? vckc_blocks_file_open (fd, where, before->blocks,
                                                          before->virtual_size, ret_block_size, err)
                                 : NULL;

  if (fd >= 0)
    close (fd);
  return reader;
}

static VckcExtentReader *
plan_open_bitmap (const VckcPlanContext *context,
                  const VckcBackupPlanDisk *disk,
                  const char *checkpoint,
                  VckcError **err)
{
  return vckc_checkpoint_extents_open (context->domain, checkpoint, disk->target,
                                       VCKC_EXTENTS_NO_ZERO, err);
}

/* Compares what can be compared, with the newer bitmap as it was before the older one, or after it.
 * False if it cannot be read. */
static bool
plan_compare_once (const VckcPlanContext *context,
                   const VckcBackupPlanDisk *disk,
                   const VckcBackupEntry *entry,
                   const VckcManifestDisk *before,
                   bool newer_first,
                   VckcIdentity *ret_identity,
                   VckcError **err)
{
  const char *newer_name = entry->manifest->checkpoint_name;
  guint32 block_size = 0;
  g_autoptr (VckcExtentReader) blocks = plan_open_blocks (context, entry, before, &block_size, err);
  g_autoptr (VckcExtentReader) older = NULL;
  g_autoptr (VckcExtentReader) newer = NULL;

  if (blocks != NULL && newer_first)
    newer = plan_open_bitmap (context, disk, newer_name, err);
  if (blocks != NULL && (newer != NULL || !newer_first))
    older = plan_open_bitmap (context, disk, before->base_checkpoint, err);
  if (older != NULL && !newer_first)
    newer = plan_open_bitmap (context, disk, newer_name, err);
  return older != NULL && newer != NULL
         && vckc_identity_compare (older, blocks, newer, block_size, ret_identity, err);
}

/* The same with bitmaps to which a running domain adds. What is in the older one and missing in one
 * that was read later is missing indeed, and so the other way round. */
static bool
plan_compare (const VckcPlanContext *context,
              const VckcBackupPlanDisk *disk,
              const VckcBackupEntry *entry,
              const VckcManifestDisk *before,
              VckcIdentity *ret_identity,
              VckcError **err)
{
  VckcIdentity again = { 0 };

  if (!plan_compare_once (context, disk, entry, before, false, ret_identity, err)
      || (ret_identity->extra > 0
          && !plan_compare_once (context, disk, entry, before, true, &again, err)))
    return false;
  ret_identity->extra = again.extra;
  return true;
}

/* Why the bitmap cannot be compared with what is older than it; NULL if it can. */
static char *
plan_explain_not_compared (const VckcPlanContext *context,
                           const char *target,
                           const char *id,
                           const VckcManifestDisk *before)
{
  g_autofree char *key = NULL;
  VckcDomainCheckpointDisk *older;

  if (context->options->fast)
    return g_strdup ("not checked, as was asked for");
  if (plan_find_restore (context, target, id) != NULL)
    return g_strdup ("not checked: no backup was made since the disk was restored");
  if (before->base_checkpoint == NULL)
    return g_strdup ("not checked: the last backup was full");
  if (before->blocks == NULL)
    return g_strdup ("not checked: it is not known which blocks the last backup copied");
  key = vckc_plan_make_key (before->base_checkpoint, target);
  older = g_hash_table_lookup (context->measured, key);
  if (older == NULL
      || vckc_domain_checkpoint_disk_get_state (older, NULL) == VCKC_CHECKPOINT_STATE_MISSING)
    return g_strdup_printf ("not checked: the bitmap of checkpoint '%s' was deleted",
                            before->base_checkpoint);
  return NULL;
}

static PlanOutcome
plan_check_content (const VckcPlanContext *context,
                    VckcBackupPlanDisk *disk,
                    const VckcBackupEntry *entry,
                    char **ret_why,
                    VckcError **err)
{
  const VckcManifestDisk *before = vckc_manifest_find_disk (entry->manifest, disk->target);
  VckcError *error = NULL;
  VckcIdentity identity;

  disk->note = plan_explain_not_compared (context, disk->target, entry->id, before);
  if (disk->note != NULL)
    return PLAN_TAKE;
  if (plan_compare (context, disk, entry, before, &identity, &error))
    {
      *ret_why = vckc_identity_explain (&identity, before->base_checkpoint,
                                        entry->manifest->checkpoint_name, disk->target);
      return *ret_why == NULL ? PLAN_TAKE : PLAN_FULL;
    }
  /* What failed, and might show that something was done to the bitmaps, does not show the
   * contrary. */
  if (!is_of_support (error))
    return plan_take_error (PLAN_FULL, error, ret_why, err);
  disk->note = g_strdup_printf ("not checked: %s", vckc_error_get_message (error));
  vckc_error_free (error);
  return PLAN_TAKE;
}

/* By counting, or else what is marked at most. */
static bool
plan_set_bytes (const VckcPlanContext *context, VckcBackupPlanDisk *disk, VckcError **err)
{
  g_autofree char *key = vckc_plan_make_key (disk->base_checkpoint, disk->target);
  VckcDomainCheckpointDisk *measured = g_hash_table_lookup (context->measured, key);
  gint64 size = vckc_domain_checkpoint_disk_get_size (measured, NULL);
  VckcError *error = NULL;

  disk->bytes = size >= 0 ? MIN ((guint64) size, disk->virtual_size) : disk->virtual_size;
  if (context->options->fast || vckc_plan_count_bytes (context->domain, disk, &disk->bytes, &error))
    return true;
  if (is_of_the_moment (error))
    {
      vckc_propagate_error (err, error);
      return false;
    }
  vckc_error_free (error);
  return true;
}

/* `later_size` is the size of the disk in the backup after this one that has it, or now. */
static PlanOutcome
plan_consider (const VckcPlanContext *context,
               VckcBackupPlanDisk *disk,
               const VckcBackupEntry *entry,
               guint64 *later_size,
               char **ret_why,
               VckcError **err)
{
  const VckcManifestDisk *before = plan_find_disk (entry, disk->target);
  const char *checkpoint = NULL;
  PlanOutcome outcome;

  if (before != NULL)
    {
      *ret_why = plan_explain_resized (disk, entry, before->virtual_size, *later_size);
      *later_size = before->virtual_size;
    }
  if (*ret_why != NULL)
    return PLAN_FULL;
  outcome = plan_check_backup (context, disk, entry, ret_why, err);
  if (outcome == PLAN_TAKE)
    checkpoint = plan_get_checkpoint (context, disk->target, entry);
  if (outcome == PLAN_TAKE)
    outcome = plan_check_bitmap (context, disk, checkpoint, ret_why);
  if (outcome == PLAN_TAKE)
    outcome = plan_check_content (context, disk, entry, ret_why, err);
  if (outcome == PLAN_TAKE)
    {
      disk->base = g_strdup (entry->id);
      disk->base_file = g_strdup (vckc_manifest_find_disk (entry->manifest, disk->target)->file);
      disk->base_checkpoint = g_strdup (checkpoint);
    }
  return outcome;
}

/* Was the disk copied in full then? The reason may have been that older bitmaps cannot be relied
 * on, which does not show in them. */
static bool
plan_is_full (const VckcBackupEntry *entry, const char *target)
{
  const VckcManifestDisk *disk = plan_find_disk (entry, target);

  return disk != NULL && disk->base == NULL && entry->manifest->checkpoint_name != NULL;
}

static char *
plan_explain_no_backup (const VckcPlanContext *context, const char *target)
{
  const VckcRestoredDisk *restored =
      context->restored != NULL ? vckc_restored_find (context->restored, target) : NULL;

  if (restored != NULL)
    return g_strdup_printf ("the backup '%s' that disk '%s' was restored from was removed",
                            restored->backup, target);
  return g_strdup ("the store has no backup of the domain");
}

bool
vckc_plan_choose_base (const VckcPlanContext *context, VckcBackupPlanDisk *disk, VckcError **err)
{
  PlanOutcome outcome = PLAN_OLDER;
  guint64 later_size = disk->virtual_size;

  for (guint i = context->list != NULL ? context->list->entries->len : 0;
       i > 0 && outcome == PLAN_OLDER; i--)
    {
      const VckcBackupEntry *entry = g_ptr_array_index (context->list->entries, i - 1);
      g_autofree char *why = NULL;

      if (is_overtaken (context, disk->target, entry->id))
        continue;
      outcome = plan_consider (context, disk, entry, &later_size, &why, err);
      /* That of the newest one, unless it is known why older ones do not help. */
      if (disk->why_full == NULL || outcome == PLAN_FULL)
        {
          g_free (disk->why_full);
          disk->why_full = g_steal_pointer (&why);
        }
      if (outcome == PLAN_OLDER && plan_is_full (entry, disk->target))
        outcome = PLAN_FULL;
    }
  if (outcome == PLAN_ERROR)
    return false;
  if (outcome == PLAN_TAKE)
    {
      g_clear_pointer (&disk->why_full, g_free);
      return plan_set_bytes (context, disk, err);
    }
  if (disk->why_full == NULL)
    disk->why_full = plan_explain_no_backup (context, disk->target);
  return true;
}
