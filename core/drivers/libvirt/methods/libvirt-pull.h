/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A backup in pull mode for ourselves: libvirt's only way to what changed on a disk. It is begun
 * and ended within one call, and its socket and scratch file are in a private folder, whose name
 * shows that it is ours.
 */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"
#include "model/domain-def.h"

/* The name of the bitmap that is exported. */
#define VCKC_LIBVIRT_PULL_BITMAP "vck-extents"
/* What the names of private folders begin with that have the socket of a backup to be stored. */
#define VCKC_LIBVIRT_BACKUP_PREFIX "vck-backup-"

typedef struct _VckcLibvirtPull VckcLibvirtPull;

/* Begins to export what was written to the disk since the checkpoint. With the domain lock,
 * when the domain has no job. OPERATION_UNSUPPORTED if QEMU and this process cannot share a
 * folder. */
VckcLibvirtPull *vckc_libvirt_pull_begin (VckcDomain *domain,
                                          const VckcDomainDef *def,
                                          const char *disk,
                                          const char *checkpoint,
                                          VckcError **err);

/* Ends it, and frees what it has; always to be called. */
bool vckc_libvirt_pull_end (VckcLibvirtPull *pull /* (transfer full) */, VckcError **err);

/* The URI of the export. */
const char *vckc_libvirt_pull_get_uri (const VckcLibvirtPull *pull);

/* Ends the backup of a process that has ended, if there is one. With the domain lock. */
bool vckc_libvirt_pull_end_abandoned (VckcDomain *domain, VckcError **err);
