/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/probe/libvirt-job-check.h"

#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/probe/libvirt-job.h"

/* Names of jobs for messages. */
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

/* A command that takes that long, in milliseconds, is in the way; shorter ones are waited for. */
#define OCCUPIED_TOO_LONG 1000
/* How often, and how long in microseconds, a backup is waited for that begins or ends. */
#define N_WITHOUT_FIGURES 20
#define BETWEEN_QUERIES 100000

static bool
libvirt_job_set_busy_error (VckcDomain *domain, const char *by, const char *remedy, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "domain '%s' is held by a %s; nothing was changed; wait for its end%s%s",
                  domain->name, by, remedy, remedy[0] != '\0' ? domain->name : "");
  return false;
}

/* Non-blocking. If the control state is unknown, assume that the monitor is not busy. */
static bool
libvirt_job_check_monitor (VckcDomain *domain, VckcError **err)
{
  virDomainControlInfo info = { .state = VIR_DOMAIN_CONTROL_OK };

  if (virDomainGetControlInfo (vckc_libvirt_get_domain (domain), &info, 0) < 0)
    virResetLastError ();
  return info.state != VIR_DOMAIN_CONTROL_OCCUPIED || info.stateTime < OCCUPIED_TOO_LONG
         || libvirt_job_set_busy_error (domain, "command that QEMU has not answered yet", "", err);
}

/* While libvirt begins or ends a backup, it has no figures of it. If libvirtd is killed then, the
 * job stays, and there is no backup: libvirt lets others wait for it, and does not end it. */
static bool
libvirt_job_check_not_lost (VckcDomain *domain, VckcError **err)
{
  for (guint i = 0; i < N_WITHOUT_FIGURES; i++)
    {
      g_auto (VckcLibvirtJob) job = { 0 };

      if (i > 0)
        g_usleep (BETWEEN_QUERIES);
      if (!vckc_libvirt_job_query (domain, 0, &job, NULL) || !job.is_backup
          || job.time_elapsed >= 0)
        return true;
    }
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "domain '%s' is held by a backup that libvirt neither begins nor ends, as when "
                  "libvirtd was killed meanwhile; nothing was changed; if it stays so, shut the "
                  "domain off, restart libvirtd and start the domain again",
                  domain->name);
  return false;
}

/* Asking for the job waits for a command, but not for a job. */
static bool
libvirt_job_check_none (VckcDomain *domain, bool backup_is_in_the_way, VckcError **err)
{
  virTypedParameterPtr params = NULL;
  int n_params = 0;
  int type = VIR_DOMAIN_JOB_NONE;
  int operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;
  bool timed_out;

  if (virDomainGetJobStats (vckc_libvirt_get_domain (domain), &type, &params, &n_params, 0) < 0)
    {
      timed_out = virGetLastErrorCode () == VIR_ERR_OPERATION_TIMEOUT;
      virResetLastError ();
      return !timed_out
             || libvirt_job_set_busy_error (domain, "command that has not ended for half a minute",
                                            "", err);
    }
  virTypedParamsGetInt (params, n_params, VIR_DOMAIN_JOB_OPERATION, &operation);
  virTypedParamsFree (params, n_params);
  if (type == VIR_DOMAIN_JOB_NONE
      || (operation == VIR_DOMAIN_JOB_OPERATION_BACKUP && !backup_is_in_the_way))
    return true;
  if (operation < 0 || operation >= (int) G_N_ELEMENTS (operations))
    operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;
  return libvirt_job_set_busy_error (domain, operations[operation],
                                     ", or end it with 'virsh domjobabort' ", err);
}

bool
vckc_libvirt_check_not_busy (VckcDomain *domain, VckcError **err)
{
  return libvirt_job_check_monitor (domain, err) && libvirt_job_check_none (domain, false, err);
}

bool
vckc_libvirt_check_no_job (VckcDomain *domain, VckcError **err)
{
  return libvirt_job_check_monitor (domain, err) && libvirt_job_check_not_lost (domain, err)
         && libvirt_job_check_none (domain, true, err);
}
