/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Exporting, importing and handing over checkpoints. The contract is driver.h's. */

#pragma once

#include "handles/handles.h"

char *vckc_libvirt_domain_export_checkpoints (VckcDomain *domain, VckcError **err);
char *vckc_libvirt_domain_hand_over_checkpoints (VckcDomain *domain, VckcError **err);
int vckc_libvirt_domain_import_checkpoints (VckcDomain *domain,
                                            const char *document,
                                            VckcImportResult ***ret_results,
                                            unsigned int flags,
                                            VckcError **err);
