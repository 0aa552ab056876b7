/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Compares the checkpoints that libvirt has stored of a domain with the bitmaps in its images. */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

typedef struct
{
  GPtrArray *checkpoints; /* of virDomainCheckpointPtr */
  GPtrArray *defs;        /* of VckcCheckpointDef, one for each; NULL for those that vanished */
  GPtrArray *findings;    /* of VckcFinding */
} VckcLibvirtInspection;

bool
vckc_libvirt_inspection_init (VckcLibvirtInspection *self, VckcDomain *domain, VckcError **err);
void vckc_libvirt_inspection_clear (VckcLibvirtInspection *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VckcLibvirtInspection, vckc_libvirt_inspection_clear)
