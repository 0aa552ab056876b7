/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/probe/libvirt-bitmaps.h"

#include "drivers/libvirt/probe/libvirt-files.h"
#include "drivers/libvirt/probe/libvirt-nodes.h"

/* --- disks that are not plugged in --- */

/* The path of the image that is written to; NULL if it has none. */
static const char *
libvirt_images_get_path (const VckcLibvirtImages *images)
{
  const VckcDomainImage *top =
      images->layers->len > 0 ? g_ptr_array_index (images->layers, 0) : NULL;

  return top != NULL ? top->path : NULL;
}

/* Adds what the running domain will have when it is started again: a disk that is detached until
 * then is not missing, and one that has another image until then has lost no bitmap. */
static bool
libvirt_images_compare_with_definition (VckcDomain *domain, GPtrArray *all, VckcError **err)
{
  g_autoptr (GPtrArray) defined = vckc_libvirt_images_list (domain, VIR_DOMAIN_XML_INACTIVE, err);

  for (guint i = 0; defined != NULL && i < defined->len; i++)
    {
      VckcLibvirtImages *images = g_ptr_array_index (defined, i);
      VckcLibvirtImages *live = vckc_libvirt_images_find (all, images->target);

      if (live == NULL)
        {
          images->is_detached = true;
          images->problem = g_strdup ("it is in the definition, but not attached to the running "
                                      "domain; attach it, or stop the domain");
          g_ptr_array_add (all, g_steal_pointer (&defined->pdata[i]));
        }
      else if (g_strcmp0 (libvirt_images_get_path (live), libvirt_images_get_path (images)) != 0)
        live->doubt =
            g_strdup ("the running domain has another image attached than the definition");
    }
  return defined != NULL;
}

/* --- all --- */

GPtrArray *
vckc_libvirt_images_look (VckcDomain *domain, VckcError **err)
{
  const bool active = virDomainIsActive (vckc_libvirt_get_domain (domain)) == 1;
  g_autoptr (GPtrArray) all = vckc_libvirt_images_list (domain, 0, err);

  if (all == NULL)
    return NULL;
  if (!active)
    vckc_libvirt_files_look (domain, all);
  else if (!vckc_libvirt_nodes_look (domain, all, err)
           || !libvirt_images_compare_with_definition (domain, all, err))
    return NULL;
  return g_steal_pointer (&all);
}
