/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Where the managed engine keeps domains and checkpoints: texts by name, nothing
 * parsed. A store knows no XML and no bitmap.
 *
 * A change to a domain's checkpoints takes three steps, so that it can be interrupted
 * anywhere and is then rolled forward or back, never half done:
 *
 *   write_journal   how the change is completed, or undone, if it is interrupted
 *   apply           the change itself, once the bitmaps are done
 *   clear_journal   the change is complete
 *
 * For a creation the journal holds the way back, for a deletion or redefinition the way forward.
 * When the domain is next opened and has a journal, it is replayed and cleared.
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
#include "managed/backends/journal.h"

typedef struct _VckcStore VckcStore;

/* Everything kept of one domain. */
typedef struct
{
  char *domain_xml;
  GPtrArray *checkpoint_names; /* in no order */
  GPtrArray *checkpoint_xml;   /* their texts, in the same order */
  GPtrArray *unreadable;       /* checkpoints whose files could not be read at all */
  char *current;               /* (nullable) */
  char *notes;                 /* (nullable) */
  char *backup;                /* (nullable): what is known of the last backup */
  VckcJournal *journal;        /* (nullable): left by an interrupted change */
  char *journal_problem;       /* (nullable): there is one, and why it cannot be read */
  bool untidy;                 /* something was left by a write, which goes with the next lock */
} VckcStoredDomain;

/* A domain was perhaps changed by another process, is new or gone; NULL: any. */
typedef void (*VckcStoreChangedFunc) (const char *uuid, gpointer data);

typedef struct
{
  /* UUIDs of all domains, each a string; also of those that cannot be read. With `tidy`, removes
   * what interrupted definitions and removals left, unless an operation is under way there. */
  bool (*list_domains) (VckcStore *store, bool tidy, GPtrArray **ret_uuids, VckcError **err);

  /* Takes the lock of the domain, waiting until `deadline` (g_get_monotonic_time()); then BUSY,
   * with a message that does not name the domain, which callers put before it. The domain's
   * folder is made if it does not exist. */
  bool (*lock) (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err);
  /* The same for reading: excludes changes of the domain; changes nothing in the store, nor needs
   * the right to. NO_DOMAIN if there is none. */
  bool (*lock_shared) (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err);
  void (*unlock) (VckcStore *store, const char *uuid);

  /* A number that is different whenever another process has changed the domain since;
   * cheap, needs no lock. 0 if the domain does not exist. */
  bool (*generation) (VckcStore *store, const char *uuid, guint64 *ret_generation, VckcError **err);

  bool (*domain_load) (VckcStore *store,
                       const char *uuid,
                       VckcStoredDomain **ret_stored,
                       VckcError **err);
  bool (*domain_save) (VckcStore *store, const char *uuid, const char *xml, VckcError **err);
  /* Removes the domain and everything kept of it. */
  bool (*domain_remove) (VckcStore *store, const char *uuid, VckcError **err);

  bool (*write_journal) (VckcStore *store, const char *uuid, VckcJournal *journal, VckcError **err);
  /* May fail half-way; the journal then still stands. */
  bool (*apply) (VckcStore *store, const char *uuid, const VckcJournal *change, VckcError **err);
  /* That there is no journal is no error. */
  bool (*clear_journal) (VckcStore *store, const char *uuid, VckcError **err);

  /* Calls `changed`, once at the beginning and whenever there may be some, until `stop_fd` is
   * readable. Blocks. NULL if no other process can change the store. */
  void (*follow) (VckcStore *store, int stop_fd, VckcStoreChangedFunc changed, gpointer data);

  void (*free) (VckcStore *store);
} VckcStoreClass;

/* The first member of the implementation's own struct. */
struct _VckcStore
{
  const VckcStoreClass *klass;
};

VckcStoredDomain *vckc_stored_domain_new (void);
void vckc_stored_domain_free (VckcStoredDomain *stored);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcStoredDomain, vckc_stored_domain_free)

/* The methods of any store, which are called by no other way. They assert that a call fails if and
 * only if it sets an error. */
bool vckc_store_list_domains (VckcStore *store, bool tidy, GPtrArray **ret_uuids, VckcError **err);
bool vckc_store_lock (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err);
bool vckc_store_lock_shared (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err);
bool vckc_store_get_generation (VckcStore *store,
                                const char *uuid,
                                guint64 *ret_generation,
                                VckcError **err);
bool vckc_store_domain_load (VckcStore *store,
                             const char *uuid,
                             VckcStoredDomain **ret_stored,
                             VckcError **err);
bool vckc_store_domain_save (VckcStore *store, const char *uuid, const char *xml, VckcError **err);
bool vckc_store_domain_remove (VckcStore *store, const char *uuid, VckcError **err);
bool vckc_store_write_journal (VckcStore *store,
                               const char *uuid,
                               VckcJournal *journal,
                               VckcError **err);
bool
vckc_store_apply (VckcStore *store, const char *uuid, const VckcJournal *change, VckcError **err);
bool vckc_store_clear_journal (VckcStore *store, const char *uuid, VckcError **err);
void vckc_store_unlock (VckcStore *store, const char *uuid);
bool vckc_store_can_be_followed (VckcStore *store);
void vckc_store_follow (VckcStore *store, int stop_fd, VckcStoreChangedFunc changed, gpointer data);
void vckc_store_free (VckcStore *store);
