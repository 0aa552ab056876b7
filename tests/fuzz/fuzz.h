/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Targets for fuzzing: each is one program, built with libFuzzer or, without that, with
 * fuzz-main.c, which tries a fixed number of inputs and is a test.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct
{
  const char *name;
  const char *folder;       /* of documents in tests/core/data to start from; NULL for none */
  const char *const *seeds; /* further texts to start from; ends with NULL */
  const char *const *words; /* worth putting anywhere; ends with NULL */
  /* Adds further inputs, as GBytes; NULL for none. */
  void (*add_seeds) (GPtrArray *seeds);
} FuzzTarget;

extern const FuzzTarget fuzz_target;

/* An input as a text. */
static inline char *
fuzz_text (const uint8_t *data, size_t size)
{
  return size > 0 ? g_strndup ((const char *) data, size) : g_strdup ("");
}

/* What libFuzzer calls: must survive any input. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
