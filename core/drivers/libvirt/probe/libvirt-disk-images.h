/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The images of a domain's disks, as its definition has them, and what is found in them. */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"
#include "model/backing-bitmap.h"
#include "model/domain-images.h"

typedef struct
{
  char *target;          /* such as "vda" */
  char *problem;         /* why its images could not be read; NULL if they could */
  bool may_have_bitmaps; /* its format can keep them */
  bool is_detached;      /* the running domain has it only when it is started again */
  bool is_elsewhere;     /* that is because libvirt has other files than we see */
  char *doubt;           /* (nullable): why a bitmap that was not found need not be missing */
  guint64 capacity;      /* bytes; 0 if not known */
  GPtrArray *layers;     /* of VckcDomainImage, as VckcDomainDiskDef has them */
  GHashTable *bitmaps;   /* name -> VckcBlockBitmap, of the image that is written to */
  GHashTable *stored;    /* names of bitmaps in that image, whether QEMU has loaded them or not */
  GPtrArray *below;      /* of VckcBackingBitmap: those in the images below */
  char *below_problem;   /* (nullable): why not all images below were looked at */
} VckcLibvirtImages;

/* An array of VckcLibvirtImages, one for each disk, in which nothing has been found yet.
 * flags: of virDomainGetXMLDesc() */
GPtrArray *vckc_libvirt_images_list (VckcDomain *domain, unsigned int flags, VckcError **err);

/* Puts a bitmap in its table. */
void vckc_libvirt_images_add_bitmap (VckcLibvirtImages *images,
                                     VckcBlockBitmap *bitmap /* (transfer full) */);

/* The images of a disk in such an array, or NULL. */
VckcLibvirtImages *vckc_libvirt_images_find (GPtrArray *images, const char *target);

/* Of images that could be read: why the bitmap, which is not among `bitmaps`, need not be
 * missing; NULL if it is. */
const char *vckc_libvirt_images_doubt (const VckcLibvirtImages *images, const char *bitmap);
