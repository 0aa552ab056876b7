/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Reads the images of a domain that is off as files, but only those that are proven to be the files
 * that libvirt itself opens.
 */

#include "drivers/libvirt/probe/libvirt-files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/probe/libvirt-same-file.h"
#include "qemu/qcow2-bitmap-describe.h"
#include "qemu/qcow2-header.h"

static void
libvirt_volume_ptr_free (virStorageVolPtr *volume)
{
  if (*volume != NULL)
    virStorageVolFree (*volume);
}

static void
libvirt_pool_ptr_free (virStoragePoolPtr *pool)
{
  if (*pool != NULL)
    virStoragePoolFree (*pool);
}

#define AUTO_VOLUME __attribute__ ((cleanup (libvirt_volume_ptr_free))) virStorageVolPtr
#define AUTO_POOL __attribute__ ((cleanup (libvirt_pool_ptr_free))) virStoragePoolPtr

/* --- where the image is --- */

static virStorageVolPtr
libvirt_files_find_volume (virConnectPtr conn, const char *pool, const char *name, VckcError **err)
{
  AUTO_POOL found = virStoragePoolLookupByName (conn, pool);
  virStorageVolPtr volume = found != NULL ? virStorageVolLookupByName (found, name) : NULL;

  if (volume == NULL)
    vckc_libvirt_set_error (err, conn, "volume '%s' of storage pool '%s' cannot be found", name,
                            pool);
  return volume;
}

/* With malloc(). */
static char *
libvirt_files_find_volume_path (virConnectPtr conn, virStorageVolPtr volume, VckcError **err)
{
  char *path = virStorageVolGetPath (volume);

  if (path == NULL)
    vckc_libvirt_set_error (err, conn, "cannot get the path of volume '%s'",
                            virStorageVolGetName (volume));
  return path;
}

/* What is called a path is one only of a volume that is not on the network. */
bool
vckc_libvirt_connect_find_volume (VckcConnect *connect,
                                  const char *pool,
                                  const char *volume,
                                  char **ret_path,
                                  VckcError **err)
{
  virConnectPtr conn = vckc_libvirt_get_connection (connect)->conn;
  AUTO_VOLUME found = libvirt_files_find_volume (conn, pool, volume, err);
  char *path = found != NULL ? libvirt_files_find_volume_path (conn, found, err) : NULL;
  bool ok = path != NULL;

  if (ok && !g_path_is_absolute (path))
    g_clear_pointer (&path, free);
  *ret_path = g_strdup (path);
  free (path);
  return ok;
}

/* --- what is in it --- */

static bool
libvirt_files_read_image (VckcLibvirtImages *images, int fd, const char *path, VckcError **err)
{
  g_autoptr (VckcQcow2Bitmaps) stored = NULL;
  g_autoptr (GPtrArray) bitmaps = NULL;
  VckcQcow2Header header;

  if (!vckc_qcow2_header_read (path, &header, err))
    return false;
  stored = vckc_qcow2_bitmaps_read (fd, path, err);
  if (stored == NULL)
    return false;
  images->capacity = header.virtual_size;
  if (header.has_backing_file)
    {
      images->doubt = g_strdup (
          "it may be in a backing file of the image, which is not read while the domain is off");
      images->below_problem = g_strdup (
          "the files that its image is based on are not read while the domain is off; start it");
    }
  bitmaps = vckc_qcow2_bitmaps_describe (fd, path, stored);
  for (guint i = 0; i < bitmaps->len; i++)
    vckc_libvirt_images_add_bitmap (images, g_steal_pointer (&bitmaps->pdata[i]));
  return true;
}

/* --- all --- */

static bool
libvirt_files_probe_file (VckcDomain *domain,
                          VckcLibvirtImages *images,
                          virStorageVolPtr volume,
                          const char *path,
                          VckcError **err)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  VckcLibvirtFileMatch match;
  bool read;

  if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
    {
      vckc_set_error_errno (err, errno, "cannot open '%s' here", path);
      return false;
    }
  match = vckc_libvirt_match_file (domain, images->target, volume, fd, path, err);
  images->is_elsewhere = match == VCKC_LIBVIRT_FILE_OTHER;
  read = match == VCKC_LIBVIRT_FILE_SAME && libvirt_files_read_image (images, fd, path, err);
  if (fd >= 0)
    close (fd);
  return read;
}

static bool
libvirt_files_probe_volume (VckcDomain *domain,
                            VckcLibvirtImages *images,
                            const VckcDomainImage *layer,
                            VckcError **err)
{
  virConnectPtr conn = vckc_libvirt_get_connection (domain->connect)->conn;
  AUTO_VOLUME volume = libvirt_files_find_volume (conn, layer->pool, layer->volume, err);
  g_autofree char *path =
      volume != NULL ? libvirt_files_find_volume_path (conn, volume, err) : NULL;

  return path != NULL && libvirt_files_probe_file (domain, images, volume, path, err);
}

static void
libvirt_files_probe_disk (VckcDomain *domain, VckcLibvirtImages *images)
{
  const VckcDomainImage *top =
      images->layers->len > 0 ? g_ptr_array_index (images->layers, 0) : NULL;
  g_autoptr (VckcError) error = NULL;

  if (top == NULL)
    images->problem = g_strdup ("the drive is empty");
  else if (top->is_slice)
    images->problem =
        g_strdup ("its image is a part of a file, which only QEMU can read; start the domain");
  else if (top->volume != NULL && top->pool != NULL)
    libvirt_files_probe_volume (domain, images, top, &error);
  else if (top->path != NULL)
    libvirt_files_probe_file (domain, images, NULL, top->path, &error);
  else
    images->problem =
        g_strdup ("its image is not a file, and only QEMU can read it; start the domain");
  if (error != NULL)
    images->problem = g_strdup (vckc_error_get_message (error));
}

void
vckc_libvirt_files_look (VckcDomain *domain, GPtrArray *all)
{
  for (guint i = 0; i < all->len; i++)
    libvirt_files_probe_disk (domain, g_ptr_array_index (all, i));
}
