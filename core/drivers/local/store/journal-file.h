/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The journal of an unfinished change as text: a human-readable key file in which missing
 * parts are detected. All strings of a journal must be UTF-8.
 */

#pragma once

#include "managed/backends/store.h"

char *vckc_journal_format (const VckcJournal *journal);

/* Reads such a text, which may have been edited by hand. Checkpoint names are checked like
 * those of callers. */
VckcJournal *vckc_journal_parse (const char *text, VckcError **err);
