/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Where the managed engine keeps domains and checkpoints: texts by name, nothing
 * parsed. A store knows no XML and no bitmap.
 *
 * A change to a domain's checkpoints takes three steps, so that it can be interrupted
 * anywhere and is then finished or undone, never half there:
 *
 *   begin   a record is kept of what to do should we never come back
 *   apply   the change itself, once the bitmaps are done
 *   end     the record is dropped
 *
 * What to do should we never come back has the same shape for every operation: bitmaps
 * to remove if they are there, and texts to write and remove. For a creation it is the
 * way back, for a deletion or redefinition the way forward. Whoever opens the domain next
 * and finds such a record does what it says, then drops it.
 *
 * All functions that change a domain are called with it locked; generation and domain_load
 * need no lock. Locking excludes other processes; the engine's job excludes the other
 * threads of this one.
 *
 * A domain is gone if the store says so for certain: list_domains does not list it, generation
 * gives 0, domain_load fails with NO_DOMAIN. That it cannot be looked at is another error.
 */

#pragma once

#include "base/error-private.h"

typedef struct _VckcStore VckcStore;

/* A bitmap in an image, to be removed when a record is carried out. */
typedef struct
{
  char *target; /* the disk, for messages */
  char *path;
  char *format;
  char *bitmap;
} VckcStoreBitmap;

/* A change to the checkpoints of one domain. */
typedef struct
{
  char *operation;    /* such as "create": for the log */
  GPtrArray *bitmaps; /* of VckcStoreBitmap; only in the record of begin */
  GHashTable *write;  /* checkpoint name -> XML text */
  GPtrArray *remove;  /* checkpoint names; one that is not there is no error */
  bool set_current;   /* whether `current` counts */
  char *current;      /* the current checkpoint, NULL for none */
  bool set_notes;     /* whether `notes` counts */
  char *notes;        /* the engine's own notes on the domain, NULL for none */
} VckcStoreChange;

/* Everything kept of one domain. */
typedef struct
{
  char *domain_xml;
  GPtrArray *checkpoint_names; /* in no order */
  GPtrArray *checkpoint_xml;   /* their texts, in the same order */
  GPtrArray *unreadable;       /* names of records that could not be read at all */
  char *current;               /* (nullable) */
  char *notes;                 /* (nullable) */
  VckcStoreChange *unfinished; /* (nullable): a record left by an interrupted change */
  char *unfinished_problem;    /* (nullable): there is one, and why it cannot be read */
  bool untidy;                 /* something was left by a write, which goes with the next lock */
} VckcStoreRecord;

/* A domain was perhaps changed by another process, is new or gone; NULL: any. */
typedef void (*VckcStoreChangedFunc) (const char *uuid, gpointer data);

typedef struct
{
  /* UUIDs of all domains, each a string; also of those that cannot be read. With `tidy`, removes what
   * interrupted definitions and removals left, unless somebody is at work there. */
  bool (*list_domains) (VckcStore *store, bool tidy, GPtrArray **ret_uuids, VckcError **err);

  /* Takes the lock of the domain, waiting until `deadline` (g_get_monotonic_time());
   * then BUSY. The domain's place is made if it does not exist. */
  bool (*lock) (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err);
  /* The same for who only reads: keeps away who wants to change the domain, and changes nothing in the
   * store, nor needs the right to. NO_DOMAIN if there is none. */
  bool (*lock_shared) (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err);
  void (*unlock) (VckcStore *store, const char *uuid);

  /* A number that is different whenever another process has changed the domain since;
   * cheap, needs no lock. 0 if the domain does not exist. */
  bool (*generation) (VckcStore *store, const char *uuid, guint64 *ret_generation, VckcError **err);

  bool (*domain_load) (VckcStore *store,
                       const char *uuid,
                       VckcStoreRecord **ret_record,
                       VckcError **err);
  bool (*domain_save) (VckcStore *store, const char *uuid, const char *xml, VckcError **err);
  /* Removes the domain and everything kept of it. */
  bool (*domain_remove) (VckcStore *store, const char *uuid, VckcError **err);

  bool (*begin) (VckcStore *store,
                 const char *uuid,
                 const VckcStoreChange *recovery,
                 VckcError **err);
  /* May fail half-way; the record then still stands. */
  bool (*apply) (VckcStore *store,
                 const char *uuid,
                 const VckcStoreChange *change,
                 VckcError **err);
  /* That there is no record is no error. */
  bool (*end) (VckcStore *store, const char *uuid, VckcError **err);

  /* Tells of changes, once at the beginning and whenever there may be some, until `stop_fd` is
   * readable. Blocks. NULL if no other process can change the store. */
  void (*follow) (VckcStore *store, int stop_fd, VckcStoreChangedFunc changed, gpointer data);

  void (*free) (VckcStore *store);
} VckcStoreClass;

/* The first member of the implementation's own struct. */
struct _VckcStore
{
  const VckcStoreClass *klass;
};

VckcStoreChange *vckc_store_change_new (const char *operation);
void vckc_store_change_add_bitmap (VckcStoreChange *change,
                                   const char *target,
                                   const char *path,
                                   const char *format,
                                   const char *bitmap);
void vckc_store_change_free (VckcStoreChange *change);
VckcStoreRecord *vckc_store_record_new (void);
void vckc_store_record_free (VckcStoreRecord *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcStoreChange, vckc_store_change_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcStoreRecord, vckc_store_record_free)
