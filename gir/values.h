/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The rules that give a parameter or a returned value its role. */

#pragma once

#include "model.h"

/* What a parameter is, and the id of the rule that says so. Without one the role is NONE and
 * the id NULL. `may_be_self`: the function is a method. */
BgArg *bg_value_of_param (const BgModel *model,
                          const BgSymbol *symbol,
                          guint index,
                          gboolean may_be_self,
                          const char **ret_rule);

/* The same for what a function returns. */
BgArg *bg_value_of_return (const BgModel *model, const BgSymbol *symbol, const char **ret_rule);

/* "type 'Brush' (in C 'PcBrush*', in, transfer none)" */
char *bg_value_describe (const BgParam *param);

/* The description of a rule, or NULL. */
const char *bg_value_rule_description (const char *id);
