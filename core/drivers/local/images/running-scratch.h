/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a running domain to files for which the guest must not wait: QEMU writes others
 * instead, see push-scratch.h, which are copied once QEMU has written all. */

#pragma once

#include "drivers/local/images/running-backup.h"

/* Makes scratch files for those disks that need one. Then the backup goes no further without the
 * program, which has to copy them. */
bool vckc_running_scratch_make (VckcRunningBackup *self, VckcError **err);

/* That of a disk; NULL if QEMU writes its backup file itself. */
VckcPushScratch *vckc_running_scratch_get (const VckcRunningBackup *self, guint disk);

/* Why a disk has one, or NULL. */
const char *vckc_running_scratch_get_note (VckcBlockBackup *backup, guint disk);

/* Changes what QEMU has said of the disks: their files are yet to be copied. */
void vckc_running_scratch_report (VckcRunningBackup *self, VckcBlockBackupProgress *progress);
/* Once QEMU has written all: goes on copying for about so many milliseconds. */
void vckc_running_scratch_wait (VckcRunningBackup *self,
                                guint milliseconds,
                                VckcBlockBackupProgress *progress);

/* Makes certain that the backup files are stored. */
bool vckc_running_scratch_store (VckcRunningBackup *self, VckcError **err);
