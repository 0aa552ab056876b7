/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The images of a disk as the definition of a domain has them. */

#pragma once

#include <stdbool.h>

#include "xml/xml-node.h"

/* Immutable. */
typedef struct
{
  char *path;    /* (nullable): of a file or block device */
  char *pool;    /* (nullable): the name of a storage pool of libvirt */
  char *volume;  /* (nullable): the name of the volume in that pool */
  char *index;   /* (nullable): libvirt's number of the image in QEMU, while the domain runs */
  bool is_slice; /* only a part of the file is the image */
} VckcDomainImage;

/* Reads a <disk>: an array of VckcDomainImage, the one that is written to first, then its backing
 * images as far as they are named. */
GPtrArray *vckc_domain_images_parse (const xmlNode *disk);
