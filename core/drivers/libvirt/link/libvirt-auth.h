/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Names and passwords: libvirt asks, the program's callback answers. */

#pragma once

#include <libvirt/libvirt.h>

#include "handles/handles.h"

/* What to give to virConnectOpenAuth(); lives as long as `authenticator`. Without one nobody is
 * asked, so that libvirt never reads from the terminal. */
virConnectAuth vckc_libvirt_auth (const VckcAuthenticator *authenticator /* (nullable) */);
