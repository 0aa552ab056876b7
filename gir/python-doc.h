/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Documentation comments as Python shows them. */

#pragma once

#include <glib.h>

/* `text` in Python's words: None for %NULL, and names instead of links. `namespace` is "Vck". */
char *bg_python_doc (const char *text, const char *namespace);

/* Ends `out` with a docstring, or a string: quoted, and indented by `indent`. */
void bg_python_quote (GString *out, const char *text, const char *indent);
