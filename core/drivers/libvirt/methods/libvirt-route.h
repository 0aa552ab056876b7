/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The methods that say how the data of a backup gets to this process. The contract is driver.h's.
 */

#pragma once

#include "handles/handles.h"
#include "model/pull-server.h"

bool vckc_libvirt_domain_choose_backup_mode (VckcDomain *domain,
                                             VckcBackupMode *ret_mode,
                                             char **ret_why,
                                             VckcError **err);
VckcPullServer *
vckc_libvirt_domain_make_pull_server (VckcDomain *domain, bool unencrypted, VckcError **err);
bool vckc_libvirt_domain_measure_disk (VckcDomain *domain,
                                       const char *target,
                                       guint64 *ret_virtual_size,
                                       guint64 *ret_allocated,
                                       VckcError **err);
