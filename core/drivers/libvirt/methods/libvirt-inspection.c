/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/methods/libvirt-inspection.h"

#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/probe/libvirt-bitmaps.h"
#include "drivers/libvirt/probe/libvirt-job-check.h"
#include "model/bitmap-state.h"
#include "model/findings.h"

void
vckc_libvirt_inspection_clear (VckcLibvirtInspection *self)
{
  g_clear_pointer (&self->checkpoints, g_ptr_array_unref);
  g_clear_pointer (&self->defs, g_ptr_array_unref);
  g_clear_pointer (&self->findings, g_ptr_array_unref);
}

/* Where the bitmap is that the image itself does not have; NULL if nowhere. */
static const char *
libvirt_inspection_find_below (const VckcLibvirtImages *images, const char *bitmap)
{
  const VckcBackingBitmap *below = vckc_backing_bitmaps_find (images->below, bitmap);

  if (below == NULL)
    return NULL;
  return below->path != NULL ? below->path : "its backing file";
}

/* NULL if all is well. */
static VckcFinding *
libvirt_inspection_compare_disk (const char *checkpoint,
                                 const VckcCheckpointDiskDef *disk,
                                 const VckcLibvirtImages *images)
{
  VckcCheckpointState state;

  if (images == NULL)
    return vckc_finding_new_missing_disk (checkpoint, disk);
  if (images->problem != NULL)
    return vckc_finding_new_unreachable_disk (checkpoint, disk, images->problem);
  state =
      vckc_disk_state (disk, g_hash_table_lookup (images->bitmaps, disk->bitmap), images->capacity);
  if (state == VCKC_CHECKPOINT_STATE_MISSING)
    return vckc_finding_new_absent_bitmap (
        checkpoint, disk,
        &(VckcAbsentBitmap){ .file = libvirt_inspection_find_below (images, disk->bitmap),
                             .problem = vckc_libvirt_images_doubt (images, disk->bitmap) });
  return state != VCKC_CHECKPOINT_STATE_READY
             ? vckc_finding_new_bitmap_state (checkpoint, disk, state)
             : NULL;
}

/* Bitmaps that belong to no checkpoint. libvirt does not report which program made them. */
static void
libvirt_inspection_add_unclaimed (VckcLibvirtInspection *self,
                                  const VckcLibvirtImages *images,
                                  GHashTable *claimed)
{
  g_autoptr (GList) names = vckc_findings_sort_names (images->bitmaps);

  for (GList *item = names; item != NULL; item = item->next)
    {
      g_autofree char *key = g_strconcat (images->target, "/", item->data, NULL);

      if (!g_hash_table_contains (claimed, key))
        g_ptr_array_add (self->findings, vckc_finding_new_foreign (images->target, item->data));
    }
}

static void
libvirt_inspection_compare_images (VckcLibvirtInspection *self, GPtrArray *all)
{
  g_autoptr (GHashTable) claimed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->defs->len; i++)
    {
      const VckcCheckpointDef *def = g_ptr_array_index (self->defs, i);

      for (guint j = 0; def != NULL && j < def->disks->len; j++)
        {
          const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, j);
          VckcFinding *finding;

          if (!disk->tracked)
            continue;
          g_hash_table_add (claimed, g_strconcat (disk->name, "/", disk->bitmap, NULL));
          finding = libvirt_inspection_compare_disk (def->name, disk,
                                                     vckc_libvirt_images_find (all, disk->name));
          if (finding != NULL)
            g_ptr_array_add (self->findings, finding);
        }
    }
  for (guint i = 0; i < all->len; i++)
    {
      const VckcLibvirtImages *images = g_ptr_array_index (all, i);

      libvirt_inspection_add_unclaimed (self, images, claimed);
      vckc_findings_add_many (self->findings, images->target, images->bitmaps);
    }
}

/* If a disk has no size, its bitmap is broken or cannot be read at present; libvirt does not say
 * which. */
static void
libvirt_inspection_compare_sizes (VckcLibvirtInspection *self)
{
  for (guint i = 0; i < self->defs->len; i++)
    {
      const VckcCheckpointDef *def = g_ptr_array_index (self->defs, i);

      for (guint j = 0; def != NULL && j < def->disks->len; j++)
        {
          const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, j);

          if (disk->tracked && disk->size < 0)
            g_ptr_array_add (
                self->findings,
                vckc_finding_new_unreachable_disk (
                    def->name, disk,
                    "libvirt reports no size for it without a reason, and this connection may not "
                    "query QEMU; verify on a connection that is not read-only"));
        }
    }
}

/* Does any checkpoint track the disk? */
static bool
is_tracked (const VckcLibvirtInspection *self, const char *target)
{
  for (guint i = 0; i < self->defs->len; i++)
    {
      const VckcCheckpointDef *def = g_ptr_array_index (self->defs, i);

      if (def != NULL && vckc_checkpoint_def_find_disk (def, target) != NULL)
        return true;
    }
  return false;
}

/* If libvirt uses other files than those here, nothing can be said. */
static bool
libvirt_inspection_check_reachable (const VckcLibvirtInspection *self,
                                    VckcDomain *domain,
                                    GPtrArray *all,
                                    VckcError **err)
{
  const VckcLibvirtImages *elsewhere = NULL;

  for (guint i = 0; i < all->len; i++)
    {
      const VckcLibvirtImages *images = g_ptr_array_index (all, i);

      if (!is_tracked (self, images->target))
        continue;
      if (images->problem == NULL)
        return true;
      if (images->is_elsewhere)
        elsewhere = images;
    }
  if (elsewhere == NULL)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                  "domain '%s' is off, and the bitmaps of its disks cannot be read from here: disk "
                  "'%s': %s; start it, or verify on the host of libvirt",
                  domain->name, elsewhere->target, elsewhere->problem);
  return false;
}

static bool
libvirt_inspection_read (VckcLibvirtInspection *self, unsigned int flags, VckcError **err)
{
  g_clear_pointer (&self->defs, g_ptr_array_unref);
  self->defs = vckc_libvirt_read_checkpoints (self->checkpoints,
                                              flags | VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err);
  return self->defs != NULL;
}

/* With the checkpoints listed and read. */
static bool
libvirt_inspection_compare (VckcLibvirtInspection *self, VckcDomain *domain, VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (GPtrArray) images = vckc_libvirt_images_look (domain, &error);

  if (images != NULL)
    {
      libvirt_inspection_compare_images (self, images);
      return libvirt_inspection_check_reachable (self, domain, images, err);
    }
  /* Without monitor access, fall back to libvirt's sizes. */
  if (!vckc_libvirt_error_is_refusal (error))
    {
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
  if (!libvirt_inspection_read (self, VIR_DOMAIN_CHECKPOINT_XML_SIZE, err))
    return false;
  libvirt_inspection_compare_sizes (self);
  return true;
}

/* Before QEMU migrates or saves a domain, it stores the bitmaps and drops them: what is read during
 * such a job, or across its start or end, is meaningless. */
static bool
libvirt_inspection_compare_idle (VckcLibvirtInspection *self, VckcDomain *domain, VckcError **err)
{
  return vckc_libvirt_check_not_busy (domain, err) && libvirt_inspection_compare (self, domain, err)
         && vckc_libvirt_check_not_busy (domain, err);
}

bool
vckc_libvirt_inspection_init (VckcLibvirtInspection *self, VckcDomain *domain, VckcError **err)
{
  if (!vckc_libvirt_get_connection (domain->connect)->has_bitmaps)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                      "cannot verify the checkpoints of domain '%s': libvirt's driver for '%s' has "
                      "no dirty bitmaps",
                      domain->name, domain->connect->uri);
      return false;
    }
  self->findings = g_ptr_array_new_with_free_func (vckc_object_unref);
  self->checkpoints =
      vckc_libvirt_list_checkpoints (domain, VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL, err);
  return self->checkpoints != NULL && libvirt_inspection_read (self, 0, err)
         && libvirt_inspection_compare_idle (self, domain, err);
}
