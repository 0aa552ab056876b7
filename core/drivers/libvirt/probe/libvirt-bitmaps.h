/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The bitmaps that are really in the images of a domain. libvirt has no call that lists them: while
 * the domain runs, QEMU is queried through libvirt's monitor passthrough, with commands that change
 * nothing; while it is off, the images are read if they are proven to be libvirt's own.
 */

#pragma once

#include "drivers/libvirt/probe/libvirt-disk-images.h"

/* An array of VckcLibvirtImages, one for each disk of the domain; while it runs, disks that it gets
 * only when it is started again are listed with a problem. Fails with OPERATION_INVALID while the
 * domain is migrated or saved, and with libvirt's error if it refuses the command. */
GPtrArray *vckc_libvirt_images_look (VckcDomain *domain, VckcError **err);
