/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The image of a disk that is restored in place, and the new one beside it. Both are locked as QEMU
 * does it, so that no program can open them in between.
 */

#pragma once

#include "backup/in-place-journal.h"
#include "backup/manifest.h"
#include "backup/restore-copy.h"
#include "model/domain-def.h"
#include "qemu/image-lock.h"

typedef struct
{
  VckcInPlaceDisk *disk; /* borrowed, of the journal */
  char *temporary;       /* path of the new image */
  bool raw;
  guint64 cluster_size; /* of the old image, and the new one */
  guint64 virtual_size; /* of the disk in the backup */
  struct stat old;
  VckcImageLock *old_lock; /* owned */
  VckcImageLock *new_lock; /* (nullable), owned: once the new image is complete */
  int fd;                  /* of the new image while it is made; -1 */
  dev_t device;            /* of its file system */
  guint64 unreserved;      /* bytes that it takes at most and that are not reserved for it */
} VckcInPlaceImage;

void vckc_in_place_image_free (VckcInPlaceImage *image);

/* Locks the image of the disk, and notes in the journal what it is. CONFIG_UNSUPPORTED with the
 * reason if it cannot be replaced by another file, BUSY if a program has it open. `def`: the disk
 * as the domain has it. */
VckcInPlaceImage *vckc_in_place_image_open (VckcInPlaceDisk *disk /* (transfer none) */,
                                            const VckcDomainDiskDef *def,
                                            VckcError **err);

/* Makes the new image, empty. NO_SPACE. */
bool vckc_in_place_image_create (VckcInPlaceImage *image,
                                 const VckcInPlaceJournal *journal,
                                 const VckcManifestDisk *backup,
                                 VckcError **err);

/* Reserves `room` bytes for the new image. Where that is not possible, there has to be as much free
 * as all of the `images` (VckcInPlaceImage) need for which nothing is reserved. NO_SPACE. */
bool vckc_in_place_image_reserve (VckcInPlaceImage *image,
                                  const GPtrArray *images,
                                  guint64 room,
                                  VckcError **err);

/* All is copied to the new image: gives it the bitmap of the checkpoint, if it is tracked, and the
 * owner and mode of the old one, stores it, and notes in the journal which file it is. */
bool vckc_in_place_image_complete (VckcInPlaceImage *image,
                                   const VckcInPlaceJournal *journal,
                                   VckcError **err);
