/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Inputs of a target: where one begins, and what may become of it. */

#pragma once

#include "fuzz.h"

/* All seeds of a target, as GBytes. `data` is the folder of the golden files. */
GPtrArray *fuzz_input_list_seeds (const FuzzTarget *target, const char *data);

/* A seed with a few changes. The same random numbers give the same input. */
GByteArray *fuzz_input_mutate (const FuzzTarget *target, const GPtrArray *seeds, GRand *random);
