/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The block backend for machines whose disks are qcow2 images on this host: each session is a
 * storage daemon of its own, which holds the images. */

#pragma once

#include "../../managed/block-backend.h"

VckcBlockBackend *vckc_local_backend_new (void);
