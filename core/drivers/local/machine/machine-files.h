/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Which file is meant by what QEMU calls it. QEMU may have another root, another folder to start
 * from, and other mounts than we do: where the system lets us look, its names are followed as it
 * follows them, and otherwise as ours.
 */

#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct _VckcMachineFiles VckcMachineFiles;

/* `pid`: the process of QEMU; 0 if it is not known. */
VckcMachineFiles *vckc_machine_files_new (int pid);
void vckc_machine_files_free (VckcMachineFiles *files);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcMachineFiles, vckc_machine_files_free)

/* The plain name of the file below the nodes that QEMU describes by `name`; NULL if there is none, as
 * with an image on the network. To be freed. */
char *vckc_machine_file_name (const char *name);

/* A text that is the same for all names of a file or block device; NULL if it cannot be found. To be
 * freed. The first is for a name of QEMU's, the second for one of ours. */
char *vckc_machine_files_identify (VckcMachineFiles *files, const char *name);
char *vckc_machine_file_identify_here (const char *path);
