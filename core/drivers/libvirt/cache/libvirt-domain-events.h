/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What libvirt tells without being asked: the life of domains, and the end of the link. */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

/* Has the end of the link told, with its reason, and the other side asked whether it is there. */
void vckc_libvirt_events_start (VckcLibvirt *libvirt);

/* Somebody listens: follows domains from now on. */
void vckc_libvirt_events_watch_domains (VckcLibvirt *libvirt);

/* Before libvirt's connection is closed. */
void vckc_libvirt_events_stop (VckcLibvirt *libvirt);

/* For what is left when the connection is freed. */
void vckc_libvirt_events_clear (VckcLibvirt *libvirt);
