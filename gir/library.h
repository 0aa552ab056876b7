/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What the library to be generated is called and what it is made from. It comes
 * from a key file with one group, `[library]`; `vck-bindgen generate --help` lists
 * the keys. Everything has a default that follows from `namespace`.
 */

#pragma once

#include "api.h"

typedef struct
{
  char *namespace;       /* "Vck" */
  char *type_prefix;     /* "Vck" */
  char *function_prefix; /* "vck" */
  char *constant_prefix; /* "VCK" */
  char *file_prefix;     /* "vck" */
  char *error_take;      /* the function from a core error to a GError */
  char *runtime;         /* "vck-call": its header, its functions vck_call_*, its type VckCall */
  char *runtime_type;    /* "VckCall" */
  char *runtime_prefix;  /* "vck_call" */
  char *availability;    /* what stands before "1_0" in front of each prototype; "" for nothing */
  char *version_header;  /* what that macro is made of, or NULL */
  char *private_header;  /* where the glue of the classes is */
  char *core_header;     /* the API the functions call */
  char *include_dir;     /* public headers are included as <include_dir/file>, or NULL */
  char *umbrella;        /* the one header that users include, such as "vck/vck.h", or NULL */
  char **guards;         /* macros of which one must be defined to include another header */
  char *version;         /* "1.2.0", from the command line; NULL for unknown */
  char *error_type;      /* the core's type for errors: "VckcError" */
} BgLibrary;

/* NULL with `error` set if the file cannot be read or has what it should not have. */
BgLibrary *bg_library_load (const char *path, GError **error);
/* The same for the text of such a file. */
BgLibrary *bg_library_parse (const char *text, GError **error);
void bg_library_free (BgLibrary *library);

/* Fills in what follows from the API. */
void bg_library_complete (BgLibrary *library, const BgApi *api);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BgLibrary, bg_library_free)
