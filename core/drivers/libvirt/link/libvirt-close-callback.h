/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The end of the link to libvirt's daemon, which becomes an event of ours. */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

/* Registers the close callback and enables keepalive. Drivers inside this process have neither. */
void vckc_libvirt_close_callback_register (VckcLibvirtConnection *connection);

/* Before libvirt's connection is closed. */
void vckc_libvirt_close_callback_unregister (VckcLibvirtConnection *connection);
