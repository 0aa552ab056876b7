/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * When backups began, as far as this process knows, whatever connection it has to them: libvirt
 * counts their time from 0 again once libvirtd is restarted.
 */

#pragma once

#include "drivers/libvirt/cache/libvirt-backups.h"

/* Sets `earlier` of a backup that is described and under way, if this process knows that it began
 * earlier than libvirt says, which is `time_elapsed` milliseconds ago. */
void vckc_libvirt_backup_starts_find (VckcDomain *domain,
                                      VckcLibvirtBackup *backup,
                                      gint64 time_elapsed);

/* Remembers when it began, by that time and `earlier`, instead of the domain's backup before. */
void vckc_libvirt_backup_starts_add (VckcDomain *domain,
                                     const VckcLibvirtBackup *backup,
                                     gint64 time_elapsed);

/* Forgets the backup of the domain, which has ended. */
void vckc_libvirt_backup_starts_remove (VckcDomain *domain);
