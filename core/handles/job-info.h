/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A job of a domain as it was at one moment. Its maker fills it in; nothing changes afterwards. */

#pragma once

#include "handles/object.h"
#include "vckc-backup.h"

struct _VckcJobInfo
{
  VckcObject object;
  VckcJobState state;
  VckcBackupMode mode;
  char *id;            /* (nullable) */
  char *checkpoint;    /* (nullable) */
  char *qemu;          /* (nullable): version of the QEMU that copies */
  char *error;         /* (nullable) */
  VckcErrorCode code;  /* of the error; 0 if it is not known */
  gint64 time_elapsed; /* milliseconds; -1 if not known */
  GPtrArray *disks;    /* of VckcJobDisk, in the order of the document */
  gint64 bytes_done;   /* of all disks, where those of each are not known; else -1 */
  gint64 bytes_total;
  gint64 temp_used;  /* bytes of temporary files, of all disks; -1 if there are none */
  gint64 temp_total; /* that they can take at most */
  gint64 speed;      /* bytes per second at most; 0: no limit; -1 if not known */
};

struct _VckcJobDisk
{
  VckcObject object;
  char *name;         /* the target */
  char *file;         /* (nullable) */
  char *base;         /* (nullable) */
  char *error;        /* (nullable) */
  char *note;         /* (nullable): what is special about how it is copied */
  gint64 bytes_done;  /* -1 if not known */
  gint64 bytes_total; /* -1 if not known */
};

extern const VckcObjectClass vckc_job_info_class;
extern const VckcObjectClass vckc_job_disk_class;

/* Nothing else is known yet. */
VckcJobInfo *vckc_job_info_new (VckcJobState state, VckcBackupMode mode);
VckcJobDisk *vckc_job_disk_new (const char *name);

/* The sums over all disks; -1 if one is not known. */
gint64 vckc_job_info_sum_done (const VckcJobInfo *info);
gint64 vckc_job_info_sum_total (const VckcJobInfo *info);

/* Why it failed or was lost; 0 if it did not and was not. */
VckcErrorCode vckc_job_info_get_code (const VckcJobInfo *info);

/* Has the job ended, well or not? */
bool vckc_job_state_is_end (VckcJobState state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcJobInfo, vckc_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcJobDisk, vckc_object_unref)
