/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit.h"

/* What vapigen cannot see in a GIR: lists whose elements the list owns, and that a
 * cancellable may be left out of an asynchronous call, be it generated or written by hand. */

static void
emit_lists (GString *out, const BgClass *klass)
{
  for (guint i = 0; i < klass->methods->len; i++)
    {
      const BgMethod *method = g_ptr_array_index (klass->methods, i);
      const char *element = NULL;

      if (!bg_emit_is_object_list (method->result))
        continue;
      element =
          method->result->boxed != NULL ? method->result->boxed->name : method->result->klass->name;
      g_string_append_printf (out, "%s.%s type_arguments=\"%s\"\n", klass->name, method->name,
                              element);
      g_string_append_printf (out, "%s.%s_finish type_arguments=\"%s\"\n", klass->name,
                              method->name, element);
    }
}

static gboolean
is_async (const BgClass *klass)
{
  for (guint i = 0; i < klass->methods->len; i++)
    {
      const BgMethod *method = g_ptr_array_index (klass->methods, i);

      if (method->mode != BG_MODE_LOCAL)
        return TRUE;
    }
  return FALSE;
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

      emit_lists (out, klass);
      if (is_async (klass))
        g_string_append_printf (out, "%s.*_async.cancellable default=null\n", klass->name);
    }
  return g_string_free (out, FALSE);
}
