/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit.h"

#include "roles.h"

void
bg_emit_banner (GString *out, const char *what)
{
  g_string_append_printf (out,
                          "/*\n"
                          " * SPDX-License-Identifier: LGPL-2.1-or-later\n"
                          " */\n"
                          "\n"
                          "/* %s Made by vck-bindgen: change the core's header instead. */\n"
                          "\n",
                          what);
}

void
bg_emit_guard (GString *out, const BgLibrary *library)
{
  g_string_append (out, "#pragma once\n\n");
  if (library->umbrella == NULL || library->guards == NULL || library->guards[0] == NULL)
    return;
  g_string_append (out, "#if");
  for (char **guard = library->guards; *guard != NULL; guard++)
    g_string_append_printf (out, "%s !defined (%s)", guard != library->guards ? " &&" : "", *guard);
  g_string_append_printf (out, "\n#error \"Only <%s> can be included directly.\"\n#endif\n\n",
                          library->umbrella);
}

void
bg_emit_include (GString *out, const BgLibrary *library, const char *file)
{
  if (library->include_dir != NULL)
    g_string_append_printf (out, "#include <%s/%s>\n", library->include_dir, file);
  else
    g_string_append_printf (out, "#include \"%s\"\n", file);
}

void
bg_emit_availability (GString *out, const BgLibrary *library, const char *since)
{
  g_autofree char *version = g_strdelimit (g_strdup (since != NULL ? since : "0"), ".", '_');

  if (*library->availability != '\0')
    g_string_append_printf (out, "%s%s\n", library->availability, version);
}

gboolean
bg_emit_is_object_list (const BgArg *arg)
{
  return arg->role == BG_ROLE_HANDLES || arg->role == BG_ROLE_BOXES;
}

gboolean
bg_emit_is_input (const BgArg *arg)
{
  return !arg->out && bg_role_is_input (arg->role);
}

static void
emit_add_inputs (const BgMethod *method, GPtrArray *decls)
{
  if (!method->is_static)
    {
      g_autofree char *type = g_strconcat (method->owner->type, " *", NULL);

      bg_decl (decls, type, "self");
    }
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);

      if (bg_emit_is_input (arg))
        {
          g_autofree char *type = bg_role_in (arg, BG_PIECE_TYPE);

          bg_decl (decls, type, arg->name);
        }
    }
}

static void
emit_add_error (const BgMethod *method, GPtrArray *decls)
{
  g_autofree char *name = bg_method_own_name (method, "error");

  bg_decl (decls, "GError **", name);
}

GPtrArray *
bg_emit_sync_decls (const BgMethod *method)
{
  GPtrArray *decls = bg_decls_new ();

  emit_add_inputs (method, decls);
  if (method->mode == BG_MODE_LOCAL)
    return decls;
  bg_decl (decls, "GCancellable *", "cancellable");
  emit_add_error (method, decls);
  return decls;
}

GPtrArray *
bg_emit_async_decls (const BgMethod *method)
{
  GPtrArray *decls = bg_decls_new ();

  emit_add_inputs (method, decls);
  bg_decl (decls, "GCancellable *", "cancellable");
  bg_decl (decls, "GAsyncReadyCallback ", "callback");
  bg_decl (decls, "gpointer ", "user_data");
  return decls;
}

GPtrArray *
bg_emit_finish_decls (const BgMethod *method)
{
  GPtrArray *decls = bg_decls_new ();

  if (!method->is_static)
    {
      g_autofree char *type = g_strconcat (method->owner->type, " *", NULL);

      bg_decl (decls, type, "self");
    }
  bg_decl (decls, "GAsyncResult *", "result");
  emit_add_error (method, decls);
  return decls;
}

char *
bg_emit_result_type (const BgMethod *method)
{
  const BgArg *result = method->result;

  /* A local string belongs to the object. */
  if (method->mode == BG_MODE_LOCAL && result->role == BG_ROLE_STRING && !result->owned)
    return g_strdup ("const char *");
  return bg_role_result (method, BG_RESULT_TYPE, NULL);
}

GPtrArray *
bg_emit_input_decls (const BgMethod *method)
{
  GPtrArray *decls = bg_emit_sync_decls (method);

  /* Without cancellable and error. */
  g_ptr_array_set_size (decls, (int) decls->len - 2);
  return decls;
}

gboolean
bg_emit_has_error (const BgMethod *method)
{
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);

      if (arg->role == BG_ROLE_ERROR)
        return TRUE;
    }
  return FALSE;
}

gboolean
bg_emit_has_field (const BgMethod *method)
{
  return method->result->role != BG_ROLE_STATUS;
}
