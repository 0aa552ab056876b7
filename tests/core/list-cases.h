/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What listing gives: a table of docs/internals/semantics.md, for the tree and for every driver. */

#pragma once

/* Of the tree "a b<a c<b x<a y<x root2 z<root2". */
typedef struct
{
  const char *id;
  const char *checkpoint; /* whose descendants are listed; NULL: all of the domain */
  unsigned int flags;     /* VckcCheckpointListFlags */
  const char *expect;     /* names, sorted */
} ListCase;

extern const ListCase list_cases[]; /* ends with a NULL id */
