/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The managed engine: everything a driver does, on top of a block backend (where
 * the bitmaps live) and a store (where the metadata lives).
 *
 * Two primitives guard the state. The engine's mutex is short: it covers reading and
 * changing what is in memory and is never held while waiting for a store, a backend or a
 * subscriber. The job of a domain serialises operations on it, across threads and, through the
 * store's lock, across processes; only the holder of the job changes the domain, so it may read the
 * domain without the mutex but must take it to change it.
 *
 * What the engine does is in the files beside this one, each above those that it includes; the
 * driver's methods are in methods/.
 */

#pragma once

#include "base/lock.h"
#include "handles/handles.h"
#include "managed/backends/block-backend.h"
#include "managed/backends/store.h"
#include "managed/managed-domain.h"

typedef struct _VckcStoreWatch VckcStoreWatch;

typedef struct
{
  VckcStore *store;          /* (transfer full) */
  VckcBlockBackend *backend; /* (transfer full) */
  /* What a domain is doing when it is first seen; NULL if all are shut off. */
  VckcDomainState (*initial_state) (const char *uuid);
} VckcEngineParts;

typedef struct
{
  char *key;                 /* immutable */
  guint users;               /* connections that hold it; under the registry's lock */
  VckcStore *store;          /* owned, immutable */
  VckcBlockBackend *backend; /* owned, immutable */
  VckcDomainState (*initial_state) (const char *uuid); /* (nullable), immutable */
  VckcMutex define_mutex; /* one definition at a time; taken before a job */

  VckcMutex mutex;             /* covers all below, and all domains */
  VckcCond unlocked;           /* signalled when a domain lock is released */
  guint ref_count;             /* one for the connections that hold it, one for each watch */
  VckcCond unreferenced;       /* signalled when a reference is dropped */
  guint n_watches;             /* threads that follow the store or a domain */
  GThread *left;               /* (nullable), owned: the last thread that left, to be joined */
  bool closing;                /* the last connection left: threads of backups end */
  bool watching;               /* there are subscribers: changes are looked for without a call;
                                * when not any more, `unlocked` is signalled */
  VckcStoreWatch *store_watch; /* (nullable), owned: follows the store */
  GHashTable *domains;         /* UUID -> VckcManagedDomain */
  GPtrArray *connections;      /* VckcConnect, borrowed: they leave before they die */
  GPtrArray *unreferenced_connections; /* VckcConnect, owned: the last reference, to be dropped
                                          without the mutex */
  guint job_timeout;                   /* milliseconds */
} VckcEngine;

VckcEngine *vckc_engine_new (const char *key, const VckcEngineParts *parts);
/* Drops a reference; with no lock held. */
void vckc_engine_unref (VckcEngine *engine);

VckcEngine *vckc_engine_of (VckcConnect *connect);
VckcBlockBackend *vckc_engine_get_backend (VckcEngine *engine);

/* How long an operation waits for the domain lock before it fails with BUSY; in
 * milliseconds. 30 seconds unless set. */
void vckc_engine_set_job_timeout (VckcEngine *engine, guint milliseconds);

/* Finds out what a domain is doing: asks its QEMU where there is one, and emits an event if the
 * state is another one than before. With no lock held but the domain's. */
bool vckc_engine_query_state (VckcEngine *engine,
                              VckcManagedDomain *domain,
                              VckcDomainState *ret_state,
                              VckcError **err);

/* Says what a domain is doing from now on. False if there is no such domain. */
bool vckc_engine_set_state (VckcEngine *engine, const char *uuid, VckcDomainState state);

/* For a thread that works for the engine and has a reference to it, at its beginning and end;
 * with no lock held. */
void vckc_engine_enter_thread (VckcEngine *engine);
bool vckc_engine_is_own_thread (VckcEngine *engine);
void vckc_engine_leave_thread (VckcEngine *engine);
/* The same at the end of one that is counted in `n_watches`. */
void vckc_engine_leave_watch (VckcEngine *engine);
/* Waits until all such threads have ended, which have been asked to; with no lock held. Does not
 * wait in one of them, whose end cannot be waited for there. */
void vckc_engine_await_threads (VckcEngine *engine);
/* The same for those that follow the store and domains only, unless there are subscribers again. */
void vckc_engine_await_watches (VckcEngine *engine);

/* Queue events for every connection; with the mutex held. */
void
vckc_engine_emit_domain_locked (VckcEngine *engine, VckcEventType type, VckcManagedDomain *domain);
void vckc_engine_emit_checkpoint_locked (VckcEngine *engine,
                                         VckcEventType type,
                                         VckcManagedDomain *domain,
                                         const VckcCheckpointNode *node);
void vckc_engine_emit_job_locked (VckcEngine *engine,
                                  VckcEventType type,
                                  VckcManagedDomain *domain,
                                  VckcJobInfo *job);
/* Delivers them; with no lock held. */
void vckc_engine_flush (VckcEngine *engine);
