/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "check.h"

#include <string.h>

#include "enum-names.h"
#include "names.h"
#include "roles.h"

/* Annotations */

static const char *const symbol_keys[] = {
  "boxed",    "cancelled", "class",  "error", "hand",       "local", "name",
  "plumbing", "reader",    "return", "skip",  "superseded", NULL,
};
static const char *const param_keys[] = { "fixed", NULL };

static int
check_compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
check_keys (GHashTable *attributes,
            const char *const *known,
            const char *name,
            const BgLocation *location,
            BgProblems *problems)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, attributes);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_ptr_array_add (keys, key);
  g_ptr_array_sort (keys, check_compare_text);
  for (guint i = 0; i < keys->len; i++)
    if (!g_strv_contains (known, g_ptr_array_index (keys, i)))
      bg_problem (problems, location, "%s: annotation 'bindgen.%s' is not known here", name,
                  (const char *) g_ptr_array_index (keys, i));
}

/* Pairs that contradict each other. */
static const char *const exclusive[][2] = {
  { "plumbing", "hand" },   { "plumbing", "name" },       { "plumbing", "local" },
  { "plumbing", "class" },  { "plumbing", "boxed" },      { "class", "boxed" },
  { "plumbing", "skip" },   { "plumbing", "superseded" }, { "hand", "local" },
  { "hand", "name" },       { "hand", "skip" },           { "hand", "superseded" },
  { "local", "reader" },    { "skip", "superseded" },     { "skip", "name" },
  { "superseded", "name" },
};

static void
check_exclusive (const BgSymbol *symbol, BgProblems *problems)
{
  for (gsize i = 0; i < G_N_ELEMENTS (exclusive); i++)
    if (bg_symbol_attribute (symbol, exclusive[i][0]) != NULL
        && bg_symbol_attribute (symbol, exclusive[i][1]) != NULL)
      bg_problem (problems, &symbol->location,
                  "%s: 'bindgen.%s' and 'bindgen.%s' contradict each other", symbol->name,
                  exclusive[i][0], exclusive[i][1]);
}

static gboolean
is_one_of (const char *text, const char *const *values)
{
  return text == NULL || g_strv_contains (values, text);
}

static void
check_identifier (const BgSymbol *symbol, const char *key, BgProblems *problems)
{
  const char *value = bg_symbol_attribute (symbol, key);

  if (value != NULL && !bg_name_is_identifier (value))
    bg_problem (problems, &symbol->location, "%s: 'bindgen.%s=%s' is not a C identifier",
                symbol->name, key, value);
}

static void
check_values (const BgSymbol *symbol, BgProblems *problems)
{
  static const char *const yes[] = { "1", NULL };
  static const char *const yes_no[] = { "0", "1", NULL };
  static const char *const returns[] = { "status", "count", "value", NULL };
  const struct
  {
    const char *key;
    const char *const *values;
  } closed[] = { { "plumbing", yes },
                 { "local", yes },
                 { "error", yes },
                 { "reader", yes_no },
                 { "return", returns } };
  const char *skip = bg_symbol_attribute (symbol, "skip");

  for (gsize i = 0; i < G_N_ELEMENTS (closed); i++)
    if (!is_one_of (bg_symbol_attribute (symbol, closed[i].key), closed[i].values))
      bg_problem (problems, &symbol->location, "%s: 'bindgen.%s' cannot be '%s'", symbol->name,
                  closed[i].key, bg_symbol_attribute (symbol, closed[i].key));
  if (skip != NULL && *skip == '\0')
    bg_problem (problems, &symbol->location, "%s: 'bindgen.skip' needs a reason", symbol->name);
  check_identifier (symbol, "boxed", problems);
  check_identifier (symbol, "class", problems);
  check_identifier (symbol, "hand", problems);
  check_identifier (symbol, "name", problems);
}

/* The nick stands in a string. */
static void
check_member_name (const BgSymbol *symbol, const BgMember *member, BgProblems *problems)
{
  const char *nick = member->nick;

  if (!bg_name_is_identifier (member->name))
    bg_problem (problems, &symbol->location, "%s: value '%s' is not a C identifier", symbol->name,
                member->name);
  while (g_ascii_isalnum (*nick) || *nick == '-')
    nick++;
  if (*nick != '\0')
    bg_problem (problems, &symbol->location,
                "%s: the nick '%s' of value '%s' has more than letters, digits and hyphens",
                symbol->name, member->nick, member->name);
}

/* What stands in generated code as it is. */
static void
check_names (const BgSymbol *symbol, BgProblems *problems)
{
  g_autoptr (GHashTable) members = g_hash_table_new (g_str_hash, g_str_equal);

  if (!bg_name_is_identifier (symbol->name))
    bg_problem (problems, &symbol->location, "'%s' is not a C identifier", symbol->name);
  if (symbol->kind != BG_SYMBOL_FUNCTION && !bg_name_is_identifier (symbol->gir_name))
    bg_problem (problems, &symbol->location, "%s: its name '%s' is not a C identifier",
                symbol->name, symbol->gir_name);
  for (guint i = 0; i < symbol->members->len; i++)
    {
      const BgMember *member = g_ptr_array_index (symbol->members, i);

      check_member_name (symbol, member, problems);
      if (!g_hash_table_add (members, member->name))
        bg_problem (problems, &symbol->location, "%s: two values are called '%s'", symbol->name,
                    member->name);
    }
}

/* No rule binds a parameter without a name. */
static void
check_param_names (const BgSymbol *symbol, BgProblems *problems)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < symbol->params->len; i++)
    {
      const BgParam *param = g_ptr_array_index (symbol->params, i);

      if (!bg_name_is_identifier (param->name) && strcmp (param->name, BG_PARAM_REST) != 0)
        bg_problem (problems, &param->location, "%s: parameter '%s' is not a C identifier",
                    symbol->name, param->name);
      if (!g_hash_table_add (names, param->name))
        bg_problem (problems, &param->location, "%s: two parameters are called '%s'", symbol->name,
                    param->name);
    }
}

/* A number, a name or a string: nothing that could be more than one expression. */
static gboolean
is_fixed_value (const char *text)
{
  const char *digits = *text == '-' ? text + 1 : text;

  if (*digits == '\0')
    return FALSE;
  if (bg_name_is_identifier (digits))
    return digits == text;
  return strspn (digits, "0123456789") == strlen (digits);
}

static void
check_length (const BgSymbol *symbol, const BgParam *param, const char *name, BgProblems *problems)
{
  if (param->type->length >= (int) symbol->params->len)
    bg_problem (problems, &param->location, "%s: its length is a parameter that is not there",
                name);
}

static void
check_param (const BgSymbol *symbol, const BgParam *param, BgProblems *problems)
{
  g_autofree char *name = g_strdup_printf ("%s: parameter '%s'", symbol->name, param->name);
  const char *fixed = bg_param_attribute (param, "fixed");

  check_keys (param->attributes, param_keys, name, &param->location, problems);
  if (fixed != NULL && !is_fixed_value (fixed))
    bg_problem (problems, &param->location, "%s: 'bindgen.fixed=%s' is not a number or a name",
                name, fixed);
  if (fixed != NULL && param->out)
    bg_problem (problems, &param->location, "%s: gives something out and is fixed", name);
  if (param->optional && !param->out)
    bg_problem (problems, &param->location, "%s: is optional but gives nothing out", name);
  check_length (symbol, param, name, problems);
}

static void
check_returned (const BgSymbol *symbol, BgProblems *problems)
{
  g_autofree char *name = g_strdup_printf ("%s: the returned array", symbol->name);

  check_length (symbol, symbol->ret, name, problems);
}

void
bg_check_api (const BgApi *api, BgProblems *problems)
{
  for (guint i = 0; i < api->symbols->len; i++)
    {
      const BgSymbol *symbol = g_ptr_array_index (api->symbols, i);

      check_keys (symbol->attributes, symbol_keys, symbol->name, &symbol->location, problems);
      check_exclusive (symbol, problems);
      check_values (symbol, problems);
      check_names (symbol, problems);
      check_param_names (symbol, problems);
      for (guint k = 0; k < symbol->params->len; k++)
        check_param (symbol, g_ptr_array_index (symbol->params, k), problems);
      if (symbol->ret != NULL)
        check_returned (symbol, problems);
    }
}

/* The model */

static void
check_take_name (GHashTable *taken, const char *name, const BgSymbol *symbol, BgProblems *problems)
{
  const BgSymbol *earlier = g_hash_table_lookup (taken, name);

  if (earlier != NULL)
    bg_problem (problems, &symbol->location,
                "%s: would be called %s, as %s is (%s:%u); use "
                "'bindgen.name'",
                symbol->name, name, earlier->name, earlier->location.file, earlier->location.line);
  else
    g_hash_table_insert (taken, g_strdup (name), (gpointer) symbol);
}

static void
check_method_names (const BgModel *model, GHashTable *taken, const BgMethod *method)
{
  g_autofree char *async = g_strconcat (method->c_name, "_async", NULL);
  g_autofree char *finish = g_strconcat (method->c_name, "_finish", NULL);

  check_take_name (taken, method->c_name, method->symbol, model->problems);
  if (bg_name_is_reserved_method (method->name))
    bg_problem (model->problems, &method->symbol->location,
                "%s: '%s' is a method of every object; use 'bindgen.name'", method->symbol->name,
                method->name);
  if (method->mode == BG_MODE_LOCAL)
    return;
  check_take_name (taken, async, method->symbol, model->problems);
  check_take_name (taken, finish, method->symbol, model->problems);
}

static gboolean
is_fallible (const BgMethod *method)
{
  return method->ret->role == BG_ROLE_STATUS || method->ret->role == BG_ROLE_COUNT
         || (method->ret->role == BG_ROLE_HANDLE && !method->ret->nullable);
}

static void
check_error (const BgModel *model, const BgMethod *method)
{
  guint n_errors = 0;

  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);

      if (arg->role != BG_ROLE_ERROR)
        continue;
      n_errors++;
      if (i + 1 != method->args->len)
        bg_problem (model->problems, &method->symbol->location,
                    "%s: the error '%s' is not the last parameter", method->symbol->name,
                    arg->name);
    }
  if (n_errors == 0 && is_fallible (method))
    bg_problem (model->problems, &method->symbol->location,
                "%s: can fail, but has no parameter for the error", method->symbol->name);
}

static void
check_local (const BgModel *model, const BgMethod *method)
{
  const BgArg *result = method->result;

  if (method->mode != BG_MODE_LOCAL)
    return;
  if (result != method->ret || result->role == BG_ROLE_HANDLE || result->role == BG_ROLE_STRV
      || result->role == BG_ROLE_COUNT || result->role == BG_ROLE_BYTES || method->is_static)
    bg_problem (model->problems, &method->symbol->location,
                "%s: 'bindgen.local' is only for what returns a number, a bool or text",
                method->symbol->name);
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);

      if (arg->role != BG_ROLE_SELF && arg->role != BG_ROLE_ERROR)
        bg_problem (model->problems, &method->symbol->location,
                    "%s: 'bindgen.local' is only for what takes nothing but the object",
                    method->symbol->name);
    }
}

static void
check_documented (const BgModel *model, const BgSymbol *symbol)
{
  if (symbol->doc == NULL || *symbol->doc == '\0')
    bg_problem (model->problems, &symbol->location, "%s: has no documentation", symbol->name);
  if (symbol->since == NULL)
    bg_problem (model->problems, &symbol->location, "%s: has no 'Since:'", symbol->name);
}

/* "@x: (or none) text" would be read as an annotation. */
static void
check_text (const BgModel *model, const BgSymbol *symbol, const BgParam *param)
{
  if (param->doc != NULL && *param->doc == '(')
    bg_problem (model->problems, &param->location,
                "%s: the text of '%s' begins with '(', which would be read as an annotation",
                symbol->name, param->name);
}

static void
check_texts (const BgModel *model, const BgMethod *method)
{
  for (guint i = 0; i < method->args->len; i++)
    {
      const BgArg *arg = g_ptr_array_index (method->args, i);

      check_text (model, method->symbol, arg->param);
    }
  check_text (model, method->symbol, method->ret->param);
}

static void
check_roles (const BgModel *model, const BgMethod *method)
{
  if (!bg_role_is_result (method->result->role))
    bg_problem (model->problems, &method->symbol->location, "%s: a result of role '%s' has no code",
                method->symbol->name, bg_role_name (method->result->role));
}

/* The const of a text has to agree with its transfer annotation. */
static void
check_transfer (const BgModel *model, const BgMethod *method)
{
  const BgArg *result = method->result;
  gboolean is_const = bg_arg_is_const (result);

  if (result->role == BG_ROLE_STRING && result->owned == is_const)
    bg_problem (model->problems, &result->param->location,
                "%s: gives out '%s' with transfer %s; a text is const if and only if it is not "
                "handed over",
                method->symbol->name, result->core_type, result->param->transfer);
}

static void
check_method (const BgModel *model, const BgMethod *method)
{
  if (!method->count_only)
    {
      check_documented (model, method->symbol);
      check_error (model, method);
      check_texts (model, method);
    }
  check_local (model, method);
  check_roles (model, method);
  check_transfer (model, method);
}

static void
check_class (const BgModel *model, const BgClass *klass, GHashTable *taken)
{
  const BgSymbol *record = klass->record;

  check_documented (model, record);
  if (klass->free == NULL && (klass->ref == NULL || klass->unref == NULL))
    bg_problem (model->problems, &record->location,
                "%s: there is no %sref and %sunref to count references with, and no %sfree instead",
                record->name, klass->core_snake, klass->core_snake, klass->core_snake);
  for (guint i = 0; i < klass->hand->len; i++)
    {
      const BgSymbol *symbol = g_ptr_array_index (klass->hand, i);

      check_take_name (taken, bg_symbol_attribute (symbol, "hand"), symbol, model->problems);
      check_documented (model, symbol);
    }
  for (guint i = 0; i < klass->methods->len; i++)
    {
      check_method_names (model, taken, g_ptr_array_index (klass->methods, i));
      check_method (model, g_ptr_array_index (klass->methods, i));
    }
}

/* The code that means "cancelled" is one of those of an error. */
static void
check_cancelled (const BgModel *model, const BgEnum *enumeration)
{
  const BgSymbol *symbol = enumeration->symbol;

  if (enumeration->cancelled == NULL)
    return;
  if (!enumeration->error)
    bg_problem (model->problems, &symbol->location, "%s: 'bindgen.cancelled' needs 'bindgen.error'",
                symbol->name);
  if (enumeration->members->len == symbol->members->len)
    bg_problem (model->problems, &symbol->location,
                "%s: 'bindgen.cancelled=%s' is not a value of it", symbol->name,
                enumeration->cancelled);
}

static void
check_take_constant (const BgModel *model, const BgEnum *enumeration, GHashTable *taken, char *name)
{
  const BgSymbol *symbol = enumeration->symbol;
  const BgSymbol *earlier = g_hash_table_lookup (taken, name);

  if (earlier != NULL)
    bg_problem (
        model->problems, &symbol->location,
        "%s: two values would be called %s, the other one of %s (%s:%u); flags without a value 0 "
        "get one that is called NONE",
        symbol->name, name, earlier->name, earlier->location.file, earlier->location.line);
  g_hash_table_insert (taken, name, (gpointer) symbol);
}

/* All constants have names of their own, also those that are added. */
static void
check_constants (const BgModel *model)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < model->enums->len; i++)
    {
      const BgEnum *enumeration = g_ptr_array_index (model->enums, i);
      char *none = bg_enum_none_name (model, enumeration);

      for (guint k = 0; k < enumeration->symbol->members->len; k++)
        check_take_constant (
            model, enumeration, taken,
            bg_enum_member_name (model, g_ptr_array_index (enumeration->symbol->members, k)));
      if (none != NULL)
        check_take_constant (model, enumeration, taken, none);
    }
}

static void
check_enum (const BgModel *model, const BgEnum *enumeration)
{
  g_autofree char *core = bg_name_upper (model->api->symbol_prefix);
  g_autofree char *prefix = g_strconcat (core, "_", NULL);
  const BgSymbol *symbol = enumeration->symbol;
  const gint64 largest = enumeration->flags ? (gint64) G_MAXUINT32 : G_MAXINT32;

  check_documented (model, symbol);
  check_cancelled (model, enumeration);
  if (enumeration->members->len == 0)
    bg_problem (model->problems, &symbol->location, "%s: has no values", symbol->name);
  for (guint i = 0; i < symbol->members->len; i++)
    {
      const BgMember *member = g_ptr_array_index (symbol->members, i);

      if (!g_str_has_prefix (member->name, prefix))
        bg_problem (model->problems, &symbol->location, "%s: value %s does not begin with %s",
                    symbol->name, member->name, prefix);
      if (member->value < G_MININT32 || member->value > largest)
        bg_problem (model->problems, &symbol->location, "%s: value %s does not fit into an int",
                    symbol->name, member->name);
      if (member->doc == NULL || *member->doc == '\0')
        bg_problem (model->problems, &symbol->location, "%s: value %s has no documentation",
                    symbol->name, member->name);
    }
}

/* Every symbol has exactly one binding, and its state is a known one. */
static void
check_sum (const BgModel *model)
{
  guint counts[BG_N_STATES] = { 0 };
  guint sum = 0;

  for (guint i = 0; i < model->bindings->len; i++)
    {
      const BgBinding *binding = g_ptr_array_index (model->bindings, i);

      counts[binding->state]++;
    }
  for (guint i = BG_STATE_BOUND; i < BG_N_STATES; i++)
    sum += counts[i];
  if (sum != model->api->symbols->len)
    g_error ("%u symbols were read but %u were accounted for", model->api->symbols->len, sum);
}

void
bg_check_model (const BgModel *model)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  check_sum (model);
  for (guint i = 0; i < model->classes->len; i++)
    {
      const BgClass *klass = g_ptr_array_index (model->classes, i);

      check_take_name (types, klass->type, klass->record, model->problems);
      check_class (model, klass, taken);
    }
  for (guint i = 0; i < model->boxes->len; i++)
    {
      const BgBoxed *boxed = g_ptr_array_index (model->boxes, i);

      check_take_name (types, boxed->type, boxed->record, model->problems);
      check_documented (model, boxed->record);
    }
  for (guint i = 0; i < model->enums->len; i++)
    {
      const BgEnum *enumeration = g_ptr_array_index (model->enums, i);

      check_take_name (types, enumeration->type, enumeration->symbol, model->problems);
      check_enum (model, enumeration);
    }
  if (bg_problems_count (model->problems) == 0)
    check_constants (model);
}

/* The lock */

static GHashTable *
check_parse_lock (const char *lock)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = g_strsplit (lock != NULL ? lock : "", "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strstrip (lines[i]);

      if (*line != '\0' && *line != '#')
        g_hash_table_insert (names, g_strdup (line), GUINT_TO_POINTER (i + 1));
    }
  return names;
}

void
bg_check_lock (const BgModel *model, const char *path, const char *lock)
{
  g_autoptr (GHashTable) names = check_parse_lock (lock);
  GHashTableIter iter;
  gpointer name;
  gpointer line;

  for (guint i = 0; i < model->bindings->len; i++)
    {
      const BgBinding *binding = g_ptr_array_index (model->bindings, i);

      if (binding->state == BG_STATE_UNBOUND && !g_hash_table_remove (names, binding->symbol->name))
        bg_problem (model->problems, &binding->symbol->location, "%s: cannot be bound: %s",
                    binding->symbol->name, binding->reason);
    }
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, &line))
    {
      BgLocation location = { (char *) path, GPOINTER_TO_UINT (line) };

      bg_problem (model->problems, &location, "%s is not unbound any more: remove it from the list",
                  (const char *) name);
    }
}
