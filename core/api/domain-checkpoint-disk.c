/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of what a checkpoint says of a disk. */

#include "api/entry.h"

int
vckc_domain_checkpoint_disk_ref (VckcDomainCheckpointDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_domain_checkpoint_disk_class, err))
    return -1;
  vckc_object_ref (disk);
  return 0;
}

int
vckc_domain_checkpoint_disk_unref (VckcDomainCheckpointDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_domain_checkpoint_disk_class, err))
    return -1;
  vckc_object_unref (disk);
  return 0;
}

const char *
vckc_domain_checkpoint_disk_get_checkpoint (VckcDomainCheckpointDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_checkpoint_disk_class, err) ? disk->checkpoint
                                                                           : NULL;
}

const char *
vckc_domain_checkpoint_disk_get_name (VckcDomainCheckpointDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_checkpoint_disk_class, err) ? disk->name : NULL;
}

bool
vckc_domain_checkpoint_disk_is_tracked (VckcDomainCheckpointDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_checkpoint_disk_class, err) && disk->bitmap != NULL;
}

const char *
vckc_domain_checkpoint_disk_get_bitmap (VckcDomainCheckpointDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_checkpoint_disk_class, err) ? disk->bitmap : NULL;
}

int64_t
vckc_domain_checkpoint_disk_get_size (VckcDomainCheckpointDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_checkpoint_disk_class, err) ? disk->size : -1;
}

VckcCheckpointState
vckc_domain_checkpoint_disk_get_state (VckcDomainCheckpointDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_checkpoint_disk_class, err)
             ? disk->state
             : VCKC_CHECKPOINT_STATE_UNKNOWN;
}
