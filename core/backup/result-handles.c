/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/result-handles.h"

static void
backup_finding_free (gpointer object)
{
  VckcBackupFinding *finding = object;

  g_free (finding->domain_uuid);
  g_free (finding->backup);
  g_free (finding->disk);
  g_free (finding->message);
}

const VckcObjectClass vckc_backup_finding_class = {
  .name = "finding of a backup",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = backup_finding_free,
};

VckcBackupFinding *
vckc_backup_finding_new (VckcBackupFindingKind kind,
                         const char *domain_uuid,
                         const char *backup,
                         const char *disk,
                         const char *message)
{
  VckcBackupFinding *finding = vckc_object_new (&vckc_backup_finding_class, sizeof *finding);

  finding->kind = kind;
  finding->domain_uuid = g_strdup (domain_uuid);
  finding->backup = g_strdup (backup);
  finding->disk = g_strdup (disk);
  finding->message = g_strdup (message);
  return finding;
}

static void
prune_decision_free (gpointer object)
{
  VckcPruneDecision *decision = object;

  g_free (decision->backup);
  g_free (decision->reason);
}

const VckcObjectClass vckc_prune_decision_class = {
  .name = "decision about a backup",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = prune_decision_free,
};

VckcPruneDecision *
vckc_prune_decision_new (const char *backup, bool keep, const char *reason)
{
  VckcPruneDecision *decision = vckc_object_new (&vckc_prune_decision_class, sizeof *decision);

  decision->backup = g_strdup (backup);
  decision->keep = keep;
  decision->reason = g_strdup (reason);
  return decision;
}

static void
mount_free (gpointer object)
{
  VckcMount *mount = object;

  vckc_chain_mount_free (mount->mounted);
  vckc_mutex_clear (&mount->mutex);
  g_free (mount->socket);
}

const VckcObjectClass vckc_mount_class = {
  .name = "mounted backup",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = mount_free,
};

VckcMount *
vckc_mount_new (VckcChainMount *mounted, const char *socket)
{
  VckcMount *mount = vckc_object_new (&vckc_mount_class, sizeof *mount);

  mount->socket = g_canonicalize_filename (socket, NULL);
  mount->mounted = mounted;
  vckc_mutex_init (&mount->mutex);
  return mount;
}
