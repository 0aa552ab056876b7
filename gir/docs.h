/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Rewrites the core's documentation into the library's. */

#pragma once

#include "model.h"

/* `text` with the names of the library instead of the core's: functions, constants, types and
 * parameters. `method` may be NULL. What cannot be resolved is noted in model->bad_links. */
char *bg_docs_rewrite (BgModel *model, const BgMethod *method, const char *text);

/* The description of a method, with what does not concern its users left out. */
char *bg_docs_description (BgModel *model, const BgMethod *method);

/* What a method returns, in words. */
char *bg_docs_result (BgModel *model, const BgMethod *method);

/* "[method@Vck.Domain.list_disks]". */
char *bg_docs_method_link (const BgModel *model, const BgMethod *method);

/* Fills paragraphs and lists to the width of a comment; `indent` goes before the
 * second and all further lines. */
char *bg_docs_fill (const char *text, guint width, const char *indent);
