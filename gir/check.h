/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What must hold before anything is written. Each breach is one problem with its location. */

#pragma once

#include "model.h"

/* Annotations of the input: known keys, sound values, no contradictions. */
void bg_check_api (const BgApi *api, BgProblems *problems);

/* The model: names, handles, errors, documentation, and that every symbol is accounted for. */
void bg_check_model (const BgModel *model);

/* `lock` lists the symbols that may be unbound, one per line; NULL is an empty list. The
 * list may only shrink: an entry that is bound by now is a problem too. */
void bg_check_lock (const BgModel *model, const char *path, const char *lock);
