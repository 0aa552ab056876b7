/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A domain in memory. */

#pragma once

#include "base/domain-lock.h"
#include "handles/handles.h"
#include "managed/backends/block-backend.h"
#include "managed/backup-status.h"
#include "managed/orphan-bitmaps.h"
#include "model/checkpoint-tree.h"
#include "model/domain-def.h"

typedef struct _VckcStateWatch VckcStateWatch;
typedef struct _VckcBackupJob VckcBackupJob;

/* Belongs to one engine, whose mutex covers it: see engine.h. */
typedef struct
{
  gint ref_count;             /* atomic */
  char *uuid;                 /* immutable */
  guint64 incarnation;        /* immutable: undefined and defined again, it is another one */
  VckcDomainDef *def;         /* owned reference; replaced as a whole */
  VckcCheckpointTree *tree;   /* owned */
  VckcOrphanBitmaps *orphans; /* owned; read and changed with the job only */
  VckcDomainState state;
  guint64 generation;  /* of the store when loaded; 0 to load again */
  bool loaded;         /* false until loaded for the first time */
  bool unreadable;     /* the store has it, and it could not be loaded so far */
  bool interrupted;    /* an operation was, and is not completed yet */
  bool untidy;         /* locking it would remove something that was left */
  char *problem;       /* (nullable), owned: why it cannot be completed at all */
  VckcDomainLock lock; /* keeps the threads of this process apart */
  bool reading;        /* its holder reads the store: what is in memory may be out of date */
  gint64 job_since;    /* atomic: g_get_monotonic_time() when the job was taken; 0: there is none */
  bool gone;           /* not in the table any more */
  VckcBackupStatus *backup_status; /* (nullable), owned: of the last backup, as stored */
  VckcBackupStatus
      *backup_end;       /* (nullable), owned: how it ended, as long as the store says that it
                                 * goes on since taking it back has failed */
  VckcBackupJob *backup; /* (nullable), owned reference: that this process follows */
  VckcStateWatch *watch; /* (nullable), owned: follows the state of QEMU */
} VckcManagedDomain;

VckcManagedDomain *vckc_managed_domain_new (const char *uuid, VckcDomainState state);
VckcManagedDomain *vckc_managed_domain_ref (VckcManagedDomain *domain);
void vckc_managed_domain_unref (VckcManagedDomain *domain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcManagedDomain, vckc_managed_domain_unref)

/* The name, or the UUID as long as it could not be read; with the mutex held. */
const char *vckc_managed_domain_get_name_locked (const VckcManagedDomain *domain);

/* The QEMU process of a domain as a definition names it; NULL: nothing is known of it. The strings
 * are the domain's and the definition's. */
VckcBlockMachine vckc_managed_domain_machine (const VckcManagedDomain *domain,
                                              const VckcDomainDef *def);

/* The checkpoint of that name, or the one that the handle stands for, or NO_DOMAIN_CHECKPOINT; with
 * mutex or job held. */
VckcCheckpointNode *
vckc_managed_domain_find_node (VckcManagedDomain *domain, const char *name, VckcError **err);
VckcCheckpointNode *vckc_managed_domain_get_node (VckcManagedDomain *domain,
                                                  const VckcDomainCheckpoint *checkpoint,
                                                  VckcError **err);

/* Handles for what is there now; with mutex or job held. */
VckcDomain *vckc_managed_domain_new_handle (VckcConnect *connect, const VckcManagedDomain *domain);
VckcDomainCheckpoint *vckc_managed_domain_new_checkpoint_handle (VckcDomain *domain,
                                                                 const VckcCheckpointNode *node);

/* Sets the error NO_DOMAIN. */
void vckc_set_no_domain (VckcError **err, const char *uuid);
