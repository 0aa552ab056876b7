/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The methods that read checkpoints. The contract is driver.h's. */

#pragma once

#include "handles/handles.h"

VckcDomainCheckpoint *vckc_libvirt_checkpoint_lookup_by_name (VckcDomain *domain,
                                                              const char *name,
                                                              unsigned int flags,
                                                              VckcError **err);
int vckc_libvirt_domain_list_all_checkpoints (VckcDomain *domain,
                                              VckcDomainCheckpoint ***ret_checkpoints,
                                              unsigned int flags,
                                              VckcError **err);
int vckc_libvirt_checkpoint_list_all_children (VckcDomainCheckpoint *checkpoint,
                                               VckcDomainCheckpoint ***ret_children,
                                               unsigned int flags,
                                               VckcError **err);
VckcDomainCheckpoint *vckc_libvirt_checkpoint_get_parent (VckcDomainCheckpoint *checkpoint,
                                                          unsigned int flags,
                                                          VckcError **err);
char *vckc_libvirt_checkpoint_get_xml_desc (VckcDomainCheckpoint *checkpoint,
                                            unsigned int flags,
                                            VckcError **err);
bool vckc_libvirt_checkpoint_get_details (VckcDomainCheckpoint *checkpoint,
                                          VckcCheckpointDetails *ret_details,
                                          VckcError **err);
int vckc_libvirt_checkpoint_list_disks (VckcDomainCheckpoint *checkpoint,
                                        VckcDomainCheckpointDisk ***ret_disks,
                                        unsigned int flags,
                                        VckcError **err);

int vckc_libvirt_domain_measure_checkpoints (VckcDomain *domain,
                                             VckcDomainCheckpointDisk ***ret_disks,
                                             VckcError **err);
