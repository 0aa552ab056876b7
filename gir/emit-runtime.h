/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The files that run the calls of a library, under its names. They are compiled into it. */

#pragma once

#include <glib.h>

typedef struct
{
  const char *name; /* "lib-call.c" */
  const char *text;
} BgRuntimeFile;

/* The files in runtime/; ends with NULL. */
extern const BgRuntimeFile bg_runtime_files[];

/* The name or the text of a file for the library whose functions begin with `prefix`, such as
 * "vck": lib_call_new() is vck_call_new(), LibCall VckCall, and "lib-call.h" "vck-call.h". */
char *bg_runtime_expand (const char *text, const char *prefix);
