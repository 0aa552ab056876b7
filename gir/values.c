/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "values.h"

#include <string.h>

#include "ctype.h"
#include "roles.h"

/* One parameter or return value while rules look at it. */
typedef struct
{
  const BgModel *model;
  const BgSymbol *symbol; /* the function */
  const BgParam *param;
  guint index; /* of the parameter */
  gboolean may_be_self;
  BgCType ctype;
  guint depth; /* stars of the value itself: without the one of an out parameter */
  BgArg *arg;  /* being made */
} Value;

typedef struct
{
  const char *id;
  const char *description;
  gboolean (*apply) (Value *value);
} ValueRule;

static const BgNumber numbers[] = {
  { "gint", "int" },        { "guint", "unsigned int" }, { "gint8", "gint8" },
  { "guint8", "guint8" },   { "gint16", "gint16" },      { "guint16", "guint16" },
  { "gint32", "gint32" },   { "guint32", "guint32" },    { "gint64", "gint64" },
  { "guint64", "guint64" }, { "glong", "glong" },        { "gulong", "gulong" },
  { "gsize", "gsize" },     { "gssize", "gssize" },      { "gfloat", "gfloat" },
  { "gdouble", "gdouble" },
};

static gboolean
is_named (const Value *value, const char *name)
{
  return g_strcmp0 (value->param->type->name, name) == 0;
}

static gboolean
is_written (const Value *value, const char *const *bases)
{
  return g_strv_contains (bases, value->ctype.base);
}

/* A number in C, as far as its name says: no type of the API that is something else. */
static gboolean
is_written_as_number (const Value *value)
{
  static const char *const others[] = { "_Bool", "bool", "char", "gchar", "void", NULL };
  const BgSymbol *symbol = g_hash_table_lookup (value->model->api->by_name, value->ctype.base);

  return !is_written (value, others) && (symbol == NULL || symbol->kind == BG_SYMBOL_OTHER);
}

static gboolean
is_written_as_text (const Value *value)
{
  static const char *const bases[] = { "char", "gchar", NULL };

  return is_written (value, bases);
}

static gboolean
is_written_as (const Value *value, const BgSymbol *symbol)
{
  return strcmp (value->ctype.base, symbol->name) == 0;
}

static gboolean
is_unsigned (const char *type)
{
  static const char *const others[] = { "gsize", "guchar", "gulong", "size_t", NULL };

  return g_str_has_prefix (type, "unsigned") || g_str_has_prefix (type, "uint")
         || g_str_has_prefix (type, "guint") || g_strv_contains (others, type);
}

/* A status that is unsigned would never be a failure. */
static const BgNumber *
value_find_number (const Value *value)
{
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (is_named (value, numbers[i].gir) && value->depth == 0 && is_written_as_number (value)
        && (is_unsigned (numbers[i].gir) || !is_unsigned (value->ctype.base)))
      return &numbers[i];
  return NULL;
}

static gboolean
is_integer (const Value *value)
{
  return value_find_number (value) != NULL && !is_named (value, "gfloat")
         && !is_named (value, "gdouble");
}

static gboolean
is_error_sink (Value *value)
{
  const BgLibrary *library = value->model->library;

  if (g_strcmp0 (value->ctype.base, library->error_type) != 0 || value->ctype.depth != 2)
    return FALSE;
  value->arg->role = BG_ROLE_ERROR;
  return TRUE;
}

static gboolean
is_fixed (Value *value)
{
  const char *fixed = bg_param_attribute (value->param, "fixed");

  if (fixed == NULL)
    return FALSE;
  value->arg->role = BG_ROLE_FIXED;
  value->arg->fixed = g_strdup (fixed);
  return TRUE;
}

/* Another parameter names this one as the length of its array. */
static gboolean
is_length (Value *value)
{
  const BgSymbol *symbol = value->symbol;
  gboolean counts = symbol->ret->type->length == (int) value->index;

  for (guint i = 0; i < symbol->params->len && !counts; i++)
    {
      const BgParam *other = g_ptr_array_index (symbol->params, i);

      counts = other->type->length == (int) value->index;
      value->arg->partner = counts ? (int) i : -1;
    }
  if (!counts || !is_integer (value))
    return FALSE;
  value->arg->role = BG_ROLE_LENGTH;
  return TRUE;
}

static gboolean
is_handle (Value *value)
{
  const BgClass *klass = bg_model_class (value->model, value->param->type->name);

  if (klass == NULL || value->depth != 1 || !is_written_as (value, klass->record))
    return FALSE;
  value->arg->role = BG_ROLE_HANDLE;
  value->arg->klass = klass;
  return TRUE;
}

static gboolean
is_self (Value *value)
{
  if (!value->may_be_self || value->index != 0 || !is_handle (value))
    return FALSE;
  value->arg->role = BG_ROLE_SELF;
  return TRUE;
}

static gboolean
is_handle_list (Value *value)
{
  const BgType *element = value->param->type->element;
  const BgClass *klass = element != NULL ? bg_model_class (value->model, element->name) : NULL;

  if (klass == NULL || value->depth != 2 || !is_written_as (value, klass->record)
      || !value->param->out || g_strcmp0 (value->param->transfer, "full") != 0)
    return FALSE;
  value->arg->role = BG_ROLE_HANDLES;
  value->arg->klass = klass;
  return TRUE;
}

static gboolean
is_boxed_list (Value *value)
{
  const BgType *element = value->param->type->element;
  const BgBoxed *boxed = element != NULL ? bg_model_boxed (value->model, element->name) : NULL;

  if (boxed == NULL || value->depth != 1 || !is_written_as (value, boxed->record)
      || !value->param->out || g_strcmp0 (value->param->transfer, "full") != 0)
    return FALSE;
  value->arg->role = BG_ROLE_BOXES;
  value->arg->boxed = boxed;
  return TRUE;
}

static gboolean
is_enumeration (Value *value, gboolean flags)
{
  const BgEnum *enumeration = bg_model_enum (value->model, value->param->type->name);

  if (enumeration == NULL || enumeration->flags != flags || value->depth != 0
      || !(is_written_as (value, enumeration->symbol) || is_written_as_number (value)))
    return FALSE;
  value->arg->role = flags ? BG_ROLE_FLAGS : BG_ROLE_ENUM;
  value->arg->enumeration = enumeration;
  return TRUE;
}

static gboolean
is_flags (Value *value)
{
  return is_enumeration (value, TRUE);
}

static gboolean
is_enum (Value *value)
{
  return is_enumeration (value, FALSE);
}

static gboolean
is_bool (Value *value)
{
  static const char *const bases[] = { "_Bool", "bool", NULL };

  value->arg->role = BG_ROLE_BOOL;
  return is_named (value, "gboolean") && value->depth == 0
         && (is_written (value, bases) || is_written_as_number (value));
}

static gboolean
is_number (Value *value)
{
  value->arg->role = BG_ROLE_NUMBER;
  value->arg->number = value_find_number (value);
  return value->arg->number != NULL;
}

static gboolean
is_string (Value *value)
{
  value->arg->role = BG_ROLE_STRING;
  return is_named (value, "utf8") && value->depth == 1 && is_written_as_text (value);
}

static gboolean
is_string_list (Value *value)
{
  const BgType *type = value->param->type;

  value->arg->role = BG_ROLE_STRV;
  return type->element != NULL && g_strcmp0 (type->element->name, "utf8") == 0
         && type->zero_terminated && value->depth == 2 && is_written_as_text (value);
}

static gboolean
is_bytes (Value *value)
{
  static const char *const bases[] = {
    "char", "gchar", "guchar", "guint8", "int8_t", "uint8_t", "unsigned char", "void", NULL,
  };
  const BgType *type = value->param->type;

  value->arg->role = BG_ROLE_BYTES;
  value->arg->partner = type->length;
  return type->element != NULL && g_strcmp0 (type->element->name, "guint8") == 0
         && type->length >= 0 && type->length < (int) value->symbol->params->len
         && value->depth == 1 && is_written (value, bases);
}

/* The first that applies gives a parameter its role. */
static const ValueRule param_rules[] = {
  { "error-sink", "the pointer to a pointer to an error takes the error", is_error_sink },
  { "fixed", "an argument with bindgen.fixed always has that value", is_fixed },
  { "length", "an argument that an array names as its length counts it", is_length },
  { "self", "the first argument of a method is the object", is_self },
};

/* The first that applies gives a value, in or out, its role. */
static const ValueRule value_rules[] = {
  { "handle", "a pointer to a handle is an object of its class", is_handle },
  { "handle-list", "an array of handles given out is a list of objects", is_handle_list },
  { "boxed-list", "an array of plain structs given out is a list of boxed values", is_boxed_list },
  { "flags", "a flags type, of the argument itself or annotated", is_flags },
  { "enum", "an enum type, of the argument itself or annotated", is_enum },
  { "bool", "a bool is a boolean", is_bool },
  { "number", "an integer or a floating-point number", is_number },
  { "string", "a pointer to char is UTF-8 text", is_string },
  { "string-list", "an array of text that ends in NULL", is_string_list },
  { "bytes", "an array of bytes with a length is a block of bytes", is_bytes },
};

const char *
bg_value_rule_description (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (param_rules); i++)
    if (strcmp (param_rules[i].id, id) == 0)
      return param_rules[i].description;
  for (gsize i = 0; i < G_N_ELEMENTS (value_rules); i++)
    if (strcmp (value_rules[i].id, id) == 0)
      return value_rules[i].description;
  return NULL;
}

/* An unsigned int that is a flags type has it by annotation. */
static void
value_note_type (BgArg *arg, const BgCType *ctype)
{
  if (arg->enumeration == NULL)
    return;
  bg_detail_add (arg->details, "type", arg->enumeration->symbol->name,
                 strcmp (ctype->base, arg->enumeration->symbol->name) == 0 ? "gir:type"
                                                                           : "gir:annotation");
}

static void
value_note_details (BgArg *arg)
{
  if (arg->out)
    bg_detail_add (arg->details, "direction", "out", "gir:annotation");
  if (arg->nullable)
    bg_detail_add (arg->details, "nullable", "yes", "gir:annotation");
  if (arg->param->optional)
    bg_detail_add (arg->details, "optional", "yes", "gir:annotation");
  if (arg->role == BG_ROLE_HANDLE || arg->role == BG_ROLE_HANDLES || arg->role == BG_ROLE_BOXES
      || arg->role == BG_ROLE_STRING || arg->role == BG_ROLE_STRV || arg->role == BG_ROLE_BYTES)
    bg_detail_add (arg->details, "transfer", arg->param->transfer, "gir:annotation");
}

/* The id of the first rule that applies, or NULL. */
static const char *
value_try_rules (Value *value, const ValueRule *rules, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (rules[i].apply (value))
      {
        g_autofree char *source = g_strconcat ("rule:", rules[i].id, NULL);

        bg_detail_add (value->arg->details, "role", bg_role_name (value->arg->role), source);
        value_note_type (value->arg, &value->ctype);
        value_note_details (value->arg);
        return rules[i].id;
      }
  return NULL;
}

/* The C type: that of the array where there is one, else as written. */
static gboolean
value_parse_ctype (Value *value)
{
  const char *text = value->param->type->c_type;

  if (text == NULL || !bg_ctype_parse (text, &value->ctype))
    return FALSE;
  value->depth = value->ctype.depth;
  if (value->depth == 0 && strcmp (value->ctype.base, "void") == 0)
    return FALSE;
  if (!value->param->out)
    return TRUE;
  if (value->depth == 0)
    return FALSE;
  value->depth--;
  return TRUE;
}

static BgArg *
value_classify (Value *value, gboolean is_param, const char **ret_rule)
{
  const char *rule = NULL;

  value->arg = bg_arg_new (value->param, BG_ROLE_NONE);
  if (value_parse_ctype (value))
    {
      if (is_param)
        rule = value_try_rules (value, param_rules, G_N_ELEMENTS (param_rules));
      if (rule == NULL)
        rule = value_try_rules (value, value_rules, G_N_ELEMENTS (value_rules));
    }
  if (rule == NULL)
    {
      value->arg->role = BG_ROLE_NONE;
      bg_detail_add (value->arg->details, "role", bg_role_name (BG_ROLE_NONE), "no rule applies");
    }
  else
    value->arg->core_type = bg_ctype_to_string (&value->ctype, value->depth);
  bg_ctype_clear (&value->ctype);
  *ret_rule = rule;
  return value->arg;
}

BgArg *
bg_value_of_param (const BgModel *model,
                   const BgSymbol *symbol,
                   guint index,
                   gboolean may_be_self,
                   const char **ret_rule)
{
  Value value = { .model = model,
                  .symbol = symbol,
                  .param = g_ptr_array_index (symbol->params, index),
                  .index = index,
                  .may_be_self = may_be_self };

  return value_classify (&value, TRUE, ret_rule);
}

BgArg *
bg_value_of_return (const BgModel *model, const BgSymbol *symbol, const char **ret_rule)
{
  Value value = { .model = model, .symbol = symbol, .param = symbol->ret };

  return value_classify (&value, FALSE, ret_rule);
}

char *
bg_value_describe (const BgParam *param)
{
  GString *text = g_string_new (NULL);
  const BgType *type = param->type;

  if (type->element != NULL)
    g_string_append_printf (text, "an array of '%s'",
                            type->element->name != NULL ? type->element->name : "?");
  else
    g_string_append_printf (text, "type '%s'", type->name != NULL ? type->name : "?");
  g_string_append_printf (text, " (in C '%s', %s, transfer %s)",
                          type->c_type != NULL ? type->c_type : "?",
                          param->inout ? "in and out"
                          : param->out ? "out"
                                       : "in",
                          param->transfer != NULL ? param->transfer : "none");
  return g_string_free (text, FALSE);
}
