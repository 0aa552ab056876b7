/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* From the raw API to the closed model: symbols, types, then functions by the rules. */

#pragma once

#include "model.h"

/* Decides about every symbol. Contradictions are added to `problems`. */
BgModel *bg_model_build (const BgApi *api, const BgLibrary *library, BgProblems *problems);
