/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/methods/checkpoint-prepare.h"

#include <string.h>

#include "base/clock.h"
#include "managed/image-check.h"
#include "model/bitmap-state.h"
#include "model/checkpoint-xml.h"

/* A name that is not in use and sorts by time: the time in UTC, to the microsecond. */
static char *
checkpoint_prepare_make_name (const VckcCheckpointTree *tree)
{
  for (gint64 now = vckc_clock_now ();; now++)
    {
      g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (now / G_USEC_PER_SEC);
      g_autofree char *seconds = g_date_time_format (time, "%Y%m%dT%H%M%S");
      g_autofree char *name = g_strdup_printf ("%s.%06dZ", seconds, (int) (now % G_USEC_PER_SEC));

      if (vckc_checkpoint_tree_lookup (tree, name) == NULL)
        return g_steal_pointer (&name);
    }
}

/* The rules of the images, which simulated ones have, too. */
static bool
checkpoint_prepare_check_bitmap_name (const VckcCheckpointDiskDef *disk, VckcError **err)
{
  gsize length = strlen (disk->bitmap);

  if (length > 0 && length <= VCKC_BLOCK_BITMAP_NAME_MAX)
    return true;
  if (length == 0)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the bitmap of disk '%s' has an empty name; leave the attribute out to name it "
                    "after the checkpoint",
                    disk->name);
  else
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the bitmap of disk '%s' has a name of %" G_GSIZE_FORMAT " bytes; use at most "
                    "%d, which an image can keep",
                    disk->name, length, VCKC_BLOCK_BITMAP_NAME_MAX);
  return false;
}

/* Can this disk be tracked under that bitmap name? */
static bool
checkpoint_prepare_check_tracked_disk (VckcEngine *engine,
                                       const char *qmp_socket,
                                       const VckcDomainDiskDef *def,
                                       const VckcCheckpointDiskDef *disk,
                                       VckcError **err)
{
  VckcBlockDisk block = { .target = def->target, .path = def->source, .format = def->format };
  g_autoptr (VckcError) problem = NULL;

  if (!checkpoint_prepare_check_bitmap_name (disk, err))
    return false;
  if (def->transient)
    vckc_set_error (&problem, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "it is transient: what is written to it is not kept");
  else if (!vckc_block_check_disk (engine->backend, qmp_socket, &block, &problem, err))
    return false;
  if (problem == NULL)
    return true;

  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "disk '%s' cannot be tracked: %s; list the disks to track, or name it with "
                  "checkpoint='no'",
                  disk->name, vckc_error_get_message (problem));
  return false;
}

/* Two disks with one image: it can be opened for one of them only, and has the bitmap already when
 * the other one gets it. `images`: of the disks up to number `at`. */
static bool
checkpoint_prepare_check_image_is_tracked_once (const VckcCheckpointDef *def,
                                                const VckcBlockImage *images,
                                                guint at,
                                                VckcError **err)
{
  const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, at);

  for (guint i = 0; i < at; i++)
    {
      const VckcCheckpointDiskDef *other = g_ptr_array_index (def->disks, i);

      if (!vckc_block_image_is_same (&images[at], &images[i]))
        continue;
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "disk '%s' cannot be tracked: it has the same image as disk '%s'; list the "
                      "disks to track, or name one of the two with checkpoint='no'",
                      disk->name, other->name);
      return false;
    }
  return true;
}

static bool
checkpoint_prepare_check_tracked_disks (VckcEngine *engine,
                                        VckcManagedDomain *domain,
                                        const VckcCheckpointDef *def,
                                        VckcError **err)
{
  g_autofree VckcBlockImage *images = g_new0 (VckcBlockImage, def->disks->len);
  guint n_tracked = 0;

  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);
      const VckcDomainDiskDef *known;

      if (!disk->tracked)
        continue;
      n_tracked++;
      known = vckc_domain_def_find_disk (domain->def, disk->name);
      images[i] = vckc_block_image_at (engine->backend, known->source);
      if (!checkpoint_prepare_check_tracked_disk (engine, domain->def->qmp_socket, known, disk, err)
          || !checkpoint_prepare_check_image_is_tracked_once (def, images, i, err))
        return false;
    }
  if (n_tracked > 0)
    return true;

  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "the checkpoint would track no disk of domain '%s'; name at least one with "
                  "checkpoint='bitmap'",
                  domain->def->name);
  return false;
}

/* Completes what the user left out, and checks that it can be done. */
bool
vckc_checkpoint_prepare (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         VckcCheckpointDef *def,
                         VckcError **err)
{
  VckcCheckpointNode *current = vckc_checkpoint_tree_current (domain->tree);

  if (!vckc_checkpoint_def_align (def, domain->def, err))
    return false;
  if (def->name == NULL)
    def->name = checkpoint_prepare_make_name (domain->tree);
  vckc_checkpoint_def_name_bitmaps (def);
  if (!checkpoint_prepare_check_tracked_disks (engine, domain, def, err))
    return false;
  if (vckc_checkpoint_tree_lookup (domain->tree, def->name) != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_CHECKPOINT_EXISTS,
                      "domain '%s' already has a checkpoint '%s'; choose another name or delete it",
                      domain->def->name, def->name);
      return false;
    }

  def->creation_time = vckc_clock_now () / G_USEC_PER_SEC;
  def->parent_name = current != NULL ? g_strdup (current->def->name) : NULL;
  def->domain = vckc_domain_def_ref (domain->def);
  def->uuid = g_uuid_string_random ();
  vckc_image_note (engine->backend, domain->def, def);
  return vckc_checkpoint_def_check_size (def, err);
}

bool
vckc_checkpoint_check_no_bitmap_exists (const VckcBitmapSet *plan, VckcError **err)
{
  for (guint i = 0; i < vckc_bitmap_set_size (plan); i++)
    if (vckc_bitmap_set_found (plan, i) != NULL)
      {
        vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                        "disk '%s' already has a bitmap '%s' that belongs to no checkpoint of that "
                        "name; choose another name, or take the checkpoint back with the REDEFINE "
                        "flag",
                        vckc_bitmap_set_target (plan, i), vckc_bitmap_set_bitmap (plan, i));
        return false;
      }
  return true;
}

bool
vckc_checkpoint_check_quiesce (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  VckcDomainState state;

  if (!vckc_engine_query_state (engine, domain, &state, err))
    return false;
  if (state != VCKC_DOMAIN_STATE_RUNNING)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                      "domain '%s' is not running, so there are no file systems to freeze; leave "
                      "the QUIESCE flag out",
                      domain->def->name);
      return false;
    }
  if (!vckc_block_can_freeze (engine->backend))
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                      "the file systems of domain '%s' cannot be frozen: no guest agent is known",
                      domain->def->name);
      return false;
    }
  if (vckc_block_needs_agent_socket (engine->backend) && domain->def->agent_socket == NULL)
    {
      vckc_set_error (
          err, VCKC_ERROR_OPERATION_UNSUPPORTED,
          "the file systems of domain '%s' cannot be frozen: its definition does not "
          "name the socket of its guest agent; put <vck:machine xmlns:vck='" VCKC_DOMAIN_NAMESPACE
          "' agent='/the/socket'/> into its <metadata>",
          domain->def->name);
      return false;
    }
  return true;
}

/* Is what was made there, to be stored? What only seems to be done must not be reported. */
static bool
checkpoint_prepare_check_bitmap_made (const VckcBitmapSet *plan, guint i, VckcError **err)
{
  const VckcBlockBitmap *bitmap = vckc_bitmap_set_found (plan, i);

  if (bitmap != NULL && vckc_block_bitmap_is_usable (bitmap))
    return true;
  vckc_set_error (err, VCKC_ERROR_INTERNAL,
                  "QEMU says that it has made the bitmap '%s' of disk '%s', but %s",
                  vckc_bitmap_set_bitmap (plan, i), vckc_bitmap_set_target (plan, i),
                  bitmap == NULL ? "it is not there" : "it would not be kept");
  return false;
}

/* Records capacity and granularity, to detect a resized or replaced disk later. */
bool
vckc_checkpoint_note_disks (VckcBitmapSet *plan, VckcCheckpointDef *def, VckcError **err)
{
  if (!vckc_bitmap_set_find (plan, err))
    return false;
  for (guint i = 0; i < vckc_bitmap_set_size (plan); i++)
    {
      const VckcBlockBitmap *bitmap = vckc_bitmap_set_found (plan, i);
      guint64 capacity;

      if (!checkpoint_prepare_check_bitmap_made (plan, i, err)
          || !vckc_bitmap_set_capacity (plan, i, &capacity, err))
        return false;
      for (guint j = 0; j < def->disks->len; j++)
        {
          VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, j);

          if (!g_str_equal (disk->name, vckc_bitmap_set_target (plan, i)))
            continue;
          disk->capacity = (gint64) capacity;
          disk->granularity = (gint64) bitmap->granularity;
        }
    }
  return true;
}
