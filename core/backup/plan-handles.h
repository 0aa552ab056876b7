/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The handles of plans of backups, filled in by those who plan; afterwards nothing changes. */

#pragma once

#include "handles/object.h"
#include "vckc-backup.h"

typedef struct
{
  bool full;          /* of all disks */
  bool no_checkpoint; /* none is made, so all disks are full as well */
  bool leave_out;     /* disks that cannot be backed up */
  bool fast;          /* what takes time to check is not checked, and bytes are an upper limit */
  bool pull;          /* read by this process, even where QEMU could write */
  guint64 threshold;  /* bytes: less than that, and nothing new, is not worth a backup */
  guint max_chain;    /* images that one may be based on, with itself */
} VckcPlanOptions;

struct _VckcBackupPlanDisk
{
  VckcObject object;
  char *target;
  char *source;
  bool is_block; /* the source is a block device */
  guint64 virtual_size;
  guint64 cluster_size;  /* of its image, in bytes; 0 if it is not known */
  bool tracked;          /* the checkpoint has it */
  bool untrackable;      /* no checkpoint can have it, so it is always full */
  char *base;            /* id of the backup that it is based on; NULL: it is full */
  char *base_file;       /* the image of it in that backup */
  char *base_checkpoint; /* of which the changes are copied */
  char *why_full;        /* NULL if and only if it is not full */
  bool chain_full;       /* it is full since the chain would become too long */
  char *note;            /* (nullable): what was not checked, and why */
  guint64 bytes;         /* that are to be copied, at most */
};

struct _VckcBackupPlan
{
  VckcObject object;
  GPtrArray *disks;    /* of VckcBackupPlanDisk */
  char *left_out;      /* (nullable): which disks are not in the plan, and why */
  VckcBackupMode mode; /* how the data gets into the store */
  char *why_pull;      /* (nullable): with PULL */
  guint64 bytes;       /* sum of all disks */
  guint64 room_needed; /* in the store, in bytes, at most */
  guint64 room_free;
  bool needed; /* false if there is less to copy than the threshold */
};

extern const VckcObjectClass vckc_backup_plan_class;
extern const VckcObjectClass vckc_backup_plan_disk_class;

VckcBackupPlan *vckc_backup_plan_new (void);
VckcBackupPlanDisk *
vckc_backup_plan_disk_new (const char *target, const char *source, guint64 virtual_size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBackupPlan, vckc_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBackupPlanDisk, vckc_object_unref)
