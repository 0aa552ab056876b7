/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/probe/libvirt-job.h"

#include <string.h>

#include "drivers/libvirt/link/libvirt-error.h"

/* How long libvirt may take to end a job, and how long to wait before it is asked again, which
 * grows to the second figure; in microseconds. */
#define END_TIMEOUT (30 * G_TIME_SPAN_SECOND)
#define FIRST_WAIT 1000
#define LAST_WAIT 100000

void
vckc_libvirt_job_clear (VckcLibvirtJob *job)
{
  g_clear_pointer (&job->error, g_free);
}

/* A number of bytes or milliseconds; -1 if there is none of that name. */
static gint64
libvirt_job_get_number (virTypedParameterPtr params, int n_params, const char *name)
{
  unsigned long long value;

  return virTypedParamsGetULLong (params, n_params, name, &value) == 1 && value <= G_MAXINT64
             ? (gint64) value
             : -1;
}

void
vckc_libvirt_job_read (VckcLibvirtJob *job, virTypedParameterPtr params, int n_params)
{
  int operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;
  const char *error = NULL;

  virTypedParamsGetInt (params, n_params, VIR_DOMAIN_JOB_OPERATION, &operation);
  virTypedParamsGetString (params, n_params, VIR_DOMAIN_JOB_ERRMSG, &error);
  job->is_backup = job->type != VIR_DOMAIN_JOB_NONE && operation == VIR_DOMAIN_JOB_OPERATION_BACKUP;
  job->is_pull = virTypedParamsGet (params, n_params, VIR_DOMAIN_JOB_DISK_TEMP_TOTAL) != NULL;
  job->time_elapsed = libvirt_job_get_number (params, n_params, VIR_DOMAIN_JOB_TIME_ELAPSED);
  job->bytes_done = libvirt_job_get_number (params, n_params, VIR_DOMAIN_JOB_DISK_PROCESSED);
  job->bytes_total = libvirt_job_get_number (params, n_params, VIR_DOMAIN_JOB_DISK_TOTAL);
  job->temp_used = libvirt_job_get_number (params, n_params, VIR_DOMAIN_JOB_DISK_TEMP_USED);
  job->temp_total = libvirt_job_get_number (params, n_params, VIR_DOMAIN_JOB_DISK_TEMP_TOTAL);
  job->error = g_strdup (error);
}

/* While libvirt begins or ends a backup, it has the job but not its figures, and fails. */
static bool
is_backup_without_figures (void)
{
  const char *message = virGetLastErrorMessage ();

  return virGetLastErrorCode () == VIR_ERR_INTERNAL_ERROR && message != NULL
         && strstr (message, "backup job data missing") != NULL;
}

bool
vckc_libvirt_job_query (VckcDomain *domain,
                        unsigned int flags,
                        VckcLibvirtJob *ret_job,
                        VckcError **err)
{
  virTypedParameterPtr params = NULL;
  int n_params = 0;

  *ret_job = (VckcLibvirtJob){ .type = VIR_DOMAIN_JOB_NONE,
                               .time_elapsed = -1,
                               .bytes_done = -1,
                               .bytes_total = -1,
                               .temp_used = -1,
                               .temp_total = -1 };
  if (virDomainGetJobStats (vckc_libvirt_get_domain (domain), &ret_job->type, &params, &n_params,
                            flags)
      < 0)
    {
      if (is_backup_without_figures ())
        {
          virResetLastError ();
          ret_job->type = VIR_DOMAIN_JOB_UNBOUNDED;
          ret_job->is_backup = true;
          return true;
        }
      /* A domain that is off has no job. */
      if (virGetLastErrorCode () == VIR_ERR_OPERATION_INVALID)
        {
          virResetLastError ();
          return true;
        }
      vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                              "cannot get the job of domain '%s'", domain->name);
      return false;
    }
  vckc_libvirt_job_read (ret_job, params, n_params);
  virTypedParamsFree (params, n_params);
  return true;
}

/* Waits until the domain has no backup any more. */
static bool
libvirt_job_await_end (VckcDomain *domain, VckcError **err)
{
  const gint64 deadline = g_get_monotonic_time () + END_TIMEOUT;

  for (gulong wait = FIRST_WAIT;; wait = MIN (2 * wait, LAST_WAIT))
    {
      g_auto (VckcLibvirtJob) job = { 0 };

      if (!vckc_libvirt_job_query (domain, 0, &job, err))
        return false;
      if (!job.is_backup)
        return true;
      if (g_get_monotonic_time () >= deadline)
        break;
      g_usleep (wait);
    }
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "libvirt does not end the backup of domain '%s', which was aborted; see 'virsh "
                  "domjobinfo %s'",
                  domain->name, domain->name);
  return false;
}

bool
vckc_libvirt_job_end_backup (VckcDomain *domain, VckcError **err)
{
  g_auto (VckcLibvirtJob) job = { 0 };
  VckcError *error = NULL;

  if (virDomainAbortJob (vckc_libvirt_get_domain (domain)) == 0)
    return libvirt_job_await_end (domain, err);
  vckc_libvirt_set_error (&error, vckc_libvirt_get_connection (domain->connect)->conn,
                          "cannot abort the backup of domain '%s'", domain->name);
  if (vckc_libvirt_job_query (domain, 0, &job, NULL) && !job.is_backup)
    {
      /* It has ended by itself, as with the domain. */
      vckc_error_free (error);
      return true;
    }
  vckc_propagate_error (err, error);
  return false;
}
