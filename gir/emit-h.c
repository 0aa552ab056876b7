/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit.h"

#include <string.h>

#include "roles.h"

static int
emit_compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
emit_add_file (GPtrArray *files, const BgLibrary *library, const char *file)
{
  g_autofree char *name = g_strdup_printf ("%s-%s.h", library->file_prefix, file);

  if (!g_ptr_array_find_with_equal_func (files, name, g_str_equal, NULL))
    g_ptr_array_add (files, g_steal_pointer (&name));
}

/* The headers of all classes that the methods speak of. */
static void
emit_includes (GString *out, const BgModel *model, const BgClass *klass)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  const BgLibrary *library = model->library;

  emit_add_file (files, library, klass->file);
  emit_add_file (files, library, "enums");
  for (guint i = 0; i < klass->methods->len; i++)
    {
      const BgMethod *method = g_ptr_array_index (klass->methods, i);

      if (method->result->klass != NULL)
        emit_add_file (files, library, method->result->klass->file);
      for (guint k = 0; k < method->args->len; k++)
        {
          const BgArg *arg = g_ptr_array_index (method->args, k);

          if (arg->klass != NULL && !arg->out)
            emit_add_file (files, library, arg->klass->file);
        }
    }
  if (*library->availability != '\0')
    emit_add_file (files, library, "versions");
  g_ptr_array_sort (files, emit_compare_text);
  g_string_append (out, "#include <gio/gio.h>\n\n");
  for (guint i = 0; i < files->len; i++)
    bg_emit_include (out, library, g_ptr_array_index (files, i));
}

static void
emit_one (GString *out,
          const BgModel *model,
          const BgMethod *method,
          const char *suffix,
          const char *type,
          GPtrArray *decls)
{
  g_autofree char *name = g_strconcat (method->c_name, suffix, NULL);

  g_string_append_c (out, '\n');
  bg_emit_availability (out, model->library, method->symbol->since);
  bg_write_prototype (out, type, name, decls, FALSE, ";\n");
}

static void
emit_method (GString *out, const BgModel *model, const BgMethod *method)
{
  g_autofree char *type = bg_emit_result_type (method);
  g_autoptr (GPtrArray) sync = bg_emit_sync_decls (method);
  g_autoptr (GPtrArray) async = bg_emit_async_decls (method);
  g_autoptr (GPtrArray) finish = bg_emit_finish_decls (method);

  emit_one (out, model, method, "", type, sync);
  if (method->mode == BG_MODE_LOCAL)
    return;
  emit_one (out, model, method, "_async", "void ", async);
  emit_one (out, model, method, "_finish", type, finish);
}

char *
bg_emit_class_header (const BgModel *model, const BgClass *klass)
{
  GString *out = g_string_new (NULL);
  g_autofree char *what = g_strdup_printf ("The methods of %s.", klass->type);

  bg_emit_banner (out, what);
  bg_emit_guard (out, model->library);
  emit_includes (out, model, klass);
  g_string_append (out, "\nG_BEGIN_DECLS\n");
  for (guint i = 0; i < klass->methods->len; i++)
    emit_method (out, model, g_ptr_array_index (klass->methods, i));
  g_string_append (out, "\nG_END_DECLS\n");
  return g_string_free (out, FALSE);
}
