/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* memfd_create() */

#include "drivers/memory/memory-copy.h"

#include <errno.h>
#include <sys/mman.h>

#include "drivers/memory/memory-extents.h"
#include "drivers/memory/memory-image.h"
#include "qemu/qcow2-bitmap-change.h"
#include "qemu/qcow2-bitmap-fill.h"
#include "qemu/qcow2-data-writer.h"

int
vckc_memory_copy_open (const char *target, VckcError **err)
{
  int fd = memfd_create ("vck-pull", MFD_CLOEXEC);

  if (fd < 0)
    vckc_set_error_errno (err, errno, "cannot make a copy of disk '%s'", target);
  return fd;
}

static bool
memory_copy_write_data (int fd, const char *path, const guint64 *written, VckcError **err)
{
  const VckcQcow2Options options = { .virtual_size = VCKC_MEMORY_CAPACITY,
                                     .cluster_size = VCKC_MEMORY_GRANULARITY };
  g_autoptr (VckcQcow2DataWriter) writer = vckc_qcow2_data_writer_new (fd, path, &options, err);
  g_autofree guint8 *buffer = g_malloc (VCKC_MEMORY_GRANULARITY);

  if (writer == NULL)
    return false;
  for (guint64 i = 0; written != NULL && i < VCKC_MEMORY_GRANULES; i++)
    {
      if (written[i] == 0)
        continue;
      vckc_memory_image_fill (buffer, i, written[i]);
      if (!vckc_qcow2_data_writer_add_data (writer, i * VCKC_MEMORY_GRANULARITY, buffer,
                                            VCKC_MEMORY_GRANULARITY, err))
        return false;
    }
  return vckc_qcow2_data_writer_finish (writer, err);
}

static bool
memory_copy_write_base (int fd, const char *path, const VckcMemoryPoint *point, VckcError **err)
{
  g_autoptr (GPtrArray) add = g_ptr_array_new ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GArray) extents =
      vckc_memory_extents_list (point->dirty, VCKC_MEMORY_GRANULARITY, VCKC_MEMORY_CAPACITY);

  g_ptr_array_add (add, (gpointer) point->base);
  return vckc_qcow2_bitmaps_change (fd, path, add, none, err)
         && vckc_qcow2_bitmap_fill (fd, path, point->base, extents, err);
}

bool
vckc_memory_copy_write (int fd, const char *target, const VckcMemoryPoint *point, VckcError **err)
{
  g_autofree char *path = g_strdup_printf ("copy of disk '%s'", target);

  return memory_copy_write_data (fd, path, point->written, err)
         && (point->base == NULL || memory_copy_write_base (fd, path, point, err));
}
