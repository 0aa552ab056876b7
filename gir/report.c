/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "report.h"

#include <json-glib/json-glib.h>
#include <string.h>

static void
report_count_states (const BgModel *model, guint *counts)
{
  for (guint i = 0; i < model->bindings->len; i++)
    {
      const BgBinding *binding = g_ptr_array_index (model->bindings, i);

      counts[binding->state]++;
    }
}

static guint
report_count_methods (const BgModel *model)
{
  guint n = 0;

  for (guint i = 0; i < model->classes->len; i++)
    {
      const BgClass *klass = g_ptr_array_index (model->classes, i);

      n += klass->methods->len;
    }
  return n;
}

char *
bg_report_summary (const BgModel *model)
{
  guint counts[BG_N_STATES] = { 0 };

  report_count_states (model, counts);
  return g_strdup_printf ("%s: %u symbols = %u bound + %u absorbed + %u superseded + %u skipped + "
                          "%u unbound; %u classes, %u methods, %u enums, %u unresolved links\n",
                          model->library->namespace, model->bindings->len, counts[BG_STATE_BOUND],
                          counts[BG_STATE_ABSORBED], counts[BG_STATE_SUPERSEDED],
                          counts[BG_STATE_SKIPPED], counts[BG_STATE_UNBOUND], model->classes->len,
                          report_count_methods (model), model->enums->len, model->bad_links->len);
}

/* What a symbol is called in the library, or "". */
static char *
report_bound_as (const BgModel *model, const BgBinding *binding)
{
  const BgClass *klass = binding->symbol->kind == BG_SYMBOL_RECORD
                             ? bg_model_class (model, binding->symbol->gir_name)
                             : NULL;
  const BgEnum *enumeration = binding->symbol->kind != BG_SYMBOL_FUNCTION
                                  ? bg_model_enum (model, binding->symbol->gir_name)
                                  : NULL;
  const BgBoxed *boxed = binding->symbol->kind == BG_SYMBOL_RECORD
                             ? bg_model_boxed (model, binding->symbol->gir_name)
                             : NULL;
  GString *text = g_string_new (NULL);

  if (binding->hand != NULL)
    g_string_append (text, binding->hand);
  else if (klass != NULL)
    g_string_append (text, klass->type);
  else if (boxed != NULL)
    g_string_append (text, boxed->type);
  else if (enumeration != NULL && binding->state == BG_STATE_BOUND)
    g_string_append (text, enumeration->type);
  for (guint i = 0; i < binding->methods->len; i++)
    {
      const BgMethod *method = g_ptr_array_index (binding->methods, i);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", method->c_name);
    }
  return g_string_free (text, FALSE);
}

static gsize
report_name_width (const BgModel *model)
{
  gsize width = 0;

  for (guint i = 0; i < model->bindings->len; i++)
    {
      const BgBinding *binding = g_ptr_array_index (model->bindings, i);

      width = MAX (width, strlen (binding->symbol->name));
    }
  return width;
}

static void
report_append_row (GString *out, const BgModel *model, const BgBinding *binding, int width)
{
  g_autofree char *as = report_bound_as (model, binding);

  g_string_append_printf (out, "%-10s  %-*s  ", bg_state_name (binding->state), width,
                          binding->symbol->name);
  if (binding->hand != NULL)
    g_string_append_printf (out, "by hand: %s", as);
  else if (*as != '\0')
    g_string_append (out, as);
  else
    g_string_append (out, binding->reason);
  g_string_append_c (out, '\n');
}

char *
bg_report_text (const BgModel *model)
{
  GString *out = g_string_new (NULL);
  g_autofree char *summary = bg_report_summary (model);
  int width = (int) report_name_width (model);

  for (guint state = BG_STATE_BOUND; state < BG_N_STATES; state++)
    for (guint i = 0; i < model->bindings->len; i++)
      {
        const BgBinding *binding = g_ptr_array_index (model->bindings, i);

        if (binding->state == state)
          report_append_row (out, model, binding, width);
      }
  for (guint i = 0; i < model->bad_links->len; i++)
    g_string_append_printf (out, "no link to %s\n",
                            (const char *) g_ptr_array_index (model->bad_links, i));
  g_string_append (out, summary);
  return g_string_free (out, FALSE);
}

static void
report_add_string (JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value);
}

static void
report_add_symbol (JsonBuilder *builder, const BgModel *model, const BgBinding *binding)
{
  g_autofree char *as = report_bound_as (model, binding);

  json_builder_begin_object (builder);
  report_add_string (builder, "name", binding->symbol->name);
  report_add_string (builder, "kind", binding->symbol->what);
  report_add_string (builder, "file", binding->symbol->location.file);
  json_builder_set_member_name (builder, "line");
  json_builder_add_int_value (builder, binding->symbol->location.line);
  report_add_string (builder, "state", bg_state_name (binding->state));
  report_add_string (builder, "reason", binding->reason);
  if (*as != '\0')
    report_add_string (builder, "as", as);
  if (binding->failed != NULL)
    report_add_string (builder, "failed-rule", binding->failed);
  json_builder_end_object (builder);
}

static void
report_add_sums (JsonBuilder *builder, const BgModel *model)
{
  guint counts[BG_N_STATES] = { 0 };

  report_count_states (model, counts);
  json_builder_set_member_name (builder, "sums");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "symbols");
  json_builder_add_int_value (builder, model->bindings->len);
  for (guint state = BG_STATE_BOUND; state < BG_N_STATES; state++)
    {
      json_builder_set_member_name (builder, bg_state_name (state));
      json_builder_add_int_value (builder, counts[state]);
    }
  json_builder_end_object (builder);
}

char *
bg_report_json (const BgModel *model)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  report_add_string (builder, "namespace", model->library->namespace);
  report_add_sums (builder, model);
  json_builder_set_member_name (builder, "symbols");
  json_builder_begin_array (builder);
  for (guint i = 0; i < model->bindings->len; i++)
    report_add_symbol (builder, model, g_ptr_array_index (model->bindings, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "unresolved-links");
  json_builder_begin_array (builder);
  for (guint i = 0; i < model->bad_links->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (model->bad_links, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}
