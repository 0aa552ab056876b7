/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "roles.h"

#include "writer.h"

typedef struct
{
  const char *type;
  const char *field;
  const char *copy;
  const char *pass;
  const char *pass_mutable; /* to a parameter that is not const; NULL: as pass */
  const char *count;
  const char *clear;
  const char *check;
  const char *check_nullable; /* NULL: nothing to check */
  const char *note;
  gboolean guard; /* copy and pass do not take NULL */
} InPieces;

typedef struct
{
  const char *type;
  const char *convert;
  const char *convert_borrowed; /* NULL: as convert */
  const char *clear;
  const char *take;
  const char *failure;
  const char *note;
  gboolean guard; /* convert does not take NULL */
} ResultPieces;

static const InPieces in_pieces[BG_N_ROLES] = {
  [BG_ROLE_HANDLE] = {
    .type = "{type} *",
    .field = "{type} *",
    .copy = "g_object_ref ({name})",
    .pass = "{get_handle} (call->{field})",
    .clear = "g_clear_object (&call->{field});",
    .check = "{is} ({name})",
    .check_nullable = "{name} == NULL || {is} ({name})",
    .guard = TRUE,
  },
  [BG_ROLE_FLAGS] = {
    .type = "{type} ",
    .field = "{type} ",
    .copy = "{name}",
    .pass = "({core}) call->{field}",
  },
  [BG_ROLE_ENUM] = {
    .type = "{type} ",
    .field = "{type} ",
    .copy = "{name}",
    .pass = "({core}) call->{field}",
  },
  [BG_ROLE_BOOL] = {
    .type = "gboolean ",
    .field = "gboolean ",
    .copy = "{name}",
    .pass = "call->{field} != FALSE",
  },
  [BG_ROLE_NUMBER] = {
    .type = "{type} ",
    .field = "{type} ",
    .copy = "{name}",
    .pass = "call->{field}",
  },
  [BG_ROLE_STRING] = {
    .type = "const char *",
    .field = "char *",
    .copy = "g_strdup ({name})",
    .pass = "call->{field}",
    .clear = "g_clear_pointer (&call->{field}, g_free);",
    .check = "{name} != NULL",
  },
  [BG_ROLE_STRV] = {
    .type = "const char *const *",
    .field = "char **",
    .copy = "g_strdupv ((char **) {name})",
    .pass = "({core}) call->{field}",
    .count = "g_strv_length (call->{field})",
    .clear = "g_clear_pointer (&call->{field}, g_strfreev);",
    .check = "{name} != NULL",
    .note = "(array zero-terminated=1)",
  },
  [BG_ROLE_BYTES] = {
    .type = "GBytes *",
    .field = "GBytes *",
    .copy = "g_bytes_ref ({name})",
    .pass = "g_bytes_get_data (call->{field}, NULL)",
    .pass_mutable = "({core}) g_bytes_get_data (call->{field}, NULL)",
    .count = "g_bytes_get_size (call->{field})",
    .clear = "g_clear_pointer (&call->{field}, g_bytes_unref);",
    .check = "{name} != NULL",
    .guard = TRUE,
  },
};

static const ResultPieces result_pieces[BG_N_ROLES] = {
  [BG_ROLE_HANDLE] = {
    .type = "{type} *",
    .convert = "{wrap} ({self}, {raw})",
    .clear = "g_clear_object (&call->result);",
    .take = "g_steal_pointer (&call->result)",
    .failure = "NULL",
    .note = "(transfer full)",
    .guard = TRUE,
  },
  [BG_ROLE_HANDLES] = {
    .type = "GPtrArray *",
    .convert = "g_ptr_array_new_full ((guint) ret, g_object_unref)",
    .clear = "g_clear_pointer (&call->result, g_ptr_array_unref);",
    .take = "g_steal_pointer (&call->result)",
    .failure = "NULL",
    .note = "(transfer container) (element-type {type})",
  },
  [BG_ROLE_BOXES] = {
    .type = "GPtrArray *",
    .convert = "g_ptr_array_new_full ((guint) ret, (GDestroyNotify) {prefix}_free)",
    .clear = "g_clear_pointer (&call->result, g_ptr_array_unref);",
    .take = "g_steal_pointer (&call->result)",
    .failure = "NULL",
    .note = "(transfer container) (element-type {type})",
  },
  [BG_ROLE_FLAGS] = {
    .type = "{type} ",
    .convert = "({type}) {raw}",
    .take = "call->result",
    .failure = "0",
  },
  [BG_ROLE_ENUM] = {
    .type = "{type} ",
    .convert = "({type}) {raw}",
    .take = "call->result",
    .failure = "0",
  },
  [BG_ROLE_BOOL] = {
    .type = "gboolean ",
    .convert = "{raw}",
    .take = "call->result",
    .failure = "FALSE",
  },
  [BG_ROLE_NUMBER] = {
    .type = "{type} ",
    .convert = "{raw}",
    .take = "call->result",
    .failure = "0",
  },
  [BG_ROLE_STRING] = {
    .type = "char *",
    .convert = "{raw}",
    .convert_borrowed = "g_strdup ({raw})",
    .clear = "g_clear_pointer (&call->result, g_free);",
    .take = "g_steal_pointer (&call->result)",
    .failure = "NULL",
    .note = "(transfer full)",
  },
  [BG_ROLE_STRV] = {
    .type = "char **",
    .convert = "{raw}",
    .convert_borrowed = "g_strdupv ((char **) {raw})",
    .clear = "g_clear_pointer (&call->result, g_strfreev);",
    .take = "g_steal_pointer (&call->result)",
    .failure = "NULL",
    .note = "(transfer full) (array zero-terminated=1)",
  },
  [BG_ROLE_BYTES] = {
    .type = "GBytes *",
    .convert = "g_bytes_new_take ({raw}, {length})",
    .convert_borrowed = "g_bytes_new ({raw}, {length})",
    .clear = "g_clear_pointer (&call->result, g_bytes_unref);",
    .take = "g_steal_pointer (&call->result)",
    .failure = "NULL",
    .note = "(transfer full)",
    .guard = TRUE,
  },
  [BG_ROLE_STATUS] = {
    .type = "gboolean ",
    .failure = "FALSE",
  },
  [BG_ROLE_COUNT] = {
    .type = "int ",
    .convert = "{raw}",
    .take = "call->result",
    .failure = "-1",
  },
};

const char *
bg_role_name (BgRole role)
{
  static const char *const names[BG_N_ROLES] = {
    [BG_ROLE_NONE] = "none",       [BG_ROLE_SELF] = "self",     [BG_ROLE_ERROR] = "error",
    [BG_ROLE_FIXED] = "fixed",     [BG_ROLE_LENGTH] = "length", [BG_ROLE_HANDLE] = "handle",
    [BG_ROLE_HANDLES] = "handles", [BG_ROLE_BOXES] = "boxes",   [BG_ROLE_FLAGS] = "flags",
    [BG_ROLE_ENUM] = "enum",       [BG_ROLE_BOOL] = "bool",     [BG_ROLE_NUMBER] = "number",
    [BG_ROLE_STRING] = "string",   [BG_ROLE_STRV] = "strings",  [BG_ROLE_BYTES] = "bytes",
    [BG_ROLE_STATUS] = "status",   [BG_ROLE_COUNT] = "count",   [BG_ROLE_NOTHING] = "nothing",
  };

  return names[role];
}

gboolean
bg_role_is_input (BgRole role)
{
  return in_pieces[role].type != NULL;
}

gboolean
bg_role_is_result (BgRole role)
{
  return result_pieces[role].type != NULL;
}

gboolean
bg_role_is_countable (BgRole role)
{
  return in_pieces[role].count != NULL;
}

static const char *
role_type_name (const BgArg *arg)
{
  if (arg->klass != NULL)
    return arg->klass->type;
  if (arg->boxed != NULL)
    return arg->boxed->type;
  if (arg->enumeration != NULL)
    return arg->enumeration->type;
  return arg->number != NULL ? arg->number->c : "";
}

static const char *
role_choose_in (const InPieces *pieces, const BgArg *arg, BgInPiece piece)
{
  gboolean is_mutable = pieces->pass_mutable != NULL && !bg_arg_is_const (arg);
  const char *const by_piece[] = {
    [BG_PIECE_TYPE] = pieces->type,
    [BG_PIECE_FIELD] = pieces->field,
    [BG_PIECE_COPY] = pieces->copy,
    [BG_PIECE_PASS] = is_mutable ? pieces->pass_mutable : pieces->pass,
    [BG_PIECE_COUNT] = pieces->count,
    [BG_PIECE_CLEAR] = pieces->clear,
    [BG_PIECE_NOTE] = pieces->note,
    [BG_PIECE_CHECK] = arg->nullable ? pieces->check_nullable : pieces->check,
  };

  return by_piece[piece];
}

static const char *
role_choose_result (const ResultPieces *pieces, const BgArg *arg, BgResultPiece piece)
{
  gboolean borrowed = !arg->owned && pieces->convert_borrowed != NULL;
  const char *const by_piece[] = {
    [BG_RESULT_TYPE] = pieces->type,
    [BG_RESULT_FAILURE] = pieces->failure,
    [BG_RESULT_CLEAR] = pieces->clear,
    [BG_RESULT_TAKE] = pieces->take,
    [BG_RESULT_NOTE] = pieces->note,
    [BG_RESULT_CONVERT] = borrowed ? pieces->convert_borrowed : pieces->convert,
  };

  return by_piece[piece];
}

/* "x != NULL ? f (x) : NULL" */
static char *
role_guard (const char *name, char *expression, const char *otherwise)
{
  char *guarded = g_strdup_printf ("%s != NULL ? %s : %s", name, expression, otherwise);

  g_free (expression);
  return guarded;
}

static char *
role_expand (const char *template, const BgArg *arg, const BgMethod *method, const char *raw)
{
  const BgArg *length =
      method != NULL && arg->partner >= 0 ? g_ptr_array_index (method->args, arg->partner) : NULL;
  const char *prefix = arg->klass != NULL   ? arg->klass->prefix
                       : arg->boxed != NULL ? arg->boxed->prefix
                                            : "";
  g_autofree char *get_handle = g_strconcat (prefix, "_get_handle", NULL);
  g_autofree char *wrap = g_strconcat (prefix, "_wrap", NULL);
  g_autofree char *core = g_strchomp (g_strdup (arg->core_type != NULL ? arg->core_type : ""));
  const char *const pairs[] = {
    "name",       arg->name,
    "field",      arg->field,
    "type",       role_type_name (arg),
    "prefix",     prefix,
    "core",       core,
    "get_handle", get_handle,
    "wrap",       wrap,
    "is",         arg->klass != NULL ? arg->klass->macro : "",
    "self",       method != NULL && method->is_static ? "NULL" : "base->self",
    "raw",        raw != NULL ? raw : "",
    "length",     length != NULL ? length->field : "0",
    NULL,
  };

  return bg_expand (template != NULL ? template : "", pairs);
}

char *
bg_role_in (const BgArg *arg, BgInPiece piece)
{
  const InPieces *pieces = &in_pieces[arg->role];
  char *text = role_expand (role_choose_in (pieces, arg, piece), arg, NULL, NULL);
  g_autofree char *field = g_strconcat ("call->", arg->field, NULL);

  if (arg->nullable && piece == BG_PIECE_COUNT)
    return role_guard (field, text, "0");
  if (!arg->nullable || !pieces->guard)
    return text;
  if (piece == BG_PIECE_COPY)
    return role_guard (arg->name, text, "NULL");
  return piece == BG_PIECE_PASS ? role_guard (field, text, "NULL") : text;
}

char *
bg_role_result (const BgMethod *method, BgResultPiece piece, const char *raw)
{
  const BgArg *result = method->result;
  const ResultPieces *pieces = &result_pieces[result->role];
  char *text = role_expand (role_choose_result (pieces, result, piece), result, method, raw);

  if (piece == BG_RESULT_CONVERT && result->nullable && pieces->guard)
    return role_guard (raw, text, "NULL");
  return text;
}
