/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/image-users.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handles/handles.h"
#include "qemu/qcow2-backing.h"

/* A longer chain is taken for one that does not end. */
#define MAX_DEPTH 200

/* The file that an open image is based on, as QEMU finds it; NULL if it is none of this host. */
static char *
image_users_find_backing (int fd, const char *path)
{
  g_autofree char *file = NULL;
  g_autofree char *format = NULL;
  g_autofree char *folder = g_path_get_dirname (path);

  if (!vckc_qcow2_backing_read (fd, path, &file, &format, NULL) || file == NULL)
    return NULL;
  if (g_str_has_prefix (file, "file:"))
    return g_canonicalize_filename (file + strlen ("file:"), folder);
  return strchr (file, ':') == NULL ? g_canonicalize_filename (file, folder) : NULL;
}

/* Is the image that file, or based on it? */
static bool
image_users_needs (const char *image, const struct stat *wanted)
{
  g_autofree char *path = g_strdup (image);
  bool found = false;

  for (guint depth = 0; path != NULL && !found && depth < MAX_DEPTH; depth++)
    {
      int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
      struct stat info;
      char *below = NULL;

      if (fd >= 0 && fstat (fd, &info) == 0)
        {
          found = info.st_dev == wanted->st_dev && info.st_ino == wanted->st_ino;
          below = S_ISREG (info.st_mode) ? image_users_find_backing (fd, path) : NULL;
        }
      if (fd >= 0)
        close (fd);
      g_free (path);
      path = below;
    }
  return found;
}

/* Looks at the disks of a domain but `except`. */
static bool
image_users_check_disks (const VckcDomainDef *def,
                         const char *except,
                         const char *path,
                         const struct stat *wanted,
                         VckcError **err)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (g_strcmp0 (disk->target, except) == 0 || disk->source == NULL
          || !image_users_needs (disk->source, wanted))
        continue;
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "the image '%s' is also needed by disk '%s' of domain '%s'; restore to a new "
                      "image instead",
                      path, disk->target, def->name);
      return false;
    }
  return true;
}

static bool
image_users_check_other (VckcDomain *other,
                         const char *path,
                         const struct stat *wanted,
                         VckcError **err)
{
  g_autofree char *xml = vckc_domain_get_xml_desc (other, 0, NULL);
  VckcDomainDef *def = xml != NULL ? vckc_domain_def_parse (xml, NULL) : NULL;
  bool ok = def == NULL || image_users_check_disks (def, NULL, path, wanted, err);

  if (def != NULL)
    vckc_domain_def_unref (def);
  return ok;
}

static bool
image_users_check_others (VckcDomain *domain,
                          const char *path,
                          const struct stat *wanted,
                          VckcError **err)
{
  VckcDomain **domains = NULL;
  int n = vckc_connect_list_all_domains (domain->connect, &domains, 0, err);
  bool ok = n >= 0;

  for (int i = 0; i < n; i++)
    {
      ok = ok
           && (g_str_equal (domains[i]->uuid, domain->uuid)
               || image_users_check_other (domains[i], path, wanted, err));
      vckc_domain_unref (domains[i], NULL);
    }
  free (domains);
  return ok;
}

bool
vckc_image_users_check (VckcDomain *domain,
                        const VckcDomainDef *def,
                        const char *target,
                        const char *path,
                        VckcError **err)
{
  struct stat wanted;

  if (stat (path, &wanted) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot examine the image '%s'", path);
      return false;
    }
  return image_users_check_disks (def, target, path, &wanted, err)
         && image_users_check_others (domain, path, &wanted, err);
}
