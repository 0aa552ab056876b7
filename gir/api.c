/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "api.h"

#include <string.h>

static GHashTable *
api_attributes_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

BgType *
bg_type_new (void)
{
  BgType *type = g_new0 (BgType, 1);

  type->length = -1;
  return type;
}

void
bg_type_free (BgType *type)
{
  if (type == NULL)
    return;
  if (type->element != NULL)
    {
      /* The reader makes one level at most. */
      g_free (type->element->name);
      g_free (type->element->c_type);
      g_free (type->element);
    }
  g_free (type->name);
  g_free (type->c_type);
  g_free (type);
}

BgParam *
bg_param_new (void)
{
  BgParam *param = g_new0 (BgParam, 1);

  param->attributes = api_attributes_new ();
  return param;
}

void
bg_param_free (BgParam *param)
{
  if (param == NULL)
    return;
  g_free (param->name);
  g_free (param->doc);
  g_free (param->location.file);
  g_free (param->transfer);
  bg_type_free (param->type);
  g_hash_table_unref (param->attributes);
  g_free (param);
}

void
bg_member_free (BgMember *member)
{
  g_free (member->name);
  g_free (member->nick);
  g_free (member->doc);
  g_free (member);
}

BgSymbol *
bg_symbol_new (BgSymbolKind kind)
{
  BgSymbol *symbol = g_new0 (BgSymbol, 1);

  symbol->kind = kind;
  symbol->attributes = api_attributes_new ();
  symbol->params = g_ptr_array_new_with_free_func ((GDestroyNotify) bg_param_free);
  symbol->members = g_ptr_array_new_with_free_func ((GDestroyNotify) bg_member_free);
  return symbol;
}

void
bg_symbol_free (BgSymbol *symbol)
{
  if (symbol == NULL)
    return;
  g_free (symbol->name);
  g_free (symbol->gir_name);
  g_free (symbol->what);
  g_free (symbol->doc);
  g_free (symbol->since);
  g_free (symbol->location.file);
  g_hash_table_unref (symbol->attributes);
  g_ptr_array_unref (symbol->params);
  bg_param_free (symbol->ret);
  g_ptr_array_unref (symbol->members);
  g_free (symbol);
}

const char *
bg_symbol_attribute (const BgSymbol *symbol, const char *key)
{
  return g_hash_table_lookup (symbol->attributes, key);
}

const char *
bg_param_attribute (const BgParam *param, const char *key)
{
  return g_hash_table_lookup (param->attributes, key);
}

BgApi *
bg_api_new (void)
{
  BgApi *api = g_new0 (BgApi, 1);

  api->symbols = g_ptr_array_new_with_free_func ((GDestroyNotify) bg_symbol_free);
  api->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  api->by_type = g_hash_table_new (g_str_hash, g_str_equal);
  return api;
}

void
bg_api_free (BgApi *api)
{
  if (api == NULL)
    return;
  g_free (api->name);
  g_free (api->version);
  g_free (api->type_prefix);
  g_free (api->symbol_prefix);
  g_hash_table_unref (api->by_name);
  g_hash_table_unref (api->by_type);
  g_ptr_array_unref (api->symbols);
  g_free (api);
}

gboolean
bg_api_add (BgApi *api, BgSymbol *symbol, const BgSymbol **earlier)
{
  *earlier = g_hash_table_lookup (api->by_name, symbol->name);
  if (*earlier != NULL)
    {
      bg_symbol_free (symbol);
      return FALSE;
    }
  g_ptr_array_add (api->symbols, symbol);
  g_hash_table_insert (api->by_name, symbol->name, symbol);
  if (symbol->kind != BG_SYMBOL_FUNCTION)
    g_hash_table_insert (api->by_type, symbol->gir_name, symbol);
  return TRUE;
}

static int
api_compare_symbols (gconstpointer a, gconstpointer b)
{
  const BgSymbol *first = *(const BgSymbol *const *) a;
  const BgSymbol *second = *(const BgSymbol *const *) b;
  int by_file = strcmp (first->location.file, second->location.file);

  if (by_file != 0)
    return by_file;
  if (first->location.line != second->location.line)
    return first->location.line < second->location.line ? -1 : 1;
  return strcmp (first->name, second->name);
}

void
bg_api_sort (BgApi *api)
{
  g_ptr_array_sort (api->symbols, api_compare_symbols);
}
