/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Creating checkpoints, and planning that. */

#include "drivers/libvirt/methods/libvirt-create.h"

#include <string.h>

#include "drivers/libvirt/cache/libvirt-cache-update.h"
#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/methods/libvirt-domain.h"
#include "drivers/libvirt/methods/libvirt-taken.h"
#include "drivers/libvirt/probe/libvirt-bitmaps.h"
#include "drivers/libvirt/probe/libvirt-job-check.h"
#include "model/checkpoint-plan.h"
#include "model/checkpoint-xml.h"

#define CREATE_FLAGS                                                                               \
  (VCKC_CHECKPOINT_CREATE_REDEFINE | VCKC_CHECKPOINT_CREATE_QUIESCE                                \
   | VCKC_CHECKPOINT_CREATE_REDEFINE_VALIDATE)

/* libvirt creates checkpoints that track no disk, with which every backup would be empty. Only
 * libvirt knows which disks it selects, so this is checked afterwards; such a checkpoint has no
 * bitmaps and can be deleted without a trace. */
static bool
libvirt_create_check_tracking (virDomainCheckpointPtr checkpoint,
                               const VckcCheckpointDef *def,
                               VckcError **err)
{
  if (vckc_checkpoint_def_tracks_any_disk (def))
    return true;

  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "checkpoint '%s' would track no disk at all; name at least one disk that can be "
                  "written to",
                  def->name);
  if (virDomainCheckpointDelete (checkpoint, VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY) < 0)
    vckc_prefix_error (err, "it was created nevertheless and cannot be deleted");
  return false;
}

/* QEMU's message, which libvirt passes on untranslated. */
#define QEMU_TAKEN "Bitmap already exists"

/* The disk that already has a bitmap of the checkpoint's name; NULL if none is known to. */
static char *
libvirt_create_find_taken_disk (VckcDomain *domain, const char *name)
{
  g_autoptr (GPtrArray) images = vckc_libvirt_images_look (domain, NULL);

  for (guint i = 0; images != NULL && i < images->len; i++)
    {
      const VckcLibvirtImages *own = g_ptr_array_index (images, i);

      if (g_hash_table_contains (own->bitmaps, name))
        return g_strdup (own->target);
    }
  return NULL;
}

/* The most frequent failure: a bitmap is left of a checkpoint whose metadata was deleted. libvirt
 * reports an internal error, as for everything that QEMU refuses. */
static VckcError *
libvirt_create_explain_taken_bitmap (VckcDomain *domain,
                                     const char *xml,
                                     VckcError *error /* (transfer full) */)
{
  g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_parse_report (xml, NULL);
  g_autofree char *target = def != NULL ? libvirt_create_find_taken_disk (domain, def->name) : NULL;
  VckcError *better = NULL;

  if (target == NULL)
    return error;
  vckc_set_error (&better, VCKC_ERROR_OPERATION_FAILED,
                  "disk '%s' of domain '%s' already has a bitmap '%s' that belongs to no "
                  "checkpoint of libvirt; choose another name, adopt the bitmap with REDEFINE, or "
                  "remove it by repairing with FOREIGN: %s",
                  target, domain->name, def->name, vckc_error_get_message (error));
  vckc_error_set_libvirt (better, vckc_error_get_libvirt_code (error),
                          vckc_error_get_libvirt_domain (error),
                          vckc_error_get_libvirt_message (error));
  vckc_error_free (error);
  return better;
}

static void
libvirt_create_set_error (VckcDomain *domain, const char *xml, bool redefine, VckcError **err)
{
  VckcError *error = NULL;
  const char *said;

  vckc_libvirt_set_error (&error, vckc_libvirt_get_connection (domain->connect)->conn,
                          "cannot create a checkpoint of domain '%s'", domain->name);
  said = vckc_error_get_libvirt_message (error);
  if (!redefine && said != NULL && strstr (said, QEMU_TAKEN) != NULL)
    error = libvirt_create_explain_taken_bitmap (domain, xml, error);
  if (!redefine)
    vckc_libvirt_taken_explain_checkpoint (error, vckc_libvirt_get_domain (domain), xml);
  vckc_propagate_error (err, error);
}

/* QEMU accepts a new bitmap on an image that it has closed because the domain was migrated or
 * saved; the bitmap is lost then. This cannot happen while the domain is running. */
static bool
libvirt_create_check_storable (VckcDomain *domain, VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (GPtrArray) images = NULL;
  VckcDomainState state;

  if (!vckc_libvirt_get_connection (domain->connect)->has_bitmaps)
    return true;
  if (vckc_libvirt_domain_get_state (domain, &state, err) < 0)
    return false;
  if (state == VCKC_DOMAIN_STATE_RUNNING || state == VCKC_DOMAIN_STATE_SHUTOFF)
    return true;
  images = vckc_libvirt_images_look (domain, &error);
  if (images != NULL || vckc_libvirt_error_is_refusal (error))
    return true;
  vckc_propagate_error (err, g_steal_pointer (&error));
  return false;
}

/* With the domain lock: what is looked at before libvirt is asked. */
static bool
libvirt_create_check (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  return vckc_libvirt_check_not_busy (domain, err)
         && ((flags & VCKC_CHECKPOINT_CREATE_REDEFINE) != 0
             || libvirt_create_check_storable (domain, err));
}

/* With the domain lock. */
static VckcDomainCheckpoint *
libvirt_create_locked (VckcDomain *domain, const char *xml, unsigned int flags, VckcError **err)
{
  virDomainPtr pointer = vckc_libvirt_get_domain (domain);
  const bool redefine = (flags & VCKC_CHECKPOINT_CREATE_REDEFINE) != 0;
  const bool was_there = redefine && vckc_libvirt_taken_has_checkpoint (pointer, xml);
  VCKC_AUTO_CHECKPOINT checkpoint = virDomainCheckpointCreateXML (pointer, xml, flags);
  g_autoptr (VckcError) error = NULL;
  VckcCheckpointDef *def;

  if (checkpoint == NULL)
    {
      libvirt_create_set_error (domain, xml, redefine, err);
      return NULL;
    }
  def = vckc_libvirt_read_checkpoint (checkpoint, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, &error);
  if (def != NULL && !redefine && !libvirt_create_check_tracking (checkpoint, def, err))
    {
      vckc_checkpoint_def_free (def);
      return NULL;
    }
  vckc_libvirt_cache_add (domain, checkpoint, def, was_there);
  return vckc_libvirt_cache_wrap_one (domain, 0, checkpoint, VCKC_LIBVIRT_REPLY_FINAL);
}

VckcDomainCheckpoint *
vckc_libvirt_checkpoint_create_xml (VckcDomain *domain,
                                    const char *xml_desc,
                                    unsigned int flags,
                                    VckcError **err)
{
  VckcDomainCheckpoint *checkpoint;

  if (!vckc_libvirt_domain_lock (domain, err))
    return NULL;
  checkpoint = libvirt_create_check (domain, flags, err)
                   ? libvirt_create_locked (domain, xml_desc, flags, err)
                   : NULL;
  vckc_libvirt_domain_unlock (domain);
  return checkpoint;
}

/* What libvirt's QEMU driver is known to refuse. */
static bool
libvirt_plan_check_disks (VckcDomain *domain,
                          const VckcCheckpointDef *def,
                          const VckcDomainDef *known,
                          VckcError **err)
{
  const bool has_bitmaps = vckc_libvirt_get_connection (domain->connect)->has_bitmaps;

  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);
      const VckcDomainDiskDef *own = vckc_domain_def_find_disk (known, disk->name);
      const char *reason =
          disk->tracked ? vckc_libvirt_domain_find_reason (own, has_bitmaps) : NULL;

      if (reason == NULL && has_bitmaps && disk->bitmap != NULL
          && g_strcmp0 (disk->bitmap, def->name) != 0)
        reason = "libvirt names a bitmap after its checkpoint only";
      if (reason == NULL)
        continue;
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "disk '%s' of domain '%s' cannot be tracked: %s; leave the disk out",
                      disk->name, domain->name, reason);
      return false;
    }
  return true;
}

static bool
libvirt_plan_check_state (VckcDomain *domain, VckcError **err)
{
  if (virDomainIsActive (vckc_libvirt_get_domain (domain)) != 0)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                  "libvirt creates checkpoints of running domains only, and domain '%s' is off; "
                  "start it",
                  domain->name);
  return false;
}

/* With the domain lock. libvirt has no call that only says what it would do, so this follows its
 * rules; the name that it chooses is not known. */
static VckcCheckpointPlan *
libvirt_plan_locked (VckcDomain *domain, const char *xml, VckcCheckpointDef *def, VckcError **err)
{
  const bool is_named = def->name != NULL;
  g_autoptr (VckcDomainDef) known = vckc_libvirt_domain_read (domain, err);

  if (known == NULL || !libvirt_plan_check_state (domain, err)
      || !vckc_checkpoint_def_align (def, known, err)
      || !libvirt_plan_check_disks (domain, def, known, err))
    return NULL;
  if (is_named)
    vckc_checkpoint_def_name_bitmaps (def);
  if (is_named && vckc_libvirt_taken_has_checkpoint (vckc_libvirt_get_domain (domain), xml))
    vckc_set_error (err, VCKC_ERROR_CHECKPOINT_EXISTS,
                    "domain '%s' already has a checkpoint '%s'; choose another name or delete it",
                    domain->name, def->name);
  else if (!vckc_checkpoint_def_tracks_any_disk (def))
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the checkpoint would track no disk of domain '%s'; name at least one disk "
                    "that can be written to",
                    domain->name);
  else
    return vckc_checkpoint_plan_new (def, is_named);
  return NULL;
}

VckcCheckpointPlan *
vckc_libvirt_plan_checkpoint_xml (VckcDomain *domain,
                                  const char *xml_desc,
                                  unsigned int flags,
                                  VckcError **err)
{
  const bool is_redefine = (flags & VCKC_CHECKPOINT_CREATE_REDEFINE) != 0;
  g_autoptr (VckcCheckpointDef) def = NULL;
  VckcCheckpointPlan *plan;

  if (!vckc_check_flags (flags, CREATE_FLAGS, &vckc_flags_create_checkpoint, err))
    return NULL;
  def = vckc_checkpoint_def_parse (xml_desc, is_redefine, err);
  if (def == NULL || !vckc_libvirt_domain_lock (domain, err))
    return NULL;
  plan = libvirt_create_check (domain, flags, err)
             ? libvirt_plan_locked (domain, xml_desc, def, err)
             : NULL;
  vckc_libvirt_domain_unlock (domain);
  return plan;
}
