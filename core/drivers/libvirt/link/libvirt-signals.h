/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Signals that libvirt's links raise. */

#pragma once

/* libvirt writes to a link whose other end is gone, such as an ssh that has refused, and the signal
 * of that ends a program by default. From here on it is ignored, in the whole process as GIO's
 * sockets have it, unless the program has a handler of its own. */
void vckc_libvirt_ignore_broken_links (void);
