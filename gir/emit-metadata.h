/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What vapigen does not see in a GIR, or sees otherwise than a program in Vala needs it. */

#pragma once

#include <libxml/tree.h>

/* `namespace` is that of the library's own GIR. Returns the text of the file of metadata. */
char *bg_emit_metadata (xmlNode *namespace);
