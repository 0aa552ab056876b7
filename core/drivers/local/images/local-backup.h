/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups of a local domain, as far as they are the same with a running QEMU and without: a QEMU
 * copies, as it is asked to over QMP.
 */

#pragma once

#include "drivers/local/images/local-session.h"
#include "managed/backends/block-backup.h"
#include "qemu/qmp-backup-jobs.h"
#include "qemu/qmp-backup.h"

typedef struct
{
  VckcBlockBackup backup;
  VckcLocalSession *session; /* borrowed: only until it has started */
  GStringChunk *strings;     /* owned: all strings of `jobs` */
  VckcQmpBackup jobs;        /* disks and bitmaps are owned */
  GArray *fds;               /* owned: of each disk, the file that is written; -1: none is open */
  VckcBlockBitmapRef *refs;  /* owned: the bitmaps, by the disks of the session */
  guint n_refs;
  bool all_workers;
} VckcLocalBackup;

/* Takes over a plan for disks of the session; names of files are still missing. With `fresh`,
 * nothing is being written to the files yet, and they are examined. */
bool vckc_local_backup_init (VckcLocalBackup *self,
                             VckcLocalSession *session,
                             const VckcBlockBackupPlan *plan,
                             bool fresh,
                             VckcError **err);
/* Notes which QEMU copies, which is the peer of that client. */
void vckc_local_backup_note_version (VckcLocalBackup *self, const VckcQmpClient *client);
void vckc_local_backup_clear (VckcLocalBackup *self);

/* The disk that can still be changed. */
VckcQmpBackupDisk *vckc_local_backup_get_disk (VckcLocalBackup *self, guint disk);

/* What QEMU says of the jobs. */
bool vckc_local_backup_query (VckcLocalBackup *self,
                              VckcQmpClient *client,
                              VckcBlockBackupProgress *progress,
                              VckcError **err);
/* Have all disks ended? */
bool vckc_local_backup_has_ended (const VckcLocalBackup *self,
                                  const VckcBlockBackupProgress *progress);
/* Has another file written for a disk; `fd` is borrowed for the call. */
bool vckc_local_backup_replace_file (VckcLocalBackup *self, guint disk, int fd, VckcError **err);

/* Fails if the file of a disk is not open: it cannot be stored, and no room be reserved. */
bool vckc_local_backup_check_is_open (const VckcLocalBackup *self, guint disk, VckcError **err);

/* Makes certain that the files are stored, or one of them. */
bool vckc_local_backup_sync (VckcLocalBackup *self, VckcError **err);
bool vckc_local_backup_sync_one (VckcLocalBackup *self, guint disk, VckcError **err);

/* Backups of a domain that is off, and of one that runs. */
VckcBlockBackup *vckc_offline_backup_open (VckcLocalSession *session,
                                           const VckcBlockBackupPlan *plan,
                                           VckcError **err);
VckcBlockBackup *vckc_running_push_open (VckcLocalSession *session,
                                         const VckcBlockBackupPlan *plan,
                                         VckcError **err);

/* A backup with which the running QEMU goes on; *ret_backup is NULL if it knows of none. */
bool vckc_running_push_attach (VckcLocalSession *session,
                               const VckcBlockBackupPlan *plan,
                               VckcBlockBackup **ret_backup,
                               VckcError **err);

/* The same in pull mode, see offline-pull.c and running-pull.c. */
VckcBlockBackup *vckc_running_pull_open (VckcLocalSession *session,
                                         const VckcBlockBackupPlan *plan,
                                         VckcError **err);
bool vckc_running_pull_attach (VckcLocalSession *session,
                               const VckcBlockBackupPlan *plan,
                               VckcBlockBackup **ret_backup,
                               VckcError **err);
VckcBlockBackup *vckc_offline_pull_open (VckcLocalSession *session,
                                         const VckcBlockBackupPlan *plan,
                                         VckcError **err);
