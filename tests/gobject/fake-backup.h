/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A driver whose backups do what the test says, when it says so. There is one test at a time. */

#pragma once

#include "support.h"
#include "vckc.h"

/* Makes backups of the domain fake. They copy two disks, `vda` of 600 bytes and `vdb` of 400. */
void fake_backup_init (VckDomain *domain);
/* Forgets everything. */
void fake_backup_clear (void);

/* Backups that begin from now on end at once, before the call returns. */
void fake_backup_end_at_once (void);

/* Backups that begin from now on have no id. */
void fake_backup_unname (void);

/* The job has copied so much in that time (in milliseconds). If it is silent, no event says so. */
void fake_backup_copy (gint64 vda, gint64 vdb, gint64 time, gboolean silent);

/* The job ends. */
void fake_backup_end (VckcJobState state, VckcErrorCode code, const char *error, gboolean silent);

/* The result is gone. */
void fake_backup_forget (void);

/* How often a job was aborted and taken up. */
guint fake_backup_get_n_aborted (void);
guint fake_backup_get_n_recovered (void);

/* Begins one, with a checkpoint `monday`. */
VckBackupJob *fake_backup_begin (VckDomain *domain);
