/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/checkpoint-extents.h"

#include <stdlib.h>

#include "handles/handles.h"

#define CHUNK 4096

typedef struct
{
  VckcExtentReader reader; /* first */
  VckcExtentCursor *cursor;
} CheckpointReader;

static bool
checkpoint_reader_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  CheckpointReader *self = (CheckpointReader *) reader;
  VckcExtent *read;
  int n = vckc_extent_cursor_read (self->cursor, &read, CHUNK, err);

  for (int i = 0; i < n; i++)
    vckc_extents_add (extents, read[i].offset, read[i].length, read[i].flags);
  if (n >= 0)
    free (read);
  *ret_end = n == 0;
  return n >= 0;
}

static void
checkpoint_reader_free (VckcExtentReader *reader)
{
  CheckpointReader *self = (CheckpointReader *) reader;

  vckc_extent_cursor_unref (self->cursor, NULL);
  g_free (self);
}

static const VckcExtentReaderClass checkpoint_reader_class = {
  .next = checkpoint_reader_next,
  .free = checkpoint_reader_free,
};

VckcExtentReader *
vckc_checkpoint_extents_open (VckcDomain *domain,
                              const char *checkpoint,
                              const char *target,
                              unsigned int flags,
                              VckcError **err)
{
  g_autoptr (VckcDomainCheckpoint) handle =
      vckc_domain_checkpoint_lookup_by_name (domain, checkpoint, 0, err);
  VckcExtentCursor *cursor =
      handle != NULL ? vckc_domain_checkpoint_open_extents (handle, target, flags, err) : NULL;
  CheckpointReader *self;

  if (cursor == NULL)
    return NULL;
  self = g_new0 (CheckpointReader, 1);
  self->reader.klass = &checkpoint_reader_class;
  self->cursor = cursor;
  return &self->reader;
}
