/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Has a disk still the image that a checkpoint was made of? Renamed it is the same. A file that is
 * another one is accepted as a copy of it if the definition of the domain names a new path and
 * nothing speaks against it; it is not the image if the image itself is seen elsewhere, if it
 * replaced the image under the same path, or if it is older than the checkpoint.
 */

#pragma once

#include "managed/backends/block-backend.h"
#include "model/checkpoint-def.h"

/* Records what the disks that the checkpoint tracks have now. */
void vckc_image_note (VckcBlockBackend *backend,
                      const VckcDomainDef *domain,
                      VckcCheckpointDef *checkpoint);

/* NULL if so, or if that is not known; else why not, to stand behind a colon. `now`: what the
 * disk has now. */
char *vckc_image_check (VckcBlockBackend *backend,
                        const VckcDomainDef *domain,
                        const VckcCheckpointDef *checkpoint,
                        const VckcCheckpointDiskDef *disk,
                        const VckcBlockImage *now);

/* The same, looking at what the disk has now. */
char *vckc_image_check_disk (VckcBlockBackend *backend,
                             const VckcDomainDef *domain,
                             const VckcCheckpointDef *checkpoint,
                             const VckcCheckpointDiskDef *disk);

/* Has the domain the very image that the checkpoint was made of, on the disk of that name? Never a
 * copy: QEMU, while it runs, has only that one. By its path if nothing else is known of it. */
bool vckc_image_is_kept (VckcBlockBackend *backend,
                         const VckcDomainDef *domain,
                         const VckcCheckpointDiskDef *disk);
