/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The inside of the managed engine, shared by the files that implement it.
 *
 * Two primitives guard the state. The engine's mutex is short: it covers reading and
 * changing what is in memory and is never held while waiting for a store, a backend or a
 * subscriber. The job of a domain serialises operations on it, across threads and, through the
 * store's lock, across processes; only who holds the job changes the domain, so its holder
 * may read the domain without the mutex but must take it to change it.
 */

#pragma once

#include "base/lock.h"
#include "managed/bitmap-set.h"
#include "managed/engine.h"
#include "managed/orphan-bitmaps.h"
#include "model/checkpoint-tree.h"

typedef struct _VckcStateWatch VckcStateWatch;
typedef struct _VckcStoreWatch VckcStoreWatch;

typedef struct
{
  gint ref_count;           /* atomic */
  char *uuid;               /* immutable */
  guint64 incarnation;      /* immutable: undefined and defined again, it is another one */
  VckcDomainDef *def;       /* owned reference; replaced as a whole */
  VckcCheckpointTree *tree; /* owned */
  VckcOrphans *orphans;     /* owned; read and changed with the job only */
  VckcDomainState state;
  guint64 generation; /* of the store when loaded; 0 to load again */
  bool loaded;        /* false until loaded for the first time */
  bool unreadable;    /* the store has it, and it could not be loaded so far */
  bool interrupted;   /* an operation was, and is not completed yet */
  bool untidy;        /* locking it would remove something that was left */
  char *problem;      /* (nullable), owned: why it cannot be completed at all */
  bool busy;          /* somebody has the turn */
  bool reading;       /* who has it reads the store: what is in memory may be out of date */
  gint64 job_since;   /* atomic: g_get_monotonic_time() when the job was taken; 0: there is none */
  bool gone;          /* not in the table any more */
  VckcStateWatch *watch; /* (nullable), owned: follows the machine */
} VckcManagedDomain;

struct _VckcEngine
{
  char *key;                 /* immutable */
  guint users;               /* connections that hold it; under the table's lock */
  VckcStore *store;          /* owned, immutable */
  VckcBlockBackend *backend; /* owned, immutable */
  VckcDomainState (*initial_state) (const char *uuid); /* (nullable), immutable */
  VckcMutex define_mutex; /* one definition at a time; taken before a job */

  VckcMutex mutex;             /* covers all below, and all domains */
  VckcCond job_ended;          /* signalled when a job ends */
  guint ref_count;             /* one for the connections that hold it, one for each watch */
  VckcCond unreferenced;       /* signalled when a reference is dropped */
  bool watching;               /* somebody wants to be told what happens without a call */
  VckcStoreWatch *store_watch; /* (nullable), owned: follows the store */
  GHashTable *domains;         /* UUID -> VckcManagedDomain */
  GPtrArray *connections;      /* VckcConnect, borrowed: they leave before they die */
  GPtrArray *unreferenced_connections; /* VckcConnect, owned: the last reference, to be dropped
                                          without the mutex */
  guint job_timeout;                   /* milliseconds */
};

/* Drops a reference; with no lock held. */
void vckc_engine_unref (VckcEngine *engine);

/* For a thread that works for the engine and has a reference to it, at its beginning and end; with no
 * lock held. */
void vckc_engine_enter_thread (VckcEngine *engine);
void vckc_engine_leave_thread (VckcEngine *engine);
/* Waits until all such threads are done, which have been told to end; with no lock held. Does not
 * wait in one of them, which will be when this returns. */
void vckc_engine_await_threads (VckcEngine *engine);

VckcEngine *vckc_engine_of (VckcConnect *connect);

VckcManagedDomain *vckc_managed_domain_new (VckcEngine *engine, const char *uuid);
VckcManagedDomain *vckc_managed_domain_ref (VckcManagedDomain *domain);
void vckc_managed_domain_unref (VckcManagedDomain *domain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcManagedDomain, vckc_managed_domain_unref)

/* The machine of a domain as a definition says; NULL: nothing is known of it. The strings are the
 * domain's and the definition's. */
VckcBlockMachine vckc_managed_domain_machine (const VckcManagedDomain *domain,
                                              const VckcDomainDef *def);

/* What who looks at a domain may do. */
typedef enum
{
  VCKC_LOOK_ONLY,        /* nothing is written, in the store or an image */
  VCKC_LOOK_AND_RECOVER, /* what was interrupted is completed, if nobody is at work on the domain */
} VckcLook;

VckcLook vckc_look_of (const VckcConnect *connect);

/* Brings the table up to date with the store: domains that appeared or vanished, and
 * changes that other processes made. A domain that cannot be read is in the table too. */
bool vckc_engine_refresh (VckcEngine *engine, VckcLook look, VckcError **err);

/* The same for one domain, without its job: loads it again if another process changed it, and waits
 * for no other process. While a job of ours is under way the store is expected to differ, and what is
 * in memory is right. A domain with an interrupted operation can still be read. */
bool vckc_engine_refresh_domain (VckcEngine *engine,
                                 VckcManagedDomain *domain,
                                 VckcLook look,
                                 VckcError **err);

/* The same for one that is perhaps not in the table; nothing is written. */
void vckc_engine_refresh_uuid (VckcEngine *engine, const char *uuid);

/* Finds or makes the entry of a domain that the store has, or will have. There is never more
 * than one at a time, so that its job keeps all threads apart. */
VckcManagedDomain *vckc_engine_get_entry (VckcEngine *engine, const char *uuid);

/* The domain a handle means, up to date, or NO_DOMAIN. */
VckcManagedDomain *vckc_engine_get_domain (VckcDomain *domain, VckcError **err);
VckcManagedDomain *
vckc_engine_find_by_uuid (VckcEngine *engine, const char *uuid, VckcLook look, VckcError **err);
/* If it could be one of those that cannot be read, that is the error. */
VckcManagedDomain *
vckc_engine_find_by_name (VckcEngine *engine, const char *name, VckcLook look, VckcError **err);

/* The name, or the UUID as long as it could not be read; with the mutex held. */
const char *vckc_managed_domain_get_name_locked (const VckcManagedDomain *domain);

/* Sets the error NO_DOMAIN. */
void vckc_set_no_domain (VckcError **err, const char *uuid);

/* Takes and ends the job of a domain. At the start the domain is brought up to date, and
 * what an interrupted operation left is finished or undone. */
bool vckc_job_begin (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err);
void vckc_job_end (VckcEngine *engine, VckcManagedDomain *domain);

/* The same for a domain that is perhaps not in the store yet. It is in the table afterwards;
 * if it is not loaded at the end of the job, it must be taken out. */
VckcManagedDomain *vckc_job_begin_new (VckcEngine *engine, const char *uuid, VckcError **err);

/* The same for looking at a domain as it is on disk: nothing is brought up to date. */
bool vckc_job_begin_raw (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err);

/* For reading images: the domain is as the store has it, and nobody changes it meanwhile. What was
 * interrupted is completed first, if that can be and may be done. Needs no right to write. */
bool vckc_job_begin_shared (VckcEngine *engine,
                            VckcManagedDomain *domain,
                            VckcLook look,
                            VckcError **err);

/* The turn is the part of a job that keeps the threads of this process apart; taken alone, it is for
 * reading the store. */
bool vckc_turn_begin (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err);
void vckc_turn_end (VckcEngine *engine, VckcManagedDomain *domain);

/* With the turn: what the store's generation is. If the domain is gone, takes it out of the table
 * and fails with NO_DOMAIN. */
bool vckc_turn_get_generation (VckcEngine *engine,
                               VckcManagedDomain *domain,
                               guint64 *ret_generation,
                               VckcError **err);

/* With the turn: loads the domain again, if it has changed. */
bool vckc_turn_look (VckcEngine *engine, VckcManagedDomain *domain, VckcLook look, VckcError **err);

/* With the job held: reads the domain from the store, and finishes or undoes what an
 * interrupted operation left. */
bool vckc_job_load (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err);

/* Sets the error of changes to a domain with an operation that cannot be completed. */
void vckc_set_interrupted (VckcError **err, const VckcManagedDomain *domain, const char *problem);

/* A record that names an image which the definition does not name is not carried out: turns it into
 * one that cannot be read. */
void vckc_managed_domain_check_record (const VckcDomainDef *def, VckcStoreRecord *record);

/* What the texts of a record say. Those that cannot be read are left out, and told. */
typedef void (*VckcUnreadableFunc) (const char *name, const char *reason, gpointer data);
VckcCheckpointTree *vckc_managed_domain_read_checkpoints (const VckcStoreRecord *record,
                                                          VckcUnreadableFunc on_unreadable,
                                                          gpointer data);

/* Both with the job held. After a change of the store: the domain in memory is what
 * the store holds now, or must be loaded again before it is used. */
void vckc_job_stored (VckcEngine *engine, VckcManagedDomain *domain);
void vckc_job_must_reload (VckcEngine *engine, VckcManagedDomain *domain);

/* Takes a domain out of the table; with the mutex and its job held. */
void vckc_engine_remove_domain_locked (VckcEngine *engine, VckcManagedDomain *domain);

/* Puts another definition in place, and tells if the name is another one; with the mutex
 * held. */
void vckc_managed_domain_set_def_locked (VckcEngine *engine,
                                         VckcManagedDomain *domain,
                                         VckcDomainDef *def /* (transfer full) */);

/* Queue events for every connection; with the mutex held. */
void
vckc_engine_emit_domain_locked (VckcEngine *engine, VckcEventType type, VckcManagedDomain *domain);
void vckc_engine_emit_checkpoint_locked (VckcEngine *engine,
                                         VckcEventType type,
                                         VckcManagedDomain *domain,
                                         const VckcCheckpointNode *node);
/* Delivers them; with no lock held. */
void vckc_engine_flush (VckcEngine *engine);

/* With the job held: does what the record of an operation says (see store.h), then
 * drops it. On failure the record stands, and the next job tries again. `def` as above. */
bool vckc_recovery_run (VckcEngine *engine,
                        VckcManagedDomain *domain,
                        const VckcDomainDef *def,
                        const VckcStoreChange *record,
                        VckcError **err);
/* The same when the bitmaps are known to be done. */
bool vckc_recovery_finish (VckcEngine *engine,
                           VckcManagedDomain *domain,
                           const VckcStoreChange *record,
                           VckcError **err);

/* The checkpoint that the handle stands for, or NO_DOMAIN_CHECKPOINT; with mutex or job held. */
VckcCheckpointNode *vckc_managed_domain_get_node (VckcManagedDomain *domain,
                                                  const VckcDomainCheckpoint *checkpoint,
                                                  VckcError **err);

/* Handles for what is there now; with mutex or job held. */
VckcDomain *vckc_managed_domain_new_handle (VckcConnect *connect, const VckcManagedDomain *domain);
VckcDomainCheckpoint *vckc_managed_domain_new_checkpoint_handle (VckcDomain *domain,
                                                                 const VckcCheckpointNode *node);

/* Adds the bitmaps of a checkpoint to a plan, without those of disks that the domain does
 * not have any more. */
void vckc_bitmap_plan_add_checkpoint (VckcBitmapPlan *plan,
                                      const VckcCheckpointDef *def,
                                      const VckcDomainDef *domain);

/* With the job held: redefines a checkpoint, as VCKC_CHECKPOINT_CREATE_REDEFINE does. Returns its
 * name. */
char *vckc_job_redefine (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         VckcCheckpointDef *given /* (transfer full) */,
                         unsigned int flags,
                         VckcError **err);

/* With the job held: makes a checkpoint the current one, if it exists. */
bool vckc_job_set_current (VckcEngine *engine,
                           VckcManagedDomain *domain,
                           const char *name,
                           VckcError **err);

/* Can what the bitmap says be trusted? NULL, a missing bitmap, cannot. */
bool vckc_block_bitmap_is_usable (const VckcBlockBitmap *bitmap);
