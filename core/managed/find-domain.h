/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Finding a domain, as it is now. */

#pragma once

#include "managed/refresh.h"

/* The domain a handle means, up to date, or NO_DOMAIN. */
VckcManagedDomain *vckc_engine_get_domain (VckcDomain *domain, VckcError **err);
VckcManagedDomain *
vckc_engine_find_by_uuid (VckcEngine *engine, const char *uuid, VckcLook look, VckcError **err);
/* If it could be one of those that cannot be read, that is the error. */
VckcManagedDomain *
vckc_engine_find_by_name (VckcEngine *engine, const char *name, VckcLook look, VckcError **err);
