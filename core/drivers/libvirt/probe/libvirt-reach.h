/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Where the QEMU of a domain is, as seen from this process: its host, and its user. */

#pragma once

#include "base/private-folder.h"
#include "drivers/libvirt/link/libvirt-connection.h"
#include "model/domain-def.h"

/* The host that the URI of the connection names, whose files are meant then; NULL for this one. */
char *vckc_libvirt_find_host (VckcDomain *domain);

/* The user that QEMU runs as. Libvirt notes it in the label, unless it manages no rights. Then root
 * takes the owner of the image of `target` (nullable), or of the first one that QEMU writes to, who
 * may read it anyway. -1 if it is not known. */
gint64 vckc_libvirt_find_user (const VckcDomainDef *def, const char *target);

/* Lets that user make sockets and files in the folder. OPERATION_UNSUPPORTED if it is another one
 * than this process has, which takes root; `what` failed then. */
bool vckc_libvirt_share_folder (VckcDomain *domain,
                                VckcPrivateFolder *folder,
                                gint64 user,
                                const char *what,
                                VckcError **err);
