/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups that another process began, or this one before. */

#pragma once

#include "managed/backup-job.h"
#include "managed/bitmap-set.h"

/* With the job held: may checkpoints be made and deleted? If not, BUSY: a backup holds the images.
 * What a process that has ended has left of a backup is removed first, and its checkpoint. */
bool vckc_backup_check_change (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err);

/* The same without removing anything: with a job held, shared or not, BUSY if a backup that a
 * process follows holds the images. */
bool vckc_backup_check_followed (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err);

/* With a job held, shared or not: the name of the checkpoint of a backup that a process has left
 * that has ended, which the next change takes back with what else is left of it; NULL if there is
 * none. */
const char *vckc_backup_get_left_checkpoint (VckcEngine *engine, VckcManagedDomain *domain);

/* With the job held: BUSY if that is the checkpoint of a backup that is under way. */
bool
vckc_backup_check_checkpoint (VckcManagedDomain *domain, const char *checkpoint, VckcError **err);

/* With the job held: is no backup under way? If not, BUSY. */
bool vckc_backup_check_none (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err);

/* With the job held: asks the process that follows the backup, in the domain's status, to end it if
 * `cancel`, or else to copy no faster than that. *ret_left: no process follows it any more. A limit
 * is not kept then; that it is to end is, for the process that takes it up. */
bool vckc_backup_ask (VckcEngine *engine,
                      VckcManagedDomain *domain,
                      bool cancel,
                      gint64 speed,
                      bool *ret_left,
                      VckcError **err);

/* With the job held, in the thread that will follow it: takes up the backup that a process has left
 * that has ended. *ret_job is NULL if there is none, or nothing of it goes on. */
bool vckc_backup_take_up (VckcEngine *engine,
                          VckcManagedDomain *domain,
                          VckcBackupJob **ret_job,
                          VckcBlockBackup **ret_backup,
                          VckcError **err);

/* Ends what QEMU may have of a backup. `set`, which is not open, has its images: even if no program
 * listens, QEMU may live as long as they are held. It is empty if they cannot be opened any more.
 * The status of the backup must stay if that fails, since by it QEMU's share is found later. */
bool vckc_backup_clear_machine (VckcEngine *engine,
                                VckcManagedDomain *domain,
                                VckcBitmapSet *set,
                                const VckcBackupStatus *status,
                                VckcError **err);
