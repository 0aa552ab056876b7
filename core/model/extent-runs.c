/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/extent-runs.h"

/* How many extents a reader gives at a time. */
#define CHUNK 4096
/* What most offsets and lengths are multiples of. */
#define SECTOR 512
/* The flags of an extent: the lowest bits of its length. The next one: it is not in sectors. */
#define FLAG_BITS 3

G_STATIC_ASSERT ((VCKC_EXTENT_DIRTY | VCKC_EXTENT_ZERO | VCKC_EXTENT_DATA) >> FLAG_BITS == 0);

/* Each extent is two lengths, that of the gap before it and its own with its flags. A number is 7
 * bits per byte, the lowest first; the top bit says that there is more. */
struct _VckcExtentRuns
{
  VckcExtentReader reader;
  GByteArray *bytes; /* owned */
  guint max_bytes;
  guint64 end;     /* of what is in `bytes` */
  VckcExtent last; /* not in `bytes` yet; without length if there is none */

  gsize at;         /* of a reader: what of `bytes` was read */
  guint64 read_end; /* and where that ends */
};

VckcExtentRuns *
vckc_extent_runs_new (guint max_bytes)
{
  VckcExtentRuns *runs = g_new0 (VckcExtentRuns, 1);

  runs->max_bytes = max_bytes;
  runs->bytes = g_byte_array_new ();
  return runs;
}

void
vckc_extent_runs_free (VckcExtentRuns *runs)
{
  if (runs == NULL)
    return;
  g_byte_array_unref (runs->bytes);
  g_free (runs);
}

static void
extent_runs_put (VckcExtentRuns *runs, guint64 number)
{
  do
    {
      guint8 byte = (guint8) (number & 0x7f);

      number >>= 7;
      byte |= number > 0 ? 0x80 : 0;
      g_byte_array_append (runs->bytes, &byte, 1);
    }
  while (number > 0);
}

static guint64
extent_runs_take (VckcExtentRuns *runs)
{
  guint64 number = 0;
  guint8 byte;

  for (guint shift = 0;; shift += 7)
    {
      byte = runs->bytes->data[runs->at++];
      number |= (guint64) (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return number;
    }
}

/* Whole sectors take one number with `flags`, other lengths one more. */
static void
extent_runs_put_length (VckcExtentRuns *runs, guint64 length, guint flags)
{
  const bool whole = length % SECTOR == 0;

  extent_runs_put (runs, (whole ? length / SECTOR : 0) << (FLAG_BITS + 1)
                             | (whole ? 0 : 1 << FLAG_BITS) | flags);
  if (!whole)
    extent_runs_put (runs, length);
}

static guint64
extent_runs_take_length (VckcExtentRuns *runs, guint *ret_flags)
{
  guint64 number = extent_runs_take (runs);

  *ret_flags = number & ((1 << FLAG_BITS) - 1);
  return (number & 1 << FLAG_BITS) == 0 ? (number >> (FLAG_BITS + 1)) * SECTOR
                                        : extent_runs_take (runs);
}

static void
extent_runs_flush (VckcExtentRuns *runs)
{
  if (runs->last.length == 0)
    return;
  extent_runs_put_length (runs, runs->last.offset - runs->end, 0);
  extent_runs_put_length (runs, runs->last.length, runs->last.flags);
  runs->end = runs->last.offset + runs->last.length;
  runs->last.length = 0;
}

bool
vckc_extent_runs_add (VckcExtentRuns *runs, const VckcExtent *extent, VckcError **err)
{
  VckcExtent *last = &runs->last;

  if (last->length > 0 && last->offset + last->length == extent->offset
      && last->flags == extent->flags)
    {
      last->length += extent->length;
      return true;
    }
  extent_runs_flush (runs);
  *last = *extent;
  if (runs->bytes->len <= runs->max_bytes)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                  "there are too many changed blocks to keep them in memory: they take more "
                  "than %u bytes",
                  runs->max_bytes);
  return false;
}

static bool
extent_runs_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  VckcExtentRuns *self = (VckcExtentRuns *) reader;

  for (guint i = 0; i < CHUNK && self->at < self->bytes->len; i++)
    {
      guint flags;
      guint64 offset = self->read_end + extent_runs_take_length (self, &flags);
      guint64 length = extent_runs_take_length (self, &flags);

      vckc_extents_add (extents, offset, length, flags);
      self->read_end = offset + length;
    }
  *ret_end = self->at == self->bytes->len;
  return true;
}

static void
extent_runs_free (VckcExtentReader *reader)
{
  vckc_extent_runs_free ((VckcExtentRuns *) reader);
}

static const VckcExtentReaderClass extent_runs_class = {
  .next = extent_runs_next,
  .free = extent_runs_free,
};

VckcExtentReader *
vckc_extent_runs_open (VckcExtentRuns *runs)
{
  extent_runs_flush (runs);
  runs->reader.klass = &extent_runs_class;
  return &runs->reader;
}
