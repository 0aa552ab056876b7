/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * How much of a backup in pull mode this process has read, which no driver can know: by domain and
 * disk, as long as the reading goes on.
 */

#pragma once

#include "handles/job-info.h"

typedef struct _VckcJobFigures VckcJobFigures;

VckcJobFigures *vckc_job_figures_new (void);
void vckc_job_figures_free (VckcJobFigures *figures);

/* Notes what was read of a disk, and of how much, in bytes. From any thread, as the others. */
void vckc_job_figures_set (VckcJobFigures *figures,
                           const char *uuid,
                           const char *disk,
                           gint64 done,
                           gint64 total);
/* Forgets all of a domain. */
void vckc_job_figures_clear (VckcJobFigures *figures, const char *uuid);

/* Adds what is known to a job of the domain that is new, and in pull mode. */
void vckc_job_figures_apply (VckcJobFigures *figures, const char *uuid, VckcJobInfo *info);
