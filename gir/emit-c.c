/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit.h"

#include <string.h>

#include "docs.h"
#include "names.h"
#include "roles.h"

/* One source file while it is written. */
typedef struct
{
  BgModel *model;
  const BgLibrary *library;
  const BgClass *klass;
  GString *out;
} Emit;

static gboolean
is_field (const BgMethod *method)
{
  return method->result->role != BG_ROLE_STATUS;
}

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
  if (is_field (method))
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
emit_has_error (const BgMethod *method)
{
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);

      if (arg->role == BG_ROLE_ERROR)
        return TRUE;
    }
  return FALSE;
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
  if (emit_has_error (method))
    g_string_append_printf (emit->out, "  %s *err = NULL;\n", emit->library->error_type);
}

/* "ret < 0", or NULL if the call cannot fail. */
static const char *
emit_failed_test (const BgMethod *method)
{
  const BgArg *ret = method->ret;

  if (!emit_has_error (method))
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

  if (!is_field (method))
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
  if (emit_has_inputs (method) || is_field (method))
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
  if (is_field (method))
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

static GPtrArray *
emit_input_decls (const BgMethod *method)
{
  GPtrArray *decls = bg_emit_sync_decls (method);

  /* Without cancellable and error. */
  g_ptr_array_set_size (decls, (int) decls->len - 2);
  return decls;
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
  g_autoptr (GPtrArray) decls = emit_input_decls (method);

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

  if (!is_field (method))
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

/* The three public functions */

static void
emit_checks (Emit *emit, const BgMethod *method, const char *failure)
{
  g_autofree char *macro =
      *failure != '\0' ? g_strdup ("g_return_val_if_fail (") : g_strdup ("g_return_if_fail (");
  g_autofree char *end =
      *failure != '\0' ? g_strdup_printf (", %s);\n", failure) : g_strdup (");\n");

  if (!method->is_static)
    g_string_append_printf (emit->out, "  %s%s (self)%s", macro, method->owner->macro, end);
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);
      g_autofree char *check =
          bg_emit_is_input (arg) ? bg_role_in (arg, BG_PIECE_CHECK) : g_strdup ("");

      if (*check != '\0')
        g_string_append_printf (emit->out, "  %s%s%s", macro, check, end);
    }
  if (method->mode != BG_MODE_LOCAL)
    g_string_append_printf (
        emit->out, "  %scancellable == NULL || G_IS_CANCELLABLE (cancellable)%s", macro, end);
}

static void
emit_error_check (Emit *emit, const char *error, const char *failure)
{
  g_string_append_printf (emit->out, "  g_return_val_if_fail (%s == NULL || *%s == NULL, %s);\n",
                          error, error, failure);
}

/* "list_disks_new (self, flags)" */
static char *
emit_new_expression (const BgMethod *method)
{
  g_autoptr (GPtrArray) decls = emit_input_decls (method);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s_new (", method->name);
  for (guint i = 0; i < decls->len; i++)
    {
      const BgDecl *decl = g_ptr_array_index (decls, i);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", decl->name);
    }
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

/* "list_disks_take", or what ends a call that only has a status. */
static char *
emit_end_function (Emit *emit, const BgMethod *method)
{
  return is_field (method) ? g_strconcat (method->name, "_take", NULL)
                           : g_strconcat (emit->library->runtime_prefix, "_end", NULL);
}

static void
emit_sync (Emit *emit, const BgMethod *method)
{
  g_autofree char *type = bg_emit_result_type (method);
  g_autofree char *failure = bg_role_result (method, BG_RESULT_FAILURE, NULL);
  g_autofree char *make = emit_new_expression (method);
  g_autofree char *end = emit_end_function (emit, method);
  g_autofree char *call = bg_method_own_name (method, "call");
  g_autofree char *error = bg_method_own_name (method, "error");
  g_autoptr (GPtrArray) decls = bg_emit_sync_decls (method);

  bg_emit_sync_doc (emit->out, emit->model, method);
  bg_write_prototype (emit->out, type, method->c_name, decls, TRUE, "\n{\n");
  g_string_append_printf (emit->out, "  %s *%s = NULL;\n\n", emit->library->runtime_type, call);
  emit_checks (emit, method, failure);
  emit_error_check (emit, error, failure);
  g_string_append_printf (emit->out,
                          "\n  %s = %s;\n"
                          "  return %s (%s_sync (%s, cancellable, %s));\n}\n",
                          call, make, end, emit->library->runtime_prefix, call, error);
}

static void
emit_async (Emit *emit, const BgMethod *method)
{
  g_autofree char *name = g_strconcat (method->c_name, "_async", NULL);
  g_autofree char *make = emit_new_expression (method);
  g_autoptr (GPtrArray) decls = bg_emit_async_decls (method);
  g_autofree char *call = bg_method_own_name (method, "call");
  const char *const items[] = { call, "cancellable", "callback", "user_data", name };
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autofree char *head = NULL;

  bg_emit_async_doc (emit->out, emit->model, method);
  bg_write_prototype (emit->out, "void ", name, decls, TRUE, "\n{\n");
  g_string_append_printf (emit->out, "  %s *%s = NULL;\n\n", emit->library->runtime_type, call);
  emit_checks (emit, method, "");
  g_string_append_printf (emit->out, "\n  %s = %s;\n", call, make);
  head = g_strdup_printf ("  %s_async (", emit->library->runtime_prefix);
  for (gsize i = 0; i < G_N_ELEMENTS (items); i++)
    g_ptr_array_add (list, (gpointer) items[i]);
  bg_write_call (emit->out, head, list, ");\n}\n");
}

static void
emit_finish (Emit *emit, const BgMethod *method)
{
  g_autofree char *type = bg_emit_result_type (method);
  g_autofree char *name = g_strconcat (method->c_name, "_finish", NULL);
  g_autofree char *failure = bg_role_result (method, BG_RESULT_FAILURE, NULL);
  g_autofree char *end = emit_end_function (emit, method);
  g_autofree char *error = bg_method_own_name (method, "error");
  g_autoptr (GPtrArray) decls = bg_emit_finish_decls (method);
  g_autofree char *finish = NULL;
  gboolean wide = FALSE;

  bg_emit_finish_doc (emit->out, emit->model, method);
  bg_write_prototype (emit->out, type, name, decls, TRUE, "\n{\n");
  if (!method->is_static)
    g_string_append_printf (emit->out, "  g_return_val_if_fail (%s (self), %s);\n",
                            method->owner->macro, failure);
  emit_error_check (emit, error, failure);
  g_string_append_c (emit->out, '\n');
  finish = g_strdup_printf ("%s_finish (result, %s, %s_async, %s));", emit->library->runtime_prefix,
                            method->is_static ? "NULL" : "self", method->c_name, error);
  wide = strlen ("  return  (") + strlen (end) + strlen (finish) > BG_COLUMNS;
  g_string_append_printf (emit->out, "  return %s (%s%s\n}\n", end, wide ? "\n      " : "", finish);
}

/* What a local function returns. A function that can report errors refuses the NULL of a bare
 * object itself, and so gives its own value for that; for another one, it is the usual one. */
static char *
emit_local_value (const BgMethod *method, const char *failure)
{
  gboolean cast = method->result->role == BG_ROLE_ENUM || method->result->role == BG_ROLE_FLAGS;
  g_autofree char *cast_text =
      cast ? g_strdup_printf ("(%s) ", method->result->enumeration->type) : g_strdup ("");

  if (emit_has_error (method))
    return g_strdup_printf ("%s%s (handle, NULL)", cast_text, method->symbol->name);
  return g_strdup_printf ("handle != NULL ? %s%s (handle) : %s", cast_text, method->symbol->name,
                          failure);
}

/* A function that cannot block: no call, no error. */
static void
emit_local (Emit *emit, const BgMethod *method)
{
  g_autofree char *type = bg_emit_result_type (method);
  g_autofree char *failure = bg_role_result (method, BG_RESULT_FAILURE, NULL);
  g_autofree char *value = emit_local_value (method, failure);
  g_autoptr (GPtrArray) decls = bg_emit_sync_decls (method);

  bg_emit_sync_doc (emit->out, emit->model, method);
  bg_write_prototype (emit->out, type, method->c_name, decls, TRUE, "\n{\n");
  g_string_append_printf (emit->out, "  %s *handle = NULL;\n\n", method->owner->record->name);
  emit_checks (emit, method, failure);
  g_string_append_printf (emit->out, "\n  handle = %s_get_handle (self);\n  return %s;\n}\n",
                          method->owner->prefix, value);
}

static void
emit_origin (Emit *emit, const BgMethod *method)
{
  g_autoptr (GString) text = g_string_new (method->symbol->name);
  g_autofree char *filled = NULL;

  g_string_append_printf (text, "%s, by the rules", method->count_only ? ", without its list" : "");
  for (guint i = 0; i < method->rules->len; i++)
    g_string_append_printf (text, " %s%s", (const char *) g_ptr_array_index (method->rules, i),
                            i + 1 < method->rules->len ? "," : ".");
  filled = bg_docs_fill (text->str, BG_DOC_COLUMNS, " * ");
  g_string_append_printf (emit->out, "\n/* %s */\n", filled);
}

static void
emit_method (Emit *emit, const BgMethod *method)
{
  emit_origin (emit, method);
  if (method->mode == BG_MODE_LOCAL)
    {
      emit_local (emit, method);
      return;
    }
  g_string_append_c (emit->out, '\n');
  emit_struct (emit, method);
  emit_run (emit, method);
  emit_info (emit, method, emit_clear (emit, method));
  emit_new (emit, method);
  emit_take (emit, method);
  emit_sync (emit, method);
  emit_async (emit, method);
  emit_finish (emit, method);
}

/* The file */

static gboolean
emit_has_calls (const BgClass *klass)
{
  for (guint i = 0; i < klass->methods->len; i++)
    {
      const BgMethod *method = g_ptr_array_index (klass->methods, i);

      if (method->mode != BG_MODE_LOCAL && !method->is_static)
        return TRUE;
    }
  return FALSE;
}

static void
emit_plumbing (Emit *emit, const char *name, const char *description, const BgSymbol *symbol)
{
  g_string_append_printf (emit->out,
                          "\n/* %s */\nstatic void\n%s (gpointer handle)\n{\n"
                          "  %s (handle%s);\n}\n",
                          description, name, symbol->name, symbol->params->len > 1 ? ", NULL" : "");
}

static void
emit_hand (Emit *emit)
{
  const GPtrArray *hand = emit->klass->hand;

  if (hand->len == 0)
    return;
  g_string_append (emit->out, "\n/* Written by hand; declared, or this does not compile. */\n");
  for (guint i = 0; i < hand->len; i++)
    g_string_append_printf (emit->out, "G_STATIC_ASSERT (sizeof (&%s) > 0);\n",
                            bg_symbol_attribute (g_ptr_array_index (hand, i), "hand"));
}

char *
bg_emit_class_source (BgModel *model, const BgClass *klass)
{
  const BgLibrary *library = model->library;
  Emit emit = { model, library, klass, g_string_new (NULL) };
  g_autofree char *what = g_strdup_printf ("The methods of %s.", klass->type);
  g_autofree char *header = g_strdup_printf ("%s-%s-methods.h", library->file_prefix, klass->file);

  bg_emit_banner (emit.out, what);
  bg_emit_include (emit.out, library, header);
  g_string_append_printf (emit.out, "\n#include \"%s.h\"\n#include \"%s\"\n#include \"%s\"\n",
                          library->runtime, library->private_header, library->core_header);
  emit_hand (&emit);
  if (klass->ref != NULL && emit_has_calls (klass))
    {
      emit_plumbing (&emit, "hold", "Keeps the handle while a call runs.", klass->ref);
      emit_plumbing (&emit, "drop", "Gives it back.", klass->unref);
    }
  for (guint i = 0; i < klass->methods->len; i++)
    emit_method (&emit, g_ptr_array_index (klass->methods, i));
  return g_string_free (emit.out, FALSE);
}
