/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model.h"

#include <string.h>

#include "names.h"
#include "rules.h"

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

static const BgSymbol *
find_plumbing (const BgApi *api, const char *core_snake, const char *verb)
{
  g_autofree char *name = g_strconcat (core_snake, verb, NULL);
  const BgSymbol *symbol = g_hash_table_lookup (api->by_name, name);

  return symbol != NULL && symbol->kind == BG_SYMBOL_FUNCTION ? symbol : NULL;
}

static void
add_class (BgModel *model, const BgSymbol *record, const char *name)
{
  const BgLibrary *library = model->library;
  g_autofree char *core = bg_name_snake (record->gir_name);
  g_autofree char *upper = NULL;
  BgClass *klass = g_new0 (BgClass, 1);

  klass->record = record;
  klass->name = g_strdup (name);
  klass->type = g_strconcat (library->type_prefix, name, NULL);
  klass->snake = bg_name_snake (name);
  klass->file = bg_name_replace (klass->snake, '_', '-');
  klass->prefix = g_strconcat (library->function_prefix, "_", klass->snake, NULL);
  upper = bg_name_upper (klass->snake);
  klass->macro = g_strconcat (library->constant_prefix, "_IS_", upper, NULL);
  klass->core_snake = g_strconcat (model->api->symbol_prefix, "_", core, "_", NULL);
  klass->ref = find_plumbing (model->api, klass->core_snake, "ref");
  klass->unref = find_plumbing (model->api, klass->core_snake, "unref");
  klass->methods = g_ptr_array_new_with_free_func ((GDestroyNotify) bg_method_free);
  klass->hand = g_ptr_array_new ();
  g_ptr_array_add (model->classes, klass);
}

static void
add_enum (BgModel *model, const BgSymbol *symbol)
{
  const BgLibrary *library = model->library;
  BgEnum *enumeration = g_new0 (BgEnum, 1);
  const char *name = symbol->gir_name;
  g_autofree char *snake = NULL;
  g_autofree char *upper = NULL;

  enumeration->symbol = symbol;
  enumeration->flags = symbol->kind == BG_SYMBOL_FLAGS;
  enumeration->error = bg_symbol_attribute (symbol, "error") != NULL;
  /* g-ir-scanner links an error domain only to an enum that is called Error. */
  if (enumeration->error)
    name = "Error";
  snake = bg_name_snake (name);
  upper = bg_name_upper (snake);
  enumeration->type = g_strconcat (library->type_prefix, name, NULL);
  enumeration->prefix = g_strconcat (library->function_prefix, "_", snake, NULL);
  enumeration->gtype = g_strconcat (library->constant_prefix, "_TYPE_", upper, NULL);
  g_ptr_array_add (model->enums, enumeration);
}

static void
settle (BgFate *fate, BgState state, const char *reason)
{
  fate->state = state;
  g_free (fate->reason);
  fate->reason = g_strdup (reason);
}

/* What a header says itself about the fate of a symbol of any kind. */
static void
settle_by_annotation (BgFate *fate)
{
  const char *skip = bg_symbol_attribute (fate->symbol, "skip");
  const char *superseded = bg_symbol_attribute (fate->symbol, "superseded");

  if (bg_symbol_attribute (fate->symbol, "plumbing") != NULL)
    settle (fate, BG_STATE_ABSORBED, "gir:annotation bindgen.plumbing");
  else if (skip != NULL)
    settle (fate, BG_STATE_SKIPPED, skip);
  else if (superseded != NULL)
    settle (fate, BG_STATE_SUPERSEDED, superseded);
}

static void
settle_type (BgModel *model, BgFate *fate)
{
  const BgSymbol *symbol = fate->symbol;
  const char *class_name = bg_symbol_attribute (symbol, "class");

  if (symbol->kind == BG_SYMBOL_RECORD && class_name != NULL)
    {
      add_class (model, symbol, class_name);
      settle (fate, BG_STATE_BOUND, "rule:class-annotation");
    }
  else if (symbol->kind == BG_SYMBOL_ENUM || symbol->kind == BG_SYMBOL_FLAGS)
    {
      add_enum (model, symbol);
      settle (fate, BG_STATE_BOUND, symbol->kind == BG_SYMBOL_FLAGS ? "rule:flags" : "rule:enum");
    }
  else
    {
      g_autofree char *reason = g_strdup_printf ("no rule for this kind: %s", symbol->what);

      settle (fate, BG_STATE_UNBOUND, reason);
    }
}

static void
add_fates (BgModel *model)
{
  for (guint i = 0; i < model->api->symbols->len; i++)
    {
      BgFate *fate = g_new0 (BgFate, 1);

      fate->symbol = g_ptr_array_index (model->api->symbols, i);
      fate->methods = g_ptr_array_new ();
      fate->facts = bg_facts_new ();
      g_ptr_array_add (model->fates, fate);
      g_hash_table_insert (model->by_symbol, (gpointer) fate->symbol, fate);
      settle_by_annotation (fate);
    }
}

static int
compare_classes (gconstpointer a, gconstpointer b)
{
  const BgClass *first = *(const BgClass *const *) a;
  const BgClass *second = *(const BgClass *const *) b;

  return strcmp (first->name, second->name);
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
  add_fates (model);
  for (guint i = 0; i < model->fates->len; i++)
    {
      BgFate *fate = g_ptr_array_index (model->fates, i);

      if (fate->state == BG_STATE_UNKNOWN && fate->symbol->kind != BG_SYMBOL_FUNCTION)
        settle_type (model, fate);
    }
  g_ptr_array_sort (model->classes, compare_classes);
  for (guint i = 0; i < model->fates->len; i++)
    {
      BgFate *fate = g_ptr_array_index (model->fates, i);

      if (fate->symbol->kind == BG_SYMBOL_FUNCTION)
        bg_rules_apply (model, fate);
    }
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
