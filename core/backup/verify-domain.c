/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/verify-domain.h"

#include "backup/chain-data.h"
#include "backup/checkpoint-extents.h"
#include "backup/identity.h"
#include "backup/image-data.h"
#include "backup/plan.h"
#include "backup/restore-copy.h"
#include "backup/result-handles.h"
#include "base/cancel.h"
#include "handles/handles.h"
#include "qemu/image-lock.h"
#include "qemu/qcow2-header.h"

/* QEMU copies no less at once. */
#define BLOCK_SIZE ((guint64) 65536)

static bool
verify_domain_check_off (VckcDomain *domain, VckcError **err)
{
  VckcDomainState state;

  if (vckc_domain_get_state (domain, &state, err) < 0)
    return false;
  if (state == VCKC_DOMAIN_STATE_SHUTOFF)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                  "the images of domain '%s' cannot be compared with its backups: it is not off; "
                  "shut it down first",
                  domain->name);
  return false;
}

/* Blocks of the largest clusters: of what is smaller, a part of a block may have been copied with
 * the rest of it. */
static bool
verify_domain_get_block_size (const VckcChain *chain,
                              int fd,
                              const char *path,
                              guint64 *ret_size,
                              VckcError **err)
{
  VckcQcow2Header header;

  if (!vckc_qcow2_header_read_fd (fd, path, &header, err))
    return false;
  *ret_size = MAX (BLOCK_SIZE, header.cluster_size);
  for (guint i = 0; i < chain->levels->len; i++)
    {
      const VckcChainLevel *level = g_ptr_array_index (chain->levels, i);

      *ret_size = MAX (*ret_size, level->disk->cluster_size);
    }
  return true;
}

/* How many blocks are stored in the chain, and neither written since nor anything but zeros in the
 * image. */
static bool
verify_domain_count_lost (VckcDomain *domain,
                          const VckcBackupPlanDisk *disk,
                          const VckcChain *chain,
                          VckcIdentity *ret_identity,
                          guint64 *ret_block_size,
                          VckcError **err)
{
  g_autoptr (VckcImageLock) lock = vckc_image_lock_new_shared (disk->source, disk->target, err);
  int fd = lock != NULL ? vckc_image_lock_get_fd (lock) : -1;
  g_autoptr (VckcExtentReader) stored = lock != NULL ? vckc_chain_data_open (chain, err) : NULL;
  g_autoptr (VckcExtentReader) held =
      stored != NULL ? vckc_image_data_open (fd, disk->source, err) : NULL;
  g_autoptr (VckcExtentReader) dirty =
      held != NULL ? vckc_checkpoint_extents_open (domain, disk->base_checkpoint, disk->target,
                                                   VCKC_EXTENTS_NO_ZERO, err)
                   : NULL;

  return dirty != NULL
         && verify_domain_get_block_size (chain, fd, disk->source, ret_block_size, err)
         && vckc_identity_compare (stored, held, dirty, *ret_block_size, ret_identity, err);
}

static void
verify_domain_report (const VckcDomain *domain,
                      const VckcBackupPlanDisk *disk,
                      guint64 lost,
                      guint64 block_size,
                      GPtrArray *findings)
{
  g_autofree char *message = g_strdup_printf (
      "disk '%s' has lost %" G_GUINT64_FORMAT " %s of %" G_GUINT64_FORMAT " bytes that the backup "
      "'%s' has, and the bitmap of checkpoint '%s' does not show it: perhaps it was made smaller "
      "and larger again; make a full backup",
      disk->target, lost, lost == 1 ? "block" : "blocks", block_size, disk->base,
      disk->base_checkpoint);

  g_ptr_array_add (findings, vckc_backup_finding_new (VCKC_BACKUP_FINDING_LOST_BLOCKS, domain->uuid,
                                                      disk->base, disk->target, message));
}

/* Compares the disk with the chain that the next backup would be based on. */
static bool
verify_domain_disk (VckcDomainFolder *folder,
                    const VckcStoreRoot *root,
                    VckcDomain *domain,
                    const VckcBackupPlanDisk *disk,
                    GPtrArray *findings,
                    VckcError **err)
{
  const char *const target = disk->target;
  g_autoptr (VckcRestoreCopy) copy =
      vckc_restore_copy_open (folder, root, disk->base, &target, 1, err);
  VckcIdentity identity;
  guint64 block_size;

  if (copy == NULL
      || !verify_domain_count_lost (domain, disk, vckc_restore_copy_get_chain (copy, 0), &identity,
                                    &block_size, err))
    return false;
  if (identity.missing > 0)
    verify_domain_report (domain, disk, identity.missing, block_size, findings);
  return true;
}

bool
vckc_verify_domain (VckcDomainFolder *folder,
                    const VckcStoreRoot *root,
                    VckcDomain *domain,
                    GPtrArray *findings,
                    VckcError **err)
{
  const VckcPlanOptions options = { .max_chain = VCKC_CHAIN_MAX_LEVELS + 1 };
  g_autoptr (VckcBackupList) list = NULL;
  g_autoptr (VckcBackupPlan) plan = NULL;

  if (!verify_domain_check_off (domain, err))
    return false;
  list = vckc_backup_list_load (folder, root, err);
  plan = list != NULL ? vckc_plan_make (domain, root, folder, list, &options, err) : NULL;
  for (guint i = 0; plan != NULL && i < plan->disks->len; i++)
    {
      const VckcBackupPlanDisk *disk = g_ptr_array_index (plan->disks, i);

      if (vckc_cancel_check ("the comparison of images with backups", err))
        return false;
      if (disk->base != NULL && !verify_domain_disk (folder, root, domain, disk, findings, err))
        return false;
    }
  return plan != NULL;
}
