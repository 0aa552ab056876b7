/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups of a running domain, as far as push and pull are the same: its QEMU is connected to for a
 * moment only, gets the open files, and the room that these may need is reserved.
 */

#pragma once

#include "drivers/local/images/local-backup.h"
#include "drivers/local/images/push-scratch.h"
#include "drivers/local/machine/machine-process.h"

/* Between two questions how far it is, in milliseconds: doubled each time, up to the latter. */
#define VCKC_RUNNING_BACKUP_FIRST_PAUSE 10
#define VCKC_RUNNING_BACKUP_LAST_PAUSE 250

typedef struct
{
  VckcLocalBackup local;
  VckcLocalBackend *backend;  /* borrowed */
  char *socket;               /* owned */
  VckcMachineProcess process; /* of QEMU */
  guint64 *capacities;        /* owned: of each disk */
  guint64 *reserved;          /* owned: of each file, in bytes; 0 if it is not */
  bool protected;             /* QEMU gives up the backup rather than let the guest's writes fail */
  guint pause;                /* milliseconds */
  VckcError *no_room; /* (nullable), owned: why it is cancelled: no more could be reserved */
  /* Of a push: (nullable), owned: of each disk, NULL for one whose file QEMU writes itself. Those
   * that are not NULL are what the files of `local` are. */
  VckcPushScratch **scratches;
  bool written; /* of a push: QEMU has written all */
  bool cancelled;
} VckcRunningBackup;

typedef bool (*VckcRunningBackupFunc) (VckcRunningBackup *self,
                                       VckcQmpClient *client,
                                       gpointer data,
                                       VckcError **err);

/* Takes over a plan; `fresh`: its files are checked. */
bool vckc_running_backup_init (VckcRunningBackup *self,
                               VckcLocalSession *session,
                               const VckcBlockBackupPlan *plan,
                               bool fresh,
                               VckcError **err);
void vckc_running_backup_clear (VckcRunningBackup *self);

/* Calls `function` with a connection. *ret_gone: QEMU is gone, for certain. BUSY if it cannot be
 * reached, but may still run. */
bool vckc_running_backup_call (VckcRunningBackup *self,
                               VckcRunningBackupFunc function,
                               gpointer data,
                               bool *ret_gone,
                               VckcError **err);

/* Gives QEMU the open files, and has it open them as nodes. It keeps them as long as those. */
bool
vckc_running_backup_open_files (VckcRunningBackup *self, VckcQmpClient *client, VckcError **err);

/* Has QEMU write what it has kept in memory of the files, after the jobs have ended well.
 * *ret_refused: it cannot do that; what else fails can be tried again. */
bool vckc_running_backup_flush_files (VckcRunningBackup *self,
                                      bool *ret_gone,
                                      bool *ret_refused,
                                      VckcError **err);

/* Reserves the room that each file may need. False if that cannot be had; *ret_all: it could be
 * reserved for all of them. */
bool vckc_running_backup_reserve (VckcRunningBackup *self,
                                  VckcQmpClient *client,
                                  bool started,
                                  bool *ret_all,
                                  VckcError **err);
/* Should a file become larger than was thought, as a compressed image makes it, more room is
 * reserved before it is needed. That of an incremental backup does not. Fails, too, for a file that
 * is not open. */
bool vckc_running_backup_extend (VckcRunningBackup *self, VckcError **err);
/* Notes how large the file of a disk is, which is a temporary one. */
void vckc_running_backup_note_temp (VckcRunningBackup *self,
                                    guint disk,
                                    VckcBlockBackupProgress *progress);
/* Finds what a backup that was begun before has reserved. */
void vckc_running_backup_find_reserved (VckcRunningBackup *self);
