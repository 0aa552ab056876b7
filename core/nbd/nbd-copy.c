/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "nbd/nbd-copy.h"

#include "model/extent-blocks.h"
#include "nbd/nbd-client.h"
#include "qemu/qcow2-data-writer.h"

/* How much is read at once, and how many reads are under way. More of either was slower, and slows
 * down the guest. */
#define CHUNK (256 * 1024)
#define DEPTH 4

/* A read that is under way. */
typedef struct
{
  guint8 *buffer; /* owned */
  guint64 offset;
  gsize length;
  gint64 cookie;
} CopyRead;

typedef struct
{
  const VckcNbdCopy *copy;
  VckcNbdClient *client;       /* owned */
  VckcQcow2DataWriter *writer; /* owned */
  CopyRead reads[DEPTH];       /* a ring */
  guint first;                 /* of those that are under way */
  guint n_reads;               /* how many are */
  guint64 bytes;               /* that were read */
} CopyState;

static void
copy_state_clear (CopyState *state)
{
  /* What is under way writes to the buffers. */
  g_clear_pointer (&state->client, vckc_nbd_client_free);
  g_clear_pointer (&state->writer, vckc_qcow2_data_writer_free);
  for (guint i = 0; i < DEPTH; i++)
    g_clear_pointer (&state->reads[i].buffer, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CopyState, copy_state_clear)

static bool
copy_state_init (CopyState *state, const VckcNbdCopy *copy, VckcError **err)
{
  state->copy = copy;
  state->client = vckc_nbd_extents_connect (&copy->from, err);
  if (state->client == NULL)
    return false;
  state->writer = vckc_qcow2_data_writer_new (copy->fd, copy->path, &copy->image, err);
  for (guint i = 0; i < DEPTH; i++)
    state->reads[i].buffer = g_malloc (CHUNK);
  return state->writer != NULL;
}

/* Waits for the oldest read, and writes what came. */
static bool
copy_state_end_read (CopyState *state, VckcError **err)
{
  const VckcNbdCopy *copy = state->copy;
  const CopyRead *read = &state->reads[state->first];

  if (!vckc_nbd_client_end_read (state->client, read->cookie, err)
      || !vckc_qcow2_data_writer_add_data (state->writer, read->offset, read->buffer, read->length,
                                           err))
    return false;
  state->first = (state->first + 1) % DEPTH;
  state->n_reads--;
  state->bytes += read->length;
  return copy->progress == NULL || copy->progress (state->bytes, copy->opaque, err);
}

static bool
copy_state_end_all (CopyState *state, VckcError **err)
{
  while (state->n_reads > 0)
    if (!copy_state_end_read (state, err))
      return false;
  return true;
}

static bool
copy_state_begin_read (CopyState *state, guint64 offset, gsize length, VckcError **err)
{
  CopyRead *read;

  if (state->n_reads == DEPTH && !copy_state_end_read (state, err))
    return false;
  read = &state->reads[(state->first + state->n_reads) % DEPTH];
  read->offset = offset;
  read->length = length;
  if (!vckc_nbd_client_begin_read (state->client, offset, length, read->buffer, &read->cookie, err))
    return false;
  state->n_reads++;
  return true;
}

/* Zeroes matter only where there would be something else. */
static bool
copy_state_add_zeroes (CopyState *state, const VckcExtent *block, VckcError **err)
{
  if (state->copy->image.backing_file == NULL)
    return true;
  return copy_state_end_all (state, err)
         && vckc_qcow2_data_writer_add_zeroes (state->writer, block->offset, block->length, err);
}

static bool
copy_state_add_data (CopyState *state, const VckcExtent *block, VckcError **err)
{
  for (guint64 done = 0; done < block->length; done += CHUNK)
    if (!copy_state_begin_read (state, block->offset + done,
                                (gsize) MIN (block->length - done, CHUNK), err))
      return false;
  return true;
}

static bool
copy_state_add (CopyState *state, const GArray *blocks, VckcError **err)
{
  for (guint i = 0; i < blocks->len; i++)
    {
      const VckcExtent *block = &g_array_index (blocks, VckcExtent, i);

      if ((block->flags & VCKC_EXTENT_ZERO) != 0 ? !copy_state_add_zeroes (state, block, err)
                                                 : !copy_state_add_data (state, block, err))
        return false;
    }
  return true;
}

static bool
copy_state_run (CopyState *state, VckcExtentReader *reader, VckcError **err)
{
  g_autoptr (GArray) extents = vckc_extents_new ();
  g_autoptr (GArray) blocks = vckc_extents_new ();
  VckcExtentBlocks whole;
  bool end = false;

  vckc_extent_blocks_init (&whole, state->copy->image.cluster_size, state->copy->from.capacity);
  while (!end)
    {
      g_array_set_size (extents, 0);
      g_array_set_size (blocks, 0);
      if (!vckc_extent_reader_next (reader, extents, &end, err))
        return false;
      for (guint i = 0; i < extents->len; i++)
        vckc_extent_blocks_add (&whole, &g_array_index (extents, VckcExtent, i), blocks);
      if (end)
        vckc_extent_blocks_end (&whole, blocks);
      if (!copy_state_add (state, blocks, err))
        return false;
    }
  return copy_state_end_all (state, err) && vckc_qcow2_data_writer_finish (state->writer, err);
}

gint64
vckc_nbd_copy (const VckcNbdCopy *copy, VckcError **err)
{
  g_auto (CopyState) state = { NULL };
  g_autoptr (VckcExtentReader) reader = NULL;

  g_assert (copy->from.with_zero && copy->from.capacity == copy->image.virtual_size);
  g_assert ((copy->from.bitmap == NULL) == (copy->image.backing_file == NULL));
  if (!copy_state_init (&state, copy, err))
    return -1;
  reader = vckc_nbd_extents_open (&copy->from, state.client);
  return copy_state_run (&state, reader, err) ? (gint64) state.bytes : -1;
}
