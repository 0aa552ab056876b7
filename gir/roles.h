/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What each role of an argument and each kind of result contributes to the code:
 * emitters compose functions of these pieces and know no role themselves.
 */

#pragma once

#include "model.h"

typedef enum
{
  BG_PIECE_TYPE,  /* as a parameter or result of the library: "const char *" */
  BG_PIECE_FIELD, /* as kept while the call runs: "char *" */
  BG_PIECE_COPY,  /* from the parameter to the field */
  BG_PIECE_PASS,  /* from the field to the core function */
  BG_PIECE_COUNT, /* how long the field is; "" if it has no length */
  BG_PIECE_CLEAR, /* frees the field; "" if there is nothing to free */
  BG_PIECE_CHECK, /* what a caller must hold to; "" for nothing */
  BG_PIECE_NOTE,  /* introspection annotations of a parameter */
} BgInPiece;

typedef enum
{
  BG_RESULT_TYPE,    /* as the method returns it */
  BG_RESULT_CONVERT, /* from what the core gave, `raw`, to the field */
  BG_RESULT_CLEAR,   /* frees the field; "" if there is nothing to free */
  BG_RESULT_TAKE,    /* from the field to the caller */
  BG_RESULT_FAILURE, /* what the method returns when it failed */
  BG_RESULT_NOTE,    /* introspection annotations of the result */
} BgResultPiece;

/* Has the role pieces of that kind? */
gboolean bg_role_is_input (BgRole role);
gboolean bg_role_is_result (BgRole role);

/* Does an argument of that role say how long it is? */
gboolean bg_role_is_countable (BgRole role);

const char *bg_role_name (BgRole role);

char *bg_role_in (const BgArg *arg, BgInPiece piece);

/* `raw` is the C expression that holds what the core gave; NULL for other pieces than CONVERT. */
char *bg_role_result (const BgMethod *method, BgResultPiece piece, const char *raw);
