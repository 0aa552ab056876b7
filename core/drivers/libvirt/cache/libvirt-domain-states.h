/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The domains of a connection and their states, kept current by libvirt's life-cycle events. Each
 * change becomes an event of ours; libvirt's events that report nothing new do not.
 */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

/* Lists the domains as they are now. NULL if they cannot be listed. */
VckcLibvirtDomainStates *vckc_libvirt_domain_states_new (VckcConnect *connect, VckcError **err);
void vckc_libvirt_domain_states_free (VckcLibvirtDomainStates *states);

/* The last known state of a domain; NOSTATE if it is not known. With the connection's mutex
 * held. */
VckcDomainState vckc_libvirt_domain_states_get (VckcLibvirtDomainStates *states, const char *uuid);

/* Handles of the domains that subscribers know. Those of `found` (UUID -> VckcDomain), which
 * libvirt listed just now, have their newest name. With the connection's mutex held. */
GPtrArray *vckc_libvirt_domain_states_list (VckcLibvirtDomainStates *states,
                                            VckcConnect *connect,
                                            GHashTable *found);

/* Handles a life-cycle event of libvirt and notifies of what changed. With the connection's mutex
 * held. */
void vckc_libvirt_domain_states_update (VckcLibvirtDomainStates *states,
                                        VckcConnect *connect,
                                        virDomainPtr domain,
                                        int event,
                                        int detail);

/* Called before Vck renames a domain, and if that failed: libvirt's event for it is ignored, as the
 * caller notifies itself. With the connection's mutex held. */
void vckc_libvirt_domain_states_expect_rename (VckcLibvirtDomainStates *states,
                                               const char *uuid,
                                               bool expected);
