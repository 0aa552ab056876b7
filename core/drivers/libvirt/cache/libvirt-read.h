/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reading what libvirt says of checkpoints, several at a time. */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"
#include "model/checkpoint-def.h"

/* All checkpoints of a domain, in an array that frees them. flags: of
 * virDomainListAllCheckpoints() */
GPtrArray *vckc_libvirt_list_checkpoints (VckcDomain *domain, unsigned int flags, VckcError **err);

/* What libvirt says of a checkpoint now. flags: of virDomainCheckpointGetXMLDesc() */
VckcCheckpointDef *vckc_libvirt_read_checkpoint (virDomainCheckpointPtr checkpoint,
                                                 unsigned int flags,
                                                 VckcError **err);

/* The same of several, some at a time: an array of VckcCheckpointDef. NULL in it for those that
 * vanished meanwhile; other failures fail all. */
GPtrArray *vckc_libvirt_read_checkpoints (GPtrArray *checkpoints, /* of virDomainCheckpointPtr */
                                          unsigned int flags,
                                          VckcError **err);
