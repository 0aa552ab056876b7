/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The methods for a domain itself. The contract is driver.h's. */

#pragma once

#include "handles/handles.h"
#include "model/domain-def.h"

int vckc_libvirt_domain_rename (VckcDomain *domain,
                                const char *new_name,
                                unsigned int flags,
                                VckcError **err);
char *vckc_libvirt_domain_get_xml_desc (VckcDomain *domain, unsigned int flags, VckcError **err);
char *vckc_libvirt_domain_get_next_xml_desc (VckcDomain *domain, VckcError **err);
int vckc_libvirt_domain_get_state (VckcDomain *domain, VckcDomainState *ret_state, VckcError **err);
VckcDomainState vckc_libvirt_domain_peek_state (VckcDomain *domain);
bool vckc_libvirt_domain_has_managed_save (VckcDomain *domain, bool *ret_saved, VckcError **err);
int vckc_libvirt_domain_refresh (VckcDomain *domain, VckcError **err);
int
vckc_libvirt_domain_list_disks (VckcDomain *domain, VckcDomainDisk ***ret_disks, VckcError **err);

/* The definition of the domain as it is now. */
VckcDomainDef *vckc_libvirt_domain_read (VckcDomain *domain, VckcError **err);

/* Why libvirt's QEMU driver makes no bitmaps on a disk; NULL if it does. */
const char *vckc_libvirt_domain_find_reason (const VckcDomainDiskDef *disk, bool has_bitmaps);
