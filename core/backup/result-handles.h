/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The handles of what calls on stores return. All but the reference count is immutable, except for
 * whether something is still mounted. */

#pragma once

#include "backup/chain-mount.h"
#include "base/lock.h"
#include "handles/object.h"
#include "vckc-repository.h"

struct _VckcBackupFinding
{
  VckcObject object;
  VckcBackupFindingKind kind;
  char *domain_uuid;
  char *backup;
  char *disk; /* (nullable) */
  char *message;
};

struct _VckcPruneDecision
{
  VckcObject object;
  char *backup;
  bool keep;
  char *reason;
};

struct _VckcMount
{
  VckcObject object;
  char *socket;
  VckcMutex mutex;
  VckcChainMount *mounted; /* under the mutex; NULL once closed */
};

extern const VckcObjectClass vckc_backup_finding_class;
extern const VckcObjectClass vckc_prune_decision_class;
extern const VckcObjectClass vckc_mount_class;

VckcBackupFinding *vckc_backup_finding_new (VckcBackupFindingKind kind,
                                            const char *domain_uuid,
                                            const char *backup,
                                            const char *disk,
                                            const char *message);
VckcPruneDecision *vckc_prune_decision_new (const char *backup, bool keep, const char *reason);
VckcMount *vckc_mount_new (VckcChainMount *mounted /* (transfer full) */, const char *socket);
