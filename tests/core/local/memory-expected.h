/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a simulated disk is to hold: each 16 bytes say where they are, and which write they are of.
 */

#pragma once

#include <glib.h>

#define MEMORY_BLOCK 65536
#define MEMORY_CAPACITY (1024 * 1024 * 1024)
#define MEMORY_BLOCKS (MEMORY_CAPACITY / MEMORY_BLOCK)

typedef struct
{
  guint64 n_writes;
  guint64 written[MEMORY_BLOCKS]; /* the number of the last write, or 0 */
} MemoryExpected;

void memory_expected_note (MemoryExpected *disk, guint64 offset, guint64 length);

/* Fails the test unless an image has that content; `options` as for qemu-img --image-opts. A file
 * is made in the folder meanwhile. */
void memory_expected_compare (const MemoryExpected *disk, const char *folder, const char *options);
