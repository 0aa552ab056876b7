/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Listing the bitmaps in the images of a domain, and whose they are. */

#include "managed/methods/engine-methods.h"

#include "handles/flags.h"
#include "managed/examined-disk.h"
#include "managed/find-domain.h"
#include "managed/image-check.h"
#include "managed/image-owners.h"
#include "managed/inspection.h"
#include "managed/job.h"
#include "model/findings.h"
#include "model/found-bitmap.h"

/* A disk of a checkpoint, which says that it has a bitmap. */
typedef struct
{
  const VckcCheckpointNode *node;
  const VckcCheckpointDiskDef *disk;
} Claim;

typedef struct
{
  VckcEngine *engine;
  const VckcInspection *inspection;
  bool with_backing;
  GHashTable *claims; /* name of a bitmap -> GArray of Claim */
  GPtrArray *found;   /* of VckcBitmap */
} Listing;

/* --- what the checkpoints say --- */

static void
bitmap_list_add_claim (GHashTable *claims,
                       const VckcCheckpointNode *node,
                       const VckcCheckpointDiskDef *disk)
{
  const Claim claim = { .node = node, .disk = disk };
  GArray *same = g_hash_table_lookup (claims, disk->bitmap);

  if (same == NULL)
    {
      same = g_array_new (FALSE, FALSE, sizeof (Claim));
      g_hash_table_insert (claims, disk->bitmap, same);
    }
  g_array_append_val (same, claim);
}

static GHashTable *
bitmap_list_collect_claims (const VckcInspection *inspection)
{
  GHashTable *claims =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_array_unref);

  for (VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (inspection->tree); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    for (guint i = 0; i < node->def->disks->len; i++)
      {
        const VckcCheckpointDiskDef *disk = g_ptr_array_index (node->def->disks, i);

        if (disk->tracked)
          bitmap_list_add_claim (claims, node, disk);
      }
  return claims;
}

/* --- whose a bitmap is --- */

/* Is it the image that the checkpoint was made of, whichever disk it is now? If that cannot be
 * known, or it may be a copy, it is if the disk of that name has it, and nothing speaks against
 * it. */
static bool
is_of_image (const Listing *self, const Claim *claim, const VckcExaminedDisk *examined)
{
  const VckcExaminedDisk *own =
      vckc_examined_disk_find (self->inspection->examined, claim->disk->name);
  g_autofree char *replaced = NULL;

  if (vckc_image_identity_match (&claim->disk->image, &examined->image) == VCKC_IMAGE_SAME)
    return true;
  if (own == NULL || (own != examined && !vckc_block_image_is_same (&own->image, &examined->image)))
    return false;
  replaced = vckc_image_check (self->engine->backend, self->inspection->def, claim->node->def,
                               claim->disk, &own->image);
  return replaced == NULL;
}

/* The same of a file that the disk's image is based on. If it cannot be known, the bitmap is the
 * checkpoint's where one of its name is found first. */
static bool
is_of_backing (const Listing *self,
               const Claim *claim,
               const VckcExaminedDisk *examined,
               const VckcBackingBitmap *below)
{
  const VckcBlockImage now = vckc_block_image_at (self->engine->backend, below->path);

  switch (vckc_image_identity_match (&claim->disk->image, &now))
    {
    case VCKC_IMAGE_SAME:
      return true;
    case VCKC_IMAGE_OTHER:
      return false;
    case VCKC_IMAGE_UNCERTAIN:
    default:
      return g_str_equal (claim->disk->name, examined->def->target)
             && !g_hash_table_contains (examined->bitmaps, below->bitmap->name)
             && vckc_backing_bitmaps_find (examined->below, below->bitmap->name) == below;
    }
}

/* The checkpoint that the bitmap belongs to, or NULL. `below`: NULL if it is in the image. */
static const char *
bitmap_list_find_checkpoint (const Listing *self,
                             const VckcExaminedDisk *examined,
                             const VckcBlockBitmap *bitmap,
                             const VckcBackingBitmap *below)
{
  GArray *same = bitmap->persistent ? g_hash_table_lookup (self->claims, bitmap->name) : NULL;

  for (guint i = 0; same != NULL && i < same->len; i++)
    {
      const Claim *claim = &g_array_index (same, Claim, i);

      if (below == NULL ? is_of_image (self, claim, examined)
                        : is_of_backing (self, claim, examined, below))
        return claim->node->name;
    }
  return NULL;
}

/* --- what there is --- */

/* An image, or a file that it is based on. */
typedef struct
{
  const VckcExaminedDisk *examined;
  const char *path;
  VckcBlockImage image;
  GHashTable *others; /* whose the bitmaps of other domains are in there; NULL until needed */
} File;

static void
bitmap_list_file_clear (File *file)
{
  g_clear_pointer (&file->others, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (File, bitmap_list_file_clear)

/* Of a bitmap that belongs to no checkpoint of the domain. */
static VckcBitmapOwner
bitmap_list_find_owner (const Listing *self, File *file, const VckcBlockBitmap *bitmap)
{
  if (!bitmap->persistent)
    return VCKC_BITMAP_OWNER_FOREIGN;
  if (file->others == NULL)
    file->others = vckc_image_owners (self->engine, self->inspection->domain->uuid, &file->image);
  if (g_hash_table_contains (file->others, bitmap->name))
    return VCKC_BITMAP_OWNER_OTHER_DOMAIN;
  return vckc_orphan_bitmaps_contain (self->inspection->orphans, file->path, &file->image, bitmap)
             ? VCKC_BITMAP_OWNER_ORPHAN
             : VCKC_BITMAP_OWNER_FOREIGN;
}

/* `below`: NULL if the bitmap is in the image itself. */
static void
bitmap_list_add (const Listing *self,
                 File *file,
                 const VckcBlockBitmap *bitmap,
                 const VckcBackingBitmap *below)
{
  const char *checkpoint = bitmap_list_find_checkpoint (self, file->examined, bitmap, below);
  const VckcBitmapOwner owner = checkpoint != NULL ? VCKC_BITMAP_OWNER_CHECKPOINT
                                                   : bitmap_list_find_owner (self, file, bitmap);

  g_ptr_array_add (self->found, vckc_found_bitmap_new (file->examined->def->target, file->path,
                                                       bitmap, owner, checkpoint));
}

static void
bitmap_list_add_image (const Listing *self, const VckcExaminedDisk *examined)
{
  g_auto (File)
      file = { .examined = examined, .path = examined->def->source, .image = examined->image };
  g_autoptr (GList) names = vckc_findings_sort_names (examined->bitmaps);

  for (GList *item = names; item != NULL; item = item->next)
    bitmap_list_add (self, &file, g_hash_table_lookup (examined->bitmaps, item->data), NULL);
}

static void
bitmap_list_add_below (const Listing *self, const VckcExaminedDisk *examined)
{
  g_auto (File) file = { .examined = examined };

  for (guint i = 0; i < examined->below->len; i++)
    {
      const VckcBackingBitmap *below = g_ptr_array_index (examined->below, i);

      if (g_strcmp0 (file.path, below->path) != 0)
        {
          bitmap_list_file_clear (&file);
          file.path = below->path;
          file.image = vckc_block_image_at (self->engine->backend, below->path);
        }
      bitmap_list_add (self, &file, below->bitmap, below);
    }
}

/* Fails if there may be bitmaps that were not seen. */
static bool
bitmap_list_check (const Listing *self, const VckcExaminedDisk *examined, VckcError **err)
{
  const char *problem = examined->problem;

  if (problem == NULL && examined->loss == VCKC_BLOCK_LOSS_DAMAGED)
    problem = "the list of bitmaps in its image is damaged; repair the checkpoints";
  if (problem == NULL && self->with_backing)
    problem = examined->below_problem;
  if (problem == NULL)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                  "cannot list the bitmaps of domain '%s': disk '%s': %s",
                  self->inspection->def->name, examined->def->target, problem);
  return false;
}

static bool
bitmap_list_add_disk (const Listing *self, VckcExaminedDisk *examined, VckcError **err)
{
  if (!vckc_domain_disk_def_may_have_bitmaps (examined->def))
    return true;
  if (self->with_backing && examined->problem == NULL
      && !vckc_examined_disk_read_below (examined, self->engine, err))
    return false;
  if (!bitmap_list_check (self, examined, err))
    return false;
  bitmap_list_add_image (self, examined);
  if (self->with_backing)
    bitmap_list_add_below (self, examined);
  return true;
}

/* With the job held. */
static GPtrArray *
bitmap_list_make (VckcEngine *engine, VckcManagedDomain *domain, bool with_backing, VckcError **err)
{
  g_auto (VckcInspection) inspection = { NULL };
  g_autoptr (GHashTable) claims = NULL;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (vckc_object_unref);
  Listing self = {
    .engine = engine, .inspection = &inspection, .with_backing = with_backing, .found = found
  };

  if (!vckc_inspection_init (&inspection, engine, domain, err)
      || !vckc_inspection_read (&inspection, engine, err))
    return NULL;
  self.claims = claims = bitmap_list_collect_claims (&inspection);
  for (guint i = 0; i < inspection.examined->len; i++)
    if (!bitmap_list_add_disk (&self, g_ptr_array_index (inspection.examined, i), err))
      return NULL;
  return g_steal_pointer (&found);
}

int
vckc_engine_domain_list_bitmaps (VckcDomain *handle,
                                 VckcBitmap ***ret_bitmaps,
                                 unsigned int flags,
                                 VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  GPtrArray *found;

  domain = vckc_engine_get_domain (handle, err);
  if (domain == NULL
      || !vckc_job_begin_shared (engine, domain, vckc_look_of (handle->connect), err))
    return -1;
  found = bitmap_list_make (engine, domain, (flags & VCKC_BITMAP_LIST_BACKING) != 0, err);
  vckc_job_end (engine, domain);
  return found != NULL ? vckc_object_array_return (found, (gpointer **) ret_bitmaps) : -1;
}
