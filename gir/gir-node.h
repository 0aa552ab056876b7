/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Elements of a GIR document. What is returned is owned by the caller. */

#pragma once

#include <glib.h>
#include <libxml/tree.h>

/* Reads a document; NULL with `error` set if it cannot be read, or has no namespace. */
xmlDoc *bg_gir_load (const char *path, GError **error);

/* The element of the document that has the symbols. */
xmlNode *bg_gir_namespace (xmlDoc *document);

/* The symbols of a namespace: name -> the word of the element, such as "bitfield". */
GHashTable *bg_gir_kinds (xmlNode *namespace);

gboolean bg_gir_is (const xmlNode *node, const char *name);
xmlNode *bg_gir_child (xmlNode *node, const char *name);

/* "NAME", or "glib:NAME" and "c:NAME"; NULL if there is none. */
char *bg_gir_string (xmlNode *node, const char *name);
char *bg_gir_prefixed_string (xmlNode *node, const char *name);
gboolean bg_gir_bool (xmlNode *node, const char *name);

/* The documentation comment; NULL if there is none. */
char *bg_gir_doc (xmlNode *node);

/* Is it a method under whose name its class has a property? Languages have the property there. */
gboolean bg_gir_is_shadowed (xmlNode *node);
