/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Typed declarations for programs in TypeScript, and for editors of JavaScript: what GJS makes of
 * the typelib together with the library's override. */

#pragma once

#include <libxml/tree.h>

/* `namespace` is that of the library's own GIR. `extra` is what is written by hand: declarations
 * that TypeScript merges with those of the same name. */
char *bg_emit_dts (xmlNode *namespace, const char *extra);
