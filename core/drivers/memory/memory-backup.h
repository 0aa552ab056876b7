/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups in push mode move no data: the files they write are names, and time passes as if
 * something were copied. A fault that meets the copying is one of the file that is written.
 */

#pragma once

#include "drivers/memory/testing/memory-fault.h"
#include "managed/backends/block-backup.h"

/* The files, and whether backups stand still; of one backend. */
typedef struct _VckcMemoryBackups VckcMemoryBackups;

VckcMemoryBackups *vckc_memory_backups_new (VckcMemoryFault *fault);
void vckc_memory_backups_free (VckcMemoryBackups *self);

/* As long as they are held, backups do not get on. */
void vckc_memory_backups_hold (VckcMemoryBackups *self, bool held);
/* For tests: refuses so many limits; the last one that was set, -1 for none. */
void vckc_memory_backups_refuse_speed (VckcMemoryBackups *self, guint n);
gint64 vckc_memory_backups_get_speed (VckcMemoryBackups *self);
bool vckc_memory_backups_has_file (VckcMemoryBackups *self, const char *path);

/* Backend calls. */
bool vckc_memory_backups_make_file (VckcMemoryBackups *self,
                                    const VckcBlockBackupFile *file,
                                    VckcError **err);
bool vckc_memory_backups_open_file (VckcMemoryBackups *self, const char *path, VckcError **err);
/* A real socket, for a pull. */
bool vckc_memory_backups_make_socket (VckcMemoryBackups *self,
                                      const char *path,
                                      int *ret_fd,
                                      VckcError **err);
bool vckc_memory_backups_remove_file (VckcMemoryBackups *self, const char *path, VckcError **err);
VckcBlockBackup *vckc_memory_backup_open (VckcMemoryBackups *self,
                                          VckcBlockSession *session,
                                          const VckcBlockBackupPlan *plan,
                                          VckcError **err);
