/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "explain.h"

#include <string.h>

#include "emit.h"
#include "rules.h"

static void
explain_details (GString *out, const GPtrArray *details, const char *indent)
{
  for (guint i = 0; i < details->len; i++)
    {
      const BgDetail *detail = g_ptr_array_index (details, i);
      const char *description = g_str_has_prefix (detail->source, "rule:")
                                    ? bg_rule_description (detail->source + strlen ("rule:"))
                                    : NULL;

      g_string_append_printf (out, "%s%-10s %-20s %s%s%s\n", indent, detail->key, detail->value,
                              detail->source, description != NULL ? ": " : "",
                              description != NULL ? description : "");
    }
}

static const char *
explain_c_type (const BgParam *param)
{
  return param->type->c_type != NULL ? param->type->c_type : "?";
}

static void
explain_args (GString *out, const BgMethod *method)
{
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);

      g_string_append_printf (out, "  argument %s, in C '%s'\n", arg->param->name,
                              explain_c_type (arg->param));
      explain_details (out, arg->details, "    ");
    }
  if (method->ret == NULL)
    return;
  g_string_append_printf (out, "  return value, in C '%s'\n", explain_c_type (method->ret->param));
  explain_details (out, method->ret->details, "    ");
}

static void
explain_prototypes (GString *out, const BgMethod *method)
{
  g_autofree char *type = bg_emit_result_type (method);
  g_autofree char *async_name = g_strconcat (method->c_name, "_async", NULL);
  g_autofree char *finish_name = g_strconcat (method->c_name, "_finish", NULL);
  g_autoptr (GPtrArray) sync = bg_emit_sync_decls (method);
  g_autoptr (GPtrArray) async = bg_emit_async_decls (method);
  g_autoptr (GPtrArray) finish = bg_emit_finish_decls (method);

  bg_write_prototype (out, type, method->c_name, sync, FALSE, ";\n");
  if (method->mode == BG_MODE_LOCAL)
    return;
  bg_write_prototype (out, "void ", async_name, async, FALSE, ";\n");
  bg_write_prototype (out, type, finish_name, finish, FALSE, ";\n");
}

char *
bg_explain (const BgModel *model, const char *name)
{
  const BgSymbol *symbol = g_hash_table_lookup (model->api->by_name, name);
  const BgBinding *binding = symbol != NULL ? bg_model_binding (model, symbol) : NULL;
  const BgMethod *shown = NULL;
  GString *out = NULL;

  if (binding == NULL)
    return NULL;
  out = g_string_new (NULL);
  g_string_append_printf (out, "%s (%s:%u)\n  %s: %s\n", name, symbol->location.file,
                          symbol->location.line, bg_state_name (binding->state), binding->reason);
  if (binding->failed != NULL)
    g_string_append_printf (out, "  first rule that failed: %s: %s\n", binding->failed,
                            bg_rule_description (binding->failed));
  explain_details (out, binding->details, "  ");
  shown = binding->methods->len > 0 ? g_ptr_array_index (binding->methods, 0) : binding->draft;
  if (shown != NULL)
    explain_args (out, shown);
  for (guint i = 0; i < binding->methods->len; i++)
    {
      g_string_append_c (out, '\n');
      explain_prototypes (out, g_ptr_array_index (binding->methods, i));
    }
  return g_string_free (out, FALSE);
}
