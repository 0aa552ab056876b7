/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Which file a name of QEMU's stands for. QEMU may have another root, another working folder, and
 * other mounts than this process: where the system allows it, names are followed as QEMU follows
 * them, and otherwise as this process does.
 */

#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct _VckcMachineFiles VckcMachineFiles;

/* `pid`: the process of QEMU; 0 if it is not known. */
VckcMachineFiles *vckc_machine_files_new (int pid);
void vckc_machine_files_free (VckcMachineFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcMachineFiles, vckc_machine_files_free)

/* The plain name of the file below the nodes that QEMU describes by `name`; NULL if there is
 * none, as with an image on the network. To be freed. */
char *vckc_machine_file_name (const char *name);

/* A text that is the same for all names of a file or block device; NULL if it cannot be found.
 * To be freed. The first is for a name of QEMU's, the second for one of this process. */
char *vckc_machine_files_identify (VckcMachineFiles *files, const char *name);
char *vckc_machine_file_identify_here (const char *path);
