/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * How a backup ended, from libvirt's event: what libvirt keeps of an ended job may already be that
 * of the next one.
 */

#pragma once

#include "drivers/libvirt/probe/libvirt-job.h"

typedef struct _VckcLibvirtJobEnd VckcLibvirtJobEnd;

/* Waits for the end of the backup that begins next. NULL if there are no events. */
VckcLibvirtJobEnd *vckc_libvirt_job_end_new (VckcDomain *domain);
void vckc_libvirt_job_end_free (VckcLibvirtJobEnd *end);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcLibvirtJobEnd, vckc_libvirt_job_end_free)

/* Waits for an event until `deadline` (of g_get_monotonic_time()), no longer than the connection is
 * open. Returns whether one is there. */
bool vckc_libvirt_job_end_await (VckcLibvirtJobEnd *end, gint64 deadline);
/* Has an event come since? Then *ret_job is the job, to be cleared. */
bool vckc_libvirt_job_end_take (VckcLibvirtJobEnd *end, VckcLibvirtJob *ret_job);
