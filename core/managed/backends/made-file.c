/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/made-file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "managed/backends/image-stat.h"

/* The number of a device is another one when the host has started again. */
bool
vckc_made_file_is_same (const VckcBlockImage *one, const VckcBlockImage *other)
{
  if (one->number == 0 || one->number != other->number || one->birth != other->birth)
    return false;
  return one->birth != 0 || one->device == other->device;
}

bool
vckc_made_file_remove (const char *path, const VckcBlockImage *made_as, VckcError **err)
{
  VckcBlockImage now = { 0 };
  struct stat info;

  if (lstat (path, &info) < 0 && errno == ENOENT)
    return true;
  if (!vckc_image_stat (path, &now) || !vckc_made_file_is_same (made_as, &now))
    {
      vckc_set_error (
          err, VCKC_ERROR_OPERATION_FAILED,
          "'%s' is left as it is: it may be another file than the one that was made for "
          "the backup",
          path);
      return false;
    }
  if (unlink (path) == 0 || errno == ENOENT)
    return true;
  vckc_set_error_errno (err, errno, "cannot remove the unfinished backup file '%s'", path);
  return false;
}
