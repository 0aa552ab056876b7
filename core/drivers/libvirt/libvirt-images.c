/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "libvirt-images.h"

#include <fcntl.h>
#include <unistd.h>

#include <libvirt/libvirt-qemu.h>

#include "../../managed/domain-def.h"
#include "../../qemu/qcow2-bitmaps.h"
#include "../../qemu/qcow2-header.h"
#include "../../qemu/qmp-block.h"
#include "libvirt-error.h"

/* In a bitmap's flags in the image: it records from when the image is opened. */
#define QCOW2_BITMAP_AUTO (1u << 1)

static const char look_command[]
    = "{\"execute\":\"query-named-block-nodes\",\"arguments\":{\"flat\":true}}";

static void
images_free (gpointer data)
{
  VckcLibvirtImages *images = data;

  g_free (images->target);
  g_free (images->problem);
  g_ptr_array_unref (images->paths);
  g_hash_table_unref (images->bitmaps);
  g_hash_table_unref (images->below);
  g_free (images);
}

const VckcLibvirtImages *
vckc_libvirt_images_find (GPtrArray *all, const char *target)
{
  for (guint i = 0; i < all->len; i++)
    {
      const VckcLibvirtImages *images = g_ptr_array_index (all, i);

      if (g_str_equal (images->target, target))
        return images;
    }
  return NULL;
}

/* --- where the images are --- */

static void
add_path (GPtrArray *paths, const xmlNode *source)
{
  char *path = vckc_xml_attribute (source, "file");

  if (path == NULL)
    path = vckc_xml_attribute (source, "dev");
  if (path != NULL)
    g_ptr_array_add (paths, path);
}

static VckcLibvirtImages *
images_new (const xmlNode *disk)
{
  const xmlNode *target = vckc_xml_child (disk, "target");
  const xmlNode *layer = disk;
  VckcLibvirtImages *images = g_new0 (VckcLibvirtImages, 1);

  images->target = target != NULL ? vckc_xml_attribute (target, "dev") : NULL;
  if (images->target == NULL)
    images->target = g_strdup ("");
  images->paths = g_ptr_array_new_with_free_func (g_free);
  images->bitmaps = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                           (GDestroyNotify) vckc_block_bitmap_free);
  images->below = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while (layer != NULL)
    {
      const xmlNode *source = vckc_xml_child (layer, "source");

      if (source != NULL)
        add_path (images->paths, source);
      layer = vckc_xml_child (layer, "backingStore");
    }
  return images;
}

static GPtrArray *
list_images (VckcDomain *domain, VckcError **err)
{
  g_autofree char *xml = virDomainGetXMLDesc (vckc_libvirt_domain_of (domain), 0);
  g_autoptr (VckcDomainDef) def = NULL;
  GPtrArray *all;

  if (xml == NULL)
    {
      vckc_libvirt_set_error (err, vckc_libvirt_of (domain->connect)->conn,
                              "domain '%s' cannot be read", domain->name);
      return NULL;
    }
  def = vckc_domain_def_parse (xml, err);
  if (def == NULL)
    return NULL;
  all = g_ptr_array_new_with_free_func (images_free);
  for (const xmlNode *disk
       = vckc_xml_child (vckc_xml_child (xmlDocGetRootElement (def->doc), "devices"), "disk");
       disk != NULL; disk = vckc_xml_next (disk, "disk"))
    g_ptr_array_add (all, images_new (disk));
  return all;
}

/* --- asking QEMU --- */

static bool
take_bitmaps (VckcLibvirtImages *images, guint layer, const VckcQmpValue *node, VckcError **err)
{
  g_autoptr (GPtrArray) bitmaps = vckc_qmp_block_parse_node (node, err);

  if (bitmaps == NULL)
    return false;
  for (guint i = 0; i < bitmaps->len; i++)
    {
      VckcBlockBitmap *bitmap = vckc_block_bitmap_copy (g_ptr_array_index (bitmaps, i));

      if (layer == 0)
        g_hash_table_replace (images->bitmaps, bitmap->name, bitmap);
      else
        {
          g_hash_table_add (images->below, g_strdup (bitmap->name));
          vckc_block_bitmap_free (bitmap);
        }
    }
  return true;
}

static bool
take_node (GPtrArray *all, const VckcQmpValue *node, VckcError **err)
{
  const char *driver = vckc_qmp_value_get_string (node, "drv", err);
  const char *file = driver != NULL ? vckc_qmp_value_get_string (node, "file", err) : NULL;
  const VckcQmpValue *image;

  if (file == NULL)
    return false;
  if (!g_str_equal (driver, "qcow2"))
    return true;
  image = vckc_qmp_value_get_object (node, "image", err);
  if (image == NULL)
    return false;
  for (guint i = 0; i < all->len; i++)
    {
      VckcLibvirtImages *images = g_ptr_array_index (all, i);
      guint layer;

      if (!g_ptr_array_find_with_equal_func (images->paths, file, g_str_equal, &layer))
        continue;
      if (layer == 0
          && !vckc_qmp_value_get_uint (image, "virtual-size", &images->capacity, err))
        return false;
      if (!take_bitmaps (images, layer, node, err))
        return false;
    }
  return true;
}

static VckcQmpReply *
ask (VckcDomain *domain, VckcError **err)
{
  g_autofree char *text = NULL;

  if (virDomainQemuMonitorCommand (vckc_libvirt_domain_of (domain), look_command, &text, 0) >= 0)
    return vckc_qmp_reply_new_from_text (text, err);
  vckc_libvirt_set_error (err, vckc_libvirt_of (domain->connect)->conn,
                          "the bitmaps of domain '%s' cannot be listed", domain->name);
  return NULL;
}

static bool
ask_qemu (VckcDomain *domain, GPtrArray *all, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = ask (domain, err);
  const VckcQmpValue *nodes
      = reply != NULL
            ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), "return", err)
            : NULL;

  if (nodes == NULL)
    return false;
  for (guint i = 0; i < vckc_qmp_array_get_length (nodes); i++)
    if (!take_node (all, vckc_qmp_array_get_element (nodes, i), err))
      return false;
  return true;
}

/* --- reading images --- */

static bool
read_open_image (VckcLibvirtImages *images, int fd, const char *path, VckcError **err)
{
  g_autoptr (VckcQcow2Bitmaps) stored = NULL;
  VckcQcow2Header header;

  if (!vckc_qcow2_header_read (path, &header, err))
    return false;
  stored = vckc_qcow2_bitmaps_read (fd, path, err);
  if (stored == NULL)
    return false;
  images->capacity = header.virtual_size;
  for (guint i = 0; stored->valid && i < stored->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *from = g_ptr_array_index (stored->bitmaps, i);
      VckcBlockBitmap *bitmap = g_new0 (VckcBlockBitmap, 1);
      guint32 flags;

      memcpy (&flags, stored->directory->data + from->flags_at, sizeof flags);
      bitmap->name = g_strdup (from->name);
      bitmap->granularity = G_GUINT64_CONSTANT (1) << from->granularity_bits;
      bitmap->persistent = true;
      bitmap->inconsistent = from->in_use;
      bitmap->recording = (GUINT32_FROM_BE (flags) & QCOW2_BITMAP_AUTO) != 0;
      g_hash_table_replace (images->bitmaps, bitmap->name, bitmap);
    }
  return true;
}

static bool
read_image (VckcLibvirtImages *images, VckcError **err)
{
  const char *path = images->paths->pdata[0];
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  bool read;

  if (fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open '%s'", path);
      return false;
    }
  read = read_open_image (images, fd, path, err);
  close (fd);
  return read;
}

static void
read_images (GPtrArray *all)
{
  for (guint i = 0; i < all->len; i++)
    {
      VckcLibvirtImages *images = g_ptr_array_index (all, i);
      g_autoptr (VckcError) error = NULL;

      if (images->paths->len > 0 && !read_image (images, &error))
        images->problem = g_strdup (vckc_error_get_message (error));
    }
}

static bool
is_this_host (virConnectPtr conn)
{
  g_autofree char *name = virConnectGetHostname (conn);

  if (name == NULL)
    virResetLastError ();
  return g_strcmp0 (name, g_get_host_name ()) == 0;
}

GPtrArray *
vckc_libvirt_images_look (VckcDomain *domain, VckcError **err)
{
  virConnectPtr conn = vckc_libvirt_of (domain->connect)->conn;
  int active = virDomainIsActive (vckc_libvirt_domain_of (domain));
  g_autoptr (GPtrArray) all = list_images (domain, err);

  if (all == NULL)
    return NULL;
  if (active == 1)
    return ask_qemu (domain, all, err) ? g_steal_pointer (&all) : NULL;
  if (is_this_host (conn))
    {
      read_images (all);
      return g_steal_pointer (&all);
    }
  vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                  "domain '%s' is off and its images are on another host, so that nobody can tell "
                  "what bitmaps they have; start it, or look on that host",
                  domain->name);
  return NULL;
}
