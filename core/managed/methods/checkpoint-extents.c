/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Changed blocks of a disk since a checkpoint: only from a bitmap that can be trusted. */

#include "managed/methods/engine-methods.h"

#include "managed/checkpoint-state.h"
#include "managed/find-domain.h"
#include "managed/job.h"
#include "model/bitmap-state.h"

/* The backend's reader with what it stands on. */
typedef struct
{
  VckcExtentReader reader;
  VckcDomainDef *domain;   /* owned reference: has the strings of the plan's disk */
  VckcCheckpointDef *def;  /* owned: has the name of the bitmap */
  VckcBitmapSet *plan;     /* owned: has the session */
  VckcExtentReader *inner; /* owned */
} EngineReader;

static bool
extents_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  return vckc_extent_reader_next (((EngineReader *) reader)->inner, extents, ret_end, err);
}

static void
extents_free (VckcExtentReader *reader)
{
  EngineReader *self = (EngineReader *) reader;

  vckc_extent_reader_free (self->inner);
  vckc_bitmap_set_free (self->plan);
  vckc_checkpoint_def_free (self->def);
  vckc_domain_def_unref (self->domain);
  g_free (self);
}

static const VckcExtentReaderClass extents_class = {
  .next = extents_next,
  .free = extents_free,
};

/* The disk of the domain with that target, or with an image of that path. */
static const VckcDomainDiskDef *
extents_find_known (const VckcDomainDef *domain, const char *disk)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk);

  for (guint i = 0; known == NULL && i < domain->disks->len; i++)
    {
      const VckcDomainDiskDef *other = g_ptr_array_index (domain->disks, i);

      if (g_strcmp0 (other->source, disk) == 0)
        known = other;
    }
  return known;
}

/* The disk of the checkpoint that is meant. */
static VckcCheckpointDiskDef *
extents_find_disk (const VckcDomainDef *domain,
                   const VckcCheckpointDef *def,
                   const char *disk,
                   VckcError **err)
{
  const VckcDomainDiskDef *known = extents_find_known (domain, disk);
  VckcCheckpointDiskDef *found =
      vckc_checkpoint_def_find_disk (def, known != NULL ? known->target : disk);

  if (known != NULL && found != NULL)
    return found;
  if (known != NULL)
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "checkpoint '%s' does not track disk '%s'",
                    def->name, disk);
  else if (found != NULL)
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                    "disk '%s', which checkpoint '%s' tracks, is no longer part of domain '%s'",
                    disk, def->name, domain->name);
  else
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "domain '%s' has no disk '%s'", domain->name,
                    disk);
  return NULL;
}

/* Can the image of the disk have a bitmap at all? */
static bool
extents_check_disk (VckcEngine *engine,
                    const VckcDomainDef *domain,
                    const VckcCheckpointDiskDef *disk,
                    VckcError **err)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);
  const VckcBlockDisk block = { .target = known->target,
                                .path = known->source,
                                .format = known->format };
  g_autoptr (VckcError) problem = NULL;

  if (!vckc_block_check_disk (engine->backend, domain->qmp_socket, &block, &problem, err))
    return false;
  if (problem != NULL)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "the changed blocks of disk '%s' cannot be listed: %s", disk->name,
                    vckc_error_get_message (problem));
  return problem == NULL;
}

/* Why the bitmap is not what was written since the checkpoint. */
static const char *
extents_explain (VckcCheckpointState state)
{
  switch (state)
    {
    case VCKC_CHECKPOINT_STATE_MISSING:
      return "its bitmap is not in the image";
    case VCKC_CHECKPOINT_STATE_INCONSISTENT:
      return "its bitmap was in use when its writer died";
    case VCKC_CHECKPOINT_STATE_NOT_RECORDING:
      return "its bitmap was switched off";
    case VCKC_CHECKPOINT_STATE_REPLACED:
      return "the image or the bitmap is not that of the checkpoint";
    default:
      return "its bitmap is in a file that the image is based on";
    }
}

/* Is the bitmap what was written since? A disk that has grown since has all that was written to it
 * in its bitmap, one that is smaller cannot be laid over what it was. */
static bool
extents_check_state (EngineReader *self, const VckcCheckpointDiskDef *disk, VckcError **err)
{
  guint64 capacity = 0;

  if (!vckc_disk_state_is_usable (disk->state))
    {
      vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                      "what was written to disk '%s' since checkpoint '%s' is not known: %s; make "
                      "a full backup",
                      disk->name, self->def->name, extents_explain (disk->state));
      return false;
    }
  if (!vckc_bitmap_set_capacity (self->plan, 0, &capacity, err))
    return false;
  if (disk->capacity <= 0 || capacity >= (guint64) disk->capacity)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                  "disk '%s' has %" G_GUINT64_FORMAT " bytes, and had %" G_GINT64_FORMAT
                  " when checkpoint '%s' was made; make a full backup",
                  disk->name, capacity, disk->capacity, self->def->name);
  return false;
}

/* With the job held. */
static bool
extents_start (EngineReader *self,
               VckcEngine *engine,
               VckcManagedDomain *domain,
               const char *name,
               bool with_zero,
               VckcError **err)
{
  const VckcCheckpointNode *node = vckc_checkpoint_tree_lookup (domain->tree, self->def->name);
  const VckcBlockMachine machine = vckc_managed_domain_machine (domain, self->domain);
  VckcCheckpointDiskDef *disk = extents_find_disk (self->domain, self->def, name, err);
  VckcBlockBitmapRef bitmap = { .disk = 0 };

  if (disk == NULL || !extents_check_disk (engine, self->domain, disk, err)
      || !vckc_checkpoint_state_plan_disk (engine, self->domain, node, self->def, disk, self->plan,
                                           err))
    return false;
  if (vckc_bitmap_set_size (self->plan) > 0
      && (!vckc_bitmap_set_open (self->plan, engine->backend, &machine, VCKC_BLOCK_SESSION_EXTENTS,
                                 err)
          || !vckc_checkpoint_state_read (engine, self->domain, self->def, node, self->plan, err)))
    return false;
  if (!extents_check_state (self, disk, err))
    return false;
  bitmap.name = disk->bitmap;
  self->inner = vckc_block_session_open_extents (vckc_bitmap_set_get_session (self->plan), &bitmap,
                                                 with_zero, err);
  return self->inner != NULL;
}

/* With the job held. */
static VckcExtentReader *
extents_open (VckcEngine *engine,
              VckcManagedDomain *domain,
              const VckcDomainCheckpoint *checkpoint,
              const char *disk,
              bool with_zero,
              VckcError **err)
{
  VckcCheckpointDef *def = vckc_checkpoint_state_copy_def (engine, domain, checkpoint, err);
  EngineReader *self;

  if (def == NULL)
    return NULL;
  self = g_new0 (EngineReader, 1);
  self->reader.klass = &extents_class;
  self->domain = vckc_domain_def_ref (domain->def);
  self->def = def;
  self->plan = vckc_bitmap_set_new ();
  if (extents_start (self, engine, domain, disk, with_zero, err))
    return &self->reader;
  extents_free (&self->reader);
  return NULL;
}

VckcExtentReader *
vckc_engine_domain_checkpoint_open_extents (VckcDomainCheckpoint *checkpoint,
                                            const char *disk,
                                            unsigned int flags,
                                            VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (checkpoint->domain->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (checkpoint->domain, err);
  VckcExtentReader *reader;

  if (domain == NULL
      || !vckc_job_begin_shared (engine, domain, vckc_look_of (checkpoint->domain->connect), err))
    return NULL;
  reader =
      extents_open (engine, domain, checkpoint, disk, (flags & VCKC_EXTENTS_NO_ZERO) == 0, err);
  vckc_job_end (engine, domain);
  return reader;
}
