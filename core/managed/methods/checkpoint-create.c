/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Creating checkpoints. */

#include "managed/methods/engine-methods.h"

#include "base/clock.h"
#include "managed/bitmap-set.h"
#include "managed/domain-table.h"
#include "managed/find-domain.h"
#include "managed/image-check.h"
#include "managed/job.h"
#include "managed/methods/checkpoint-redefine.h"
#include "managed/methods/checkpoint-write.h"
#include "model/bitmap-state.h"
#include "model/checkpoint-xml.h"

#define CREATE_FLAGS                                                                               \
  (VCKC_CHECKPOINT_CREATE_REDEFINE | VCKC_CHECKPOINT_CREATE_QUIESCE                                \
   | VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE)

/* A name that is not in use and sorts by time: the time in UTC, to the microsecond. */
static char *
create_make_name (const VckcCheckpointTree *tree)
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

/* Can this disk be tracked under that bitmap name? */
static bool
create_check_tracked_disk (VckcEngine *engine,
                           const char *qmp_socket,
                           const VckcDomainDiskDef *def,
                           const VckcCheckpointDiskDef *disk,
                           VckcError **err)
{
  VckcBlockDisk block = { .target = def->target, .path = def->source, .format = def->format };
  g_autofree char *reason = NULL;

  if (*disk->bitmap == '\0')
    {
      vckc_set_error (
          err, VCKC_ERROR_CONFIG_UNSUPPORTED,
          "the bitmap of disk '%s' has an empty name; leave the attribute out to name it "
          "after the checkpoint",
          disk->name);
      return false;
    }
  if (def->transient)
    reason = g_strdup ("it is transient: what is written to it is not kept");
  else if (!vckc_block_check_disk (engine->backend, qmp_socket, &block, &reason, err))
    return false;
  if (reason == NULL)
    return true;

  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "disk '%s' cannot be tracked: %s; list the disks to track, or name it with "
                  "checkpoint='no'",
                  disk->name, reason);
  return false;
}

/* Two disks with one image: it can be opened for one of them only, and has the bitmap already when
 * the other one gets it. `images`: of the disks up to number `at`. */
static bool
create_check_image_is_tracked_once (const VckcCheckpointDef *def,
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
create_check_tracked_disks (VckcEngine *engine,
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
      if (!create_check_tracked_disk (engine, domain->def->qmp_socket, known, disk, err)
          || !create_check_image_is_tracked_once (def, images, i, err))
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
static bool
create_prepare (VckcEngine *engine,
                VckcManagedDomain *domain,
                VckcCheckpointDef *def,
                VckcError **err)
{
  VckcCheckpointNode *current = vckc_checkpoint_tree_current (domain->tree);

  if (!vckc_checkpoint_def_align (def, domain->def, err))
    return false;
  if (def->name == NULL)
    def->name = create_make_name (domain->tree);
  vckc_checkpoint_def_name_bitmaps (def);
  if (!create_check_tracked_disks (engine, domain, def, err))
    return false;
  if (vckc_checkpoint_tree_lookup (domain->tree, def->name) != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
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

static bool
create_check_no_bitmap_exists (const VckcBitmapSet *plan, VckcError **err)
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

static bool
create_check_quiesce (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
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

/* Once frozen, the guest is thawed whatever happens. */
static bool
create_add_all_quiesced (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         VckcBitmapSet *plan,
                         VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);
  bool added, thawed;

  if (!vckc_block_freeze (engine->backend, &machine, err))
    return false;
  added = vckc_bitmap_set_add_all (plan, err);
  thawed = vckc_block_thaw (engine->backend, &machine, added ? err : NULL);
  return added && thawed;
}

/* Is what was made there, to be stored? What only seems to be done must not be reported. */
static bool
create_check_bitmap_made (const VckcBitmapSet *plan, guint i, VckcError **err)
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
static bool
create_record_disk_info (VckcBitmapSet *plan, VckcCheckpointDef *def, VckcError **err)
{
  if (!vckc_bitmap_set_find (plan, err))
    return false;
  for (guint i = 0; i < vckc_bitmap_set_size (plan); i++)
    {
      const VckcBlockBitmap *bitmap = vckc_bitmap_set_found (plan, i);
      guint64 capacity;

      if (!create_check_bitmap_made (plan, i, err)
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

/* From here to the end of the session the images are held, so that nothing else can make a
 * bitmap of the same name between our look and our transaction, and the journal can only
 * ever remove bitmaps of ours. */
static bool
create_add_bitmaps (VckcEngine *engine,
                    VckcManagedDomain *domain,
                    VckcBitmapSet *plan,
                    VckcCheckpointDef *def,
                    bool quiesce,
                    VckcJournal *undo,
                    bool *ret_begun,
                    VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);

  if (!vckc_bitmap_set_open (plan, engine->backend, &machine, VCKC_BLOCK_SESSION_WRITE, err)
      || !create_check_no_bitmap_exists (plan, err))
    return false;
  *ret_begun = true;
  return vckc_store_write_journal (engine->store, domain->uuid, undo, err)
         && (quiesce ? create_add_all_quiesced (engine, domain, plan, err)
                     : vckc_bitmap_set_add_all (plan, err))
         && create_record_disk_info (plan, def, err) && vckc_bitmap_set_close (plan, err);
}

/* With the job held. Returns the name of the new checkpoint. */
static char *
create_checkpoint (VckcEngine *engine,
                   VckcManagedDomain *domain,
                   VckcCheckpointDef *given /* (transfer full) */,
                   unsigned int flags,
                   VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = given;
  g_autoptr (VckcBitmapSet) plan = vckc_bitmap_set_new ();
  g_autoptr (VckcJournal) undo = NULL;
  g_autofree char *name = NULL;
  bool quiesce = (flags & VCKC_CHECKPOINT_CREATE_QUIESCE) != 0;
  bool begun = false;

  vckc_domain_lock_assert_held (&domain->lock);
  if ((quiesce && !create_check_quiesce (engine, domain, err))
      || !create_prepare (engine, domain, def, err))
    return NULL;
  name = g_strdup (def->name);
  vckc_bitmap_set_add_checkpoint (plan, def, domain->def);
  undo = vckc_checkpoint_make_undo (domain, "create", name);
  vckc_bitmap_set_add_to_journal (plan, undo);

  if (!create_add_bitmaps (engine, domain, plan, def, quiesce, undo, &begun, err)
      || !vckc_checkpoint_write (engine, domain, def, name, err))
    {
      vckc_bitmap_set_close (plan, NULL);
      if (begun)
        vckc_checkpoint_undo (engine, domain, undo);
      return NULL;
    }

  vckc_mutex_lock (&engine->mutex);
  vckc_checkpoint_link_locked (engine, domain, g_steal_pointer (&def), true);
  vckc_mutex_unlock (&engine->mutex);
  vckc_job_stored (engine, domain);
  return g_steal_pointer (&name);
}

VckcDomainCheckpoint *
vckc_engine_domain_checkpoint_create_xml (VckcDomain *handle,
                                          const char *xml_desc,
                                          unsigned int flags,
                                          VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  bool is_redefine = (flags & VCKC_CHECKPOINT_CREATE_REDEFINE) != 0;
  g_autoptr (VckcManagedDomain) domain = NULL;
  g_autoptr (VckcCheckpointDef) def = NULL;
  g_autofree char *name = NULL;
  VckcDomainCheckpoint *checkpoint = NULL;

  if (!vckc_check_flags (flags, CREATE_FLAGS, &vckc_flags_create_checkpoint, err))
    return NULL;
  domain = vckc_engine_get_domain (handle, err);
  if (domain == NULL)
    return NULL;
  def = vckc_checkpoint_def_parse (xml_desc, is_redefine, err);
  if (def == NULL || !vckc_job_begin (engine, domain, err))
    return NULL;

  name = is_redefine ? vckc_job_redefine (engine, domain, g_steal_pointer (&def), flags, err)
                     : create_checkpoint (engine, domain, g_steal_pointer (&def), flags, err);
  if (name != NULL)
    checkpoint = vckc_managed_domain_new_checkpoint_handle (
        handle, vckc_checkpoint_tree_lookup (domain->tree, name));
  vckc_job_end (engine, domain);
  return checkpoint;
}
