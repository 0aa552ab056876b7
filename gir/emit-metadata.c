/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit.h"

/* What vapigen cannot see in a GIR: lists whose elements the list owns, and that a
 * cancellable may be left out. */

static void
emit_method (GString *out, const BgMethod *method)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", method->owner->name, method->name);

  if (method->mode == BG_MODE_LOCAL)
    return;
  if (method->result->role == BG_ROLE_HANDLES)
    {
      const char *element = method->result->klass->name;

      g_string_append_printf (out, "%s type_arguments=\"%s\"\n", name, element);
      g_string_append_printf (out, "%s_finish type_arguments=\"%s\"\n", name, element);
    }
  g_string_append_printf (out, "%s.cancellable default=null\n", name);
  g_string_append_printf (out, "%s_async.cancellable default=null\n", name);
}

char *
bg_emit_metadata (const BgModel *model)
{
  GString *out = g_string_new (NULL);

  g_string_append (out, "// SPDX-License-Identifier: LGPL-2.1-or-later\n"
                        "// Made by vck-bindgen: change the core's header, not this file.\n\n");
  for (guint i = 0; i < model->classes->len; i++)
    {
      const BgClass *klass = g_ptr_array_index (model->classes, i);

      for (guint k = 0; k < klass->methods->len; k++)
        emit_method (out, g_ptr_array_index (klass->methods, k));
    }
  return g_string_free (out, FALSE);
}
