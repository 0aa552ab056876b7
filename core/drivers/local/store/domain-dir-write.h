/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Writing and removing the texts of a domain, with its lock held and all folders open. */

#pragma once

#include "drivers/local/store/domain-dir.h"

/* Removes the journal, if there is one; if that fails, it is kept. */
bool vckc_domain_dir_clear_journal (VckcDomainDir *self, VckcError **err);

/* Writes and removes the texts of the change, whose names must have been checked. They are only
 * certain to be stored once the journal is cleared; until then that is. */
bool vckc_domain_dir_apply (VckcDomainDir *self, const VckcJournal *change, VckcError **err);
