/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/identity.h"

enum
{
  OLDER,
  BLOCKS,
  NEWER,
  N_STREAMS,
};

/* The extents of one reader, one at a time and in blocks. */
typedef struct
{
  VckcExtentReader *reader;
  GArray *chunk;
  guint next;     /* in the chunk */
  bool read_all;  /* there is no other chunk */
  bool over;      /* there is no other extent */
  guint64 begin;  /* of the extent */
  guint64 finish; /* the block behind it */
} IdentityStream;

/* Goes to the first extent that ends behind `block`. */
static bool
identity_stream_skip (IdentityStream *stream, guint64 block, guint64 block_size, VckcError **err)
{
  while (!stream->over && stream->finish <= block)
    {
      if (stream->next < stream->chunk->len)
        {
          const VckcExtent *extent = &g_array_index (stream->chunk, VckcExtent, stream->next++);

          stream->begin = extent->offset / block_size;
          stream->finish = (extent->offset + extent->length - 1) / block_size + 1;
        }
      else if (stream->read_all)
        stream->over = true;
      else
        {
          stream->next = 0;
          g_array_set_size (stream->chunk, 0);
          if (!vckc_extent_reader_next (stream->reader, stream->chunk, &stream->read_all, err))
            return false;
        }
    }
  return true;
}

static bool
identity_stream_has (const IdentityStream *stream, guint64 block)
{
  return !stream->over && stream->begin <= block;
}

/* The first block behind `block` of which identity_stream_has() may say something else. */
static guint64
identity_stream_get_change (const IdentityStream *stream, guint64 block)
{
  if (stream->over)
    return G_MAXUINT64;
  return stream->begin > block ? stream->begin : stream->finish;
}

static bool
identity_compare_streams (IdentityStream *streams,
                          guint64 block_size,
                          VckcIdentity *ret_identity,
                          VckcError **err)
{
  guint64 block = 0;

  *ret_identity = (VckcIdentity){ 0 };
  for (;;)
    {
      guint64 change = G_MAXUINT64;
      bool older, others;

      for (guint i = 0; i < N_STREAMS; i++)
        {
          if (!identity_stream_skip (&streams[i], block, block_size, err))
            return false;
          change = MIN (change, identity_stream_get_change (&streams[i], block));
        }
      if (change == G_MAXUINT64)
        return true;
      older = identity_stream_has (&streams[OLDER], block);
      others = identity_stream_has (&streams[BLOCKS], block)
               || identity_stream_has (&streams[NEWER], block);
      if (older && !others)
        ret_identity->missing += change - block;
      else if (others && !older)
        ret_identity->extra += change - block;
      block = change;
    }
}

bool
vckc_identity_compare (VckcExtentReader *older,
                       VckcExtentReader *blocks,
                       VckcExtentReader *newer,
                       guint64 block_size,
                       VckcIdentity *ret_identity,
                       VckcError **err)
{
  IdentityStream streams[N_STREAMS] = {
    [OLDER] = { .reader = older }, [BLOCKS] = { .reader = blocks }, [NEWER] = { .reader = newer }
  };
  bool ok;

  for (guint i = 0; i < N_STREAMS; i++)
    streams[i].chunk = vckc_extents_new ();
  ok = identity_compare_streams (streams, block_size, ret_identity, err);
  for (guint i = 0; i < N_STREAMS; i++)
    g_array_unref (streams[i].chunk);
  return ok;
}

static char *
identity_describe (guint64 blocks)
{
  return blocks == 1
             ? g_strdup ("1 block that was written to")
             : g_strdup_printf ("%" G_GUINT64_FORMAT " blocks that were written to", blocks);
}

char *
vckc_identity_explain (const VckcIdentity *identity,
                       const char *older,
                       const char *newer,
                       const char *target)
{
  g_autofree char *blocks =
      identity_describe (identity->missing > 0 ? identity->missing : identity->extra);

  if (identity->missing > 0)
    return g_strdup_printf ("the bitmap of checkpoint '%s' on disk '%s' lacks %s since checkpoint "
                            "'%s'",
                            newer, target, blocks, older);
  if (identity->extra > 0)
    return g_strdup_printf (
        "the bitmap of checkpoint '%s' on disk '%s' lacks %s since it was made, "
        "so that of the later checkpoint '%s' cannot be relied on",
        older, target, blocks, newer);
  return NULL;
}
