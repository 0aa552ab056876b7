/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A C type as written, taken apart: "const char *const *" is base "char", depth 2, and const are
 * the base and what the last star points to. */

#pragma once

#include <glib.h>

typedef struct
{
  char *base;         /* without const and stars, words separated by one space */
  guint depth;        /* how many stars */
  guint const_levels; /* bit n: what n stars lead to from the base is const */
} BgCType;

/* FALSE if `text` is not a type that is understood (arrays, function pointers). */
gboolean bg_ctype_parse (const char *text, BgCType *ret_type);
void bg_ctype_clear (BgCType *type);

/* "const char *", ready for a name to follow. `depth` may differ from type->depth. */
char *bg_ctype_to_string (const BgCType *type, guint depth);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BgCType, bg_ctype_clear)
