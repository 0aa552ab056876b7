/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/probe/libvirt-disk-images.h"

#include "drivers/libvirt/link/libvirt-error.h"
#include "model/domain-def.h"

static void
libvirt_images_free (gpointer data)
{
  VckcLibvirtImages *images = data;

  if (images == NULL)
    return;
  g_free (images->target);
  g_free (images->problem);
  g_free (images->doubt);
  g_ptr_array_unref (images->layers);
  g_hash_table_unref (images->bitmaps);
  g_hash_table_unref (images->stored);
  g_ptr_array_unref (images->below);
  g_free (images->below_problem);
  g_free (images);
}

VckcLibvirtImages *
vckc_libvirt_images_find (GPtrArray *all, const char *target)
{
  for (guint i = 0; i < all->len; i++)
    {
      VckcLibvirtImages *images = g_ptr_array_index (all, i);

      if (g_str_equal (images->target, target))
        return images;
    }
  return NULL;
}

void
vckc_libvirt_images_add_bitmap (VckcLibvirtImages *images, VckcBlockBitmap *bitmap)
{
  g_hash_table_replace (images->bitmaps, bitmap->name, bitmap);
}

const char *
vckc_libvirt_images_doubt (const VckcLibvirtImages *images, const char *bitmap)
{
  if (g_hash_table_contains (images->stored, bitmap))
    return "the bitmap is stored in the image, but QEMU has not loaded it, as during a migration";
  return images->doubt;
}

/* --- what the definition says --- */

static VckcLibvirtImages *
libvirt_images_new (const VckcDomainDiskDef *disk)
{
  VckcLibvirtImages *images = g_new0 (VckcLibvirtImages, 1);

  images->target = g_strdup (disk->target);
  images->may_have_bitmaps = vckc_domain_disk_def_may_have_bitmaps (disk);
  images->layers = g_ptr_array_ref (disk->images);
  images->bitmaps = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                           (GDestroyNotify) vckc_block_bitmap_free);
  images->stored = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  images->below = vckc_backing_bitmaps_new ();
  return images;
}

GPtrArray *
vckc_libvirt_images_list (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  g_autofree char *xml = virDomainGetXMLDesc (vckc_libvirt_get_domain (domain), flags);
  g_autoptr (VckcDomainDef) def = NULL;
  GPtrArray *all;

  if (xml == NULL)
    {
      vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                              "domain '%s' cannot be read", domain->name);
      return NULL;
    }
  def = vckc_domain_def_parse (xml, err);
  if (def == NULL)
    return NULL;
  all = g_ptr_array_new_with_free_func (libvirt_images_free);
  for (guint i = 0; i < def->disks->len; i++)
    g_ptr_array_add (all, libvirt_images_new (g_ptr_array_index (def->disks, i)));
  return all;
}
