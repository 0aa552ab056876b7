/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Lists as events: what the events before have led to, whatever libvirt knows meanwhile.
 */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

bool vckc_libvirt_connect_announce_domains (VckcConnect *connect, VckcError **err);
bool vckc_libvirt_domain_announce_checkpoints (VckcDomain *domain, VckcError **err);
