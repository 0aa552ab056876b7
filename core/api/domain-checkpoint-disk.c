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

int64_t
vckc_domain_checkpoint_disk_get_capacity (VckcDomainCheckpointDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_checkpoint_disk_class, err) ? disk->capacity : -1;
}

int64_t
vckc_domain_checkpoint_disk_get_granularity (VckcDomainCheckpointDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_checkpoint_disk_class, err) ? disk->granularity : -1;
}

uint64_t
vckc_domain_checkpoint_disk_get_incarnation (VckcDomainCheckpointDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_checkpoint_disk_class, err) ? disk->incarnation : 0;
}

static int64_t
sum_up_sizes (VckcDomainCheckpointDisk *const *disks, size_t n_disks)
{
  int64_t size = -1;

  for (size_t i = 0; i < n_disks; i++)
    if (disks[i]->bitmap != NULL)
      {
        if (disks[i]->size < 0)
          return -1;
        size = MAX (size, 0) + disks[i]->size;
      }
  return size;
}

/* A known fault outweighs a disk that could not be examined, which outweighs disks without a
 * fault. */
static VckcCheckpointState
find_worst_state (VckcDomainCheckpointDisk *const *disks, size_t n_disks)
{
  VckcCheckpointState worst = VCKC_CHECKPOINT_STATE_UNKNOWN;
  bool unknown = false;

  for (size_t i = 0; i < n_disks; i++)
    {
      worst = MAX (worst, disks[i]->state);
      unknown =
          unknown || (disks[i]->bitmap != NULL && disks[i]->state == VCKC_CHECKPOINT_STATE_UNKNOWN);
    }
  return unknown && worst < VCKC_CHECKPOINT_STATE_NOT_RECORDING ? VCKC_CHECKPOINT_STATE_UNKNOWN
                                                                : worst;
}

int
vckc_checkpoint_disks_sum_up (VckcDomainCheckpointDisk *const *disks,
                              size_t n_disks,
                              int64_t *ret_size,
                              VckcCheckpointState *ret_state,
                              VckcError **err)
{
  for (size_t i = 0; i < n_disks; i++)
    if (!vckc_check_handle (disks[i], &vckc_domain_checkpoint_disk_class, err))
      return -1;
  if (ret_size != NULL)
    *ret_size = sum_up_sizes (disks, n_disks);
  if (ret_state != NULL)
    *ret_state = find_worst_state (disks, n_disks);
  return 0;
}
