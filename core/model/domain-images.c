/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/domain-images.h"

static void
domain_image_free (gpointer data)
{
  VckcDomainImage *image = data;

  g_free (image->path);
  g_free (image->pool);
  g_free (image->volume);
  g_free (image->index);
  g_free (image);
}

/* `node`: <disk> or <backingStore>; `source`: its <source> */
static VckcDomainImage *
domain_image_new (const xmlNode *node, const xmlNode *source)
{
  VckcDomainImage *image = g_new0 (VckcDomainImage, 1);

  image->path = vckc_xml_attribute (source, "file");
  if (image->path == NULL)
    image->path = vckc_xml_attribute (source, "dev");
  image->pool = vckc_xml_attribute (source, "pool");
  image->volume = vckc_xml_attribute (source, "volume");
  image->index = vckc_xml_attribute (source, "index");
  if (image->index == NULL)
    image->index = vckc_xml_attribute (node, "index");
  image->is_slice = vckc_xml_child (source, "slices") != NULL;
  return image;
}

GPtrArray *
vckc_domain_images_parse (const xmlNode *disk)
{
  GPtrArray *images = g_ptr_array_new_with_free_func (domain_image_free);

  for (const xmlNode *node = disk; node != NULL; node = vckc_xml_child (node, "backingStore"))
    {
      const xmlNode *source = vckc_xml_child (node, "source");

      if (source != NULL)
        g_ptr_array_add (images, domain_image_new (node, source));
    }
  return images;
}
