/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/json-parse.h"

#include <stdbool.h>

/* The code unit of the escape \\uXXXX that starts there; 0 if there is none. */
static unsigned int
json_get_code_unit (const char *text, gsize length)
{
  unsigned int unit = 0;

  if (length < 6 || text[0] != '\\' || text[1] != 'u')
    return 0;
  for (gsize i = 2; i < 6; i++)
    {
      int digit = g_ascii_xdigit_value (text[i]);

      if (digit < 0)
        return 0;
      unit = unit * 16 + (unsigned int) digit;
    }
  return unit;
}

/* How long the escape is that starts there, which may be one of two surrogates; 0 if one of them
 * is missing. The JSON parser would make a text of that which is not UTF-8. */
static gsize
json_measure_escape (const char *text, gsize length)
{
  unsigned int unit = json_get_code_unit (text, length);

  if (unit < 0xd800 || unit > 0xdfff)
    return 2;
  if (unit > 0xdbff || length < 12
      || (json_get_code_unit (text + 6, length - 6) & 0xfc00) != 0xdc00)
    return 0;
  return 12;
}

/* What is wrong with the form of a text that should be one object; NULL if nothing is. The JSON
 * parser would follow it to any depth, make values of it until memory runs out, and accept a
 * second value behind the first. */
static const char *
json_find_malformation (const char *text, gsize length)
{
  bool in_string = false;
  gsize n_values = 0;
  int depth = 0;

  while (length > 0 && g_ascii_isspace (text[length - 1]))
    length--;
  if (length == 0 || text[0] != '{')
    return "it is not an object";
  for (gsize i = 0; i < length; i++)
    {
      char c = text[i];
      gsize escape = in_string && c == '\\' ? json_measure_escape (text + i, length - i) : 1;

      if (escape == 0)
        return "it has half of a character";
      if (escape > 1)
        i += escape - 1;
      else if (c == '"')
        in_string = !in_string;
      else if (!in_string && (c == '{' || c == '['))
        {
          depth++;
          n_values += VCKC_JSON_CONTAINER;
        }
      else if (!in_string && (c == '}' || c == ']'))
        depth--;
      else if (!in_string && c == ',')
        n_values++;
      if (depth > VCKC_JSON_MAX_DEPTH)
        return "it is nested too deeply";
      if (n_values > VCKC_JSON_MAX_VALUES)
        return "it has too many values";
      if (depth == 0 && i + 1 < length)
        return "it goes on after its end";
    }
  return NULL;
}

JsonNode *
vckc_json_parse_object (const char *text, gsize length, char **ret_why)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) gerror = NULL;
  const char *why = json_find_malformation (text, length);

  if (!g_utf8_validate (text, (gssize) length, NULL))
    why = "it is not UTF-8";
  else if (why == NULL && !json_parser_load_from_data (parser, text, (gssize) length, &gerror))
    why = gerror->message;
  else if (why == NULL && !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    why = "it is not an object";
  if (why == NULL)
    return json_node_copy (json_parser_get_root (parser));
  *ret_why = g_strdup (why);
  return NULL;
}
