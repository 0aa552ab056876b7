/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The methods that begin, describe and end backups. The contract is driver.h's. */

#pragma once

#include "handles/handles.h"

int vckc_libvirt_domain_backup_begin (VckcDomain *domain,
                                      const char *backup_xml,
                                      const char *checkpoint_xml,
                                      unsigned int flags,
                                      VckcError **err);
char *vckc_libvirt_domain_backup_get_xml_desc (VckcDomain *domain, VckcError **err);
int vckc_libvirt_domain_abort_job (VckcDomain *domain, VckcError **err);
int vckc_libvirt_domain_set_job_speed (VckcDomain *domain, guint64 speed, VckcError **err);
int vckc_libvirt_domain_recover_backup (VckcDomain *domain, VckcError **err);
