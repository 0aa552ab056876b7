/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reading what is stored of a domain. */

#pragma once

#include "drivers/local/store/domain-dir.h"

/* Reads everything once; changes by other processes meanwhile may be missed. A file that is
 * refused, such as a link, is listed as unreadable; one that cannot be read now makes the whole
 * fail. */
VckcStoredDomain *vckc_domain_dir_load (VckcDomainDir *self, const char *uuid, VckcError **err);
