/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reading and writing parts of an open image. `path` is for messages. */

#pragma once

#include "base/error-private.h"

/* Makes `data` what is at `offset`: `size` bytes, fewer only at the end of the file. */
bool vckc_image_read (int fd,
                      const char *path,
                      guint64 offset,
                      gsize size,
                      GByteArray *data,
                      VckcError **err);

bool vckc_image_write (int fd,
                       const char *path,
                       guint64 offset,
                       const guint8 *data,
                       gsize size,
                       VckcError **err);

/* Writes what differs between two states of the same part: from the first such byte to the last, in
 * one call. */
bool vckc_image_write_changes (int fd,
                               const char *path,
                               guint64 offset,
                               const guint8 *before,
                               const guint8 *after,
                               gsize size,
                               VckcError **err);

/* Waits until all is stored that was written. */
bool vckc_image_sync (int fd, const char *path, VckcError **err);
