/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The methods of the driver that have files of their own. Their contract is driver.h's. */

#pragma once

#include "handles/driver.h"

/* libvirt-domain.c */
int vckc_libvirt_domain_rename (VckcDomain *domain,
                                const char *new_name,
                                unsigned int flags,
                                VckcError **err);
char *vckc_libvirt_domain_get_xml_desc (VckcDomain *domain, unsigned int flags, VckcError **err);
int vckc_libvirt_domain_get_state (VckcDomain *domain, VckcDomainState *ret_state, VckcError **err);
VckcDomainState vckc_libvirt_domain_peek_state (VckcDomain *domain);
int vckc_libvirt_domain_refresh (VckcDomain *domain, VckcError **err);
int
vckc_libvirt_domain_list_disks (VckcDomain *domain, VckcDomainDisk ***ret_disks, VckcError **err);

/* libvirt-undefine.c */
int vckc_libvirt_domain_undefine (VckcDomain *domain, unsigned int flags, VckcError **err);

/* libvirt-checkpoint.c */
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

/* libvirt-create.c */
VckcDomainCheckpoint *vckc_libvirt_checkpoint_create_xml (VckcDomain *domain,
                                                          const char *xml_desc,
                                                          unsigned int flags,
                                                          VckcError **err);

/* libvirt-delete.c */
int vckc_libvirt_checkpoint_delete (VckcDomainCheckpoint *checkpoint,
                                    unsigned int flags,
                                    VckcError **err);

/* libvirt-verify.c */
int vckc_libvirt_domain_verify_checkpoints (VckcDomain *domain,
                                            VckcFinding ***ret_findings,
                                            VckcError **err);

/* libvirt-repair.c */
int vckc_libvirt_domain_repair_checkpoints (VckcDomain *domain,
                                            VckcFinding ***ret_findings,
                                            unsigned int flags,
                                            VckcError **err);

/* libvirt-transfer.c */
char *vckc_libvirt_domain_export_checkpoints (VckcDomain *domain, VckcError **err);
char *
vckc_libvirt_domain_hand_over_checkpoints (VckcDomain *domain, unsigned int flags, VckcError **err);
int vckc_libvirt_domain_import_checkpoints (VckcDomain *domain,
                                            const char *document,
                                            VckcImportResult ***ret_results,
                                            unsigned int flags,
                                            VckcError **err);
