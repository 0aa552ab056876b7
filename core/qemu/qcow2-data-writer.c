/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* sync_file_range() */

#include "qemu/qcow2-data-writer.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "qemu/big-endian.h"
#include "qemu/qcow2-format.h"

#define REFCOUNT_SIZE 2
#define NO_TABLE G_MAXUINT64
/* The kernel begins to store the file after so many bytes, and not only when it is synced. */
#define STORE_AFTER (G_GUINT64_CONSTANT (8) * 1024 * 1024)

/* The parts of the file, in its order: the header, the L1 table, data of each part of the disk with
 * the L2 table of that part behind it, the refcount blocks, the refcount table. */
struct _VckcQcow2DataWriter
{
  int fd;     /* borrowed */
  char *path; /* owned */
  guint64 cluster;
  guint64 disk_size;
  VckcQcow2Options options; /* with strings that are owned */
  guint64 next;             /* where the file ends, at a cluster */
  guint64 handed_over;      /* up to where the kernel was asked to store it */
  guint64 written;          /* where in the disk the last part ended */
  guint64 n_tables;         /* entries of the L1 table */
  guint8 *l1;               /* as in the file */
  guint64 l2_index;         /* which part of the disk `l2` is of; NO_TABLE for none */
  guint8 *l2;               /* as in the file */
};

static guint64
data_writer_round (const VckcQcow2DataWriter *writer, guint64 length)
{
  return (length + writer->cluster - 1) / writer->cluster * writer->cluster;
}

/* How much of the disk one L2 table describes. */
static guint64
data_writer_get_reach (const VckcQcow2DataWriter *writer)
{
  return writer->cluster / QCOW2_TABLE_ENTRY * writer->cluster;
}

static bool
data_writer_put (VckcQcow2DataWriter *writer,
                 guint64 offset,
                 const guint8 *data,
                 gsize size,
                 VckcError **err)
{
  for (gsize done = 0; done < size;)
    {
      gssize n = pwrite (writer->fd, data + done, size - done, (off_t) (offset + done));

      if (n > 0)
        done += (gsize) n;
      else if (n == 0 || vckc_errno_is_no_space (errno))
        {
          vckc_set_error (err, VCKC_ERROR_NO_SPACE, "cannot write the image '%s': no room is left",
                          writer->path);
          return false;
        }
      else if (errno != EINTR)
        {
          vckc_set_error_errno (err, errno, "cannot write the image '%s'", writer->path);
          return false;
        }
    }
  return true;
}

/* Lets the kernel store what was written since, or, at the end, all, while other things are done.
 * That is not awaited, and what cannot be stored is seen when the file is synced. */
static void
data_writer_hand_over (VckcQcow2DataWriter *writer, bool end)
{
  const off_t from = end ? 0 : (off_t) writer->handed_over;

  if (!end && writer->next - writer->handed_over < STORE_AFTER)
    return;
  sync_file_range (writer->fd, from, (off_t) writer->next - from, SYNC_FILE_RANGE_WRITE);
  writer->handed_over = writer->next;
}

/* The same at the end of the file. */
static bool
data_writer_append (VckcQcow2DataWriter *writer, const guint8 *data, gsize size, VckcError **err)
{
  if (!data_writer_put (writer, writer->next, data, size, err))
    return false;
  writer->next += data_writer_round (writer, size);
  data_writer_hand_over (writer, false);
  return true;
}

VckcQcow2DataWriter *
vckc_qcow2_data_writer_new (int fd,
                            const char *path,
                            const VckcQcow2Options *options,
                            VckcError **err)
{
  VckcQcow2DataWriter *writer;

  g_assert (!options->extended_l2);
  if (!vckc_qcow2_head_check (options, path, err))
    return NULL;
  writer = g_new0 (VckcQcow2DataWriter, 1);
  writer->fd = fd;
  writer->path = g_strdup (path);
  writer->cluster = options->cluster_size;
  writer->disk_size = options->virtual_size;
  writer->options = *options;
  writer->options.backing_file = g_strdup (options->backing_file);
  writer->options.backing_format = g_strdup (options->backing_format);
  writer->n_tables = vckc_qcow2_head_count_l1 (options);
  writer->l1 = g_malloc0 (writer->n_tables * QCOW2_TABLE_ENTRY);
  writer->l2 = g_malloc0 (writer->cluster);
  writer->l2_index = NO_TABLE;
  writer->next = writer->cluster + data_writer_round (writer, writer->n_tables * QCOW2_TABLE_ENTRY);
  return writer;
}

void
vckc_qcow2_data_writer_free (VckcQcow2DataWriter *writer)
{
  if (writer == NULL)
    return;
  g_free ((char *) writer->options.backing_file);
  g_free ((char *) writer->options.backing_format);
  g_free (writer->path);
  g_free (writer->l1);
  g_free (writer->l2);
  g_free (writer);
}

/* Writes the L2 table of the part of the disk that is left behind. */
static bool
data_writer_leave_table (VckcQcow2DataWriter *writer, VckcError **err)
{
  if (writer->l2_index == NO_TABLE)
    return true;
  vckc_put_be64 (writer->l1 + writer->l2_index * QCOW2_TABLE_ENTRY,
                 writer->next | QCOW2_TABLE_COPIED);
  if (!data_writer_append (writer, writer->l2, writer->cluster, err))
    return false;
  memset (writer->l2, 0, writer->cluster);
  writer->l2_index = NO_TABLE;
  return true;
}

/* Goes to an offset of the disk. Returns how much of `length` its L2 table describes; 0 on
 * failure. */
static guint64
data_writer_go_to (VckcQcow2DataWriter *writer, guint64 offset, guint64 length, VckcError **err)
{
  const guint64 reach = data_writer_get_reach (writer);
  const guint64 index = offset / reach;

  g_assert (offset % writer->cluster == 0 && offset >= writer->written);
  g_assert (length <= writer->disk_size - offset);
  g_assert (length % writer->cluster == 0 || offset + length == writer->disk_size);
  if (index != writer->l2_index && !data_writer_leave_table (writer, err))
    return 0;
  writer->l2_index = index;
  length = MIN (length, (index + 1) * reach - offset);
  writer->written = offset + length;
  return length;
}

/* Describes clusters that are one after the other in the file, if they are there at all. */
static void
data_writer_describe (VckcQcow2DataWriter *writer, guint64 offset, guint64 length, guint64 entry)
{
  guint64 at = offset % data_writer_get_reach (writer) / writer->cluster;
  const guint64 end = at + data_writer_round (writer, length) / writer->cluster;

  for (; at < end; at++)
    {
      vckc_put_be64 (writer->l2 + at * QCOW2_TABLE_ENTRY, entry);
      entry += entry != QCOW2_L2_ZERO ? writer->cluster : 0;
    }
}

bool
vckc_qcow2_data_writer_add_data (VckcQcow2DataWriter *writer,
                                 guint64 offset,
                                 const guint8 *data,
                                 gsize length,
                                 VckcError **err)
{
  while (length > 0)
    {
      const gsize part = (gsize) data_writer_go_to (writer, offset, length, err);

      if (part == 0)
        return false;
      data_writer_describe (writer, offset, part, writer->next | QCOW2_TABLE_COPIED);
      if (!data_writer_append (writer, data, part, err))
        return false;
      offset += part;
      data += part;
      length -= part;
    }
  return true;
}

bool
vckc_qcow2_data_writer_add_zeroes (VckcQcow2DataWriter *writer,
                                   guint64 offset,
                                   guint64 length,
                                   VckcError **err)
{
  while (length > 0)
    {
      const guint64 part = data_writer_go_to (writer, offset, length, err);

      if (part == 0)
        return false;
      data_writer_describe (writer, offset, part, QCOW2_L2_ZERO);
      offset += part;
      length -= part;
    }
  return true;
}

/* How many refcount blocks, and clusters of their table, count the file with themselves. */
static void
data_writer_count_refcounts (const VckcQcow2DataWriter *writer,
                             guint64 *ret_blocks,
                             guint64 *ret_table)
{
  const guint64 before = writer->next / writer->cluster;
  const guint64 per_block = writer->cluster / REFCOUNT_SIZE;
  guint64 blocks = 0, table = 0;

  while (blocks * per_block < before + blocks + table)
    {
      blocks = (before + blocks + table + per_block - 1) / per_block;
      table = data_writer_round (writer, blocks * QCOW2_TABLE_ENTRY) / writer->cluster;
    }
  *ret_blocks = blocks;
  *ret_table = table;
}

/* Each cluster is counted once: blocks of 1, of which the last one ends with the file. */
static bool
data_writer_append_blocks (VckcQcow2DataWriter *writer,
                           guint64 blocks,
                           guint64 count,
                           VckcError **err)
{
  const guint64 per_block = writer->cluster / REFCOUNT_SIZE;
  g_autofree guint8 *block = g_malloc0 (writer->cluster);

  for (guint64 i = 0; i < per_block; i++)
    block[i * REFCOUNT_SIZE + 1] = 1;
  for (guint64 i = 0; i < blocks; i++)
    {
      const guint64 used = MIN (count - i * per_block, per_block);

      memset (block + used * REFCOUNT_SIZE, 0, (per_block - used) * REFCOUNT_SIZE);
      if (!data_writer_append (writer, block, writer->cluster, err))
        return false;
    }
  return true;
}

static bool
data_writer_append_refcounts (VckcQcow2DataWriter *writer,
                              VckcQcow2Positions *positions,
                              VckcError **err)
{
  const guint64 first = writer->next;
  guint64 blocks, clusters;
  g_autofree guint8 *table = NULL;

  data_writer_count_refcounts (writer, &blocks, &clusters);
  table = g_malloc0 (clusters * writer->cluster);
  for (guint64 i = 0; i < blocks; i++)
    vckc_put_be64 (table + i * QCOW2_TABLE_ENTRY, first + i * writer->cluster);
  if (!data_writer_append_blocks (writer, blocks, first / writer->cluster + blocks + clusters, err))
    return false;
  positions->refcount_table = writer->next;
  positions->refcount_table_clusters = (guint32) clusters;
  return data_writer_append (writer, table, clusters * writer->cluster, err);
}

bool
vckc_qcow2_data_writer_finish (VckcQcow2DataWriter *writer, VckcError **err)
{
  VckcQcow2Positions positions = { .l1_table = writer->cluster };
  g_autoptr (GByteArray) header = NULL;

  if (!data_writer_leave_table (writer, err)
      || !data_writer_append_refcounts (writer, &positions, err)
      || !data_writer_put (writer, positions.l1_table, writer->l1,
                           writer->n_tables * QCOW2_TABLE_ENTRY, err))
    return false;
  header = vckc_qcow2_head_new (&writer->options, &positions, writer->path, err);
  if (header == NULL || !data_writer_put (writer, 0, header->data, header->len, err))
    return false;
  data_writer_hand_over (writer, true);
  return true;
}
