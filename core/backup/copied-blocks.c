/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/copied-blocks.h"

#include "backup/blocks-file.h"
#include "backup/image-data.h"
#include "qemu/qcow2-header.h"

/* QEMU copies no less at once. */
#define BLOCK_SIZE 65536u

bool
vckc_copied_blocks_write (int image_fd,
                          int dir_fd,
                          const char *where,
                          const char *image,
                          const char *name,
                          VckcError **err)
{
  g_autofree char *path = g_build_filename (where, image, NULL);
  g_autoptr (VckcExtentReader) reader = NULL;
  VckcQcow2Header header;

  if (!vckc_qcow2_header_read_fd (image_fd, path, &header, err))
    return false;
  reader = vckc_image_own_open (image_fd, path, err);
  return reader != NULL
         && vckc_blocks_file_write (dir_fd, where, name, header.virtual_size,
                                    MAX (BLOCK_SIZE, header.cluster_size), reader, err);
}
