/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The files that are made from a model. Each function returns the whole text of one. */

#pragma once

#include "model.h"
#include "writer.h"

/* The width of a comment, without what stands before its text. */
#define BG_DOC_COLUMNS 84

char *bg_emit_class_header (const BgModel *model, const BgClass *klass);
char *bg_emit_class_source (BgModel *model, const BgClass *klass);
char *bg_emit_enums_header (BgModel *model);
char *bg_emit_enums_source (const BgModel *model);
/* The operators that flags have in C++, if there are flags. */
void bg_emit_operators (GString *out, const BgModel *model);
/* The macros that say since when something is there; see the README. */
char *bg_emit_versions_header (const BgModel *model);

/* The one comment at the top of every file. */
void bg_emit_banner (GString *out, const char *what);

/* "#error" unless the file is included by the umbrella. */
void bg_emit_guard (GString *out, const BgLibrary *library);

/* "#include <dir/file>" or "file", as the library includes its public headers. */
void bg_emit_include (GString *out, const BgLibrary *library, const char *file);

/* "VCK_AVAILABLE_IN_1_0\n" */
void bg_emit_availability (GString *out, const BgLibrary *library, const char *since);

/* Is it a list of objects or boxed values? */
gboolean bg_emit_is_object_list (const BgArg *arg);

/* Is it a parameter of the method? */
gboolean bg_emit_is_input (const BgArg *arg);

/* Does the core function report an error? */
gboolean bg_emit_has_error (const BgMethod *method);

/* Has a call a result besides its success? */
gboolean bg_emit_has_field (const BgMethod *method);

/* What is around the call of the core function. */
void bg_emit_run (GString *out, const BgLibrary *library, const BgMethod *method);

/* The comments above them; links that lead nowhere are noted in the model. */
void bg_emit_sync_doc (GString *out, BgModel *model, const BgMethod *method);
void bg_emit_async_doc (GString *out, BgModel *model, const BgMethod *method);
void bg_emit_finish_doc (GString *out, BgModel *model, const BgMethod *method);

/* The parameters of the three functions of a method. */
GPtrArray *bg_emit_sync_decls (const BgMethod *method);
GPtrArray *bg_emit_async_decls (const BgMethod *method);
GPtrArray *bg_emit_finish_decls (const BgMethod *method);

/* Those that are given by the caller, without cancellable and error. */
GPtrArray *bg_emit_input_decls (const BgMethod *method);

/* What the method returns, ready for a name: "GPtrArray *". */
char *bg_emit_result_type (const BgMethod *method);
