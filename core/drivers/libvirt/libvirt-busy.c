/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "libvirt-busy.h"

#include "libvirt-error.h"

/* What a job is called. */
static const char *const operations[] = {
  [VIR_DOMAIN_JOB_OPERATION_UNKNOWN] = "long job",
  [VIR_DOMAIN_JOB_OPERATION_START] = "start",
  [VIR_DOMAIN_JOB_OPERATION_SAVE] = "save",
  [VIR_DOMAIN_JOB_OPERATION_RESTORE] = "restore",
  [VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN] = "migration to here",
  [VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT] = "migration",
  [VIR_DOMAIN_JOB_OPERATION_SNAPSHOT] = "snapshot",
  [VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_REVERT] = "return to a snapshot",
  [VIR_DOMAIN_JOB_OPERATION_DUMP] = "dump",
  [VIR_DOMAIN_JOB_OPERATION_BACKUP] = "backup",
};

/* libvirt lets checkpoints be changed during a backup. */
static bool
is_in_the_way (int operation)
{
  return operation != VIR_DOMAIN_JOB_OPERATION_BACKUP;
}

/* The job under way; NONE as type if there is none, or if libvirt's driver tells of none. */
static int
find_job (virDomainPtr domain, int *ret_operation)
{
  virTypedParameterPtr params = NULL;
  int n_params = 0;
  int type = VIR_DOMAIN_JOB_NONE;

  if (virDomainGetJobStats (domain, &type, &params, &n_params, 0) < 0)
    {
      virResetLastError ();
      return VIR_DOMAIN_JOB_NONE;
    }
  *ret_operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;
  virTypedParamsGetInt (params, n_params, VIR_DOMAIN_JOB_OPERATION, ret_operation);
  virTypedParamsFree (params, n_params);
  return type;
}

bool
vckc_libvirt_check_not_busy (VckcDomain *domain, VckcError **err)
{
  int operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

  if (find_job (vckc_libvirt_domain_of (domain), &operation) == VIR_DOMAIN_JOB_NONE
      || !is_in_the_way (operation))
    return true;
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "domain '%s' is held by a %s; wait for its end, or end it with 'virsh "
                  "domjobabort %s'",
                  domain->name,
                  operation >= 0 && operation < (int) G_N_ELEMENTS (operations)
                      ? operations[operation]
                      : operations[VIR_DOMAIN_JOB_OPERATION_UNKNOWN],
                  domain->name);
  return false;
}
