/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which disks of a connection's domains need an image file. */

#pragma once

#include "model/domain-def.h"
#include "vckc-types.h"

/* CONFIG_UNSUPPORTED if a disk other than `target` of the domain, or one of another domain of the
 * connection, has the file at `path` or is based on it. Fails too if
 * that cannot be found out: if an image is there and cannot be read, or it is not known what it is
 * based on. */
bool vckc_image_users_check (VckcDomain *domain,
                             const VckcDomainDef *def,
                             const char *target,
                             const char *path,
                             VckcError **err);
