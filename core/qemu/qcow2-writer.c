/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-writer.h"

#include <fcntl.h>
#include <unistd.h>

#include "qemu/big-endian.h"
#include "qemu/image-io.h"
#include "qemu/qcow2-format.h"

#define REFCOUNT_SIZE 2
#define TABLE_ENTRY_SIZE QCOW2_TABLE_ENTRY

/* The clusters of an empty image, in the order of the file: the header, the refcount table, the
 * refcount blocks, the L1 table. */
typedef struct
{
  guint64 cluster_size;
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

/* The refcounts count themselves, so their number grows until all clusters are counted. */
static void
qcow2_layout_init (Qcow2Layout *layout, const VckcQcow2Options *options)
{
  guint64 cluster = options->cluster_size;
  guint64 counted;

  layout->cluster_size = cluster;
  layout->l1_clusters =
      qcow2_divide_up (vckc_qcow2_head_count_l1 (options) * TABLE_ENTRY_SIZE, cluster);
  do
    {
      counted = qcow2_layout_count (layout);
      layout->blocks = qcow2_divide_up (counted, cluster / REFCOUNT_SIZE);
      layout->table_clusters = qcow2_divide_up (layout->blocks * TABLE_ENTRY_SIZE, cluster);
    }
  while (qcow2_layout_count (layout) != counted);
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
  VckcQcow2Positions positions;

  if (!vckc_qcow2_head_check (options, path, err))
    return false;
  qcow2_layout_init (&layout, options);
  positions = (VckcQcow2Positions){
    .l1_table = (1 + layout.table_clusters + layout.blocks) * layout.cluster_size,
    .refcount_table = layout.cluster_size,
    .refcount_table_clusters = (guint32) layout.table_clusters,
  };
  header = vckc_qcow2_head_new (options, &positions, path, err);
  return header != NULL && qcow2_write_empty (fd, path, &layout, header, err);
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
