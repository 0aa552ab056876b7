/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The bitmaps that are really in the images of a domain. libvirt has no call that lists them: while
 * the machine runs, QEMU is asked through libvirt's passage for its monitor, with a command that
 * only looks; while it is off, the images are read if they are on this host.
 */

#pragma once

#include "../../managed/block-backend.h"
#include "libvirt-connection.h"

typedef struct
{
  char *target;        /* such as "vda" */
  char *problem;       /* why its images could not be looked at; NULL if they could */
  guint64 capacity;    /* bytes; 0 if not known */
  GPtrArray *paths;    /* of its images: the one that is written to, then those below */
  GHashTable *bitmaps; /* name -> VckcBlockBitmap, of the image that is written to */
  GHashTable *below;   /* names of bitmaps in the images below */
} VckcLibvirtImages;

/* An array of VckcLibvirtImages, one for each disk of the domain. Fails if nobody can tell:
 * OPERATION_INVALID for a machine that is off and on another host, and with what libvirt
 * says when it refuses to pass the command on. */
GPtrArray *vckc_libvirt_images_look (VckcDomain *domain, VckcError **err);

/* The images of a disk in that array, or NULL. */
const VckcLibvirtImages *vckc_libvirt_images_find (GPtrArray *images, const char *target);
