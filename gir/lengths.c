/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "lengths.h"

#include <string.h>

#include "roles.h"

static const struct
{
  const char *id;
  const char *description;
} lengths_rules[] = {
  { "length-integer", "the length of an array is an integer, and nothing else besides" },
  { "length-alone", "a length counts one array" },
  { "length-way", "a length goes the way of the array that it counts" },
  { "length-countable", "an array that goes in says how long it is" },
};

const char *
bg_lengths_rule_description (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (lengths_rules); i++)
    if (strcmp (lengths_rules[i].id, id) == 0)
      return lengths_rules[i].description;
  return NULL;
}

/* The parameters and then the returned value. */
static guint
lengths_count_values (const BgMethod *method)
{
  return method->args->len + 1;
}

static const BgArg *
lengths_get_value (const BgMethod *method, guint index)
{
  return index < method->args->len ? g_ptr_array_index (method->args, index) : method->ret;
}

static gboolean
is_coming_out (const BgMethod *method, const BgArg *value)
{
  return value->out || value == method->ret;
}

/* The array before that one which has the same length, or NULL. */
static const BgArg *
lengths_find_earlier (const BgMethod *method, guint index)
{
  const BgArg *array = lengths_get_value (method, index);

  for (guint i = 0; i < index; i++)
    {
      const BgArg *earlier = lengths_get_value (method, i);

      if (earlier->param->type->length == array->param->type->length)
        return earlier;
    }
  return NULL;
}

/* What a parameter is that counts nothing. */
static const char *
lengths_describe (const BgArg *arg)
{
  switch (arg->role)
    {
    case BG_ROLE_SELF:
      return "the object";
    case BG_ROLE_ERROR:
      return "the error";
    case BG_ROLE_FIXED:
      return "fixed";
    default:
      return "no integer";
    }
}

/* What is wrong with the array at `index`, whose length is `length`. */
static char *
lengths_check_pair (const BgMethod *method, guint index, const BgArg *length, const char **ret_rule)
{
  const BgArg *array = lengths_get_value (method, index);
  const BgArg *earlier = lengths_find_earlier (method, index);
  const char *way = is_coming_out (method, array) ? "comes out" : "goes in";

  *ret_rule = "length-integer";
  if (length->role != BG_ROLE_LENGTH)
    return g_strdup_printf ("'%s' cannot be the length of the array '%s': it is %s", length->name,
                            array->name, lengths_describe (length));
  *ret_rule = "length-alone";
  if (earlier != NULL)
    return g_strdup_printf ("parameter '%s' is the length of both '%s' and '%s'", length->name,
                            earlier->name, array->name);
  *ret_rule = "length-way";
  if (is_coming_out (method, array) != length->out)
    return g_strdup_printf ("the array '%s' %s, but its length '%s' %s", array->name, way,
                            length->name, length->out ? "comes out" : "goes in");
  *ret_rule = "length-countable";
  if (!length->out && !bg_role_is_countable (array->role))
    return g_strdup_printf ("parameter '%s' is the length of '%s', whose role is %s", length->name,
                            array->name, bg_role_name (array->role));
  return NULL;
}

char *
bg_lengths_find_fault (const BgMethod *method, const char **ret_rule)
{
  for (guint i = 0; i < lengths_count_values (method); i++)
    {
      const BgArg *array = lengths_get_value (method, i);
      const int at = array->param->type->length;
      const BgArg *length = at >= 0 && at < (int) method->args->len
                                ? g_ptr_array_index (method->args, (guint) at)
                                : NULL;
      char *fault = NULL;

      /* Both always have the values that the header says. */
      if (length == NULL || (array->role == BG_ROLE_FIXED && length->role == BG_ROLE_FIXED))
        continue;
      fault = lengths_check_pair (method, i, length, ret_rule);
      if (fault != NULL)
        return fault;
    }
  return NULL;
}
