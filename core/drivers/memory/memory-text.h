/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The stored text of a checkpoint. Most of it is the definition of the domain and which images
 * its disks had, which is the same in many checkpoints and kept once.
 */

#pragma once

#include <glib.h>

typedef struct _VckcMemoryText VckcMemoryText;

/* `last` (nullable): what is likely to share that. */
VckcMemoryText *vckc_memory_text_new (const char *text, const VckcMemoryText *last);
void vckc_memory_text_free (gpointer text);

/* What it was made of. */
char *vckc_memory_text_copy (const VckcMemoryText *text);
