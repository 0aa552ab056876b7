/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How arrays and the parameters that count them pair up. */

#pragma once

#include "model.h"

/* Why the arrays of a method, whose arguments have their roles, and their lengths do not fit; NULL
 * if they do. `ret_rule` is given the id of the rule that is broken. */
char *bg_lengths_find_fault (const BgMethod *method, const char **ret_rule);

/* The description of a rule, or NULL. */
const char *bg_lengths_rule_description (const char *id);
