/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/remote-file-system.h"

#include <sys/stat.h>
#include <sys/vfs.h>

typedef struct
{
  guint32 type;
  const char *name;
} RemoteFileSystem;

/* From linux/magic.h, unless there is another source. Types have 32 bits, also where they are given
 * with a sign. What only forwards to another file system, such as overlayfs, has its own type: what
 * is below it is not seen. */
static const RemoteFileSystem remote_file_systems[] = {
  { 0x00006969, "NFS" },      /* NFS_SUPER_MAGIC */
  { 0x0000517b, "SMB" },      /* SMB_SUPER_MAGIC */
  { 0xff534d42, "CIFS" },     /* CIFS_SUPER_MAGIC */
  { 0xfe534d42, "SMB" },      /* SMB2_SUPER_MAGIC */
  { 0x00c36400, "Ceph" },     /* CEPH_SUPER_MAGIC */
  { 0x01021997, "9p" },       /* V9FS_MAGIC */
  { 0x5346414f, "AFS" },      /* AFS_SUPER_MAGIC */
  { 0x6b414653, "AFS" },      /* AFS_FS_MAGIC */
  { 0x73757245, "Coda" },     /* CODA_SUPER_MAGIC */
  { 0x0000564c, "NCP" },      /* NCP_SUPER_MAGIC */
  { 0x7461636f, "OCFS2" },    /* OCFS2_SUPER_MAGIC */
  { 0x65735546, "FUSE" },     /* FUSE_SUPER_MAGIC; virtiofs has it, too */
  { 0x786f4256, "vboxsf" },   /* VBOXSF_SUPER_MAGIC of Linux' fs/vboxsf/super.c */
  { 0x01161970, "GFS2" },     /* GFS2_MAGIC of linux/gfs2_ondisk.h */
  { 0x20030528, "OrangeFS" }, /* ORANGEFS_SUPER_MAGIC of Linux' fs/orangefs/orangefs-kernel.h */
  { 0x0bd00bd0, "Lustre" },   /* LL_SUPER_MAGIC of Lustre's lustre_user.h; statfs(2) of man-pages */
  { 0x47504653, "GPFS" },     /* by its own documentation; stat(1) of coreutils has it */
  { 0x19830326, "BeeGFS" },   /* BEEGFS_MAGIC of its client; stat(1) of coreutils: "fhgfs" */
  { 0x013661e8, "IBRIX" },    /* stat(1) of coreutils */
  { 0x7c7c6673, "Parallels" }, /* "prl_fs" of stat(1) of coreutils */
  { 0xbacbacbc, "vmhgfs" },    /* stat(1) of coreutils */
};

const char *
vckc_remote_file_system_get_name (guint64 type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (remote_file_systems); i++)
    if (remote_file_systems[i].type == (guint32) type)
      return remote_file_systems[i].name;
  return NULL;
}

static bool
remote_file_system_is_of_image (int fd, const char *image)
{
  struct stat here, there;

  return fstat (fd, &here) == 0 && stat (image, &there) == 0 && S_ISREG (there.st_mode)
         && here.st_dev == there.st_dev;
}

bool
vckc_remote_file_system_find (int fd,
                              const char *path,
                              const char *image,
                              const char **ret_name,
                              VckcError **err)
{
  struct statfs info;
  int result;

  do
    result = fstatfs (fd, &info);
  while (result < 0 && errno == EINTR);
  if (result < 0)
    {
      vckc_set_error_errno (err, errno, "cannot find out which file system '%s' is on", path);
      return false;
    }
  *ret_name = vckc_remote_file_system_get_name ((guint64) info.f_type);
  if (*ret_name != NULL && remote_file_system_is_of_image (fd, image))
    *ret_name = NULL;
  return true;
}
