/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/memory-extents.h"

/* Few, so that tests see several chunks. */
#define GRANULES_IN_CHUNK 16

typedef struct
{
  VckcExtentReader reader;
  VckcMemoryFault *fault; /* borrowed from the backend */
  GArray *granules;       /* owned, sorted */
  guint next;
  guint64 granularity;
  guint64 capacity;
  unsigned int flags;
} MemoryExtents;

static int
memory_extents_compare (gconstpointer one, gconstpointer other)
{
  const guint64 a = *(const guint64 *) one;
  const guint64 b = *(const guint64 *) other;

  return (a > b) - (a < b);
}

static void
memory_extents_add (GArray *extents,
                    guint64 granule,
                    guint64 granularity,
                    guint64 capacity,
                    unsigned int flags)
{
  const guint64 offset = granule * granularity;

  if (offset < capacity)
    vckc_extents_add (extents, offset, MIN (granularity, capacity - offset), flags);
}

static bool
memory_extents_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  MemoryExtents *self = (MemoryExtents *) reader;
  const guint end = MIN (self->next + GRANULES_IN_CHUNK, self->granules->len);

  if (!vckc_memory_fault_pass (self->fault, G_STRFUNC, err))
    return false;
  for (; self->next < end; self->next++)
    memory_extents_add (extents, g_array_index (self->granules, guint64, self->next),
                        self->granularity, self->capacity, self->flags);
  *ret_end = self->next == self->granules->len;
  return true;
}

static void
memory_extents_free (VckcExtentReader *reader)
{
  g_array_unref (((MemoryExtents *) reader)->granules);
  g_free (reader);
}

static const VckcExtentReaderClass memory_extents_class = {
  .next = memory_extents_next,
  .free = memory_extents_free,
};

VckcExtentReader *
vckc_memory_extents_new (VckcMemoryFault *fault,
                         GArray *granules,
                         guint64 granularity,
                         guint64 capacity,
                         bool with_zero)
{
  MemoryExtents *self = g_new0 (MemoryExtents, 1);

  self->reader.klass = &memory_extents_class;
  self->fault = fault;
  self->granules = granules;
  self->granularity = granularity;
  self->capacity = capacity;
  self->flags = VCKC_EXTENT_DIRTY | (with_zero ? VCKC_EXTENT_DATA : 0);
  g_array_sort (granules, memory_extents_compare);
  return &self->reader;
}

GArray *
vckc_memory_extents_list (GArray *granules, guint64 granularity, guint64 capacity)
{
  GArray *extents = vckc_extents_new ();

  g_array_sort (granules, memory_extents_compare);
  for (guint i = 0; i < granules->len; i++)
    memory_extents_add (extents, g_array_index (granules, guint64, i), granularity, capacity,
                        VCKC_EXTENT_DIRTY);
  return extents;
}
