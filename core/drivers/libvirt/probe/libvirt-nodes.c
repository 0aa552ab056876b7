/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Images of a running domain, as QEMU has them. libvirt gives each image of a disk an index, which
 * is part of the XML of the running domain, and names QEMU's block node of the image after it. That
 * is how libvirt itself finds the node of a disk; file names are no help: QEMU writes them in its
 * own way, and several nodes may have the same.
 */

#include "drivers/libvirt/probe/libvirt-nodes.h"

#include <libvirt/libvirt-qemu.h>

#include "drivers/libvirt/link/libvirt-error.h"
#include "qemu/qmp-block.h"

static const char status_command[] = "{\"execute\":\"query-status\"}";
static const char nodes_command[] =
    "{\"execute\":\"query-named-block-nodes\",\"arguments\":{\"flat\":true}}";

/* The reply, which has a member "return". */
static VckcQmpReply *
libvirt_nodes_query (VckcDomain *domain, const char *command, VckcError **err)
{
  g_autofree char *text = NULL;

  if (virDomainQemuMonitorCommand (vckc_libvirt_get_domain (domain), command, &text, 0) >= 0)
    return vckc_qmp_reply_new_from_text (text, err);
  vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                          "the bitmaps of domain '%s' cannot be listed", domain->name);
  return NULL;
}

/* --- whether the images are QEMU's --- */

static bool
libvirt_nodes_set_closed_error (VckcDomain *domain, const char *how, VckcError **err)
{
  vckc_set_error (
      err, VCKC_ERROR_OPERATION_INVALID,
      "the bitmaps of domain '%s' cannot be listed: it was saved, restored or migrated (%s), and "
      "QEMU has not opened its images; resume it, or connect to the host where it runs",
      domain->name, how);
  return false;
}

/* After an incoming migration that stays paused, QEMU keeps the images closed until the domain is
 * resumed. */
static bool
libvirt_nodes_check_state (VckcDomain *domain, VckcError **err)
{
  int state = VIR_DOMAIN_NOSTATE;
  int reason = 0;

  if (virDomainGetState (vckc_libvirt_get_domain (domain), &state, &reason, 0) < 0)
    {
      vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                              "cannot get the state of domain '%s'", domain->name);
      return false;
    }
  if (state != VIR_DOMAIN_PAUSED)
    return true;
  if (reason == VIR_DOMAIN_PAUSED_MIGRATION || reason == VIR_DOMAIN_PAUSED_POSTCOPY
      || reason == VIR_DOMAIN_PAUSED_POSTCOPY_FAILED)
    return libvirt_nodes_set_closed_error (domain, "libvirt: paused for migration", err);
  return reason != VIR_DOMAIN_PAUSED_SAVE
         || libvirt_nodes_set_closed_error (domain, "libvirt: saving", err);
}

/* Before QEMU hands the images over, it stores the bitmaps and drops them; on the other side it has
 * not loaded them yet. */
static bool
libvirt_nodes_check_status (VckcDomain *domain, VckcError **err)
{
  static const char *const away[] = { "inmigrate", "postmigrate", "finish-migrate",
                                      "save-vm",   "restore-vm",  "colo",
                                      NULL };
  g_autoptr (VckcQmpReply) reply = libvirt_nodes_query (domain, status_command, err);
  const VckcQmpValue *value =
      reply != NULL ? vckc_qmp_value_get_object (vckc_qmp_reply_get_value (reply), "return", err)
                    : NULL;
  const char *status = value != NULL ? vckc_qmp_value_get_string (value, "status", err) : NULL;
  g_autofree char *how = NULL;

  if (status == NULL)
    return false;
  if (!g_strv_contains (away, status))
    return true;
  how = g_strdup_printf ("QEMU: %s", status);
  return libvirt_nodes_set_closed_error (domain, how, err);
}

/* --- nodes --- */

/* The node of an image, or NULL. */
static const VckcQmpValue *
libvirt_nodes_find (GHashTable *nodes, const VckcDomainImage *layer)
{
  g_autofree char *name =
      layer->index != NULL ? g_strdup_printf ("libvirt-%s-format", layer->index) : NULL;

  return name != NULL ? g_hash_table_lookup (nodes, name) : NULL;
}

static bool
libvirt_nodes_add_bitmaps (VckcLibvirtImages *images, const VckcQmpValue *node, VckcError **err)
{
  g_autoptr (GPtrArray) bitmaps = vckc_qmp_block_parse_node (node, err);

  for (guint i = 0; bitmaps != NULL && i < bitmaps->len; i++)
    vckc_libvirt_images_add_bitmap (images,
                                    vckc_block_bitmap_copy (g_ptr_array_index (bitmaps, i)));
  return bitmaps != NULL;
}

/* `path` (nullable): of the image */
static bool
libvirt_nodes_add_bitmaps_below (VckcLibvirtImages *images,
                                 const VckcQmpValue *node,
                                 const char *path,
                                 VckcError **err)
{
  GPtrArray *bitmaps = vckc_qmp_block_parse_node (node, err);

  if (bitmaps == NULL)
    return false;
  vckc_backing_bitmaps_add (images->below, path, bitmaps);
  return true;
}

/* The names that the image itself has, for which QEMU reads its directory of bitmaps. */
static bool
libvirt_nodes_add_stored (VckcLibvirtImages *images, const VckcQmpValue *image, VckcError **err)
{
  const VckcQmpValue *value = image;
  static const char *const way[] = { "format-specific", "data" };

  for (guint i = 0; i < G_N_ELEMENTS (way); i++)
    if (!vckc_qmp_value_has (value, way[i]))
      return true;
    else if ((value = vckc_qmp_value_get_object (value, way[i], err)) == NULL)
      return false;
  if (!vckc_qmp_value_has (value, "bitmaps"))
    return true;
  value = vckc_qmp_value_get_array (value, "bitmaps", err);
  for (guint i = 0; value != NULL && i < vckc_qmp_array_get_length (value); i++)
    {
      const char *name =
          vckc_qmp_value_get_string (vckc_qmp_array_get_element (value, i), "name", err);

      if (name == NULL)
        return false;
      g_hash_table_add (images->stored, g_strdup (name));
    }
  return value != NULL;
}

static bool
libvirt_nodes_add_top (VckcLibvirtImages *images, const VckcQmpValue *node, VckcError **err)
{
  const VckcQmpValue *image = vckc_qmp_value_get_object (node, "image", err);

  return image != NULL && vckc_qmp_value_get_uint (image, "virtual-size", &images->capacity, err)
         && libvirt_nodes_add_stored (images, image, err)
         && libvirt_nodes_add_bitmaps (images, node, err);
}

static bool
libvirt_nodes_add_disk (VckcLibvirtImages *images, GHashTable *nodes, VckcError **err)
{
  for (guint i = 0; i < images->layers->len; i++)
    {
      const VckcDomainImage *layer = g_ptr_array_index (images->layers, i);
      const VckcQmpValue *node = libvirt_nodes_find (nodes, layer);

      if (node == NULL)
        {
          if (i > 0 && images->below_problem == NULL)
            images->below_problem = g_strdup (
                "QEMU has no block node of the index that libvirt reports for its backing file");
          continue;
        }
      if (i == 0 ? !libvirt_nodes_add_top (images, node, err)
                 : !libvirt_nodes_add_bitmaps_below (images, node, layer->path, err))
        return false;
    }
  if (images->layers->len == 0)
    images->problem = g_strdup ("the drive is empty");
  else if (libvirt_nodes_find (nodes, g_ptr_array_index (images->layers, 0)) == NULL)
    images->problem =
        g_strdup ("QEMU has no block node of the index that libvirt reports for its image");
  return true;
}

bool
vckc_libvirt_nodes_look (VckcDomain *domain, GPtrArray *all, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  g_autoptr (GHashTable) nodes = NULL;
  const VckcQmpValue *list;

  if (!libvirt_nodes_check_state (domain, err))
    return false;
  reply = libvirt_nodes_query (domain, nodes_command, err);
  list = reply != NULL ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), "return", err)
                       : NULL;
  nodes = list != NULL ? vckc_qmp_block_index_nodes (list, err) : NULL;
  if (nodes == NULL || !libvirt_nodes_check_status (domain, err))
    return false;
  for (guint i = 0; i < all->len; i++)
    if (!libvirt_nodes_add_disk (g_ptr_array_index (all, i), nodes, err))
      return false;
  return true;
}
