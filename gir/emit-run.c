/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The functions around the call of the core: they keep its arguments and its result, and call it in
 * whichever thread runs the call. */

#include <string.h>

#include "emit.h"
#include "names.h"
#include "roles.h"

/* One source file while it is written. */
typedef struct
{
  const BgLibrary *library;
  GString *out;
} Emit;

static gboolean
emit_has_inputs (const BgMethod *method)
{
  for (guint i = 0; i < method->args->len; i++)
    if (bg_emit_is_input (g_ptr_array_index (method->args, i)))
      return TRUE;
  return FALSE;
}

static char *
emit_struct_name (const BgMethod *method)
{
  g_autofree char *camel = bg_name_camel (method->name);

  return g_strconcat (camel, "Call", NULL);
}

/* The struct of a call */

static char *
emit_result_field_type (const BgMethod *method)
{
  return bg_role_result (method, BG_RESULT_TYPE, NULL);
}

static void
emit_struct (Emit *emit, const BgMethod *method)
{
  g_autofree char *name = emit_struct_name (method);

  g_string_append_printf (emit->out, "typedef struct\n{\n  %s base;\n",
                          emit->library->runtime_type);
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);

      if (bg_emit_is_input (arg))
        {
          g_autofree char *type = bg_role_in (arg, BG_PIECE_FIELD);

          g_string_append_printf (emit->out, "  %s%s;\n", type, arg->field);
        }
    }
  if (bg_emit_has_field (method))
    {
      g_autofree char *type = emit_result_field_type (method);

      g_string_append_printf (emit->out, "  %sresult;\n", type);
    }
  g_string_append_printf (emit->out, "} %s;\n", name);
}

/* The function that calls the core */

/* What one argument of the core function is given. */
static char *
emit_pass_expression (const BgMethod *method, const BgArg *arg)
{
  if (arg->role == BG_ROLE_SELF)
    return g_strdup ("base->handle");
  if (arg->role == BG_ROLE_ERROR)
    return g_strdup ("&err");
  if (arg->role == BG_ROLE_FIXED)
    return g_strdup (arg->fixed);
  if (arg->out && method->count_only)
    return g_strdup ("NULL");
  if (arg->out)
    return g_strconcat ("&", arg->field, NULL);
  if (arg->role == BG_ROLE_LENGTH)
    return bg_role_in (g_ptr_array_index (method->args, arg->partner), BG_PIECE_COUNT);
  return bg_role_in (arg, BG_PIECE_PASS);
}

static gboolean
is_pointer (const BgArg *arg)
{
  return arg->core_type != NULL && g_str_has_suffix (arg->core_type, "*");
}

static void
emit_out_locals (Emit *emit, const BgMethod *method)
{
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);

      if (arg->out && arg->role != BG_ROLE_ERROR && !method->count_only)
        g_string_append_printf (emit->out, "  %s%s = %s;\n", arg->core_type, arg->field,
                                is_pointer (arg) ? "NULL" : "0");
    }
  if (bg_emit_has_error (method))
    g_string_append_printf (emit->out, "  %s *err = NULL;\n", emit->library->error_type);
}

/* "ret < 0", or NULL if the call cannot fail. */
static const char *
emit_failed_test (const BgMethod *method)
{
  const BgArg *ret = method->ret;

  if (!bg_emit_has_error (method))
    return NULL;
  if (ret->role == BG_ROLE_STATUS || ret->role == BG_ROLE_COUNT)
    return "ret < 0";
  if (is_pointer (ret) && !ret->nullable)
    return "ret == NULL";
  return "err != NULL";
}

static gboolean
emit_uses_ret (const BgMethod *method)
{
  const char *test = emit_failed_test (method);

  return method->result == method->ret || bg_emit_is_object_list (method->result)
         || (test != NULL && g_str_has_prefix (test, "ret"));
}

static void
emit_core_call (Emit *emit, const BgMethod *method)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *head = NULL;

  for (guint i = 0; i < method->args->len; i++)
    g_ptr_array_add (items, emit_pass_expression (method, g_ptr_array_index (method->args, i)));
  if (emit_uses_ret (method))
    head = g_strdup_printf ("  %sret = %s (", method->ret->core_type, method->symbol->name);
  else
    head = g_strdup_printf ("\n  %s (", method->symbol->name);
  bg_write_call (emit->out, head, items, ");\n");
}

/* A borrowed handle is given a reference before it is wrapped. */
static void
emit_hold_result (Emit *emit, const BgMethod *method, const char *raw)
{
  const BgArg *result = method->result;
  const BgSymbol *ref = result->klass != NULL ? result->klass->ref : NULL;

  if (result->role != BG_ROLE_HANDLE || result->owned)
    return;
  if (result->nullable)
    g_string_append_printf (emit->out, "  if (%s != NULL)\n  ", raw);
  g_string_append_printf (emit->out, "  %s (%s%s);\n", ref->name, raw,
                          ref->params->len > 1 ? ", NULL" : "");
}

/* Objects take over what they are made of, boxed values copy it. */
static void
emit_elements (Emit *emit, const BgMethod *method)
{
  const BgArg *result = method->result;
  g_autofree char *element =
      result->boxed != NULL
          ? g_strdup_printf ("%s_wrap (&%s[i])", result->boxed->prefix, result->field)
          : g_strdup_printf ("%s_wrap (base->self, %s[i])", result->klass->prefix, result->field);

  g_string_append_printf (emit->out,
                          "  for (int i = 0; i < ret; i++)\n"
                          "    g_ptr_array_add (call->result, %s);\n"
                          "  g_free (%s);\n",
                          element, result->field);
}

static void
emit_conversion (Emit *emit, const BgMethod *method)
{
  const BgArg *result = method->result;
  const char *raw = result == method->ret ? "ret" : result->field;
  g_autofree char *value = NULL;

  if (!bg_emit_has_field (method))
    return;
  emit_hold_result (emit, method, raw);
  value = bg_role_result (method, BG_RESULT_CONVERT, raw);
  g_string_append_printf (emit->out, "  call->result = %s;\n", value);
  if (bg_emit_is_object_list (result))
    emit_elements (emit, method);
}

static void
emit_run (Emit *emit, const BgMethod *method)
{
  g_autofree char *name = emit_struct_name (method);
  const char *test = emit_failed_test (method);

  g_string_append_printf (emit->out, "\nstatic gboolean\n%s_run (%s *base, GError **error)\n{\n",
                          method->name, emit->library->runtime_type);
  if (emit_has_inputs (method) || bg_emit_has_field (method))
    g_string_append_printf (emit->out, "  %s *call = (%s *) base;\n", name, name);
  emit_out_locals (emit, method);
  emit_core_call (emit, method);
  g_string_append_c (emit->out, '\n');
  if (test != NULL)
    g_string_append_printf (emit->out, "  if (%s)\n    return %s_fail (base, %s (err), error);\n",
                            test, emit->library->runtime_prefix, emit->library->error_take);
  emit_conversion (emit, method);
  g_string_append (emit->out, "  return TRUE;\n}\n");
}

/* Making and ending a call */

static char *
emit_clear_lines (const BgMethod *method)
{
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);
      g_autofree char *clear =
          bg_emit_is_input (arg) ? bg_role_in (arg, BG_PIECE_CLEAR) : g_strdup ("");

      if (*clear != '\0')
        g_string_append_printf (lines, "  %s\n", clear);
    }
  if (bg_emit_has_field (method))
    {
      g_autofree char *clear = bg_role_result (method, BG_RESULT_CLEAR, NULL);

      if (*clear != '\0')
        g_string_append_printf (lines, "  %s\n", clear);
    }
  return g_string_free (lines, FALSE);
}

/* TRUE if there is something to clear. */
static gboolean
emit_clear (Emit *emit, const BgMethod *method)
{
  g_autofree char *name = emit_struct_name (method);
  g_autofree char *lines = emit_clear_lines (method);

  if (*lines == '\0')
    return FALSE;
  g_string_append_printf (emit->out,
                          "\nstatic void\n%s_clear (%s *base)\n{\n"
                          "  %s *call = (%s *) base;\n\n%s}\n",
                          method->name, emit->library->runtime_type, name, name, lines);
  return TRUE;
}

static void
emit_info (Emit *emit, const BgMethod *method, gboolean clears)
{
  g_autofree char *name = emit_struct_name (method);
  g_autofree char *upper = bg_name_upper (emit->library->runtime_prefix);

  g_string_append_printf (emit->out, "\nstatic const %sInfo %s_info = {\n",
                          emit->library->runtime_type, method->name);
  g_string_append_printf (emit->out, "  .name = \"%s\",\n", method->c_name);
  g_string_append_printf (emit->out, "  .size = sizeof (%s),\n", name);
  g_string_append_printf (emit->out, "  .kind = %s_%s,\n", upper,
                          method->mode == BG_MODE_READER ? "READER" : "MUTATOR");
  if (!method->is_static && method->owner->ref != NULL)
    g_string_append (emit->out, "  .hold = hold,\n  .drop = drop,\n");
  g_string_append_printf (emit->out, "  .run = %s_run,\n", method->name);
  if (clears)
    g_string_append_printf (emit->out, "  .clear = %s_clear,\n", method->name);
  g_string_append (emit->out, "};\n");
}

static void
emit_new (Emit *emit, const BgMethod *method)
{
  g_autofree char *type = g_strconcat ("static ", emit->library->runtime_type, " *", NULL);
  g_autofree char *name = g_strconcat (method->name, "_new", NULL);
  g_autofree char *call_type = emit_struct_name (method);
  g_autofree char *call = bg_method_own_name (method, "call");
  g_autofree char *handle = g_strconcat (method->owner->prefix, "_get_handle (self)", NULL);
  g_autofree char *make = NULL;
  gboolean wide = FALSE;
  g_autoptr (GPtrArray) decls = bg_emit_input_decls (method);

  g_string_append_c (emit->out, '\n');
  bg_write_prototype (emit->out, type, name, decls, TRUE, "\n{\n");
  make =
      g_strdup_printf ("= %s_new (&%s_info, %s, %s);", emit->library->runtime_prefix, method->name,
                       method->is_static ? "NULL" : "self", method->is_static ? "NULL" : handle);
  wide = strlen ("   * ") + strlen (call_type) + strlen (call) + strlen (make) > BG_COLUMNS;
  g_string_append_printf (emit->out, "  %s *%s%s%s\n\n", call_type, call, wide ? "\n      " : " ",
                          make);
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);
      g_autofree char *copy = bg_emit_is_input (arg) ? bg_role_in (arg, BG_PIECE_COPY) : NULL;

      if (copy != NULL)
        g_string_append_printf (emit->out, "  %s->%s = %s;\n", call, arg->field, copy);
    }
  g_string_append_printf (emit->out, "  return &%s->base;\n}\n", call);
}

static void
emit_take (Emit *emit, const BgMethod *method)
{
  g_autofree char *name = emit_struct_name (method);
  g_autofree char *type = emit_result_field_type (method);
  g_autofree char *bare = g_strchomp (g_strdup (type));
  g_autofree char *take = bg_role_result (method, BG_RESULT_TAKE, NULL);
  g_autofree char *failure = bg_role_result (method, BG_RESULT_FAILURE, NULL);

  if (!bg_emit_has_field (method))
    return;
  g_string_append_printf (emit->out,
                          "\nstatic %s\n%s_take (%s *base)\n{\n"
                          "  %s *call = (%s *) base;\n"
                          "  %sresult = %s;\n\n"
                          "  if (base == NULL)\n    return result;\n"
                          "  result = %s;\n"
                          "  %s_free (base);\n"
                          "  return result;\n}\n",
                          bare, method->name, emit->library->runtime_type, name, name, type,
                          failure, take, emit->library->runtime_prefix);
}

void
bg_emit_run (GString *out, const BgLibrary *library, const BgMethod *method)
{
  Emit emit = { library, out };

  g_string_append_c (out, '\n');
  emit_struct (&emit, method);
  emit_run (&emit, method);
  emit_info (&emit, method, emit_clear (&emit, method));
  emit_new (&emit, method);
  emit_take (&emit, method);
}
