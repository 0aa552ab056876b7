/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-head.h"

#include <string.h>

#include "qemu/big-endian.h"
#include "qemu/qcow2-format.h"

/* The fields of version 3 that have no extension, and 16 bits for each refcount. */
#define HEADER_SIZE QCOW2_HEADER_MIN
#define REFCOUNT_ORDER 4
#define SECTOR 512

static guint32
qcow2_head_get_bits (guint64 power_of_two)
{
  guint32 bits = 0;

  while (power_of_two >> bits > 1)
    bits++;
  return bits;
}

guint64
vckc_qcow2_head_count_l1 (const VckcQcow2Options *options)
{
  const guint64 cluster = options->cluster_size;
  const guint64 reach = cluster * (cluster / (options->extended_l2 ? 16 : 8));

  return MAX (options->virtual_size / reach + (options->virtual_size % reach != 0 ? 1 : 0), 1);
}

bool
vckc_qcow2_head_check (const VckcQcow2Options *options, const char *path, VckcError **err)
{
  const guint64 cluster = options->cluster_size;

  if (cluster < SECTOR || qcow2_head_get_bits (cluster) > QCOW2_MAX_CLUSTER_BITS
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
  else if (vckc_qcow2_head_count_l1 (options) * QCOW2_TABLE_ENTRY > QCOW2_MAX_L1_SIZE)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "cannot make the image '%s': a disk of %" G_GUINT64_FORMAT
                    " bytes needs clusters of more than %" G_GUINT64_FORMAT,
                    path, options->virtual_size, cluster);
  else
    return true;
  return false;
}

static void
qcow2_head_add_extension (GByteArray *header, guint32 type, const char *text)
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

static void
qcow2_head_put_fields (guint8 *data,
                       const VckcQcow2Options *options,
                       const VckcQcow2Positions *positions)
{
  vckc_put_be32 (data + QCOW2_MAGIC, QCOW2_MAGIC_NUMBER);
  vckc_put_be32 (data + QCOW2_VERSION, 3);
  vckc_put_be32 (data + QCOW2_CLUSTER_BITS, qcow2_head_get_bits (options->cluster_size));
  vckc_put_be64 (data + QCOW2_DISK_SIZE, options->virtual_size);
  vckc_put_be32 (data + QCOW2_L1_SIZE, (guint32) vckc_qcow2_head_count_l1 (options));
  vckc_put_be64 (data + QCOW2_L1_TABLE, positions->l1_table);
  vckc_put_be64 (data + QCOW2_REFCOUNT_TABLE, positions->refcount_table);
  vckc_put_be32 (data + QCOW2_REFCOUNT_TABLE_CLUSTERS, positions->refcount_table_clusters);
  vckc_put_be64 (data + QCOW2_INCOMPATIBLE,
                 options->extended_l2 ? QCOW2_INCOMPATIBLE_EXTENDED_L2 : 0);
  vckc_put_be32 (data + QCOW2_REFCOUNT_ORDER, REFCOUNT_ORDER);
  vckc_put_be32 (data + QCOW2_HEADER_LENGTH, HEADER_SIZE);
}

/* Behind the extensions. */
static void
qcow2_head_add_backing_file (GByteArray *header, const char *name)
{
  vckc_put_be64 (header->data + QCOW2_BACKING_FILE, header->len);
  vckc_put_be32 (header->data + QCOW2_BACKING_FILE_SIZE, (guint32) strlen (name));
  g_byte_array_append (header, (const guint8 *) name, (guint) strlen (name));
}

GByteArray *
vckc_qcow2_head_new (const VckcQcow2Options *options,
                     const VckcQcow2Positions *positions,
                     const char *path,
                     VckcError **err)
{
  g_autoptr (GByteArray) header = g_byte_array_new ();
  const gsize name = options->backing_file != NULL ? strlen (options->backing_file) : 0;

  g_byte_array_set_size (header, HEADER_SIZE);
  memset (header->data, 0, HEADER_SIZE);
  if (options->backing_file != NULL)
    qcow2_head_add_extension (header, QCOW2_EXTENSION_BACKING_FORMAT, options->backing_format);
  qcow2_head_add_extension (header, 0, "");
  qcow2_head_put_fields (header->data, options, positions);
  if (options->backing_file != NULL)
    qcow2_head_add_backing_file (header, options->backing_file);
  if (name <= QCOW2_MAX_BACKING_NAME && header->len <= options->cluster_size)
    return g_steal_pointer (&header);
  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "cannot make the image '%s': the name of its backing file, of %zu bytes, does "
                  "not fit into its header",
                  path, name);
  return NULL;
}
