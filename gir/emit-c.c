/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit.h"

#include <string.h>

#include "docs.h"
#include "roles.h"

/* One source file while it is written. */
typedef struct
{
  BgModel *model;
  const BgLibrary *library;
  const BgClass *klass;
  GString *out;
} Emit;

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
  g_autoptr (GPtrArray) decls = bg_emit_input_decls (method);
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
  return bg_emit_has_field (method) ? g_strconcat (method->name, "_take", NULL)
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

  if (bg_emit_has_error (method))
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
  bg_emit_run (emit->out, emit->library, method);
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
