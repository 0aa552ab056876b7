/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* statx() */

#include "managed/backends/image-stat.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif
#ifndef OCFS2_SUPER_MAGIC
#define OCFS2_SUPER_MAGIC 0x7461636f
#endif
#define ZFS_SUPER_MAGIC 0x2fc12fc1
#define CEPH_MAGIC 0x00c36400
#define GFS2_SUPER_MAGIC 0x01161970

/* Does the file system keep an inode number as long as the file exists? Others, such as those in
 * user space, may assign numbers as they go. */
static bool
image_stat_has_stable_inodes (const char *path)
{
  struct statfs fs;

  if (statfs (path, &fs) != 0)
    return false;
  switch ((guint32) fs.f_type)
    {
    case EXT4_SUPER_MAGIC: /* and ext2, ext3 */
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case ZFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
    case NFS_SUPER_MAGIC:
    case CEPH_MAGIC:
    case GFS2_SUPER_MAGIC:
    case OCFS2_SUPER_MAGIC:
    case TMPFS_MAGIC:
      return true;
    default:
      return false;
    }
}

bool
vckc_image_stat (const char *path, VckcBlockImage *ret_image)
{
  struct statx info;

  if (statx (AT_FDCWD, path, AT_STATX_SYNC_AS_STAT, STATX_TYPE | STATX_INO | STATX_BTIME, &info)
      != 0)
    return false;
  *ret_image = (VckcBlockImage){ 0 };
  if (S_ISBLK (info.stx_mode))
    ret_image->device = makedev (info.stx_rdev_major, info.stx_rdev_minor);
  else if (S_ISREG (info.stx_mode) || S_ISSOCK (info.stx_mode))
    {
      ret_image->device = makedev (info.stx_dev_major, info.stx_dev_minor);
      ret_image->number = info.stx_ino;
      if ((info.stx_mask & STATX_BTIME) != 0)
        ret_image->birth =
            info.stx_btime.tv_sec * G_GINT64_CONSTANT (1000000000) + info.stx_btime.tv_nsec;
      ret_image->lasting = image_stat_has_stable_inodes (path);
    }
  else
    return false;
  return true;
}
