/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Authentication: libvirt's credentials are requested from the program's callback. */

#pragma once

#include <libvirt/libvirt.h>

#include "handles/handles.h"

/* What to give to virConnectOpenAuth(); lives as long as `authenticator`. Without one nothing is
 * requested, so that libvirt never reads from the terminal. */
virConnectAuth vckc_libvirt_auth (const VckcAuthenticator *authenticator /* (nullable) */);
