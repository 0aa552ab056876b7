/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The long job of a domain, as libvirt reports it. */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

typedef struct
{
  bool is_backup;      /* there is a job, or a result, and it is of a backup */
  bool is_pull;        /* it is in pull mode */
  int type;            /* of virDomainJobType: what it does, or how it ended */
  gint64 time_elapsed; /* milliseconds; -1 if not known */
  gint64 bytes_done;   /* of a push; -1 if not known */
  gint64 bytes_total;
  gint64 temp_used; /* of a pull; -1 if not known */
  gint64 temp_total;
  char *error; /* (nullable), owned: what libvirt says of its end */
} VckcLibvirtJob;

void vckc_libvirt_job_clear (VckcLibvirtJob *job);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VckcLibvirtJob, vckc_libvirt_job_clear)

/* Reads all but the type, which must be set. */
void vckc_libvirt_job_read (VckcLibvirtJob *job, virTypedParameterPtr params, int n_params);

/* flags: of virDomainGetJobStats(). Without a job the type is VIR_DOMAIN_JOB_NONE. */
bool vckc_libvirt_job_query (VckcDomain *domain,
                             unsigned int flags,
                             VckcLibvirtJob *ret_job,
                             VckcError **err);

/* Aborts the backup, which must be known to be the right one, and waits until libvirt has ended
 * it. */
bool vckc_libvirt_job_end_backup (VckcDomain *domain, VckcError **err);
