/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* libvirt's life-cycle events of domains, which become events of ours. */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

/* Follows the domains from now on. Only the first call has an effect. */
void vckc_libvirt_domain_events_watch (VckcLibvirtConnection *connection);

/* Before libvirt's connection is closed. */
void vckc_libvirt_domain_events_unwatch (VckcLibvirtConnection *connection);

/* Frees what is left when the connection is freed. */
void vckc_libvirt_domain_events_clear (VckcLibvirtConnection *connection);
