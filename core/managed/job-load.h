/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reading a domain from the store, with its lock or job. */

#pragma once

#include "managed/engine.h"

/* What a look at a domain may do. */
typedef enum
{
  VCKC_LOOK_ONLY,        /* nothing is written, in the store or an image */
  VCKC_LOOK_AND_RECOVER, /* an interrupted operation is completed, unless the domain is in use */
} VckcLook;

/* With the job held: reads the domain from the store, and rolls an interrupted operation forward
 * or back. */
bool vckc_job_load (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err);

/* With the domain lock: loads the domain again, if it has changed. */
bool vckc_job_look (VckcEngine *engine, VckcManagedDomain *domain, VckcLook look, VckcError **err);

/* Sets the error of changes to a domain with an operation that cannot be completed. */
void vckc_set_interrupted (VckcError **err, const VckcManagedDomain *domain, const char *problem);

/* With a job held, shared or not: may the domain be changed? Fails with that error if not. */
bool vckc_job_check_completed (const VckcManagedDomain *domain, VckcError **err);
