/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model.h"

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
fact_free (BgFact *fact)
{
  g_free (fact->key);
  g_free (fact->value);
  g_free (fact->source);
  g_free (fact);
}

GPtrArray *
bg_facts_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) fact_free);
}

void
bg_fact_add (GPtrArray *facts, const char *key, const char *value, const char *source)
{
  BgFact *fact = g_new0 (BgFact, 1);

  fact->key = g_strdup (key);
  fact->value = g_strdup (value);
  fact->source = g_strdup (source);
  g_ptr_array_add (facts, fact);
}

BgArg *
bg_arg_new (const BgParam *param, BgRole role)
{
  BgArg *arg = g_new0 (BgArg, 1);

  arg->param = param;
  arg->role = role;
  arg->name = g_strdup (param != NULL ? param->name : "result");
  arg->partner = -1;
  arg->facts = bg_facts_new ();
  if (param == NULL)
    return arg;
  arg->out = param->out;
  arg->nullable = param->nullable;
  arg->owned = g_strcmp0 (param->transfer, "none") != 0;
  return arg;
}

void
bg_arg_free (BgArg *arg)
{
  if (arg == NULL)
    return;
  g_free (arg->name);
  g_free (arg->core_type);
  g_free (arg->fixed);
  g_ptr_array_unref (arg->facts);
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
enum_free (BgEnum *enumeration)
{
  g_free (enumeration->type);
  g_free (enumeration->prefix);
  g_free (enumeration->gtype);
  g_free (enumeration);
}

static void
fate_free (BgFate *fate)
{
  g_free (fate->reason);
  g_free (fate->failed);
  bg_method_free (fate->draft);
  g_ptr_array_unref (fate->methods);
  g_ptr_array_unref (fate->facts);
  g_free (fate);
}

BgFate *
bg_model_fate (const BgModel *model, const BgSymbol *symbol)
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
  model->enums = g_ptr_array_new_with_free_func ((GDestroyNotify) enum_free);
  model->fates = g_ptr_array_new_with_free_func ((GDestroyNotify) fate_free);
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
  g_ptr_array_unref (model->fates);
  g_ptr_array_unref (model->classes);
  g_ptr_array_unref (model->enums);
  g_ptr_array_unref (model->bad_links);
  g_free (model);
}
