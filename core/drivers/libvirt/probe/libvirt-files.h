/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reads the bitmaps of a domain that is off from its images, and finds the files of volumes. */

#pragma once

#include "drivers/libvirt/probe/libvirt-disk-images.h"

/* Finds the bitmaps of all images. One that cannot be read has a problem. */
void vckc_libvirt_files_look (VckcDomain *domain, GPtrArray *images);

/* Driver method. */
bool vckc_libvirt_connect_find_volume (VckcConnect *connect,
                                       const char *pool,
                                       const char *volume,
                                       char **ret_path,
                                       VckcError **err);
