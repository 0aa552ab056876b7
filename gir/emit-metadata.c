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

/* The class that a function belongs to by its name, or NULL. */
static const BgClass *
find_class (const BgModel *model, const char *function)
{
  const BgClass *found = NULL;

  for (guint i = 0; i < model->classes->len; i++)
    {
      const BgClass *klass = g_ptr_array_index (model->classes, i);
      const gsize length = strlen (klass->prefix);

      if (g_str_has_prefix (function, klass->prefix) && function[length] == '_'
          && (found == NULL || length > strlen (found->prefix)))
        found = klass;
    }
  return found;
}

/* A function written by hand that is no getter blocks, so it has an asynchronous twin. */
static gboolean
is_hand_call (const BgModel *model, const BgClass *klass, const char *function)
{
  return find_class (model, function) == klass
         && !g_str_has_prefix (function + strlen (klass->prefix), "_get_");
}

/* Of any class: the core may know as a call on its domain what is one on an object of its own. */
static gboolean
has_hand_calls (const BgModel *model, const BgClass *klass)
{
  for (guint i = 0; i < model->classes->len; i++)
    {
      const BgClass *other = g_ptr_array_index (model->classes, i);

      for (guint j = 0; j < other->hand->len; j++)
        if (is_hand_call (model, klass,
                          bg_symbol_attribute (g_ptr_array_index (other->hand, j), "hand")))
          return TRUE;
    }
  return FALSE;
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
      if (is_async (klass) || has_hand_calls (model, klass))
        g_string_append_printf (out, "%s.*_async.cancellable default=null\n", klass->name);
    }
  return g_string_free (out, FALSE);
}
