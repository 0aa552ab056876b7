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
  const char *copy_nullable; /* NULL: as copy */
  const char *pass;
  const char *pass_nullable; /* NULL: as pass */
  const char *clear;
  const char *check;
  const char *check_nullable; /* NULL: "" */
  const char *note;
} InPieces;

typedef struct
{
  const char *type;
  const char *convert;
  const char *convert_nullable; /* NULL: as convert */
  const char *convert_borrowed; /* NULL: as convert */
  const char *clear;
  const char *take;
  const char *failure;
  const char *note;
} ResultPieces;

static const InPieces in_pieces[BG_N_ROLES] = {
  [BG_ROLE_HANDLE] = {
    .type = "{type} *",
    .field = "{type} *",
    .copy = "g_object_ref ({name})",
    .copy_nullable = "{name} != NULL ? g_object_ref ({name}) : NULL",
    .pass = "{get_handle} (call->{name})",
    .pass_nullable = "call->{name} != NULL ? {get_handle} (call->{name}) : NULL",
    .clear = "g_clear_object (&call->{name});",
    .check = "{is} ({name})",
    .check_nullable = "{name} == NULL || {is} ({name})",
  },
  [BG_ROLE_FLAGS] = {
    .type = "{type} ",
    .field = "{type} ",
    .copy = "{name}",
    .pass = "({core}) call->{name}",
  },
  [BG_ROLE_ENUM] = {
    .type = "{type} ",
    .field = "{type} ",
    .copy = "{name}",
    .pass = "({core}) call->{name}",
  },
  [BG_ROLE_BOOL] = {
    .type = "gboolean ",
    .field = "gboolean ",
    .copy = "{name}",
    .pass = "call->{name} != FALSE",
  },
  [BG_ROLE_NUMBER] = {
    .type = "{type} ",
    .field = "{type} ",
    .copy = "{name}",
    .pass = "call->{name}",
  },
  [BG_ROLE_STRING] = {
    .type = "const char *",
    .field = "char *",
    .copy = "g_strdup ({name})",
    .pass = "call->{name}",
    .clear = "g_clear_pointer (&call->{name}, g_free);",
    .check = "{name} != NULL",
  },
  [BG_ROLE_STRV] = {
    .type = "const char *const *",
    .field = "char **",
    .copy = "g_strdupv ((char **) {name})",
    .pass = "({core}) call->{name}",
    .clear = "g_clear_pointer (&call->{name}, g_strfreev);",
    .check = "{name} != NULL",
    .note = "(array zero-terminated=1)",
  },
  [BG_ROLE_BYTES] = {
    .type = "GBytes *",
    .field = "GBytes *",
    .copy = "g_bytes_ref ({name})",
    .copy_nullable = "{name} != NULL ? g_bytes_ref ({name}) : NULL",
    .pass = "g_bytes_get_data (call->{name}, NULL)",
    .pass_nullable = "call->{name} != NULL ? g_bytes_get_data (call->{name}, NULL) : NULL",
    .clear = "g_clear_pointer (&call->{name}, g_bytes_unref);",
    .check = "{name} != NULL",
  },
};

static const ResultPieces result_pieces[BG_N_ROLES] = {
  [BG_ROLE_HANDLE] = {
    .type = "{type} *",
    .convert = "{wrap} ({self}, {raw})",
    .convert_nullable = "{raw} != NULL ? {wrap} ({self}, {raw}) : NULL",
    .clear = "g_clear_object (&call->result);",
    .take = "g_steal_pointer (&call->result)",
    .failure = "NULL",
    .note = "(transfer full)",
  },
  [BG_ROLE_HANDLES] = {
    .type = "GPtrArray *",
    .convert = "g_ptr_array_new_full ((guint) ret, g_object_unref)",
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
    .convert_nullable = "{raw} != NULL ? g_bytes_new_take ({raw}, {length}) : NULL",
    .convert_borrowed = "g_bytes_new ({raw}, {length})",
    .clear = "g_clear_pointer (&call->result, g_bytes_unref);",
    .take = "g_steal_pointer (&call->result)",
    .failure = "NULL",
    .note = "(transfer full)",
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
    [BG_ROLE_HANDLES] = "handles", [BG_ROLE_FLAGS] = "flags",   [BG_ROLE_ENUM] = "enum",
    [BG_ROLE_BOOL] = "bool",       [BG_ROLE_NUMBER] = "number", [BG_ROLE_STRING] = "string",
    [BG_ROLE_STRV] = "strings",    [BG_ROLE_BYTES] = "bytes",   [BG_ROLE_STATUS] = "status",
    [BG_ROLE_COUNT] = "count",     [BG_ROLE_NOTHING] = "nothing",
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

static const char *
type_name (const BgArg *arg)
{
  if (arg->klass != NULL)
    return arg->klass->type;
  if (arg->enumeration != NULL)
    return arg->enumeration->type;
  return arg->number != NULL ? arg->number->c : "";
}

static const char *
choose_in (const InPieces *pieces, const BgArg *arg, BgInPiece piece)
{
  gboolean nullable = arg->nullable;

  switch (piece)
    {
    case BG_PIECE_TYPE:
      return pieces->type;
    case BG_PIECE_FIELD:
      return pieces->field;
    case BG_PIECE_COPY:
      return nullable && pieces->copy_nullable != NULL ? pieces->copy_nullable : pieces->copy;
    case BG_PIECE_PASS:
      return nullable && pieces->pass_nullable != NULL ? pieces->pass_nullable : pieces->pass;
    case BG_PIECE_CLEAR:
      return pieces->clear;
    case BG_PIECE_CHECK:
      return nullable ? pieces->check_nullable : pieces->check;
    case BG_PIECE_NOTE:
    default:
      return pieces->note;
    }
}

static const char *
choose_result (const ResultPieces *pieces, const BgArg *arg, BgResultPiece piece)
{
  switch (piece)
    {
    case BG_RESULT_TYPE:
      return pieces->type;
    case BG_RESULT_CONVERT:
      if (!arg->owned && pieces->convert_borrowed != NULL)
        return pieces->convert_borrowed;
      if (arg->nullable && pieces->convert_nullable != NULL)
        return pieces->convert_nullable;
      return pieces->convert;
    case BG_RESULT_CLEAR:
      return pieces->clear;
    case BG_RESULT_TAKE:
      return pieces->take;
    case BG_RESULT_FAILURE:
      return pieces->failure;
    case BG_RESULT_NOTE:
    default:
      return pieces->note;
    }
}

static char *
expand (const char *template, const BgArg *arg, const BgMethod *method, const char *raw)
{
  const BgArg *length = method != NULL && arg->partner >= 0
                            ? g_ptr_array_index (method->args, arg->partner)
                            : NULL;
  const char *prefix = arg->klass != NULL ? arg->klass->prefix : "";
  g_autofree char *get_handle = g_strconcat (prefix, "_get_handle", NULL);
  g_autofree char *wrap = g_strconcat (prefix, "_wrap", NULL);
  g_autofree char *core = g_strchomp (g_strdup (arg->core_type != NULL ? arg->core_type : ""));
  const char *const pairs[] = {
    "name", arg->name,
    "type", type_name (arg),
    "core", core,
    "get_handle", get_handle,
    "wrap", wrap,
    "is", arg->klass != NULL ? arg->klass->macro : "",
    "self", method != NULL && method->is_static ? "NULL" : "base->self",
    "raw", raw != NULL ? raw : "",
    "length", length != NULL ? length->name : "0",
    NULL,
  };

  return bg_expand (template != NULL ? template : "", pairs);
}

char *
bg_role_in (const BgLibrary *library, const BgArg *arg, BgInPiece piece)
{
  return expand (choose_in (&in_pieces[arg->role], arg, piece), arg, NULL, NULL);
}

char *
bg_role_result (const BgLibrary *library,
                const BgMethod  *method,
                BgResultPiece    piece,
                const char      *raw)
{
  const BgArg *result = method->result;

  return expand (choose_result (&result_pieces[result->role], result, piece), result, method, raw);
}
