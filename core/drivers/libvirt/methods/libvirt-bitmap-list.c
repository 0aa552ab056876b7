/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/methods/libvirt-bitmap-list.h"

#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-connection.h"
#include "drivers/libvirt/probe/libvirt-bitmaps.h"
#include "drivers/libvirt/probe/libvirt-files.h"
#include "drivers/libvirt/probe/libvirt-job-check.h"
#include "model/findings.h"
#include "model/found-bitmap.h"

typedef struct
{
  VckcDomain *domain;
  bool with_backing;
  GHashTable *claims; /* "vda/name" -> name of the checkpoint that has that bitmap */
  GPtrArray *found;   /* of VckcBitmap */
} Listing;

static GHashTable *
libvirt_bitmap_list_collect_claims (VckcDomain *domain, VckcError **err)
{
  g_autoptr (GHashTable) claims = NULL;
  g_autoptr (GPtrArray) defs = NULL;
  g_autoptr (GPtrArray) checkpoints = vckc_libvirt_list_checkpoints (domain, 0, err);

  if (checkpoints != NULL)
    defs = vckc_libvirt_read_checkpoints (checkpoints, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err);
  if (defs == NULL)
    return NULL;
  claims = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < defs->len; i++)
    {
      const VckcCheckpointDef *def = g_ptr_array_index (defs, i);

      for (guint j = 0; def != NULL && j < def->disks->len; j++)
        {
          const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, j);

          if (disk->tracked)
            g_hash_table_insert (claims, g_strconcat (disk->name, "/", disk->bitmap, NULL),
                                 g_strdup (def->name));
        }
    }
  return g_steal_pointer (&claims);
}

/* libvirt does not report which program made a bitmap that belongs to no checkpoint. */
static void
libvirt_bitmap_list_add (const Listing *self,
                         const VckcLibvirtImages *images,
                         const char *path,
                         const VckcBlockBitmap *bitmap,
                         bool is_first)
{
  g_autofree char *key = g_strconcat (images->target, "/", bitmap->name, NULL);
  const char *checkpoint =
      is_first && bitmap->persistent ? g_hash_table_lookup (self->claims, key) : NULL;
  const VckcBitmapOwner owner =
      checkpoint != NULL ? VCKC_BITMAP_OWNER_CHECKPOINT : VCKC_BITMAP_OWNER_FOREIGN;

  g_ptr_array_add (self->found,
                   vckc_found_bitmap_new (images->target, path, bitmap, owner, checkpoint));
}

/* The path of the image, also of one that is a volume; NULL if it has none. */
static char *
libvirt_bitmap_list_find_path (const Listing *self, const VckcDomainImage *top)
{
  g_autoptr (VckcError) error = NULL;
  char *path = NULL;

  if (top->path == NULL && top->pool != NULL && top->volume != NULL)
    vckc_libvirt_connect_find_volume (self->domain->connect, top->pool, top->volume, &path, &error);
  return path != NULL ? path : g_strdup (top->path);
}

static void
libvirt_bitmap_list_add_image (const Listing *self, const VckcLibvirtImages *images)
{
  g_autofree char *path =
      libvirt_bitmap_list_find_path (self, g_ptr_array_index (images->layers, 0));
  g_autoptr (GList) names = vckc_findings_sort_names (images->bitmaps);

  for (GList *item = names; item != NULL; item = item->next)
    libvirt_bitmap_list_add (self, images, path, g_hash_table_lookup (images->bitmaps, item->data),
                             true);
}

/* A checkpoint that was made before the image got a new top has its bitmap below. */
static void
libvirt_bitmap_list_add_below (const Listing *self, const VckcLibvirtImages *images)
{
  for (guint i = 0; i < images->below->len; i++)
    {
      const VckcBackingBitmap *below = g_ptr_array_index (images->below, i);
      const char *name = below->bitmap->name;

      libvirt_bitmap_list_add (self, images, below->path, below->bitmap,
                               !g_hash_table_contains (images->bitmaps, name)
                                   && vckc_backing_bitmaps_find (images->below, name) == below);
    }
}

/* Why there may be bitmaps that were not seen; NULL if all were. */
static const char *
libvirt_bitmap_list_find_problem (const Listing *self, const VckcLibvirtImages *images)
{
  GHashTableIter iter;
  gpointer name;

  if (images->problem != NULL)
    return images->problem;
  g_hash_table_iter_init (&iter, images->stored);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_hash_table_contains (images->bitmaps, name))
      return vckc_libvirt_images_doubt (images, name);
  return self->with_backing ? images->below_problem : NULL;
}

static bool
libvirt_bitmap_list_add_disk (const Listing *self, const VckcLibvirtImages *images, VckcError **err)
{
  const char *problem;

  if (images->is_detached || !images->may_have_bitmaps || images->layers->len == 0)
    return true;
  problem = libvirt_bitmap_list_find_problem (self, images);
  if (problem != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                      "cannot list the bitmaps of domain '%s': disk '%s': %s", self->domain->name,
                      images->target, problem);
      return false;
    }
  libvirt_bitmap_list_add_image (self, images);
  if (self->with_backing)
    libvirt_bitmap_list_add_below (self, images);
  return true;
}

static GPtrArray *
libvirt_bitmap_list_make (VckcDomain *domain, bool with_backing, VckcError **err)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (vckc_object_unref);
  g_autoptr (GHashTable) claims = libvirt_bitmap_list_collect_claims (domain, err);
  g_autoptr (GPtrArray) images = claims != NULL ? vckc_libvirt_images_look (domain, err) : NULL;
  const Listing self = {
    .domain = domain, .with_backing = with_backing, .claims = claims, .found = found
  };

  if (images == NULL)
    return NULL;
  for (guint i = 0; i < images->len; i++)
    if (!libvirt_bitmap_list_add_disk (&self, g_ptr_array_index (images, i), err))
      return NULL;
  return g_steal_pointer (&found);
}

/* Before QEMU migrates or saves a domain, it stores the bitmaps and drops them. */
static GPtrArray *
libvirt_bitmap_list_make_idle (VckcDomain *domain, bool with_backing, VckcError **err)
{
  g_autoptr (GPtrArray) found = NULL;

  if (!vckc_libvirt_check_not_busy (domain, err))
    return NULL;
  found = libvirt_bitmap_list_make (domain, with_backing, err);
  return found != NULL && vckc_libvirt_check_not_busy (domain, err) ? g_steal_pointer (&found)
                                                                    : NULL;
}

int
vckc_libvirt_domain_list_bitmaps (VckcDomain *domain,
                                  VckcBitmap ***ret_bitmaps,
                                  unsigned int flags,
                                  VckcError **err)
{
  GPtrArray *found;

  if (!vckc_libvirt_get_connection (domain->connect)->has_bitmaps)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                      "cannot list the bitmaps of domain '%s': libvirt's driver for '%s' has no "
                      "dirty bitmaps",
                      domain->name, domain->connect->uri);
      return -1;
    }
  if (!vckc_libvirt_domain_lock (domain, err))
    return -1;
  found = libvirt_bitmap_list_make_idle (domain, (flags & VCKC_BITMAP_LIST_BACKING) != 0, err);
  vckc_libvirt_domain_unlock (domain);
  return found != NULL ? vckc_object_array_return (found, (gpointer **) ret_bitmaps) : -1;
}
