/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model.h"

#include <string.h>

const char *
bg_state_name (BgState state)
{
  static const char *const names[BG_N_STATES] = {
    [BG_STATE_UNKNOWN] = "unknown",   [BG_STATE_BOUND] = "bound",
    [BG_STATE_ABSORBED] = "absorbed", [BG_STATE_SUPERSEDED] = "superseded",
    [BG_STATE_SKIPPED] = "skipped",   [BG_STATE_UNBOUND] = "unbound",
  };

  return names[state];
}

const char *
bg_mode_name (BgMode mode)
{
  static const char *const names[] = { "local", "reader", "mutator" };

  return names[mode];
}

static void
detail_free (BgDetail *detail)
{
  g_free (detail->key);
  g_free (detail->value);
  g_free (detail->source);
  g_free (detail);
}

GPtrArray *
bg_details_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) detail_free);
}

void
bg_detail_add (GPtrArray *details, const char *key, const char *value, const char *source)
{
  BgDetail *detail = g_new0 (BgDetail, 1);

  detail->key = g_strdup (key);
  detail->value = g_strdup (value);
  detail->source = g_strdup (source);
  g_ptr_array_add (details, detail);
}

BgArg *
bg_arg_new (const BgParam *param, BgRole role)
{
  BgArg *arg = g_new0 (BgArg, 1);

  arg->param = param;
  arg->role = role;
  arg->name = g_strdup (param != NULL ? param->name : "result");
  arg->field = g_strdup (arg->name);
  arg->partner = -1;
  arg->details = bg_details_new ();
  if (param == NULL)
    return arg;
  arg->out = param->out;
  arg->nullable = param->nullable;
  arg->owned = g_strcmp0 (param->transfer, "none") != 0;
  return arg;
}

gboolean
bg_arg_is_const (const BgArg *arg)
{
  return arg->core_type != NULL && g_str_has_prefix (arg->core_type, "const ");
}

void
bg_arg_free (BgArg *arg)
{
  if (arg == NULL)
    return;
  g_free (arg->name);
  g_free (arg->field);
  g_free (arg->core_type);
  g_free (arg->fixed);
  g_ptr_array_unref (arg->details);
  g_free (arg);
}

void
bg_method_free (BgMethod *method)
{
  if (method == NULL)
    return;
  g_free (method->name);
  g_free (method->c_name);
  if (method->result != NULL && method->result->param == NULL)
    bg_arg_free (method->result);
  bg_arg_free (method->ret);
  g_ptr_array_unref (method->args);
  g_ptr_array_unref (method->rules);
  g_free (method);
}

static gboolean
is_argument (const BgMethod *method, const char *name)
{
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);

      if (!arg->out && arg->role != BG_ROLE_SELF && arg->role != BG_ROLE_ERROR
          && strcmp (arg->name, name) == 0)
        return TRUE;
    }
  return FALSE;
}

char *
bg_method_own_name (const BgMethod *method, const char *name)
{
  GString *own = g_string_new (name);

  while (is_argument (method, own->str))
    g_string_append_c (own, '_');
  return g_string_free (own, FALSE);
}

static void
class_free (BgClass *klass)
{
  g_free (klass->name);
  g_free (klass->type);
  g_free (klass->snake);
  g_free (klass->file);
  g_free (klass->prefix);
  g_free (klass->macro);
  g_free (klass->core_snake);
  g_ptr_array_unref (klass->methods);
  g_ptr_array_unref (klass->hand);
  g_free (klass);
}

static void
boxed_free (BgBoxed *boxed)
{
  g_free (boxed->name);
  g_free (boxed->type);
  g_free (boxed->prefix);
  g_free (boxed);
}

static void
enum_free (BgEnum *enumeration)
{
  g_free (enumeration->type);
  g_free (enumeration->prefix);
  g_free (enumeration->gtype);
  g_ptr_array_unref (enumeration->members);
  g_free (enumeration);
}

static void
binding_free (BgBinding *binding)
{
  g_free (binding->reason);
  g_free (binding->failed);
  bg_method_free (binding->draft);
  g_ptr_array_unref (binding->methods);
  g_ptr_array_unref (binding->details);
  g_free (binding);
}

BgBinding *
bg_model_binding (const BgModel *model, const BgSymbol *symbol)
{
  return g_hash_table_lookup (model->by_symbol, symbol);
}

const BgClass *
bg_model_class (const BgModel *model, const char *gir_name)
{
  for (guint i = 0; i < model->classes->len; i++)
    {
      const BgClass *klass = g_ptr_array_index (model->classes, i);

      if (g_strcmp0 (klass->record->gir_name, gir_name) == 0)
        return klass;
    }
  return NULL;
}

const BgBoxed *
bg_model_boxed (const BgModel *model, const char *gir_name)
{
  for (guint i = 0; i < model->boxes->len; i++)
    {
      const BgBoxed *boxed = g_ptr_array_index (model->boxes, i);

      if (g_strcmp0 (boxed->record->gir_name, gir_name) == 0)
        return boxed;
    }
  return NULL;
}

const BgEnum *
bg_model_enum (const BgModel *model, const char *gir_name)
{
  for (guint i = 0; i < model->enums->len; i++)
    {
      const BgEnum *enumeration = g_ptr_array_index (model->enums, i);

      if (g_strcmp0 (enumeration->symbol->gir_name, gir_name) == 0)
        return enumeration;
    }
  return NULL;
}

BgModel *
bg_model_new (const BgApi *api, const BgLibrary *library, BgProblems *problems)
{
  BgModel *model = g_new0 (BgModel, 1);

  model->api = api;
  model->library = library;
  model->problems = problems;
  model->classes = g_ptr_array_new_with_free_func ((GDestroyNotify) class_free);
  model->boxes = g_ptr_array_new_with_free_func ((GDestroyNotify) boxed_free);
  model->enums = g_ptr_array_new_with_free_func ((GDestroyNotify) enum_free);
  model->bindings = g_ptr_array_new_with_free_func ((GDestroyNotify) binding_free);
  model->by_symbol = g_hash_table_new (NULL, NULL);
  model->bad_links = g_ptr_array_new_with_free_func (g_free);
  return model;
}

void
bg_model_free (BgModel *model)
{
  if (model == NULL)
    return;
  g_hash_table_unref (model->by_symbol);
  g_ptr_array_unref (model->bindings);
  g_ptr_array_unref (model->classes);
  g_ptr_array_unref (model->boxes);
  g_ptr_array_unref (model->enums);
  g_ptr_array_unref (model->bad_links);
  g_free (model);
}
