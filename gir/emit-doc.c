/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The documentation comments of the functions of a method. */

#include <string.h>

#include "docs.h"
#include "emit.h"
#include "roles.h"

static void
emit_doc_param (GString *out, const char *name, const char *note, const char *text)
{
  g_autofree char *line = g_strdup_printf ("@%s:%s%s%s %s", name, *note != '\0' ? " " : "", note,
                                           *note != '\0' ? ":" : "", text);
  g_autofree char *lines = bg_docs_fill (line, BG_DOC_COLUMNS, "  ");

  bg_write_comment (out, lines);
}

static void
emit_doc_inputs (GString *out, BgModel *model, const BgMethod *method)
{
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);
      const char *doc = arg->param->doc != NULL ? arg->param->doc : "";
      g_autofree char *text = bg_docs_rewrite (model, method, doc);

      if (arg->role == BG_ROLE_SELF)
        emit_doc_param (out, "self", "", text);
      else if (bg_emit_is_input (arg))
        {
          g_autofree char *role_note = bg_role_in (arg, BG_PIECE_NOTE);
          g_autofree char *note =
              g_strdup_printf ("%s%s%s", arg->nullable ? "(nullable)" : "",
                               arg->nullable && *role_note != '\0' ? " " : "", role_note);

          emit_doc_param (out, arg->name, note, text);
        }
    }
}

static void
emit_doc_cancellable (GString *out, const BgMethod *method)
{
  emit_doc_param (out, "cancellable", "(nullable)",
                  method->mode == BG_MODE_READER
                      ? "to stop waiting for the result, or %NULL"
                      : "to call it off before it starts, or %NULL; once started, what really "
                        "happened is reported");
}

static void
emit_doc_error (GString *out, const BgMethod *method)
{
  g_autofree char *name = bg_method_own_name (method, "error");

  emit_doc_param (out, name, "", "return location for an error");
}

static void
emit_doc_result (GString *out, BgModel *model, const BgMethod *method)
{
  g_autofree char *text = bg_docs_result (model, method);
  g_autofree char *note = bg_role_result (method, BG_RESULT_NOTE, NULL);
  g_autoptr (GString) line = g_string_new ("Returns:");
  g_autofree char *lines = NULL;

  if (method->mode == BG_MODE_LOCAL && method->result->role == BG_ROLE_STRING
      && !method->result->owned)
    g_string_append (line, " (transfer none)");
  else if (*note != '\0')
    g_string_append_printf (line, " %s", note);
  if (method->result->nullable)
    g_string_append (line, " (nullable)");
  if (strchr (line->str, '(') != NULL)
    g_string_append_c (line, ':');
  g_string_append_printf (line, " %s", text);
  lines = bg_docs_fill (line->str, BG_DOC_COLUMNS, "  ");
  g_string_append (out, " *\n");
  bg_write_comment (out, lines);
}

static void
emit_doc_end (GString *out, const BgMethod *method)
{
  if (method->symbol->since != NULL)
    g_string_append_printf (out, " *\n * Since: %s\n", method->symbol->since);
  g_string_append (out, " */\n");
}

static void
emit_doc_text (GString *out, const char *text)
{
  g_autofree char *filled = bg_docs_fill (text, BG_DOC_COLUMNS, "");

  if (*filled == '\0')
    return;
  g_string_append (out, " *\n");
  bg_write_comment (out, filled);
}

static const BgMethod *
list_of (const BgMethod *counter)
{
  for (guint i = 0; i < counter->owner->methods->len; i++)
    {
      const BgMethod *method = g_ptr_array_index (counter->owner->methods, i);

      if (method->symbol == counter->symbol && !method->count_only)
        return method;
    }
  return counter;
}

void
bg_emit_sync_doc (GString *out, BgModel *model, const BgMethod *method)
{
  g_autofree char *text = NULL;

  g_string_append_printf (out, "\n/**\n * %s:\n", method->c_name);
  emit_doc_inputs (out, model, method);
  if (method->mode != BG_MODE_LOCAL)
    {
      emit_doc_cancellable (out, method);
      emit_doc_error (out, method);
    }
  if (method->count_only)
    {
      g_autofree char *link = bg_docs_method_link (model, list_of (method));

      text = g_strdup_printf ("Counts what %s would list.", link);
    }
  else
    text = bg_docs_description (model, method);
  emit_doc_text (out, text);
  emit_doc_result (out, model, method);
  emit_doc_end (out, method);
}

void
bg_emit_async_doc (GString *out, BgModel *model, const BgMethod *method)
{
  g_autofree char *link = bg_docs_method_link (model, method);
  g_autofree char *text =
      g_strdup_printf ("Does what %s does, in another thread, and then calls @callback in the "
                       "thread-default main context of the caller.",
                       link);

  g_string_append_printf (out, "\n/**\n * %s_async:\n", method->c_name);
  emit_doc_inputs (out, model, method);
  emit_doc_cancellable (out, method);
  emit_doc_param (out, "callback", "(scope async)", "called when it is done");
  emit_doc_param (out, "user_data", "", "given to @callback");
  emit_doc_text (out, text);
  emit_doc_end (out, method);
}

void
bg_emit_finish_doc (GString *out, BgModel *model, const BgMethod *method)
{
  g_autofree char *text = g_strdup_printf (
      "Gets the result of [%s@%s.%s.%s_async].", method->is_static ? "func" : "method",
      model->library->namespace, method->owner->name, method->name);

  g_string_append_printf (out, "\n/**\n * %s_finish:\n", method->c_name);
  if (!method->is_static)
    {
      const BgArg *self = g_ptr_array_index (method->args, 0);
      g_autofree char *doc =
          bg_docs_rewrite (model, method, self->param->doc != NULL ? self->param->doc : "");

      emit_doc_param (out, "self", "", doc);
    }
  emit_doc_param (out, "result", "", "what the callback was given");
  emit_doc_error (out, method);
  emit_doc_text (out, text);
  emit_doc_result (out, model, method);
  emit_doc_end (out, method);
}
