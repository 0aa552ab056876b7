/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Which domains there are and what they are doing, as far as libvirt's life-cycle events tell. They
 * become events of ours; those of libvirt that say nothing new do not.
 */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

/* The domains of a connection as they are now. NULL if they cannot be listed. */
VckcLibvirtDomains *vckc_libvirt_domains_new (VckcConnect *connect, VckcError **err);
void vckc_libvirt_domains_free (VckcLibvirtDomains *domains);

/* What a domain is doing as far as is known; NOSTATE if it is not. With the connection's mutex
 * held. */
VckcDomainState vckc_libvirt_domains_peek (VckcLibvirtDomains *domains, const char *uuid);

/* A life-cycle event of libvirt. With the connection's mutex held: tells of what changed. */
void vckc_libvirt_domains_update (VckcLibvirtDomains *domains,
                                  VckcConnect *connect,
                                  virDomainPtr domain,
                                  int event,
                                  int detail);

/* Before we rename a domain, and if that failed. With the connection's mutex held: libvirt's event is
 * not told then, which we do ourselves. */
void
vckc_libvirt_domains_expect_rename (VckcLibvirtDomains *domains, const char *uuid, bool expected);
