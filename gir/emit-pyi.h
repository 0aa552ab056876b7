/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What Python gets besides the typelib: typed stubs, and documentation for help(). */

#pragma once

#include <libxml/tree.h>

#include "python-extra.h"

/* `namespace` is that of the library's own GIR. The text of the stub is returned, and in
 * `ret_docs` that of a module with a table of documentation. NULL and an error if `extra` has no
 * class for the codes of an error. */
char *bg_emit_pyi (xmlNode *namespace, const BgExtra *extra, char **ret_docs, GError **error);
