/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Writes C the way the hand-written part of a library looks. */

#pragma once

#include <glib.h>

#define BG_COLUMNS 100

typedef struct
{
  char *type; /* "VckDomain *" */
  char *name;
} BgDecl;

GPtrArray *bg_decls_new (void);
void bg_decl (GPtrArray *decls, const char *type, const char *name);

/* "type name (a, b)", the parameters below each other if they do not fit in a line;
 * a definition has its type on a line of its own. What ends it, such as ";\n", follows. */
void bg_write_prototype (GString *out,
                         const char *type,
                         const char *name,
                         GPtrArray *decls,
                         gboolean definition,
                         const char *end);

/* `head` and the items, separated by commas, broken where a line is full; `tail` follows. */
void bg_write_call (GString *out, const char *head, const GPtrArray *items, const char *tail);

/* A comment of `text`, which may have several lines: " * " before each. */
void bg_write_comment (GString *out, const char *text);

/* Replaces each {key} of the template; `pairs` is key, value, …, NULL. */
char *bg_expand (const char *template, const char *const *pairs);
