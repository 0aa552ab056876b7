/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Listing the bitmaps in the images. The contract is driver.h's. */

#pragma once

#include "handles/handles.h"

int vckc_libvirt_domain_list_bitmaps (VckcDomain *domain,
                                      VckcBitmap ***ret_bitmaps,
                                      unsigned int flags,
                                      VckcError **err);
