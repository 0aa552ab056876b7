/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/probe/libvirt-same-file.h"

#include <sys/inotify.h>
#include <unistd.h>

#include "drivers/libvirt/link/libvirt-error.h"

/* Begins to watch for the file being opened; -1 on failure. */
static int
same_file_start_watch (int fd, const char *path, VckcError **err)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  int watch = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);

  if (watch >= 0 && inotify_add_watch (watch, link, IN_OPEN) >= 0)
    return watch;
  vckc_set_error_errno (err, errno, "cannot watch whether libvirt opens the image '%s'", path);
  if (watch >= 0)
    close (watch);
  return -1;
}

static bool
same_file_has_been_opened (int watch)
{
  char events[4096] __attribute__ ((aligned (__alignof__(struct inotify_event))));

  return read (watch, events, sizeof events) > 0;
}

/* The size of the file, for which libvirt opens it. */
static bool
same_file_query_size (VckcDomain *domain,
                      const char *target,
                      virStorageVolPtr volume,
                      guint64 *ret_size,
                      VckcError **err)
{
  virStorageVolInfo volume_info = { 0 };
  virDomainBlockInfo disk_info = { 0 };
  int result =
      volume != NULL
          ? virStorageVolGetInfoFlags (volume, &volume_info, VIR_STORAGE_VOL_GET_PHYSICAL)
          : virDomainGetBlockInfo (vckc_libvirt_get_domain (domain), target, &disk_info, 0);

  if (result < 0)
    vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                            "libvirt cannot open the image of disk '%s'", target);
  *ret_size = volume != NULL ? volume_info.allocation : disk_info.physical;
  return result == 0;
}

static VckcLibvirtFileMatch
same_file_set_other_error (const char *path, bool is_here, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                  is_here ? "libvirt uses another file '%s' than the one here; it runs in a "
                            "container or on another host"
                          : "libvirt uses a file '%s' that does not exist here; it runs in a "
                            "container or on another host",
                  path);
  return VCKC_LIBVIRT_FILE_OTHER;
}

VckcLibvirtFileMatch
vckc_libvirt_match_file (VckcDomain *domain,
                         const char *target,
                         virStorageVolPtr volume,
                         int fd,
                         const char *path,
                         VckcError **err)
{
  const off_t own_size = fd >= 0 ? lseek (fd, 0, SEEK_END) : -1;
  int watch = fd >= 0 ? same_file_start_watch (fd, path, err) : -1;
  guint64 size = 0;
  bool asked;
  bool opened;

  if (fd >= 0 && watch < 0)
    return VCKC_LIBVIRT_FILE_UNKNOWN;
  asked = same_file_query_size (domain, target, volume, &size, err);
  opened = watch >= 0 && same_file_has_been_opened (watch);
  if (watch >= 0)
    close (watch);
  if (!asked)
    return VCKC_LIBVIRT_FILE_UNKNOWN;
  /* Another program may open it in that moment; then at least the sizes must agree. */
  if (opened && own_size >= 0 && (guint64) own_size == size)
    return VCKC_LIBVIRT_FILE_SAME;
  return same_file_set_other_error (path, fd >= 0, err);
}
