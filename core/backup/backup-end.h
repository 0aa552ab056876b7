/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Ending the job of a backup. */

#pragma once

#include "handles/job-info.h"
#include "vckc-types.h"

/* Ends the job, whatever it does, and whether or not the call is cancelled. Returns how it has
 * ended; NULL if that is not known. `ret_was_running` (nullable): whether this ended it. */
VckcJobInfo *vckc_backup_end_job (VckcDomain *domain, bool *ret_was_running);

/* Sets the error of a backup whose job has ended otherwise than well. */
void vckc_backup_explain_end (const VckcDomain *domain, const VckcJobInfo *info, VckcError **err);
