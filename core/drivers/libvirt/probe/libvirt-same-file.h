/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Whether an image that we have opened is libvirt's own. Neither its path nor the name of the host
 * says so: libvirt may be in a container, or on a host of the same name. So libvirt is queried for
 * the size of the image, for which it opens it, and the file we have is watched for being opened.
 */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

typedef enum
{
  VCKC_LIBVIRT_FILE_SAME,
  VCKC_LIBVIRT_FILE_OTHER,   /* libvirt has another one of that path, or has one and we have none */
  VCKC_LIBVIRT_FILE_UNKNOWN, /* libvirt cannot open it, or we cannot watch */
} VckcLibvirtFileMatch;

/* `volume` (nullable): the volume that is the disk's image; else the disk is queried.
 * `fd`: what we have opened; -1 if there is no file of that path here. Sets an error if it is not
 * the same. */
VckcLibvirtFileMatch vckc_libvirt_match_file (VckcDomain *domain,
                                              const char *target,
                                              virStorageVolPtr volume,
                                              int fd,
                                              const char *path,
                                              VckcError **err);
