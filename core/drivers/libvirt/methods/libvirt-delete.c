/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Deleting checkpoints, and planning that. If a bitmap is missing, libvirt fails when it has
 * already given the children of the checkpoint to its parent; with several to delete it removes
 * some. So what it would look for is looked for first.
 */

#include "drivers/libvirt/methods/libvirt-delete.h"

#include "drivers/libvirt/cache/libvirt-cache-update.h"
#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/methods/libvirt-domain.h"
#include "drivers/libvirt/probe/libvirt-bitmaps.h"
#include "drivers/libvirt/probe/libvirt-job-check.h"
#include "model/delete-plan.h"

#define DELETE_FLAGS                                                                               \
  (VCKC_CHECKPOINT_DELETE_CHILDREN | VCKC_CHECKPOINT_DELETE_METADATA_ONLY                          \
   | VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY)

/* What a deletion is about. */
typedef struct
{
  VckcDomainCheckpoint *handle; /* borrowed */
  GPtrArray *to_delete;         /* of virDomainCheckpointPtr: those to be deleted, parents first */
  GPtrArray *to_reparent;       /* of virDomainCheckpointPtr: those that get another parent */
} LibvirtDeletion;

static void
libvirt_deletion_clear (LibvirtDeletion *deletion)
{
  g_clear_pointer (&deletion->to_delete, g_ptr_array_unref);
  g_clear_pointer (&deletion->to_reparent, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LibvirtDeletion, libvirt_deletion_clear)

static bool
libvirt_deletion_add_children (GPtrArray *to,
                               VckcDomainCheckpoint *handle,
                               unsigned int flags,
                               VckcError **err)
{
  virDomainCheckpointPtr *list = NULL;
  int count = virDomainCheckpointListAllChildren (vckc_libvirt_get_checkpoint (handle), &list,
                                                  flags | VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL);

  if (count < 0)
    {
      vckc_libvirt_set_error (err, vckc_libvirt_get_connection (handle->domain->connect)->conn,
                              "cannot list the children of checkpoint '%s' of domain '%s'",
                              handle->name, handle->domain->name);
      return false;
    }
  for (int i = 0; i < count; i++)
    g_ptr_array_add (to, list[i]);
  free (list);
  return true;
}

static bool
libvirt_deletion_init (LibvirtDeletion *self,
                       VckcDomainCheckpoint *handle,
                       unsigned int flags,
                       VckcError **err)
{
  const bool with_descendants =
      (flags & (VCKC_CHECKPOINT_DELETE_CHILDREN | VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY)) != 0;
  virDomainCheckpointPtr own = vckc_libvirt_get_checkpoint (handle);

  self->handle = handle;
  self->to_delete = g_ptr_array_new_with_free_func (vckc_libvirt_checkpoint_ptr_destroy);
  self->to_reparent = g_ptr_array_new_with_free_func (vckc_libvirt_checkpoint_ptr_destroy);
  if ((flags & VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY) == 0)
    {
      virDomainCheckpointRef (own);
      g_ptr_array_add (self->to_delete, own);
    }
  return with_descendants ? libvirt_deletion_add_children (
             self->to_delete, handle, VIR_DOMAIN_CHECKPOINT_LIST_DESCENDANTS, err)
                          : libvirt_deletion_add_children (self->to_reparent, handle, 0, err);
}

/* Does libvirt find this bitmap? It passes over disks that the domain does not have any more. */
static bool
is_found (const VckcCheckpointDiskDef *disk, GPtrArray *images)
{
  const VckcLibvirtImages *own = vckc_libvirt_images_find (images, disk->name);

  return own == NULL || own->problem != NULL
         || (disk->bitmap != NULL
             && (g_hash_table_contains (own->bitmaps, disk->bitmap)
                 || vckc_backing_bitmaps_find (own->below, disk->bitmap) != NULL));
}

static bool
libvirt_deletion_check_bitmaps (const VckcCheckpointDef *def, GPtrArray *images, VckcError **err)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (!disk->tracked || is_found (disk, images))
        continue;
      vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                      "bitmap '%s' of checkpoint '%s' is missing on disk '%s', and libvirt would "
                      "fail half-way; nothing was changed; repair the checkpoints of the domain, "
                      "or use METADATA_ONLY to delete only the metadata",
                      disk->bitmap != NULL ? disk->bitmap : "", def->name, disk->name);
      return false;
    }
  return true;
}

/* A checkpoint whose bitmaps are all good has a size on each disk. */
static bool
is_sized (const VckcCheckpointDef *def)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->tracked && (disk->size < 0 || g_strcmp0 (disk->bitmap, def->name) != 0))
        return false;
    }
  return true;
}

/* Those that libvirt reports no size for need a closer look. */
static GPtrArray *
libvirt_deletion_list_doubtful (GPtrArray *defs)
{
  GPtrArray *doubtful = g_ptr_array_new ();

  for (guint i = 0; i < defs->len; i++)
    if (defs->pdata[i] != NULL && !is_sized (defs->pdata[i]))
      g_ptr_array_add (doubtful, defs->pdata[i]);
  return doubtful;
}

/* libvirt does not let a read-only connection ask QEMU. */
static GPtrArray *
libvirt_deletion_look_at_images (const LibvirtDeletion *self, VckcError **err)
{
  VckcDomain *domain = self->handle->domain;
  GPtrArray *images = vckc_libvirt_images_look (domain, err);

  if (images == NULL && (domain->connect->flags & VCKC_CONNECTION_READ_ONLY) != 0)
    vckc_prefix_error (err,
                       "libvirt does not say whether all bitmaps of checkpoint '%s' are there, and "
                       "a read-only connection cannot find out; plan with one that may write",
                       self->handle->name);
  return images;
}

/* Only bitmaps of a running domain can be checked; for others libvirt refuses the call. */
static bool
libvirt_deletion_check (const LibvirtDeletion *self, VckcError **err)
{
  VckcDomain *domain = self->handle->domain;
  g_autoptr (GPtrArray) defs = NULL;
  g_autoptr (GPtrArray) doubtful = NULL;
  g_autoptr (GPtrArray) images = NULL;

  if (!vckc_libvirt_get_connection (domain->connect)->has_bitmaps
      || virDomainIsActive (vckc_libvirt_get_domain (domain)) != 1)
    return true;
  defs = vckc_libvirt_read_checkpoints (
      self->to_delete, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN | VIR_DOMAIN_CHECKPOINT_XML_SIZE, err);
  if (defs == NULL)
    return false;
  doubtful = libvirt_deletion_list_doubtful (defs);
  if (doubtful->len == 0)
    return true;
  images = libvirt_deletion_look_at_images (self, err);
  if (images == NULL)
    return false;
  for (guint i = 0; i < doubtful->len; i++)
    if (!libvirt_deletion_check_bitmaps (g_ptr_array_index (doubtful, i), images, err))
      return false;
  return true;
}

/* Updates the cache, and thereby notifies subscribers: children first. */
static void
libvirt_deletion_update_cache (const LibvirtDeletion *self)
{
  VckcDomain *domain = self->handle->domain;
  g_autoptr (GPtrArray) defs = NULL;

  for (guint i = self->to_delete->len; i > 0; i--)
    vckc_libvirt_cache_remove (domain, g_ptr_array_index (self->to_delete, i - 1));
  defs =
      vckc_libvirt_read_checkpoints (self->to_reparent, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, NULL);
  for (guint i = 0; defs != NULL && i < defs->len; i++)
    if (defs->pdata[i] != NULL)
      vckc_libvirt_cache_add (domain, g_ptr_array_index (self->to_reparent, i),
                              g_steal_pointer (&defs->pdata[i]), true);
}

/* With the domain lock. */
static bool
libvirt_delete_check (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  return vckc_libvirt_cache_check_checkpoint (checkpoint, err)
         && vckc_libvirt_check_not_busy (checkpoint->domain, err);
}

/* With the domain lock: what is looked at before libvirt is asked. Deleting and planning do
 * this. */
static bool
libvirt_deletion_look (LibvirtDeletion *self,
                       VckcDomainCheckpoint *checkpoint,
                       unsigned int flags,
                       VckcError **err)
{
  return libvirt_deletion_init (self, checkpoint, flags, err)
         && ((flags & VCKC_CHECKPOINT_DELETE_METADATA_ONLY) != 0
             || libvirt_deletion_check (self, err));
}

/* With the domain lock. */
static int
libvirt_delete_locked (VckcDomainCheckpoint *checkpoint, unsigned int flags, VckcError **err)
{
  g_auto (LibvirtDeletion) deletion = { NULL };

  if (!libvirt_deletion_look (&deletion, checkpoint, flags, err))
    return -1;
  if (virDomainCheckpointDelete (vckc_libvirt_get_checkpoint (checkpoint), flags) == 0)
    {
      libvirt_deletion_update_cache (&deletion);
      return 0;
    }
  vckc_libvirt_set_error (err, vckc_libvirt_get_connection (checkpoint->domain->connect)->conn,
                          "checkpoint '%s' of domain '%s' cannot be deleted", checkpoint->name,
                          checkpoint->domain->name);
  return -1;
}

int
vckc_libvirt_checkpoint_delete (VckcDomainCheckpoint *checkpoint,
                                unsigned int flags,
                                VckcError **err)
{
  int result;

  if (!vckc_libvirt_domain_lock (checkpoint->domain, err))
    return -1;
  result =
      libvirt_delete_check (checkpoint, err) ? libvirt_delete_locked (checkpoint, flags, err) : -1;
  vckc_libvirt_domain_unlock (checkpoint->domain);
  return result;
}

/* libvirt has no call that only says what it would do, so this follows its rules. */
static bool
libvirt_plan_check_state (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  if ((flags & VCKC_CHECKPOINT_DELETE_METADATA_ONLY) != 0
      || !vckc_libvirt_get_connection (domain->connect)->has_bitmaps
      || virDomainIsActive (vckc_libvirt_get_domain (domain)) != 0)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                  "libvirt deletes checkpoints of running domains only, and domain '%s' is off; "
                  "start it, or use METADATA_ONLY to delete only the metadata",
                  domain->name);
  return false;
}

static void
libvirt_plan_add_bitmaps (VckcDeletePlan *plan,
                          const VckcCheckpointDef *def,
                          const VckcDomainDef *known,
                          bool keep)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);
      const VckcDomainDiskDef *own = vckc_domain_def_find_disk (known, disk->name);

      if (disk->tracked)
        vckc_delete_plan_add_bitmap (plan, def, disk, own != NULL ? own->source : NULL,
                                     keep          ? VCKC_BITMAP_OUTCOME_KEPT
                                     : own != NULL ? VCKC_BITMAP_OUTCOME_REMOVED
                                                   : VCKC_BITMAP_OUTCOME_OUT_OF_REACH);
    }
}

/* With the domain lock. What vanished meanwhile is left out. */
static VckcDeletePlan *
libvirt_plan_make (const LibvirtDeletion *deletion, bool keep, VckcError **err)
{
  VckcDomain *domain = deletion->handle->domain;
  g_autoptr (VckcDomainDef) known = vckc_libvirt_domain_read (domain, err);
  g_autoptr (GPtrArray) defs = known != NULL ? vckc_libvirt_read_checkpoints (
                                   deletion->to_delete, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err)
                                             : NULL;
  VckcDeletePlan *plan;

  if (defs == NULL)
    return NULL;
  plan = vckc_delete_plan_new ();
  for (guint i = 0; i < defs->len; i++)
    if (defs->pdata[i] != NULL)
      {
        vckc_delete_plan_add_checkpoint (
            plan,
            vckc_libvirt_cache_wrap_one (domain, 0, g_ptr_array_index (deletion->to_delete, i),
                                         VCKC_LIBVIRT_REPLY_FINAL));
        libvirt_plan_add_bitmaps (plan, defs->pdata[i], known, keep);
      }
  return plan;
}

/* With the domain lock. */
static VckcDeletePlan *
libvirt_plan_locked (VckcDomainCheckpoint *checkpoint, unsigned int flags, VckcError **err)
{
  const bool keep = (flags & VCKC_CHECKPOINT_DELETE_METADATA_ONLY) != 0;
  g_auto (LibvirtDeletion) deletion = { NULL };

  return libvirt_plan_check_state (checkpoint->domain, flags, err)
                 && libvirt_deletion_look (&deletion, checkpoint, flags, err)
             ? libvirt_plan_make (&deletion, keep, err)
             : NULL;
}

VckcDeletePlan *
vckc_libvirt_checkpoint_plan_delete (VckcDomainCheckpoint *checkpoint,
                                     unsigned int flags,
                                     VckcError **err)
{
  VckcDeletePlan *plan;

  if (!vckc_check_flags (flags, DELETE_FLAGS, &vckc_flags_delete, err)
      || !vckc_libvirt_domain_lock (checkpoint->domain, err))
    return NULL;
  plan =
      libvirt_delete_check (checkpoint, err) ? libvirt_plan_locked (checkpoint, flags, err) : NULL;
  vckc_libvirt_domain_unlock (checkpoint->domain);
  return plan;
}
