/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/blocks-file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/dir-file.h"
#include "qemu/big-endian.h"

#define MAGIC "VckBlk1\n"
#define MAGIC_LENGTH 8
#define HEADER_LENGTH (MAGIC_LENGTH + 4 + 8)
#define BLOCK_SIZE_MIN 512
#define BLOCK_SIZE_MAX (1u << 30)
/* No disk is larger, so that sums of two sizes are numbers. */
#define DISK_SIZE_MAX ((guint64) G_MAXINT64)
#define BUFFER_SIZE 65536
/* Bytes of a number of 64 bits. */
#define NUMBER_MAX 10
/* Extents that a reader gives at once. */
#define CHUNK 4096

typedef struct
{
  int fd;
  const char *path;
  GByteArray *buffer;
  guint32 block_size;
  guint64 end;    /* of the runs that were written, in blocks */
  guint64 begin;  /* of the run that is being made */
  guint64 finish; /* 0: there is none */
} BlocksWriter;

static bool
blocks_writer_flush (BlocksWriter *writer, VckcError **err)
{
  gsize done = 0;

  while (done < writer->buffer->len)
    {
      ssize_t n = write (writer->fd, writer->buffer->data + done, writer->buffer->len - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          vckc_set_error_errno (err, errno, "cannot write '%s'", writer->path);
          return false;
        }
      done += (gsize) n;
    }
  g_byte_array_set_size (writer->buffer, 0);
  return true;
}

static void
blocks_writer_add_number (BlocksWriter *writer, guint64 number)
{
  guint8 byte;

  do
    {
      byte = (guint8) (number & 0x7f);
      number >>= 7;
      if (number > 0)
        byte |= 0x80;
      g_byte_array_append (writer->buffer, &byte, 1);
    }
  while (number > 0);
}

static bool
blocks_writer_end_run (BlocksWriter *writer, VckcError **err)
{
  if (writer->finish == 0)
    return true;
  blocks_writer_add_number (writer, writer->begin - writer->end);
  blocks_writer_add_number (writer, writer->finish - writer->begin);
  writer->end = writer->finish;
  return writer->buffer->len < BUFFER_SIZE || blocks_writer_flush (writer, err);
}

static bool
blocks_writer_add (BlocksWriter *writer, const VckcExtent *extent, VckcError **err)
{
  guint64 begin = extent->offset / writer->block_size;
  guint64 finish = (extent->offset + extent->length - 1) / writer->block_size + 1;

  if (writer->finish == 0 || begin > writer->finish)
    {
      if (!blocks_writer_end_run (writer, err))
        return false;
      writer->begin = begin;
    }
  writer->finish = MAX (writer->finish, finish);
  return true;
}

static bool
blocks_writer_copy (BlocksWriter *writer, VckcExtentReader *extents, VckcError **err)
{
  g_autoptr (GArray) chunk = vckc_extents_new ();
  bool end = false;

  while (!end)
    {
      g_array_set_size (chunk, 0);
      if (!vckc_extent_reader_next (extents, chunk, &end, err))
        return false;
      for (guint i = 0; i < chunk->len; i++)
        if (!blocks_writer_add (writer, &g_array_index (chunk, VckcExtent, i), err))
          return false;
    }
  return blocks_writer_end_run (writer, err);
}

static bool
blocks_writer_write (BlocksWriter *writer,
                     guint64 disk_size,
                     VckcExtentReader *extents,
                     VckcError **err)
{
  guint8 header[HEADER_LENGTH];

  memcpy (header, MAGIC, MAGIC_LENGTH);
  vckc_put_be32 (header + MAGIC_LENGTH, writer->block_size);
  vckc_put_be64 (header + MAGIC_LENGTH + 4, disk_size);
  g_byte_array_append (writer->buffer, header, sizeof header);
  if (!blocks_writer_copy (writer, extents, err))
    return false;
  blocks_writer_add_number (writer, 0);
  blocks_writer_add_number (writer, 0);
  if (!blocks_writer_flush (writer, err))
    return false;
  if (fsync (writer->fd) == 0)
    return true;
  vckc_set_error_errno (err, errno, "cannot store '%s'", writer->path);
  return false;
}

bool
vckc_blocks_file_write (int dir_fd,
                        const char *where,
                        const char *name,
                        guint64 disk_size,
                        guint32 block_size,
                        VckcExtentReader *extents,
                        VckcError **err)
{
  g_autofree char *path = g_build_filename (where, name, NULL);
  g_autoptr (GByteArray) buffer = g_byte_array_new ();
  BlocksWriter writer = { .path = path, .buffer = buffer, .block_size = block_size };
  bool ok;

  writer.fd = openat (dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (writer.fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot make '%s'", path);
      return false;
    }
  ok = blocks_writer_write (&writer, disk_size, extents, err);
  close (writer.fd);
  if (!ok)
    unlinkat (dir_fd, name, 0);
  return ok;
}

/* Reading. */
typedef struct
{
  VckcExtentReader reader; /* first */
  int fd;
  char *path;
  guint32 block_size;
  guint64 disk_size;
  guint64 n_blocks;
  guint64 end; /* of the runs that were read, in blocks */
  guint8 buffer[BUFFER_SIZE];
  gsize used;
  gsize next;
} BlocksReader;

static bool
blocks_reader_refuse (const BlocksReader *reader, const char *why, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT, "the list of blocks '%s' is damaged: %s",
                  reader->path, why);
  return false;
}

static bool
blocks_reader_read_byte (BlocksReader *reader, guint8 *ret_byte, VckcError **err)
{
  if (reader->next == reader->used)
    {
      ssize_t n;

      do
        n = read (reader->fd, reader->buffer, sizeof reader->buffer);
      while (n < 0 && errno == EINTR);
      if (n < 0)
        {
          vckc_set_error_errno (err, errno, "cannot read '%s'", reader->path);
          return false;
        }
      if (n == 0)
        return blocks_reader_refuse (reader, "it ends too early", err);
      reader->used = (gsize) n;
      reader->next = 0;
    }
  *ret_byte = reader->buffer[reader->next++];
  return true;
}

static bool
blocks_reader_read_number (BlocksReader *reader, guint64 *ret_number, VckcError **err)
{
  *ret_number = 0;
  for (guint i = 0; i < NUMBER_MAX; i++)
    {
      guint8 byte;

      if (!blocks_reader_read_byte (reader, &byte, err))
        return false;
      if (i == NUMBER_MAX - 1 && byte > 1)
        break;
      *ret_number |= (guint64) (byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0)
        return true;
    }
  return blocks_reader_refuse (reader, "a number is too large", err);
}

static bool
blocks_reader_check_over (BlocksReader *reader, VckcError **err)
{
  char byte;

  if (reader->next == reader->used && read (reader->fd, &byte, 1) == 0)
    return true;
  return blocks_reader_refuse (reader, "there is more behind its end", err);
}

static bool
blocks_reader_read_run (BlocksReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  guint64 gap, length, offset;

  if (!blocks_reader_read_number (reader, &gap, err)
      || !blocks_reader_read_number (reader, &length, err))
    return false;
  *ret_end = gap == 0 && length == 0;
  if (*ret_end)
    return blocks_reader_check_over (reader, err);
  if (length == 0 || (gap == 0 && reader->end > 0))
    return blocks_reader_refuse (reader, "its runs are not in order", err);
  if (gap > reader->n_blocks - reader->end || length > reader->n_blocks - reader->end - gap)
    return blocks_reader_refuse (reader, "it has blocks behind the end of the disk", err);
  offset = (reader->end + gap) * reader->block_size;
  vckc_extents_add (extents, offset, MIN (length * reader->block_size, reader->disk_size - offset),
                    VCKC_EXTENT_DIRTY);
  reader->end += gap + length;
  return true;
}

static bool
blocks_reader_next (VckcExtentReader *base, GArray *extents, bool *ret_end, VckcError **err)
{
  BlocksReader *reader = (BlocksReader *) base;

  *ret_end = false;
  for (guint i = 0; i < CHUNK && !*ret_end; i++)
    if (!blocks_reader_read_run (reader, extents, ret_end, err))
      return false;
  return true;
}

static void
blocks_reader_free (VckcExtentReader *base)
{
  BlocksReader *reader = (BlocksReader *) base;

  if (reader->fd >= 0)
    close (reader->fd);
  g_free (reader->path);
  g_free (reader);
}

static const VckcExtentReaderClass blocks_reader_class = { .next = blocks_reader_next,
                                                           .free = blocks_reader_free };

static bool
blocks_reader_read_header (BlocksReader *reader, VckcError **err)
{
  guint8 header[HEADER_LENGTH];
  guint32 block_size;

  for (guint i = 0; i < sizeof header; i++)
    if (!blocks_reader_read_byte (reader, &header[i], err))
      return false;
  block_size = vckc_be32 (header + MAGIC_LENGTH);
  if (memcmp (header, MAGIC, MAGIC_LENGTH) != 0)
    return blocks_reader_refuse (reader, "it is none", err);
  if (block_size < BLOCK_SIZE_MIN || block_size > BLOCK_SIZE_MAX
      || (block_size & (block_size - 1)) != 0)
    return blocks_reader_refuse (reader, "blocks cannot have that size", err);
  if (vckc_be64 (header + MAGIC_LENGTH + 4) != reader->disk_size
      || reader->disk_size > DISK_SIZE_MAX)
    return blocks_reader_refuse (reader, "it is that of a disk of another size", err);
  reader->block_size = block_size;
  reader->n_blocks = (reader->disk_size + block_size - 1) / block_size;
  return true;
}

VckcExtentReader *
vckc_blocks_file_open (int dir_fd,
                       const char *where,
                       const char *name,
                       guint64 disk_size,
                       guint32 *ret_block_size,
                       VckcError **err)
{
  BlocksReader *reader = g_new0 (BlocksReader, 1);
  g_autoptr (VckcExtentReader) result = &reader->reader;
  VckcDirFound found;

  reader->reader.klass = &blocks_reader_class;
  reader->path = g_build_filename (where, name, NULL);
  reader->disk_size = disk_size;
  reader->fd = vckc_dir_open_file (dir_fd, name, O_RDONLY, &found);
  if (reader->fd < 0 && found != VCKC_DIR_FAILED)
    {
      blocks_reader_refuse (reader,
                            found == VCKC_DIR_MISSING ? "it is missing"
                                                      : "it is not a regular file, or "
                                                        "belongs to another user",
                            err);
      return NULL;
    }
  if (reader->fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open '%s'", reader->path);
      return NULL;
    }
  if (!blocks_reader_read_header (reader, err))
    return NULL;
  *ret_block_size = reader->block_size;
  return g_steal_pointer (&result);
}
