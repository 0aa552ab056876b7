/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What JavaScript gets besides the typelib: the defaults of arguments, and the names of the
 * enumerations. */

#pragma once

#include <libxml/tree.h>

/* `namespace` is that of the library's own GIR. */
char *bg_emit_js (xmlNode *namespace);
