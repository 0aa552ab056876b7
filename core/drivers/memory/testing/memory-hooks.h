/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The driver, and what tests can do to a `memory:` connection besides using it. */

#pragma once

#include "handles/driver.h"
#include "handles/handles.h"

extern const VckcDriver vckc_memory_driver;

/* Makes the `first`-th call to the simulated disks and metadata from now on fail with
 * `code` (counted from 1; 0 to stop), and with `persistent` every later one too. */
void vckc_memory_fail_at (VckcConnect *connect, guint64 first, bool persistent, VckcErrorCode code);

/* How many such calls there were since. */
guint64 vckc_memory_count_calls (VckcConnect *connect);

/* How often guests were frozen, and how many are now. */
guint vckc_memory_count_freezes (VckcConnect *connect);
guint vckc_memory_count_frozen (VckcConnect *connect);

/* As long as they are held, backups do not get on. */
void vckc_memory_hold_backups (VckcConnect *connect, bool held);
/* Refuses so many limits of backups from now on. */
void vckc_memory_refuse_backup_speed (VckcConnect *connect, guint n);
/* The limit that a backup was given last, 0 for none; -1 if there was no such call. */
gint64 vckc_memory_get_backup_speed (VckcConnect *connect);
/* Is there a file that a backup has written, or writes? */
bool vckc_memory_has_backup_file (VckcConnect *connect, const char *path);

/* As if the guest had written to a disk. False if the domain has no such disk. */
bool vckc_memory_write (VckcDomain *domain, const char *target, guint64 offset, guint64 length);
