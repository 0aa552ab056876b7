/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The raw API: what a reader found in its input, with the location where each thing
 * was declared. Nothing is decided here; that is what rules are for.
 */

#pragma once

#include <glib.h>

typedef struct
{
  char *file; /* a header as the input names it */
  guint line;
} BgLocation;

/* The name of a parameter that has none. */
#define BG_PARAM_REST "..."

typedef enum
{
  BG_SYMBOL_FUNCTION,
  BG_SYMBOL_RECORD,
  BG_SYMBOL_ENUM,
  BG_SYMBOL_FLAGS,
  BG_SYMBOL_CALLBACK,
  BG_SYMBOL_OTHER, /* constants, unions, aliases: accounted for, never bound */
} BgSymbolKind;

typedef struct _BgType BgType;

struct _BgType
{
  char *name;               /* "utf8", "gint", "Domain"; NULL for an array or when unknown */
  char *c_type;             /* as written in C; NULL when the input does not say */
  BgType *element;          /* of an array, else NULL */
  gboolean zero_terminated; /* an array that ends in NULL */
  int length;               /* index of the parameter that counts the array, or -1 */
};

typedef struct
{
  char *name;
  char *doc; /* (nullable) */
  BgLocation location;
  GHashTable *attributes; /* key without "bindgen." -> value */
  BgType *type;
  char *transfer; /* "none", "container", "full" */
  gboolean out;
  gboolean inout;
  gboolean caller_allocates;
  gboolean optional;
  gboolean nullable;
} BgParam;

typedef struct
{
  char *name; /* C identifier */
  char *nick; /* with hyphens */
  char *doc;  /* (nullable) */
  gint64 value;
} BgMember;

typedef struct
{
  BgSymbolKind kind;
  char *name;     /* C identifier, unique in the API */
  char *gir_name; /* name inside the namespace or the record */
  char *what;     /* the input's word for its kind, such as "record" */
  char *doc;      /* (nullable) */
  char *since;    /* (nullable) */
  BgLocation location;
  GHashTable *attributes;
  GPtrArray *params;  /* of a function: BgParam, in C order */
  BgParam *ret;       /* of a function */
  GPtrArray *members; /* of an enum or flags: BgMember, in order of declaration */
} BgSymbol;

typedef struct
{
  char *name;          /* namespace */
  char *version;       /* of the namespace */
  char *type_prefix;   /* "Vckc" */
  char *symbol_prefix; /* "vckc" */
  GPtrArray *symbols;  /* BgSymbol, owned, in order of declaration */
  GHashTable *by_name; /* C identifier -> BgSymbol */
  GHashTable *by_type; /* GIR name of a type -> BgSymbol */
} BgApi;

BgApi *bg_api_new (void);
void bg_api_free (BgApi *api);

/* Takes over the symbol. FALSE if its name is taken; the symbol is freed then. */
gboolean bg_api_add (BgApi *api, BgSymbol *symbol, const BgSymbol **earlier);

/* Puts the symbols in an order that does not depend on the order of the input. */
void bg_api_sort (BgApi *api);

BgSymbol *bg_symbol_new (BgSymbolKind kind);
void bg_symbol_free (BgSymbol *symbol);
BgParam *bg_param_new (void);
void bg_param_free (BgParam *param);
BgType *bg_type_new (void);
void bg_type_free (BgType *type);
void bg_member_free (BgMember *member);

/* The value of the annotation "bindgen.KEY", or NULL. */
const char *bg_symbol_attribute (const BgSymbol *symbol, const char *key);
const char *bg_param_attribute (const BgParam *param, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BgApi, bg_api_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BgSymbol, bg_symbol_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BgParam, bg_param_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BgType, bg_type_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BgMember, bg_member_free)
