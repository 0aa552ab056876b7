/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The domain lock: one call at a time changes or refreshes the checkpoints of a domain. It is the
 * only lock that is held while libvirt is waited for.
 */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

/* Waits until no other call holds the lock, and takes it: CANCELLED, or BUSY after 30 seconds.
 * NO_DOMAIN if the domain of the handle does not exist any more. */
bool vckc_libvirt_domain_lock (VckcDomain *domain, VckcError **err);
void vckc_libvirt_domain_unlock (VckcDomain *domain);
