/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reads the bitmaps of a running domain from QEMU. */

#pragma once

#include "drivers/libvirt/probe/libvirt-disk-images.h"

/* Finds the bitmaps of all images. Fails as vckc_libvirt_images_look() does. */
bool vckc_libvirt_nodes_look (VckcDomain *domain, GPtrArray *images, VckcError **err);
