/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The closed model: what becomes of every symbol, and for a bound function the
 * role of each argument and the kind of its result. Whatever an emitter writes
 * follows from here; it never looks at a type's name again.
 */

#pragma once

#include "library.h"
#include "problems.h"

typedef enum
{
  BG_STATE_UNKNOWN,
  BG_STATE_BOUND,      /* usable from the library */
  BG_STATE_ABSORBED,   /* used inside generated or hand-written code */
  BG_STATE_SUPERSEDED, /* another symbol does its work */
  BG_STATE_SKIPPED,    /* left out on purpose, with a reason */
  BG_STATE_UNBOUND,    /* no rule knows how */
} BgState;

#define BG_N_STATES (BG_STATE_UNBOUND + 1)

typedef enum
{
  BG_ROLE_NONE,
  BG_ROLE_SELF,    /* the object the method is called on */
  BG_ROLE_ERROR,   /* where the core reports an error */
  BG_ROLE_FIXED,   /* always the same value */
  BG_ROLE_LENGTH,  /* counts another argument */
  BG_ROLE_HANDLE,  /* an object of the library */
  BG_ROLE_HANDLES, /* an array of them */
  BG_ROLE_BOXES,   /* an array of plain structs */
  BG_ROLE_FLAGS,
  BG_ROLE_ENUM,
  BG_ROLE_BOOL,
  BG_ROLE_NUMBER,
  BG_ROLE_STRING,
  BG_ROLE_STRV,
  BG_ROLE_BYTES,
  BG_ROLE_STATUS, /* of a result: 0 or -1 becomes TRUE or FALSE */
  BG_ROLE_COUNT,  /* of a result: a number, or -1 on failure */
  BG_ROLE_NOTHING,
} BgRole;

#define BG_N_ROLES (BG_ROLE_NOTHING + 1)

typedef struct
{
  char *key;
  char *value;
  char *source; /* "gir:annotation", "gir:type" or "rule:id" */
} BgDetail;

typedef struct
{
  const BgSymbol *record;
  char *name;          /* "CheckpointDisk" */
  char *type;          /* "VckCheckpointDisk" */
  char *snake;         /* "checkpoint_disk" */
  char *file;          /* "checkpoint-disk" */
  char *prefix;        /* of its functions: "vck_checkpoint_disk" */
  char *macro;         /* "VCK_IS_CHECKPOINT_DISK" */
  char *core_snake;    /* of the core's functions: "vckc_domain_checkpoint_disk_" */
  const BgSymbol *ref; /* NULL, as `unref` is, if references are not counted */
  const BgSymbol *unref;
  const BgSymbol *free; /* of a class whose references are not counted, else NULL */
  GPtrArray *methods;   /* BgMethod, owned, in order of declaration */
  GPtrArray *hand;      /* BgSymbol, borrowed: functions replaced by one written by hand */
} BgClass;

/* A plain struct, which becomes a boxed type. */
typedef struct
{
  const BgSymbol *record;
  char *name;   /* "Extent" */
  char *type;   /* "VckExtent" */
  char *prefix; /* of its functions: "vck_extent" */
} BgBoxed;

typedef struct
{
  const BgSymbol *symbol;
  char *type;   /* "VckDomainState" */
  char *prefix; /* "vck_domain_state" */
  char *gtype;  /* "VCK_TYPE_DOMAIN_STATE" */
  gboolean flags;
  gboolean error;
  GPtrArray *members;    /* BgMember, of the symbol: those that the library has */
  const char *cancelled; /* the one for which it has G_IO_ERROR_CANCELLED instead, or NULL */
} BgEnum;

/* A type of number: how GIR, the core and the library call it. */
typedef struct
{
  const char *gir;
  const char *c;
} BgNumber;

typedef struct
{
  BgRole role;
  const BgParam *param; /* NULL for a made-up result */
  char *name;           /* as the library calls it */
  char *field;          /* as the code around the call calls it, beside names of its own */
  char *core_type;      /* the C type of the value itself, ready for a name: "char *" */
  const BgClass *klass; /* of HANDLE, HANDLES */
  const BgBoxed *boxed; /* of BOXES */
  const BgEnum *enumeration;
  const BgNumber *number;
  char *fixed; /* the value, of FIXED */
  int partner; /* index of the array that is counted, if it goes in, or of the count; else -1 */
  gboolean out;
  gboolean nullable;
  gboolean owned;     /* the value is handed over */
  GPtrArray *details; /* BgDetail */
} BgArg;

typedef enum
{
  BG_MODE_LOCAL,   /* cannot block or fail: plain function */
  BG_MODE_READER,  /* can be abandoned when cancelled */
  BG_MODE_MUTATOR, /* can be cancelled only before it starts */
} BgMode;

typedef struct
{
  const BgSymbol *symbol;
  const BgClass *owner;
  char *name;   /* "list_checkpoints" */
  char *c_name; /* "vck_domain_list_checkpoints" */
  BgMode mode;
  gboolean is_static;  /* has no self */
  GPtrArray *args;     /* BgArg, owned, one per parameter of the core function */
  BgArg *ret;          /* what the core function returns */
  BgArg *result;       /* what the method returns: ret, one of args, or a role of its own */
  gboolean count_only; /* the twin of a list that only counts it */
  GPtrArray *rules;    /* ids of the rules that made it, for the comment above it */
} BgMethod;

typedef struct
{
  const BgSymbol *symbol;
  BgState state;
  char *reason;       /* rule id, or why */
  GPtrArray *methods; /* BgMethod, borrowed; what it is bound as */
  const char *hand;   /* or the hand-written function */
  BgMethod *draft;    /* owned; (nullable); what is known of a function with no generated method */
  const BgClass *owner;
  GPtrArray *details; /* BgDetail, about the function as a whole */
  char *failed;       /* the first rule that failed, if it is unbound */
} BgBinding;

typedef struct
{
  const BgApi *api;
  const BgLibrary *library;
  BgProblems *problems;
  GPtrArray *classes;    /* BgClass, owned */
  GPtrArray *boxes;      /* BgBoxed, owned */
  GPtrArray *enums;      /* BgEnum, owned */
  GPtrArray *bindings;   /* BgBinding, owned, one per symbol, in order of the symbols */
  GHashTable *by_symbol; /* BgSymbol -> BgBinding */
  GPtrArray *bad_links;  /* sorted text, from the rewriting of comments */
} BgModel;

/* An empty model. */
BgModel *bg_model_new (const BgApi *api, const BgLibrary *library, BgProblems *problems);
void bg_model_free (BgModel *model);

BgBinding *bg_model_binding (const BgModel *model, const BgSymbol *symbol);
const BgClass *bg_model_class (const BgModel *model, const char *gir_name);
const BgBoxed *bg_model_boxed (const BgModel *model, const char *gir_name);
const BgEnum *bg_model_enum (const BgModel *model, const char *gir_name);

BgArg *bg_arg_new (const BgParam *param, BgRole role);
void bg_arg_free (BgArg *arg);

/* Is what it leads to, or is made of, const in C? */
gboolean bg_arg_is_const (const BgArg *arg);
void bg_method_free (BgMethod *method);

/* `name`, which the three functions of a method use besides its arguments: with a "_" if an
 * argument is called so. */
char *bg_method_own_name (const BgMethod *method, const char *name);

/* Adds a detail; `source` is its origin. */
void bg_detail_add (GPtrArray *details, const char *key, const char *value, const char *source);
GPtrArray *bg_details_new (void);

const char *bg_state_name (BgState state);
const char *bg_mode_name (BgMode mode);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BgModel, bg_model_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BgArg, bg_arg_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BgMethod, bg_method_free)
