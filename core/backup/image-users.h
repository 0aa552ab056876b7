/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which disks of a connection's domains need an image file. */

#pragma once

#include "model/domain-def.h"
#include "vckc-types.h"

/* Finds a disk other than `target` of the domain, or one of another domain of the connection as it
 * is or as it will be when it is started, that has the file at `path` or is based on it:
 * "disk 'sda' of domain 'other'", or NULL. Fails if that cannot be found out: if an image is there
 * and cannot be read, if it is not known what it is based on, or if a volume cannot be found.
 *
 * An image that is not there is passed over, as there is nothing to be read in it: whether it is on
 * storage that is not mounted, and based on the file at `path`, is not known. */
bool vckc_image_users_find (VckcDomain *domain,
                            const VckcDomainDef *def,
                            const char *target,
                            const char *path,
                            char **ret_user,
                            VckcError **err);
/* The same: CONFIG_UNSUPPORTED if there is one. */
bool vckc_image_users_check (VckcDomain *domain,
                             const VckcDomainDef *def,
                             const char *target,
                             const char *path,
                             VckcError **err);
