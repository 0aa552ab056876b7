/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Undefining a domain. The contract is driver.h's. */

#pragma once

#include "handles/handles.h"

int vckc_libvirt_domain_undefine (VckcDomain *domain, unsigned int flags, VckcError **err);
