/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-writer.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "qemu/big-endian.h"
#include "qemu/image-io.h"
#include "qemu/qcow2-format.h"

/* Of the parts that are written: the header with the fields of version 3 that have no extension,
 * and 16 bits for each refcount. */
#define HEADER_SIZE QCOW2_HEADER_MIN
#define REFCOUNT_ORDER 4
#define REFCOUNT_SIZE 2
#define TABLE_ENTRY_SIZE 8
#define SECTOR 512

/* The clusters of an empty image, in the order of the file: the header, the refcount table, the
 * refcount blocks, the L1 table. */
typedef struct
{
  guint32 cluster_bits;
  guint64 cluster_size;
  guint64 l1_entries;
  guint64 l1_clusters;
  guint64 table_clusters;
  guint64 blocks;
} Qcow2Layout;

static guint64
qcow2_divide_up (guint64 value, guint64 by)
{
  return value / by + (value % by != 0 ? 1 : 0);
}

static guint64
qcow2_layout_count (const Qcow2Layout *layout)
{
  return 1 + layout->table_clusters + layout->blocks + layout->l1_clusters;
}

static guint32
qcow2_get_bits (guint64 power_of_two)
{
  guint32 bits = 0;

  while (power_of_two >> bits > 1)
    bits++;
  return bits;
}

/* The refcounts count themselves, so their number grows until all clusters are counted. */
static void
qcow2_layout_init (Qcow2Layout *layout, const VckcQcow2Options *options)
{
  guint64 cluster = options->cluster_size;
  guint64 l2_entries = cluster / (options->extended_l2 ? 16 : 8);
  guint64 counted;

  layout->cluster_bits = qcow2_get_bits (cluster);
  layout->cluster_size = cluster;
  layout->l1_entries = MAX (qcow2_divide_up (options->virtual_size, cluster * l2_entries), 1);
  layout->l1_clusters = qcow2_divide_up (layout->l1_entries * TABLE_ENTRY_SIZE, cluster);
  do
    {
      counted = qcow2_layout_count (layout);
      layout->blocks = qcow2_divide_up (counted, cluster / REFCOUNT_SIZE);
      layout->table_clusters = qcow2_divide_up (layout->blocks * TABLE_ENTRY_SIZE, cluster);
    }
  while (qcow2_layout_count (layout) != counted);
}

static void
qcow2_add_extension (GByteArray *header, guint32 type, const char *text)
{
  guint8 head[QCOW2_EXTENSION_HEAD];
  const guint8 padding[8] = { 0 };
  gsize size = strlen (text);

  vckc_put_be32 (head, type);
  vckc_put_be32 (head + 4, (guint32) size);
  g_byte_array_append (header, head, sizeof head);
  g_byte_array_append (header, (const guint8 *) text, (guint) size);
  g_byte_array_append (header, padding, (guint) ((8 - size % 8) % 8));
}

/* The header with its extensions, and the name of the backing file behind them. */
static GByteArray *
qcow2_make_header (const Qcow2Layout *layout, const VckcQcow2Options *options)
{
  GByteArray *header = g_byte_array_new ();
  guint8 *data;

  g_byte_array_set_size (header, HEADER_SIZE);
  memset (header->data, 0, HEADER_SIZE);
  if (options->backing_file != NULL)
    qcow2_add_extension (header, QCOW2_EXTENSION_BACKING_FORMAT, options->backing_format);
  qcow2_add_extension (header, 0, "");
  data = header->data;
  vckc_put_be32 (data + QCOW2_MAGIC, QCOW2_MAGIC_NUMBER);
  vckc_put_be32 (data + QCOW2_VERSION, 3);
  vckc_put_be32 (data + QCOW2_CLUSTER_BITS, layout->cluster_bits);
  vckc_put_be64 (data + QCOW2_DISK_SIZE, options->virtual_size);
  vckc_put_be32 (data + QCOW2_L1_SIZE, (guint32) layout->l1_entries);
  vckc_put_be64 (data + QCOW2_L1_TABLE,
                 (1 + layout->table_clusters + layout->blocks) * layout->cluster_size);
  vckc_put_be64 (data + QCOW2_REFCOUNT_TABLE, layout->cluster_size);
  vckc_put_be32 (data + QCOW2_REFCOUNT_TABLE_CLUSTERS, (guint32) layout->table_clusters);
  vckc_put_be64 (data + QCOW2_INCOMPATIBLE,
                 options->extended_l2 ? QCOW2_INCOMPATIBLE_EXTENDED_L2 : 0);
  vckc_put_be32 (data + QCOW2_REFCOUNT_ORDER, REFCOUNT_ORDER);
  vckc_put_be32 (data + QCOW2_HEADER_LENGTH, HEADER_SIZE);
  if (options->backing_file != NULL)
    {
      vckc_put_be64 (data + QCOW2_BACKING_FILE, header->len);
      vckc_put_be32 (data + QCOW2_BACKING_FILE_SIZE, (guint32) strlen (options->backing_file));
      g_byte_array_append (header, (const guint8 *) options->backing_file,
                           (guint) strlen (options->backing_file));
    }
  return header;
}

static bool
qcow2_check_options (const VckcQcow2Options *options, const char *path, VckcError **err)
{
  guint64 cluster = options->cluster_size;

  if (cluster < SECTOR || qcow2_get_bits (cluster) > QCOW2_MAX_CLUSTER_BITS
      || (cluster & (cluster - 1)) != 0)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "cannot make the image '%s': a qcow2 image has clusters of a power of two from "
                    "512 bytes to 2 MiB, and not of %" G_GUINT64_FORMAT,
                    path, cluster);
  else if (options->extended_l2 && cluster < QCOW2_MIN_EXTENDED_L2_CLUSTER)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "cannot make the image '%s': only clusters of 16 KiB or more have subclusters",
                    path);
  else if (options->virtual_size % SECTOR != 0)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "cannot make the image '%s': the size of its disk, %" G_GUINT64_FORMAT
                    " bytes, is no multiple of 512",
                    path, options->virtual_size);
  else
    return true;
  return false;
}

static bool
qcow2_check_layout (const Qcow2Layout *layout,
                    const GByteArray *header,
                    const VckcQcow2Options *options,
                    const char *path,
                    VckcError **err)
{
  gsize name = options->backing_file != NULL ? strlen (options->backing_file) : 0;

  if (layout->l1_entries * TABLE_ENTRY_SIZE > QCOW2_MAX_L1_SIZE)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "cannot make the image '%s': a disk of %" G_GUINT64_FORMAT
                    " bytes needs clusters of more than %" G_GUINT64_FORMAT,
                    path, options->virtual_size, layout->cluster_size);
  else if (name > QCOW2_MAX_BACKING_NAME || header->len > layout->cluster_size)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "cannot make the image '%s': the name of its backing file, of %zu bytes, does "
                    "not fit into its header",
                    path, name);
  else
    return true;
  return false;
}

/* Offsets of the refcount blocks, then the blocks: 1 for each cluster. */
static bool
qcow2_write_refcounts (int fd, const char *path, const Qcow2Layout *layout, VckcError **err)
{
  guint64 first_block = 1 + layout->table_clusters;
  guint64 clusters = qcow2_layout_count (layout);
  gsize table_size = layout->blocks * TABLE_ENTRY_SIZE;
  g_autofree guint8 *table = g_malloc (table_size);
  g_autofree guint8 *counts = g_malloc0 (clusters * REFCOUNT_SIZE);

  for (guint64 i = 0; i < layout->blocks; i++)
    vckc_put_be64 (table + i * TABLE_ENTRY_SIZE, (first_block + i) * layout->cluster_size);
  for (guint64 i = 0; i < clusters; i++)
    counts[i * REFCOUNT_SIZE + 1] = 1;
  return vckc_image_write (fd, path, layout->cluster_size, table, table_size, err)
         && vckc_image_write (fd, path, first_block * layout->cluster_size, counts,
                              clusters * REFCOUNT_SIZE, err);
}

/* What is not written is a hole, which reads as zeroes: the L1 table and the ends of clusters. */
static bool
qcow2_write_empty (int fd,
                   const char *path,
                   const Qcow2Layout *layout,
                   const GByteArray *header,
                   VckcError **err)
{
  if (ftruncate (fd, (off_t) (qcow2_layout_count (layout) * layout->cluster_size)) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot write the image '%s'", path);
      return false;
    }
  return qcow2_write_refcounts (fd, path, layout, err)
         && vckc_image_write (fd, path, 0, header->data, header->len, err);
}

bool
vckc_qcow2_write_empty (int fd, const char *path, const VckcQcow2Options *options, VckcError **err)
{
  g_autoptr (GByteArray) header = NULL;
  Qcow2Layout layout = { 0 };

  if (!qcow2_check_options (options, path, err))
    return false;
  qcow2_layout_init (&layout, options);
  header = qcow2_make_header (&layout, options);
  return qcow2_check_layout (&layout, header, options, path, err)
         && qcow2_write_empty (fd, path, &layout, header, err);
}

int
vckc_qcow2_create (int dir_fd,
                   const char *name,
                   const char *path,
                   const VckcQcow2Options *options,
                   VckcError **err)
{
  int fd = openat (dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0 && errno == EEXIST)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                    "cannot make the image '%s': there is something of that name", path);
  else if (fd < 0)
    vckc_set_error_errno (err, errno, "cannot make the image '%s'", path);
  else if (!vckc_qcow2_write_empty (fd, path, options, err))
    {
      close (fd);
      unlinkat (dir_fd, name, 0);
      fd = -1;
    }
  return fd;
}
