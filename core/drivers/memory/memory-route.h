/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How the disks get into a store of backups: they are read, as no file has what they hold. */

#pragma once

#include "handles/driver.h"

bool vckc_memory_domain_choose_backup_mode (VckcDomain *domain,
                                            VckcBackupMode *ret_mode,
                                            char **ret_why,
                                            VckcError **err);
bool vckc_memory_domain_measure_disk (VckcDomain *domain,
                                      const char *target,
                                      guint64 *ret_virtual_size,
                                      guint64 *ret_allocated,
                                      VckcError **err);
