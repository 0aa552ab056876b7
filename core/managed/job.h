/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The job of a domain: one operation after the other. It is the domain lock, which keeps the
 * threads of this process apart, and the lock of the store, which keeps other processes away. */

#pragma once

#include "managed/job-load.h"

/* Takes and ends the job of a domain. At the start the domain is brought up to date, and
 * an interrupted operation is rolled forward or back. */
bool vckc_job_begin (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err);
void vckc_job_end (VckcEngine *engine, VckcManagedDomain *domain);

/* The same for a domain that is perhaps not in the store yet. It is in the table afterwards;
 * if it is not loaded at the end of the job, it must be taken out. */
VckcManagedDomain *vckc_job_begin_new (VckcEngine *engine, const char *uuid, VckcError **err);

/* The same for looking at a domain as it is on disk: nothing is brought up to date. */
bool vckc_job_begin_raw (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err);

/* For reading images: the domain is as the store has it, and nothing changes it meanwhile. What was
 * interrupted is completed first, if that can be and may be done. Needs no right to write. */
bool vckc_job_begin_shared (VckcEngine *engine,
                            VckcManagedDomain *domain,
                            VckcLook look,
                            VckcError **err);

/* Takes the domain lock only, to load the domain again if it has changed; waits for no other
 * process. */
bool
vckc_job_reload (VckcEngine *engine, VckcManagedDomain *domain, VckcLook look, VckcError **err);
