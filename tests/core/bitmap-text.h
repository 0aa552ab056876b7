/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Listed bitmaps as text. */

#pragma once

#include "vckc.h"

/* What there is to say of one: "k=checkpoint:k:65536", name, owner, checkpoint and size, with "!"
 * if it is inconsistent, "-" if it is not and does not record, "*" if it is busy, "~" if it is in
 * memory only, and "/512" if its granularity is another one than 64 KiB. */
char *bitmap_text (VckcBitmap *bitmap);

/* All of them, each behind what `where` says, with blanks between; NULL on failure. */
char *bitmap_text_list (VckcDomain *domain,
                        unsigned int flags,
                        char *(*where) (VckcBitmap *bitmap),
                        VckcError **err);
