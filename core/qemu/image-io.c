/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/image-io.h"

#include <errno.h>
#include <unistd.h>

bool
vckc_image_read (int fd,
                 const char *path,
                 guint64 offset,
                 gsize size,
                 GByteArray *data,
                 VckcError **err)
{
  gsize done = 0;

  g_byte_array_set_size (data, (guint) size);
  while (done < size)
    {
      gssize n = pread (fd, data->data + done, size - done, (off_t) (offset + done));

      if (n == 0)
        break;
      if (n < 0 && errno != EINTR)
        {
          vckc_set_error_errno (err, errno, "cannot read the image '%s'", path);
          return false;
        }
      done += (gsize) MAX (n, 0);
    }
  g_byte_array_set_size (data, (guint) done);
  return true;
}

static bool
image_write_fail (const char *path, int number, VckcError **err)
{
  vckc_set_error_errno (err, number, "cannot write the image '%s'", path);
  return false;
}

bool
vckc_image_write (int fd,
                  const char *path,
                  guint64 offset,
                  const guint8 *data,
                  gsize size,
                  VckcError **err)
{
  gsize done = 0;

  while (done < size)
    {
      gssize n = pwrite (fd, data + done, size - done, (off_t) (offset + done));

      if (n == 0 || (n < 0 && errno != EINTR))
        return image_write_fail (path, n == 0 ? ENOSPC : errno, err);
      done += (gsize) MAX (n, 0);
    }
  return true;
}

bool
vckc_image_write_changes (int fd,
                          const char *path,
                          guint64 offset,
                          const guint8 *before,
                          const guint8 *after,
                          gsize size,
                          VckcError **err)
{
  gsize start = 0;

  while (start < size && before[start] == after[start])
    start++;
  while (size > start && before[size - 1] == after[size - 1])
    size--;
  return vckc_image_write (fd, path, offset + start, after + start, size - start, err);
}

bool
vckc_image_sync (int fd, const char *path, VckcError **err)
{
  return fdatasync (fd) == 0 || image_write_fail (path, errno, err);
}
