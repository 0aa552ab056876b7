/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The rules that make details of what a header says. Each has an id, which the
 * report, `vck-bindgen explain` and the comments in the output name.
 */

#pragma once

#include "model.h"

/* Decides what becomes of a function: sets the state of the binding and, if the
 * function is bound, adds its methods to the owner's class. */
void bg_rules_apply (BgModel *model, BgBinding *binding);

/* The description of a rule, or NULL. */
const char *bg_rule_description (const char *id);
