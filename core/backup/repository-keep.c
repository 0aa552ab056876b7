/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of verifying and pruning, and of what they return. */

#include "backup/repository.h"

#include <inttypes.h>

#include "backup/prune.h"
#include "backup/result-handles.h"
#include "backup/verify-domain.h"
#include "backup/verify.h"
#include "handles/flags.h"

static bool
repository_verify_domain (VckcRepository *repository,
                          const char *domain_uuid,
                          bool fast,
                          GPtrArray *findings,
                          VckcError **err)
{
  VckcError *error = NULL;
  g_autoptr (VckcDomainFolder) folder =
      vckc_domain_folder_open (repository->root, domain_uuid, false, &error);

  if (folder != NULL)
    return vckc_verify (folder, repository->root, fast, findings, err);
  if (vckc_error_get_code (error) != VCKC_ERROR_NO_BACKUP)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  vckc_error_free (error);
  return true;
}

static bool
repository_verify_all (VckcRepository *repository, bool fast, GPtrArray *findings, VckcError **err)
{
  g_autoptr (GPtrArray) domains = vckc_store_root_list_domains (repository->root, err);

  for (guint i = 0; domains != NULL && i < domains->len; i++)
    if (!repository_verify_domain (repository, g_ptr_array_index (domains, i), fast, findings, err))
      return false;
  return domains != NULL;
}

int
vckc_repository_verify (VckcRepository *repository,
                        const char *domain_uuid,
                        VckcBackupFinding ***ret_findings,
                        unsigned int flags,
                        VckcError **err)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (vckc_object_unref);
  bool fast = (flags & VCKC_REPOSITORY_VERIFY_FAST) != 0;

  VCKC_TRACE ("repository=%p domain_uuid=%s ret_findings=%p flags=0x%x", (void *) repository,
              VCKC_TRACE_TEXT (domain_uuid), (void *) ret_findings, flags);

  if (ret_findings != NULL)
    *ret_findings = NULL;
  if (!vckc_check_handle (repository, &vckc_repository_class, err)
      || !vckc_check_not_null (ret_findings, "ret_findings", err)
      || (domain_uuid != NULL && !vckc_repository_check_uuid (domain_uuid, err))
      || !vckc_check_flags (flags, VCKC_REPOSITORY_VERIFY_FAST, &vckc_flags_verify_repository, err))
    return -1;
  if (domain_uuid != NULL ? !repository_verify_domain (repository, domain_uuid, fast, findings, err)
                          : !repository_verify_all (repository, fast, findings, err))
    return -1;
  return vckc_object_array_return (g_steal_pointer (&findings), (gpointer **) ret_findings);
}

int
vckc_repository_verify_domain (VckcRepository *repository,
                               VckcDomain *domain,
                               VckcBackupFinding ***ret_findings,
                               VckcError **err)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (vckc_object_unref);
  g_autoptr (VckcDomainFolder) folder = NULL;

  VCKC_TRACE ("repository=%p domain=%p ret_findings=%p", (void *) repository, (void *) domain,
              (void *) ret_findings);

  if (ret_findings != NULL)
    *ret_findings = NULL;
  if (!vckc_check_handle (repository, &vckc_repository_class, err)
      || !vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_not_null (ret_findings, "ret_findings", err)
      || !vckc_check_open (domain->connect, err))
    return -1;
  folder = vckc_domain_folder_open (repository->root, domain->uuid, false, err);
  if (folder == NULL || !vckc_verify_domain (folder, repository->root, domain, findings, err))
    return -1;
  return vckc_object_array_return (g_steal_pointer (&findings), (gpointer **) ret_findings);
}

static bool
repository_check_policy (const VckcPrunePolicy *policy, VckcError **err)
{
  if (policy->keep_within < 0)
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "keep_within is negative");
  else if (policy->keep_last == 0 && policy->keep_daily == 0 && policy->keep_within == 0)
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "no rule says which backups are to be kept");
  else
    return true;
  return false;
}

static int
repository_return_decisions (const VckcPrunePlan *plan, VckcPruneDecision ***ret_decisions)
{
  GPtrArray *decisions = g_ptr_array_new_with_free_func (vckc_object_unref);

  for (guint i = 0; i < plan->choices->len; i++)
    {
      const VckcPruneChoice *choice = g_ptr_array_index (plan->choices, i);

      g_ptr_array_add (decisions,
                       vckc_prune_decision_new (choice->id, choice->keep, choice->reason));
    }
  return vckc_object_array_return (decisions, (gpointer **) ret_decisions);
}

int
vckc_repository_prune (VckcRepository *repository,
                       const char *domain_uuid,
                       unsigned int keep_last,
                       unsigned int keep_daily,
                       int64_t keep_within,
                       VckcPruneDecision ***ret_decisions,
                       unsigned int flags,
                       VckcError **err)
{
  const VckcPrunePolicy policy = { keep_last, keep_daily, keep_within };
  g_autoptr (VckcDomainFolder) folder = NULL;
  g_autoptr (VckcPrunePlan) plan = NULL;
  bool dry_run = (flags & VCKC_PRUNE_DRY_RUN) != 0;

  VCKC_TRACE ("repository=%p domain_uuid=%s keep_last=%u keep_daily=%u keep_within=%" PRId64
              " flags=0x%x",
              (void *) repository, VCKC_TRACE_TEXT (domain_uuid), keep_last, keep_daily,
              keep_within, flags);

  if (ret_decisions != NULL)
    *ret_decisions = NULL;
  if (!vckc_check_handle (repository, &vckc_repository_class, err)
      || !vckc_check_not_null (ret_decisions, "ret_decisions", err)
      || !vckc_check_flags (flags, VCKC_PRUNE_DRY_RUN, &vckc_flags_prune, err)
      || (!dry_run && !vckc_repository_check_writable (repository, "remove backups", err))
      || !repository_check_policy (&policy, err))
    return -1;
  folder = vckc_repository_open_domain (repository, domain_uuid, err);
  plan = folder != NULL ? vckc_prune (folder, repository->root, &policy, dry_run, err) : NULL;
  return plan != NULL ? repository_return_decisions (plan, ret_decisions) : -1;
}

int
vckc_backup_finding_ref (VckcBackupFinding *finding, VckcError **err)
{
  if (!vckc_check_handle (finding, &vckc_backup_finding_class, err))
    return -1;
  vckc_object_ref (finding);
  return 0;
}

int
vckc_backup_finding_unref (VckcBackupFinding *finding, VckcError **err)
{
  if (!vckc_check_handle (finding, &vckc_backup_finding_class, err))
    return -1;
  vckc_object_unref (finding);
  return 0;
}

VckcBackupFindingKind
vckc_backup_finding_get_kind (VckcBackupFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_backup_finding_class, err)
             ? finding->kind
             : VCKC_BACKUP_FINDING_MANIFEST;
}

const char *
vckc_backup_finding_get_domain_uuid (VckcBackupFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_backup_finding_class, err) ? finding->domain_uuid : NULL;
}

const char *
vckc_backup_finding_get_backup (VckcBackupFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_backup_finding_class, err) ? finding->backup : NULL;
}

const char *
vckc_backup_finding_get_disk (VckcBackupFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_backup_finding_class, err) ? finding->disk : NULL;
}

const char *
vckc_backup_finding_get_message (VckcBackupFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_backup_finding_class, err) ? finding->message : NULL;
}

int
vckc_prune_decision_ref (VckcPruneDecision *decision, VckcError **err)
{
  if (!vckc_check_handle (decision, &vckc_prune_decision_class, err))
    return -1;
  vckc_object_ref (decision);
  return 0;
}

int
vckc_prune_decision_unref (VckcPruneDecision *decision, VckcError **err)
{
  if (!vckc_check_handle (decision, &vckc_prune_decision_class, err))
    return -1;
  vckc_object_unref (decision);
  return 0;
}

const char *
vckc_prune_decision_get_backup (VckcPruneDecision *decision, VckcError **err)
{
  return vckc_check_handle (decision, &vckc_prune_decision_class, err) ? decision->backup : NULL;
}

bool
vckc_prune_decision_is_kept (VckcPruneDecision *decision, VckcError **err)
{
  return vckc_check_handle (decision, &vckc_prune_decision_class, err) && decision->keep;
}

const char *
vckc_prune_decision_get_reason (VckcPruneDecision *decision, VckcError **err)
{
  return vckc_check_handle (decision, &vckc_prune_decision_class, err) ? decision->reason : NULL;
}
