/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/image-users.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "handles/handles.h"
#include "qemu/backing-name.h"
#include "qemu/qcow2-backing.h"

/* A longer chain is taken for one that does not end. */
#define MAX_DEPTH 200

/* An image of a chain. */
typedef struct
{
  char *path;   /* NULL behind the last one */
  char *format; /* (nullable): as far as it is said */
} Layer;

static void
image_layer_clear (Layer *layer)
{
  g_clear_pointer (&layer->path, g_free);
  g_clear_pointer (&layer->format, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Layer, image_layer_clear)

/* Puts what an open image is based on in its own stead. */
static bool
image_layer_descend (Layer *layer, int fd, VckcError **err)
{
  g_auto (Layer) below = { NULL, NULL };
  g_autofree char *name = NULL;

  if (!vckc_qcow2_backing_read (fd, layer->path, &name, &below.format, err)
      || (name != NULL && !vckc_backing_name_resolve (name, layer->path, &below.path, err)))
    return false;
  image_layer_clear (layer);
  layer->path = g_steal_pointer (&below.path);
  layer->format = g_steal_pointer (&below.format);
  return true;
}

/* Goes on to what an image is based on, which is not asked of what cannot have a header. */
static bool
image_layer_next (Layer *layer, mode_t mode, VckcError **err)
{
  int fd;
  bool ok;

  if (g_strcmp0 (layer->format, "raw") == 0 || (!S_ISREG (mode) && !S_ISBLK (mode)))
    {
      image_layer_clear (layer);
      return true;
    }
  fd = open (layer->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open the image '%s'", layer->path);
      return false;
    }
  ok = image_layer_descend (layer, fd, err);
  close (fd);
  return ok;
}

/* Is the image that file, or based on it? What does not exist is not. `layer`: the image, which is
 * gone through */
static bool
image_users_examine (const char *image,
                     Layer *layer,
                     const struct stat *wanted,
                     bool *ret_needed,
                     VckcError **err)
{

  *ret_needed = false;
  for (guint depth = 0; layer->path != NULL && depth < MAX_DEPTH; depth++)
    {
      struct stat info;

      if (stat (layer->path, &info) < 0)
        {
          if (errno == ENOENT || errno == ENOTDIR)
            return true;
          vckc_set_error_errno (err, errno, "cannot examine the image '%s'", layer->path);
          return false;
        }
      *ret_needed = info.st_dev == wanted->st_dev && info.st_ino == wanted->st_ino;
      if (*ret_needed)
        return true;
      if (!image_layer_next (layer, info.st_mode, err))
        return false;
    }
  if (layer->path == NULL)
    return true;
  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "the image '%s' is based on more than %d files", image, MAX_DEPTH - 1);
  return false;
}

/* The volume that a disk has instead of a path; NULL if the disk is of another kind. */
static const VckcDomainImage *
image_users_get_volume (const VckcDomainDiskDef *disk)
{
  const VckcDomainImage *top =
      disk->source == NULL && !disk->empty ? g_ptr_array_index (disk->images, 0) : NULL;

  return top != NULL && (top->pool != NULL || top->volume != NULL) ? top : NULL;
}

/* The path of the image of a disk; NULL if it is on the network, or there is none. */
static bool
image_users_find_path (VckcConnect *connect,
                       const VckcDomainDiskDef *disk,
                       char **ret_path,
                       VckcError **err)
{
  const VckcDomainImage *volume = image_users_get_volume (disk);

  *ret_path = g_strdup (disk->source);
  if (volume == NULL)
    return true;
  if (connect->driver->connect_find_volume != NULL && volume->pool != NULL
      && volume->volume != NULL)
    return connect->driver->connect_find_volume (connect, volume->pool, volume->volume, ret_path,
                                                 err);
  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "it is the volume '%s' of the storage pool '%s', which is not known",
                  volume->volume != NULL ? volume->volume : "",
                  volume->pool != NULL ? volume->pool : "");
  return false;
}

static bool
image_users_examine_disk (VckcConnect *connect,
                          const VckcDomainDiskDef *disk,
                          const struct stat *wanted,
                          bool *ret_needed,
                          VckcError **err)
{
  g_autofree char *path = NULL;
  g_auto (Layer) layer = { NULL, NULL };

  *ret_needed = false;
  if (!image_users_find_path (connect, disk, &path, err))
    return false;
  layer.path = g_strdup (path);
  layer.format = g_strdup (disk->format);
  return image_users_examine (path, &layer, wanted, ret_needed, err);
}

/* --- all disks --- */

/* What is looked for. */
typedef struct
{
  VckcDomain *domain;
  const char *path;
  struct stat info;
  char *user; /* (nullable): the disk that needs it, once found */
} Search;

static bool
image_users_search_disk (Search *search,
                         const VckcDomainDef *def,
                         const VckcDomainDiskDef *disk,
                         VckcError **err)
{
  bool needed;

  if (!image_users_examine_disk (search->domain->connect, disk, &search->info, &needed, err))
    {
      vckc_prefix_error (
          err, "cannot find out whether the image '%s' is needed by disk '%s' of domain '%s'",
          search->path, disk->target, def->name);
      return false;
    }
  if (needed)
    search->user = g_strdup_printf ("disk '%s' of domain '%s'", disk->target, def->name);
  return true;
}

/* Looks at the disks of a domain but `except`. */
static bool
image_users_search_disks (Search *search,
                          const VckcDomainDef *def,
                          const char *except,
                          VckcError **err)
{
  for (guint i = 0; i < def->disks->len && search->user == NULL; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (g_strcmp0 (disk->target, except) != 0
          && !image_users_search_disk (search, def, disk, err))
        return false;
    }
  return true;
}

/* The definition of a domain: as it is, or as it will be when it is started; *ret_def is NULL if it
 * was undefined meanwhile, or is always as it is. */
static bool
image_users_read (VckcDomain *other, bool next, VckcDomainDef **ret_def, VckcError **err)
{
  const VckcDriver *driver = other->connect->driver;
  VckcError *error = NULL;
  g_autofree char *xml = NULL;

  *ret_def = NULL;
  if (next && driver->domain_get_next_xml_desc == NULL)
    return true;
  xml = next ? driver->domain_get_next_xml_desc (other, &error)
             : vckc_domain_get_xml_desc (other, 0, &error);
  *ret_def = xml != NULL ? vckc_domain_def_parse (xml, &error) : NULL;
  if (*ret_def != NULL)
    return true;
  if (xml == NULL && vckc_error_get_code (error) == VCKC_ERROR_NO_DOMAIN)
    {
      vckc_error_free (error);
      return true;
    }
  vckc_propagate_error (err, error);
  return false;
}

static bool
image_users_search_other (Search *search, VckcDomain *other, VckcError **err)
{
  static const bool nexts[] = { false, true };

  for (guint i = 0; i < G_N_ELEMENTS (nexts) && search->user == NULL; i++)
    {
      g_autoptr (VckcDomainDef) def = NULL;

      if (!image_users_read (other, nexts[i], &def, err))
        {
          vckc_prefix_error (err, "cannot find out whether the image '%s' is needed by domain '%s'",
                             search->path, other->name);
          return false;
        }
      if (def != NULL && !image_users_search_disks (search, def, NULL, err))
        return false;
    }
  return true;
}

static bool
image_users_search_others (Search *search, VckcError **err)
{
  VckcDomain **domains = NULL;
  int n = vckc_connect_list_all_domains (search->domain->connect, &domains, 0, err);
  bool ok = n >= 0;

  for (int i = 0; i < n; i++)
    {
      ok = ok
           && (g_str_equal (domains[i]->uuid, search->domain->uuid)
               || image_users_search_other (search, domains[i], err));
      vckc_domain_unref (domains[i], NULL);
    }
  free (domains);
  return ok;
}

bool
vckc_image_users_find (VckcDomain *domain,
                       const VckcDomainDef *def,
                       const char *target,
                       const char *path,
                       char **ret_user,
                       VckcError **err)
{
  Search search = { .domain = domain, .path = path };
  bool ok;

  *ret_user = NULL;
  if (stat (path, &search.info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot examine the image '%s'", path);
      return false;
    }
  ok = image_users_search_disks (&search, def, target, err)
       && image_users_search_others (&search, err);
  *ret_user = search.user;
  return ok;
}

bool
vckc_image_users_check (VckcDomain *domain,
                        const VckcDomainDef *def,
                        const char *target,
                        const char *path,
                        VckcError **err)
{
  g_autofree char *user = NULL;

  if (!vckc_image_users_find (domain, def, target, path, &user, err))
    return false;
  if (user != NULL)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the image '%s' is also needed by %s; restore to a new image instead", path,
                    user);
  return user == NULL;
}
