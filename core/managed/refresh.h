/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Keeping the table of domains up to date with the store. */

#pragma once

#include "managed/job-load.h"

VckcLook vckc_look_of (const VckcConnect *connect);

/* Brings the table up to date with the store: domains that appeared or vanished, and
 * changes that other processes made. A domain that cannot be read is in the table too. */
bool vckc_engine_refresh (VckcEngine *engine, VckcLook look, VckcError **err);

/* The same for one domain, without its job: loads it again if another process changed it, and
 * waits for no other process. While a job of ours is under way the store is expected to differ,
 * and what is in memory is right. A domain with an interrupted operation can still be read. */
bool vckc_engine_refresh_domain (VckcEngine *engine,
                                 VckcManagedDomain *domain,
                                 VckcLook look,
                                 VckcError **err);

/* The same for one that is perhaps not in the table; nothing is written. */
void vckc_engine_refresh_uuid (VckcEngine *engine, const char *uuid);
