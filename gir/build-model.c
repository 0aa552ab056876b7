/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "build-model.h"

#include <string.h>

#include "ctype.h"
#include "names.h"
#include "rules.h"

/* `base` may be NULL for any. */
static gboolean
is_pointer (const BgParam *param, const char *base)
{
  g_auto (BgCType) type = { 0 };

  return param->type->c_type != NULL && bg_ctype_parse (param->type->c_type, &type)
         && type.depth > 0 && (base == NULL || strcmp (type.base, base) == 0);
}

/* It is given the handle, and possibly NULL for an error. */
static gboolean
is_plumbing (const BgSymbol *symbol, const BgSymbol *record)
{
  if (symbol == NULL || symbol->kind != BG_SYMBOL_FUNCTION || symbol->params->len < 1
      || symbol->params->len > 2)
    return FALSE;
  return is_pointer (g_ptr_array_index (symbol->params, 0), record->name)
         && (symbol->params->len == 1 || is_pointer (g_ptr_array_index (symbol->params, 1), NULL));
}

static const BgSymbol *
build_find_plumbing (const BgModel *model, const BgClass *klass, const char *verb)
{
  g_autofree char *name = g_strconcat (klass->core_snake, verb, NULL);
  const BgSymbol *symbol = g_hash_table_lookup (model->api->by_name, name);

  return is_plumbing (symbol, klass->record) ? symbol : NULL;
}

static void
build_add_class (BgModel *model, const BgSymbol *record, const char *name)
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
  klass->ref = build_find_plumbing (model, klass, "ref");
  klass->unref = build_find_plumbing (model, klass, "unref");
  if (klass->ref == NULL && klass->unref == NULL)
    klass->free = build_find_plumbing (model, klass, "free");
  klass->methods = g_ptr_array_new_with_free_func ((GDestroyNotify) bg_method_free);
  klass->hand = g_ptr_array_new ();
  g_ptr_array_add (model->classes, klass);
}

static void
build_add_boxed (BgModel *model, const BgSymbol *record, const char *name)
{
  const BgLibrary *library = model->library;
  g_autofree char *snake = bg_name_snake (name);
  BgBoxed *boxed = g_new0 (BgBoxed, 1);

  boxed->record = record;
  boxed->name = g_strdup (name);
  boxed->type = g_strconcat (library->type_prefix, name, NULL);
  boxed->prefix = g_strconcat (library->function_prefix, "_", snake, NULL);
  g_ptr_array_add (model->boxes, boxed);
}

static GPtrArray *
build_select_members (const BgEnum *enumeration)
{
  const GPtrArray *all = enumeration->symbol->members;
  GPtrArray *members = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    {
      BgMember *member = g_ptr_array_index (all, i);

      if (g_strcmp0 (member->name, enumeration->cancelled) != 0)
        g_ptr_array_add (members, member);
    }
  return members;
}

static void
build_add_enum (BgModel *model, const BgSymbol *symbol)
{
  const BgLibrary *library = model->library;
  BgEnum *enumeration = g_new0 (BgEnum, 1);
  const char *name = symbol->gir_name;
  g_autofree char *snake = NULL;
  g_autofree char *upper = NULL;

  enumeration->symbol = symbol;
  enumeration->flags = symbol->kind == BG_SYMBOL_FLAGS;
  enumeration->error = bg_symbol_attribute (symbol, "error") != NULL;
  enumeration->cancelled = bg_symbol_attribute (symbol, "cancelled");
  enumeration->members = build_select_members (enumeration);
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
build_set_state (BgBinding *binding, BgState state, const char *reason)
{
  binding->state = state;
  g_free (binding->reason);
  binding->reason = g_strdup (reason);
}

/* What a header says itself about the binding of a symbol of any kind. */
static void
build_apply_annotation (BgBinding *binding)
{
  const char *skip = bg_symbol_attribute (binding->symbol, "skip");
  const char *superseded = bg_symbol_attribute (binding->symbol, "superseded");

  if (bg_symbol_attribute (binding->symbol, "plumbing") != NULL)
    build_set_state (binding, BG_STATE_ABSORBED, "gir:annotation bindgen.plumbing");
  else if (skip != NULL)
    build_set_state (binding, BG_STATE_SKIPPED, skip);
  else if (superseded != NULL)
    build_set_state (binding, BG_STATE_SUPERSEDED, superseded);
}

static void
build_bind_type (BgModel *model, BgBinding *binding)
{
  const BgSymbol *symbol = binding->symbol;
  const char *class_name = bg_symbol_attribute (symbol, "class");
  const char *boxed_name = bg_symbol_attribute (symbol, "boxed");

  if (symbol->kind == BG_SYMBOL_RECORD && class_name != NULL)
    {
      build_add_class (model, symbol, class_name);
      build_set_state (binding, BG_STATE_BOUND, "rule:class-annotation");
    }
  else if (symbol->kind == BG_SYMBOL_RECORD && boxed_name != NULL)
    {
      build_add_boxed (model, symbol, boxed_name);
      build_set_state (binding, BG_STATE_BOUND, "rule:boxed-annotation");
    }
  else if (symbol->kind == BG_SYMBOL_ENUM || symbol->kind == BG_SYMBOL_FLAGS)
    {
      build_add_enum (model, symbol);
      build_set_state (binding, BG_STATE_BOUND,
                       symbol->kind == BG_SYMBOL_FLAGS ? "rule:flags" : "rule:enum");
    }
  else
    {
      g_autofree char *reason = g_strdup_printf ("no rule for this kind: %s", symbol->what);

      build_set_state (binding, BG_STATE_UNBOUND, reason);
    }
}

static void
build_add_bindings (BgModel *model)
{
  for (guint i = 0; i < model->api->symbols->len; i++)
    {
      BgBinding *binding = g_new0 (BgBinding, 1);

      binding->symbol = g_ptr_array_index (model->api->symbols, i);
      binding->methods = g_ptr_array_new ();
      binding->details = bg_details_new ();
      g_ptr_array_add (model->bindings, binding);
      g_hash_table_insert (model->by_symbol, (gpointer) binding->symbol, binding);
      build_apply_annotation (binding);
    }
}

static int
build_compare_classes (gconstpointer a, gconstpointer b)
{
  const BgClass *first = *(const BgClass *const *) a;
  const BgClass *second = *(const BgClass *const *) b;

  return strcmp (first->name, second->name);
}

BgModel *
bg_model_build (const BgApi *api, const BgLibrary *library, BgProblems *problems)
{
  BgModel *model = bg_model_new (api, library, problems);

  build_add_bindings (model);
  for (guint i = 0; i < model->bindings->len; i++)
    {
      BgBinding *binding = g_ptr_array_index (model->bindings, i);

      if (binding->state == BG_STATE_UNKNOWN && binding->symbol->kind != BG_SYMBOL_FUNCTION)
        build_bind_type (model, binding);
    }
  g_ptr_array_sort (model->classes, build_compare_classes);
  for (guint i = 0; i < model->bindings->len; i++)
    {
      BgBinding *binding = g_ptr_array_index (model->bindings, i);

      if (binding->symbol->kind == BG_SYMBOL_FUNCTION)
        bg_rules_apply (model, binding);
    }
  return model;
}
