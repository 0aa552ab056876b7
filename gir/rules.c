/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rules.h"

#include <string.h>

#include "lengths.h"
#include "names.h"
#include "values.h"

/* One function while rules look at it. */
typedef struct
{
  BgModel *model;
  BgBinding *binding;
  const BgSymbol *symbol;
  BgClass *owner;
  BgMethod *method; /* being made */
  gboolean lenient; /* it is only looked at: nothing makes it unbound */
} RuleContext;

static const char *const reader_verbs[] = {
  "can", "count", "find", "get", "has", "is", "list", "lookup", "measure", "query", NULL,
};

static const struct
{
  const char *id;
  const char *description;
} other_rules[] = {
  { "handle-ref", "X_ref of a handle is reference counting" },
  { "handle-unref", "X_unref of a handle is reference counting" },
  { "handle-free", "X_free of a handle whose references are not counted" },
  { "class-annotation", "a handle with bindgen.class is that class" },
  { "boxed-annotation", "a plain struct with bindgen.boxed is that boxed type" },
  { "owner-first-handle", "a function belongs to its first argument, if that is a handle" },
  { "constructor", "a function without handles that returns one makes objects of its class" },
  { "hand", "bindgen.hand names the function written by hand that replaces it" },
  { "name-annotation", "bindgen.name is the name of the method" },
  { "name-owner", "the name of the method is what follows the owner's name" },
  { "name-library", "the name of the method is what follows the library's prefix" },
  { "local", "bindgen.local: cannot block, so neither cancellable nor asynchronous" },
  { "reader-verb",
    "a name that begins with a verb of reading changes nothing: it can be abandoned" },
  { "reader-annotation", "bindgen.reader says whether it can be abandoned" },
  { "mutator", "anything else may change something: it is cancelled before it starts or not" },
  { "list", "a count and an array given out together are a list" },
  { "list-optional", "an array that need not be asked for also gives a method that counts" },
  { "status-out", "a status and one value given out: the value is the result" },
  { "status", "bindgen.return=status: an int that is 0 on success" },
  { "count", "bindgen.return=count: an int that says how many" },
  { "int-meaning", "bindgen.return says what an int means" },
  { "nothing", "nothing to return but whether it worked" },
  { "value", "the returned value is the result" },
  { "known-type", "every parameter and the returned value have a role" },
  { "argument-name", "an argument has no name that is a reserved word or means something else" },
  { "one-way", "a parameter goes in or comes out" },
  { "callee-allocates", "the function allocates what it gives out" },
  { "borrowed-output", "what is given out to be kept is handed over, or has references" },
  { "handed-over", "what is handed over is handed over whole, and not const" },
  { "borrowed-input", "the function does not keep what it is given" },
  { "one-out", "a method has one result" },
};

const char *
bg_rule_description (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (other_rules); i++)
    if (strcmp (other_rules[i].id, id) == 0)
      return other_rules[i].description;
  return bg_lengths_rule_description (id) != NULL ? bg_lengths_rule_description (id)
                                                  : bg_value_rule_description (id);
}

static void
rules_note_rule (RuleContext *context, const char *id)
{
  GPtrArray *rules = context->method->rules;

  if (!g_ptr_array_find_with_equal_func (rules, id, g_str_equal, NULL))
    g_ptr_array_add (rules, (gpointer) id);
}

static void
rules_note_detail (RuleContext *context, const char *key, const char *text, const char *id)
{
  g_autofree char *source = g_strconcat ("rule:", id, NULL);

  bg_detail_add (context->binding->details, key, text, source);
  rules_note_rule (context, id);
}

/* Why the function cannot be bound; the first reason counts. */
static void rules_fail (RuleContext *context, const char *rule, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
rules_fail (RuleContext *context, const char *rule, const char *format, ...)
{
  BgBinding *binding = context->binding;
  va_list args;

  if (binding->state == BG_STATE_UNBOUND || context->lenient)
    return;
  binding->state = BG_STATE_UNBOUND;
  va_start (args, format);
  binding->reason = g_strdup_vprintf (format, args);
  va_end (args);
  binding->failed = g_strdup (rule);
}

/* Notes the rule that gave a value its role, or that none did. */
static BgArg *
rules_accept (RuleContext *context, BgArg *arg, const char *rule, const char *what)
{
  g_autofree char *type = bg_value_describe (arg->param);

  if (rule != NULL)
    rules_note_rule (context, rule);
  else
    rules_fail (context, "known-type", "%s: no rule for %s", what, type);
  return arg;
}

static gboolean
is_input_role (BgRole role)
{
  return role != BG_ROLE_HANDLES && role != BG_ROLE_BOXES && role != BG_ROLE_NONE;
}

static void
rules_classify_args (RuleContext *context)
{
  const BgSymbol *symbol = context->symbol;

  for (guint i = 0; i < symbol->params->len; i++)
    {
      const BgParam *param = g_ptr_array_index (symbol->params, i);
      gboolean may_be_self = context->owner != NULL && !context->method->is_static;
      const char *rule = NULL;
      BgArg *arg = bg_value_of_param (context->model, symbol, i, may_be_self, &rule);
      g_autofree char *what = g_strdup_printf ("parameter '%s'", param->name);

      g_ptr_array_add (context->method->args, rules_accept (context, arg, rule, what));
      if (strcmp (param->name, BG_PARAM_REST) == 0 && arg->role != BG_ROLE_SELF
          && arg->role != BG_ROLE_ERROR)
        rules_fail (context, "argument-name", "a parameter has no name");
      if (param->inout)
        rules_fail (context, "one-way", "parameter '%s': goes in and out", param->name);
      else if (param->caller_allocates && arg->role != BG_ROLE_NUMBER && arg->role != BG_ROLE_BOOL
               && arg->role != BG_ROLE_ENUM && arg->role != BG_ROLE_FLAGS
               && arg->role != BG_ROLE_LENGTH)
        rules_fail (context, "callee-allocates", "parameter '%s': the caller must allocate it",
                    param->name);
      else if (!arg->out && (arg->owned || !is_input_role (arg->role)))
        rules_fail (context, "borrowed-input", "parameter '%s': is taken over by the function",
                    param->name);
    }
}

static gboolean
is_taken (const RuleContext *context, const char *name, guint n_named)
{
  for (guint i = 0; i < context->method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (context->method->args, i);

      if (strcmp (arg->param->name, name) == 0
          || (i < n_named && (strcmp (arg->name, name) == 0 || strcmp (arg->field, name) == 0)))
        return TRUE;
    }
  return FALSE;
}

/* A name that is not taken: `name` with "_". */
static char *
rules_change_name (const RuleContext *context, const char *name, guint n_named)
{
  GString *changed = g_string_new (name);

  do
    g_string_append_c (changed, '_');
  while (is_taken (context, changed->str, n_named));
  return g_string_free (changed, FALSE);
}

/* The header of another library has the names that it has. A user sees another one only where that
 * one cannot be written; the code around the call has names of its own. */
static void
rules_name_args (RuleContext *context)
{
  static const char *const own[] = {
    "base", "call", "err", "error", "i", "result", "ret", NULL,
  };

  for (guint i = 0; i < context->method->args->len; i++)
    {
      BgArg *arg = g_ptr_array_index (context->method->args, i);

      if (arg->role == BG_ROLE_SELF || arg->role == BG_ROLE_ERROR)
        continue;
      if (bg_name_is_reserved_argument (arg->name))
        {
          g_free (arg->name);
          arg->name = rules_change_name (context, arg->param->name, i);
          bg_detail_add (arg->details, "name", arg->name, "rule:argument-name");
          rules_note_rule (context, "argument-name");
        }
      g_free (arg->field);
      arg->field = g_strv_contains (own, arg->name) ? rules_change_name (context, arg->name, i)
                                                    : g_strdup (arg->name);
    }
}

static gboolean
is_visible_out (const BgArg *arg)
{
  return arg->out && arg->role != BG_ROLE_ERROR && arg->role != BG_ROLE_LENGTH
         && arg->role != BG_ROLE_FIXED;
}

static BgArg *
rules_find_out (RuleContext *context, guint *count)
{
  BgArg *found = NULL;

  *count = 0;
  for (guint i = 0; i < context->method->args->len; i++)
    {
      BgArg *arg = g_ptr_array_index (context->method->args, i);

      if (is_visible_out (arg))
        {
          found = arg;
          (*count)++;
        }
    }
  return found;
}

/* What an int means is said by annotation only: its documentation may be reworded. */
static BgRole
rules_int_meaning (RuleContext *context)
{
  const char *meaning = bg_symbol_attribute (context->symbol, "return");

  if (meaning == NULL)
    rules_fail (context, "int-meaning",
                "returns an int that may be a status, a count or a value; annotate it with "
                "bindgen.return=status, =count or =value");
  else
    bg_detail_add (context->method->ret->details, "meaning", meaning, "gir:annotation");
  return g_strcmp0 (meaning, "status") == 0  ? BG_ROLE_STATUS
         : g_strcmp0 (meaning, "count") == 0 ? BG_ROLE_COUNT
                                             : BG_ROLE_NUMBER;
}

static void
rules_classify_ret (RuleContext *context)
{
  BgMethod *method = context->method;
  const BgParam *ret = context->symbol->ret;
  const char *rule = NULL;

  if (g_strcmp0 (ret->type->name, "none") == 0 && g_strcmp0 (ret->type->c_type, "void") == 0)
    {
      method->ret = bg_arg_new (ret, BG_ROLE_NOTHING);
      bg_detail_add (method->ret->details, "role", "nothing", "gir:type");
      return;
    }
  method->ret = bg_value_of_return (context->model, context->symbol, &rule);
  rules_accept (context, method->ret, rule, "return value");
  if (method->ret->role == BG_ROLE_NUMBER && g_strcmp0 (ret->type->name, "gint") == 0)
    method->ret->role = rules_int_meaning (context);
}

static gboolean
is_array_role (BgRole role)
{
  return role == BG_ROLE_HANDLES || role == BG_ROLE_BOXES || role == BG_ROLE_STRV;
}

static void
rules_choose_result (RuleContext *context)
{
  BgMethod *method = context->method;
  BgRole ret = method->ret->role;
  guint n_outs = 0;
  BgArg *out = rules_find_out (context, &n_outs);

  if (n_outs > 1)
    rules_fail (context, "one-out", "gives out %u values; a method has one result", n_outs);
  else if (out != NULL && is_array_role (out->role) && ret == BG_ROLE_COUNT)
    {
      method->result = out;
      rules_note_detail (context, "result", out->name,
                         out->param->optional ? "list-optional" : "list");
    }
  else if (out != NULL && ret == BG_ROLE_STATUS && out->role != BG_ROLE_HANDLES
           && out->role != BG_ROLE_BOXES)
    {
      method->result = out;
      rules_note_detail (context, "result", out->name, "status-out");
    }
  else if (out != NULL)
    rules_fail (context, "status-out",
                "gives out '%s', but the return value is neither a status nor its count",
                out->name);
  else if (ret == BG_ROLE_STATUS || ret == BG_ROLE_NOTHING)
    {
      method->result = bg_arg_new (NULL, BG_ROLE_STATUS);
      rules_note_detail (context, "result", "status", ret == BG_ROLE_STATUS ? "status" : "nothing");
    }
  else
    {
      method->result = method->ret;
      rules_note_detail (context, "result", ret == BG_ROLE_COUNT ? "count" : "value",
                         ret == BG_ROLE_COUNT ? "count" : "value");
    }
}

static void
rules_pair_lengths (RuleContext *context)
{
  const char *rule = NULL;
  g_autofree char *fault = bg_lengths_find_fault (context->method, &rule);

  if (fault != NULL)
    rules_fail (context, rule, "%s", fault);
}

/* It is freed, or kept by an object. */
static void
rules_check_handed_over (RuleContext *context)
{
  const BgArg *result = context->method->result;
  const gboolean is_list = result->role == BG_ROLE_STRV || result->role == BG_ROLE_HANDLES;
  const gboolean is_freed =
      result->owned && (is_list || result->role == BG_ROLE_BOXES || result->role == BG_ROLE_BYTES);

  if ((is_freed || result->role == BG_ROLE_HANDLE) && strstr (result->core_type, "const") != NULL)
    rules_fail (context, "handed-over", "'%s' is const, but to be kept or freed", result->name);
  else if (is_freed && strcmp (result->param->transfer, "full") != 0)
    rules_fail (context, "handed-over",
                "'%s' is handed over with transfer %s; only (transfer full) is known", result->name,
                result->param->transfer);
}

/* The object that stands for it could not keep it. */
static void
rules_check_borrowed (RuleContext *context)
{
  const BgArg *result = context->method->result;

  if (result->role == BG_ROLE_HANDLE && !result->owned && result->klass->ref == NULL)
    rules_fail (context, "borrowed-output",
                "gives out a %s that it keeps, whose references are not counted",
                result->klass->record->name);
}

static void
rules_choose_owner (RuleContext *context)
{
  const GPtrArray *params = context->symbol->params;
  const BgParam *first = params->len > 0 ? g_ptr_array_index (params, 0) : NULL;
  const BgClass *owner =
      first != NULL && !first->out ? bg_model_class (context->model, first->type->name) : NULL;
  const BgClass *made = bg_model_class (context->model, context->symbol->ret->type->name);

  if (owner != NULL)
    rules_note_detail (context, "owner", owner->name, "owner-first-handle");
  else if (made != NULL)
    {
      owner = made;
      context->method->is_static = TRUE;
      rules_note_detail (context, "owner", made->name, "constructor");
    }
  else
    rules_fail (context, "owner-first-handle", "neither takes a handle first nor returns one");
  context->owner = (BgClass *) owner;
  context->method->owner = owner;
  context->binding->owner = owner;
}

static void
rules_choose_name (RuleContext *context)
{
  const char *annotation = bg_symbol_attribute (context->symbol, "name");
  const char *name = context->symbol->name;
  g_autofree char *library = g_strconcat (context->model->api->symbol_prefix, "_", NULL);
  BgMethod *method = context->method;

  if (annotation != NULL)
    {
      method->name = g_strdup (annotation);
      rules_note_detail (context, "name", method->name, "name-annotation");
    }
  else if (g_str_has_prefix (name, context->owner->core_snake))
    {
      method->name = g_strdup (name + strlen (context->owner->core_snake));
      rules_note_detail (context, "name", method->name, "name-owner");
    }
  else
    {
      method->name = g_strdup (g_str_has_prefix (name, library) ? name + strlen (library) : name);
      rules_note_detail (context, "name", method->name, "name-library");
    }
  method->c_name = g_strconcat (context->owner->prefix, "_", method->name, NULL);
}

static gboolean
is_reader_name (const char *name)
{
  g_auto (GStrv) words = g_strsplit (name, "_", 2);

  return words[0] != NULL && g_strv_contains (reader_verbs, words[0]);
}

static void
rules_choose_mode (RuleContext *context)
{
  const char *reader = bg_symbol_attribute (context->symbol, "reader");
  BgMethod *method = context->method;
  const char *rule = "mutator";

  method->mode = BG_MODE_MUTATOR;
  if (bg_symbol_attribute (context->symbol, "local") != NULL)
    {
      method->mode = BG_MODE_LOCAL;
      rule = "local";
    }
  else if (reader != NULL)
    {
      method->mode = strcmp (reader, "1") == 0 ? BG_MODE_READER : BG_MODE_MUTATOR;
      rule = "reader-annotation";
    }
  else if (is_reader_name (method->name))
    {
      method->mode = BG_MODE_READER;
      rule = "reader-verb";
    }
  rules_note_detail (context, "mode", bg_mode_name (method->mode), rule);
}

static BgMethod *
method_new (const BgSymbol *symbol)
{
  BgMethod *method = g_new0 (BgMethod, 1);

  method->symbol = symbol;
  method->args = g_ptr_array_new_with_free_func ((GDestroyNotify) bg_arg_free);
  method->rules = g_ptr_array_new ();
  return method;
}

/* Everything about one method. It is NULL when the binding has become unbound; as far as it came,
 * it is kept to be explained. */
static BgMethod *
rules_make_method (BgModel *model, BgBinding *binding)
{
  g_autoptr (BgMethod) method = method_new (binding->symbol);
  RuleContext context = {
    .model = model, .binding = binding, .symbol = binding->symbol, .method = method
  };

  rules_choose_owner (&context);
  if (binding->state != BG_STATE_UNBOUND)
    rules_choose_name (&context);
  if (binding->state != BG_STATE_UNBOUND)
    rules_choose_mode (&context);
  rules_classify_args (&context);
  rules_classify_ret (&context);
  rules_name_args (&context);
  rules_pair_lengths (&context);
  if (binding->state != BG_STATE_UNBOUND)
    rules_choose_result (&context);
  if (binding->state != BG_STATE_UNBOUND)
    {
      rules_check_handed_over (&context);
      rules_check_borrowed (&context);
    }
  if (binding->state != BG_STATE_UNBOUND)
    return g_steal_pointer (&method);
  binding->draft = g_steal_pointer (&method);
  return NULL;
}

static void
rules_add_method (BgBinding *binding, BgMethod *method)
{
  BgClass *owner = (BgClass *) method->owner;

  g_ptr_array_add (owner->methods, method);
  g_ptr_array_add (binding->methods, method);
}

/* list_things -> count_things: the same call without the array. */
static void
rules_make_counter (BgModel *model, BgBinding *binding, const BgMethod *list)
{
  BgMethod *counter = NULL;
  guint n_details = 0;
  const char *noun = g_str_has_prefix (list->name, "list_") ? list->name + 5 : list->name;

  if (!list->result->out || !list->result->param->optional)
    return;
  /* The details are those of the list. */
  n_details = binding->details->len;
  counter = rules_make_method (model, binding);
  g_ptr_array_set_size (binding->details, (int) n_details);
  counter->count_only = TRUE;
  g_free (counter->name);
  counter->name = g_strconcat ("count_", noun, NULL);
  g_free (counter->c_name);
  counter->c_name = g_strconcat (list->owner->prefix, "_", counter->name, NULL);
  counter->result = counter->ret;
  rules_add_method (binding, counter);
}

static gboolean
rules_absorb_plumbing (BgModel *model, BgBinding *binding)
{
  for (guint i = 0; i < model->classes->len; i++)
    {
      const BgClass *klass = g_ptr_array_index (model->classes, i);

      if (klass->ref != binding->symbol && klass->unref != binding->symbol
          && klass->free != binding->symbol)
        continue;
      binding->state = BG_STATE_ABSORBED;
      binding->owner = klass;
      g_free (binding->reason);
      binding->reason = g_strdup (klass->ref == binding->symbol     ? "rule:handle-ref"
                                  : klass->unref == binding->symbol ? "rule:handle-unref"
                                                                    : "rule:handle-free");
      return TRUE;
    }
  return FALSE;
}

static void
rules_bind_by_hand (BgModel *model, BgBinding *binding, const char *hand)
{
  BgMethod *method = method_new (binding->symbol);
  RuleContext context = {
    .model = model, .binding = binding, .symbol = binding->symbol, .method = method
  };

  binding->draft = method;
  rules_choose_owner (&context);
  if (binding->state == BG_STATE_UNBOUND)
    return;
  context.lenient = TRUE;
  rules_classify_args (&context);
  rules_classify_ret (&context);
  binding->state = BG_STATE_BOUND;
  binding->hand = hand;
  binding->reason = g_strdup ("rule:hand");
  bg_detail_add (binding->details, "hand", hand, "gir:annotation");
  g_ptr_array_add (context.owner->hand, (gpointer) binding->symbol);
}

void
bg_rules_apply (BgModel *model, BgBinding *binding)
{
  const char *hand = bg_symbol_attribute (binding->symbol, "hand");
  BgMethod *method = NULL;

  if (rules_absorb_plumbing (model, binding) || binding->state != BG_STATE_UNKNOWN)
    return;
  if (hand != NULL)
    {
      rules_bind_by_hand (model, binding, hand);
      return;
    }
  method = rules_make_method (model, binding);
  if (method == NULL)
    return;
  binding->state = BG_STATE_BOUND;
  binding->reason = g_strdup ("rule:generated");
  rules_add_method (binding, method);
  rules_make_counter (model, binding, method);
}
