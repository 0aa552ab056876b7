/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The two ways to look at images. */

#pragma once

#include "drivers/libvirt/probe/libvirt-bitmaps.h"

/* libvirt-nodes.c: while the machine runs, QEMU tells. */
bool vckc_libvirt_nodes_look (VckcDomain *domain, GPtrArray *images, VckcError **err);

/* libvirt-files.c: while it is off, they are read. */
void vckc_libvirt_files_look (VckcDomain *domain, GPtrArray *images);

/* Puts a bitmap in its table. */
void vckc_libvirt_images_add_bitmap (VckcLibvirtImages *images,
                                     VckcBlockBitmap *bitmap /* (transfer full) */);
