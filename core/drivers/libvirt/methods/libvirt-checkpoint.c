/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The methods that read checkpoints. */

#include "drivers/libvirt/methods/libvirt-checkpoint.h"

#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/probe/libvirt-bitmaps.h"
#include "drivers/libvirt/probe/libvirt-job-check.h"
#include "model/bitmap-state.h"

/* The filters, of domains and of checkpoints. Without them a domain's list is all there is. */
#define FILTERS                                                                                    \
  ((unsigned int) (VCKC_CHECKPOINT_LIST_ROOTS | VCKC_CHECKPOINT_LIST_LEAVES                        \
                   | VCKC_CHECKPOINT_LIST_NO_LEAVES))

/* How often a query is repeated if something was changed meanwhile. */
#define MAX_TRIES 5

static VckcLibvirtReply
libvirt_checkpoint_reply_of_try (guint number)
{
  return number == MAX_TRIES ? VCKC_LIBVIRT_REPLY_FINAL : VCKC_LIBVIRT_REPLY_PLAIN;
}

VckcDomainCheckpoint *
vckc_libvirt_checkpoint_lookup_by_name (VckcDomain *domain,
                                        const char *name,
                                        unsigned int flags,
                                        VckcError **err)
{
  virDomainPtr pointer = vckc_libvirt_get_domain (domain);
  VckcDomainCheckpoint *handle = NULL;

  for (guint i = 1; handle == NULL; i++)
    {
      const guint64 generation = vckc_libvirt_cache_get_generation (domain);
      VCKC_AUTO_CHECKPOINT checkpoint = virDomainCheckpointLookupByName (pointer, name, flags);

      if (checkpoint == NULL)
        {
          vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                                  "checkpoint '%s' of domain '%s' cannot be found", name,
                                  domain->name);
          return NULL;
        }
      handle = vckc_libvirt_cache_wrap_one (domain, generation, checkpoint,
                                            libvirt_checkpoint_reply_of_try (i));
    }
  return handle;
}

static int
libvirt_checkpoint_count (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  int count = virDomainListAllCheckpoints (vckc_libvirt_get_domain (domain), NULL, flags);

  if (count < 0)
    vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                            "the checkpoints of domain '%s' cannot be counted", domain->name);
  return count;
}

int
vckc_libvirt_domain_list_all_checkpoints (VckcDomain *domain,
                                          VckcDomainCheckpoint ***ret_checkpoints,
                                          unsigned int flags,
                                          VckcError **err)
{
  const VckcLibvirtReply reply =
      (flags & FILTERS) == 0 ? VCKC_LIBVIRT_REPLY_COMPLETE : VCKC_LIBVIRT_REPLY_PLAIN;
  GPtrArray *handles = NULL;

  if (ret_checkpoints == NULL)
    return libvirt_checkpoint_count (domain, flags, err);
  for (guint i = 1; handles == NULL; i++)
    {
      const guint64 generation = vckc_libvirt_cache_get_generation (domain);
      g_autoptr (GPtrArray) checkpoints = vckc_libvirt_list_checkpoints (domain, flags, err);

      if (checkpoints == NULL)
        return -1;
      handles = vckc_libvirt_cache_wrap (domain, generation, checkpoints,
                                         reply | libvirt_checkpoint_reply_of_try (i));
    }
  return vckc_object_array_return (handles, (gpointer **) ret_checkpoints);
}

static void
libvirt_checkpoint_set_error (VckcDomainCheckpoint *checkpoint, const char *what, VckcError **err)
{
  vckc_libvirt_set_error (err, vckc_libvirt_get_connection (checkpoint->domain->connect)->conn,
                          "cannot %s checkpoint '%s' of domain '%s'", what, checkpoint->name,
                          checkpoint->domain->name);
}

static GPtrArray *
libvirt_checkpoint_list_children (VckcDomainCheckpoint *checkpoint,
                                  unsigned int flags,
                                  VckcError **err)
{
  GPtrArray *children = g_ptr_array_new_with_free_func (vckc_libvirt_checkpoint_ptr_destroy);
  virDomainCheckpointPtr *list = NULL;
  int count =
      virDomainCheckpointListAllChildren (vckc_libvirt_get_checkpoint (checkpoint), &list, flags);

  if (count < 0)
    {
      libvirt_checkpoint_set_error (checkpoint, "list the children of", err);
      g_ptr_array_unref (children);
      return NULL;
    }
  for (int i = 0; i < count; i++)
    g_ptr_array_add (children, list[i]);
  free (list);
  return children;
}

int
vckc_libvirt_checkpoint_list_all_children (VckcDomainCheckpoint *checkpoint,
                                           VckcDomainCheckpoint ***ret_children,
                                           unsigned int flags,
                                           VckcError **err)
{
  GPtrArray *handles = NULL;

  for (guint i = 1; handles == NULL; i++)
    {
      const guint64 generation = vckc_libvirt_cache_get_generation (checkpoint->domain);
      g_autoptr (GPtrArray) children = NULL;

      if (!vckc_libvirt_cache_check_checkpoint (checkpoint, err))
        return -1;
      children = libvirt_checkpoint_list_children (checkpoint, flags, err);
      if (children == NULL)
        return -1;
      handles = vckc_libvirt_cache_wrap (checkpoint->domain, generation, children,
                                         libvirt_checkpoint_reply_of_try (i));
    }
  return vckc_object_array_return (handles, (gpointer **) ret_children);
}

VckcDomainCheckpoint *
vckc_libvirt_checkpoint_get_parent (VckcDomainCheckpoint *checkpoint,
                                    unsigned int flags,
                                    VckcError **err)
{
  VckcDomainCheckpoint *handle = NULL;

  for (guint i = 1; handle == NULL; i++)
    {
      const guint64 generation = vckc_libvirt_cache_get_generation (checkpoint->domain);
      VCKC_AUTO_CHECKPOINT parent = NULL;

      if (!vckc_libvirt_cache_check_checkpoint (checkpoint, err))
        return NULL;
      parent = virDomainCheckpointGetParent (vckc_libvirt_get_checkpoint (checkpoint), flags);
      if (parent == NULL)
        {
          libvirt_checkpoint_set_error (checkpoint, "get the parent of", err);
          return NULL;
        }
      handle = vckc_libvirt_cache_wrap_one (checkpoint->domain, generation, parent,
                                            libvirt_checkpoint_reply_of_try (i));
    }
  return handle;
}

/* libvirt measures bitmaps while no job is under way, and lets the caller wait for its end. */
static bool
libvirt_checkpoint_check_readable (VckcDomainCheckpoint *checkpoint,
                                   unsigned int flags,
                                   VckcError **err)
{
  return vckc_libvirt_cache_check_checkpoint (checkpoint, err)
         && ((flags & VCKC_CHECKPOINT_XML_SIZE) == 0
             || vckc_libvirt_check_not_busy (checkpoint->domain, err));
}

char *
vckc_libvirt_checkpoint_get_xml_desc (VckcDomainCheckpoint *checkpoint,
                                      unsigned int flags,
                                      VckcError **err)
{
  char *xml;

  if (!libvirt_checkpoint_check_readable (checkpoint, flags, err))
    return NULL;
  xml = virDomainCheckpointGetXMLDesc (vckc_libvirt_get_checkpoint (checkpoint), flags);
  if (xml == NULL)
    libvirt_checkpoint_set_error (checkpoint, "read", err);
  return xml;
}

/* Has libvirt list all checkpoints, and reads those that were not: so all above are known. */
static VckcDomainCheckpoint *
libvirt_checkpoint_read_parent (VckcDomain *domain, const char *name)
{
  const guint64 generation = vckc_libvirt_cache_get_generation (domain);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (GPtrArray) checkpoints = vckc_libvirt_list_checkpoints (domain, 0, &error);
  g_autoptr (GPtrArray) handles = NULL;
  g_autoptr (VckcCheckpointDef) def = NULL;

  if (checkpoints != NULL)
    handles = vckc_libvirt_cache_wrap (domain, generation, checkpoints, VCKC_LIBVIRT_REPLY_PLAIN);
  for (guint i = 0; handles != NULL && i < handles->len && def == NULL; i++)
    if (g_str_equal (((VckcDomainCheckpoint *) handles->pdata[i])->name, name))
      def = vckc_libvirt_cache_get_def (handles->pdata[i], &error);
  if (error != NULL)
    g_info ("domain '%s': checkpoint '%s', a parent, cannot be read: %s", domain->name, name,
            vckc_error_get_message (error));
  return vckc_libvirt_cache_find_read (domain, name);
}

bool
vckc_libvirt_checkpoint_get_details (VckcDomainCheckpoint *checkpoint,
                                     VckcCheckpointDetails *ret_details,
                                     VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = vckc_libvirt_cache_get_def (checkpoint, err);

  if (def == NULL)
    return false;
  if (def->parent_name != NULL)
    ret_details->parent = vckc_libvirt_cache_find_read (checkpoint->domain, def->parent_name);
  if (def->parent_name != NULL && ret_details->parent == NULL)
    ret_details->parent = libvirt_checkpoint_read_parent (checkpoint->domain, def->parent_name);
  ret_details->creation_time = def->creation_time;
  ret_details->description = g_steal_pointer (&def->description);
  ret_details->parent_name = g_steal_pointer (&def->parent_name);
  return true;
}

static bool
is_without_size (const VckcCheckpointDiskDef *disk)
{
  return disk->tracked && disk->size < 0;
}

/* Why a disk has no size. `images` (nullable): NULL if they could not be read. */
static VckcCheckpointState
libvirt_checkpoint_find_disk_state (const VckcCheckpointDiskDef *disk, GPtrArray *images)
{
  const VckcLibvirtImages *own;
  VckcCheckpointState state;

  if (images == NULL)
    return VCKC_CHECKPOINT_STATE_UNKNOWN;
  own = vckc_libvirt_images_find (images, disk->name);
  if (own == NULL)
    return VCKC_CHECKPOINT_STATE_GONE;
  if (own->problem != NULL)
    return VCKC_CHECKPOINT_STATE_UNKNOWN;
  state = vckc_disk_state (disk, g_hash_table_lookup (own->bitmaps, disk->bitmap), own->capacity);
  return state == VCKC_CHECKPOINT_STATE_MISSING
                 && (vckc_backing_bitmaps_find (own->below, disk->bitmap) != NULL
                     || vckc_libvirt_images_doubt (own, disk->bitmap) != NULL)
             ? VCKC_CHECKPOINT_STATE_UNKNOWN
             : state;
}

/* libvirt reports a size for intact bitmaps and none for others, without a reason. Only then QEMU
 * is queried, which leaves a note in libvirt's log. */
static bool
is_in_doubt (const VckcCheckpointDef *def)
{
  for (guint i = 0; i < def->disks->len; i++)
    if (is_without_size (g_ptr_array_index (def->disks, i)))
      return true;
  return false;
}

/* `images` (nullable): NULL if they could not be read. */
static void
libvirt_checkpoint_set_disk_states (VckcCheckpointDef *def, GPtrArray *images)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->tracked)
        disk->state = is_without_size (disk) ? libvirt_checkpoint_find_disk_state (disk, images)
                                             : VCKC_CHECKPOINT_STATE_READY;
    }
}

int
vckc_libvirt_checkpoint_list_disks (VckcDomainCheckpoint *checkpoint,
                                    VckcDomainCheckpointDisk ***ret_disks,
                                    unsigned int flags,
                                    VckcError **err)
{
  const bool has_bitmaps = vckc_libvirt_get_connection (checkpoint->domain->connect)->has_bitmaps;
  g_autoptr (VckcCheckpointDef) def = NULL;
  g_autoptr (GPtrArray) images = NULL;

  if (!libvirt_checkpoint_check_readable (checkpoint, flags, err))
    return -1;
  if (flags == 0)
    def = vckc_libvirt_cache_get_def (checkpoint, err);
  else
    def = vckc_libvirt_read_checkpoint (vckc_libvirt_get_checkpoint (checkpoint),
                                        flags | VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err);
  if (def == NULL)
    return -1;
  if ((flags & VCKC_CHECKPOINT_XML_SIZE) != 0 && has_bitmaps)
    {
      images = is_in_doubt (def) ? vckc_libvirt_images_look (checkpoint->domain, NULL) : NULL;
      libvirt_checkpoint_set_disk_states (def, images);
    }
  return vckc_object_array_return (vckc_checkpoint_def_list_disks (def), (gpointer **) ret_disks);
}

/* The tracked disks of all checkpoints. `handles`: of these; NULL if that is not known. */
static GPtrArray *
libvirt_checkpoint_list_tracked_disks (GPtrArray *defs, GPtrArray *handles)
{
  GPtrArray *disks = g_ptr_array_new_with_free_func (vckc_object_unref);

  for (guint i = 0; i < defs->len; i++)
    {
      const VckcCheckpointDef *def = g_ptr_array_index (defs, i);

      for (guint j = 0; def != NULL && j < def->disks->len; j++)
        {
          const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, j);
          VckcDomainCheckpointDisk *listed;

          if (!disk->tracked)
            continue;
          listed = vckc_checkpoint_def_new_disk (def, disk, disk->size, disk->state);
          if (handles != NULL)
            listed->incarnation = ((VckcDomainCheckpoint *) handles->pdata[i])->incarnation;
          g_ptr_array_add (disks, listed);
        }
    }
  return disks;
}

static void
libvirt_checkpoint_set_all_states (VckcDomain *domain, GPtrArray *defs)
{
  g_autoptr (GPtrArray) images = NULL;

  for (guint i = 0; i < defs->len && images == NULL; i++)
    if (defs->pdata[i] != NULL && is_in_doubt (defs->pdata[i]))
      {
        images = vckc_libvirt_images_look (domain, NULL);
        break;
      }
  for (guint i = 0; i < defs->len; i++)
    if (defs->pdata[i] != NULL)
      libvirt_checkpoint_set_disk_states (defs->pdata[i], images);
}

int
vckc_libvirt_domain_measure_checkpoints (VckcDomain *domain,
                                         VckcDomainCheckpointDisk ***ret_disks,
                                         VckcError **err)
{
  const guint64 generation = vckc_libvirt_cache_get_generation (domain);
  g_autoptr (GPtrArray) checkpoints = NULL;
  g_autoptr (GPtrArray) defs = NULL;
  g_autoptr (GPtrArray) handles = NULL;

  if (!vckc_libvirt_cache_check_domain (domain, err) || !vckc_libvirt_check_not_busy (domain, err))
    return -1;
  checkpoints = vckc_libvirt_list_checkpoints (domain, VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL, err);
  if (checkpoints == NULL)
    return -1;
  defs = vckc_libvirt_read_checkpoints (
      checkpoints, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN | VIR_DOMAIN_CHECKPOINT_XML_SIZE, err);
  if (defs == NULL)
    return -1;
  if (vckc_libvirt_get_connection (domain->connect)->has_bitmaps)
    libvirt_checkpoint_set_all_states (domain, defs);
  handles = vckc_libvirt_cache_wrap (domain, generation, checkpoints, VCKC_LIBVIRT_REPLY_PLAIN);
  return vckc_object_array_return (libvirt_checkpoint_list_tracked_disks (defs, handles),
                                   (gpointer **) ret_disks);
}
