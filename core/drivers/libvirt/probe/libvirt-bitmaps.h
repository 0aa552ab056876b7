/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The bitmaps that are really in the images of a domain. libvirt has no call that lists them: while
 * the machine runs, QEMU is asked through libvirt's passage for its monitor, with commands that
 * only look; while it is off, the images are read if they are proven to be libvirt's own.
 */

#pragma once

#include "drivers/libvirt/probe/libvirt-disk-images.h"

/* An array of VckcLibvirtImages, one for each disk of the domain; while it runs, the disks that it
 * has only when it is started again are there with a problem. Fails if nobody can tell:
 * OPERATION_INVALID for a machine that is being handed over or saved, and with what libvirt says when
 * it refuses to pass a command on. */
GPtrArray *vckc_libvirt_images_look (VckcDomain *domain, VckcError **err);
