/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A new qcow2 image that is written from the start of its disk to its end. What is left out reads
 * as zeroes or, with a backing file, as that. The file is written from its start to its end, too,
 * and memory does not grow with the disk, but for 8 bytes for each 512 MiB of it.
 *
 * Until it is finished the file is no image at all.
 */

#pragma once

#include "qemu/qcow2-head.h"

typedef struct _VckcQcow2DataWriter VckcQcow2DataWriter;

/* In a file that is empty and open for writing, which is borrowed; there are no subclusters.
 * CONFIG_UNSUPPORTED if qcow2 has no such image. The other functions fail with NO_SPACE or
 * SYSTEM_ERROR, after which the writer can only be freed. */
VckcQcow2DataWriter *vckc_qcow2_data_writer_new (int fd,
                                                 const char *path,
                                                 const VckcQcow2Options *options,
                                                 VckcError **err);
void vckc_qcow2_data_writer_free (VckcQcow2DataWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQcow2DataWriter, vckc_qcow2_data_writer_free)

/* Whole clusters, behind all that was added before; the last one ends with the disk. */
bool vckc_qcow2_data_writer_add_data (VckcQcow2DataWriter *writer,
                                      guint64 offset,
                                      const guint8 *data,
                                      gsize length,
                                      VckcError **err);
/* The same that reads as zeroes, whatever the backing file has there. */
bool vckc_qcow2_data_writer_add_zeroes (VckcQcow2DataWriter *writer,
                                        guint64 offset,
                                        guint64 length,
                                        VckcError **err);

/* Makes it an image, which is not synced. */
bool vckc_qcow2_data_writer_finish (VckcQcow2DataWriter *writer, VckcError **err);
