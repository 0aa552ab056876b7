/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is written by hand of a stub: Python text, of which a class goes into the class of that name
 * that is made, before what is made, and replaces what has the same name. */

#pragma once

#include <glib.h>

typedef struct
{
  GString *head;       /* what stands before the first class */
  GPtrArray *names;    /* of the classes, owned, in their order */
  GHashTable *classes; /* name -> the whole text of the class */
} BgExtra;

BgExtra *bg_extra_load (const char *path, GError **error);
void bg_extra_free (BgExtra *extra);

/* The body of a class, indented; "" if there is none. */
const char *bg_extra_body (const BgExtra *extra, const char *class_name);

/* Does the body define the name? */
gboolean bg_extra_has (const BgExtra *extra, const char *class_name, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BgExtra, bg_extra_free)
