/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/methods/libvirt-extents.h"

#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/methods/libvirt-domain.h"
#include "drivers/libvirt/methods/libvirt-pull.h"
#include "drivers/libvirt/probe/libvirt-job-check.h"
#include "nbd/nbd-extents.h"

/* The target of the disk that is meant by its target or its image; NULL if there is none. */
static const char *
libvirt_extents_find_target (const VckcDomainDef *domain, const char *disk)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk);

  for (guint i = 0; known == NULL && i < domain->disks->len; i++)
    {
      const VckcDomainDiskDef *other = g_ptr_array_index (domain->disks, i);

      if (g_strcmp0 (other->source, disk) == 0)
        known = other;
    }
  return known != NULL ? known->target : NULL;
}

/* The target of a disk that the domain has and the checkpoint tracks. */
static const char *
libvirt_extents_check_disk (VckcDomainCheckpoint *checkpoint,
                            const VckcDomainDef *domain,
                            const char *disk,
                            VckcError **err)
{
  const char *target = libvirt_extents_find_target (domain, disk);
  g_autoptr (VckcCheckpointDef) def =
      target != NULL ? vckc_libvirt_cache_get_def (checkpoint, err) : NULL;
  const VckcCheckpointDiskDef *tracked;

  if (target == NULL)
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "domain '%s' has no disk '%s'",
                    checkpoint->domain->name, disk);
  if (def == NULL)
    return NULL;
  tracked = vckc_checkpoint_def_find_disk (def, target);
  if (tracked != NULL && tracked->tracked)
    return target;
  vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "checkpoint '%s' does not track disk '%s'",
                  checkpoint->name, disk);
  return NULL;
}

/* How much libvirt says is marked in the bitmap of the checkpoint; -1 if the disk has none. */
static gint64
libvirt_extents_measure (virDomainCheckpointPtr checkpoint, const char *target, VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = vckc_libvirt_read_checkpoint (
      checkpoint, VIR_DOMAIN_CHECKPOINT_XML_SIZE | VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err);
  const VckcCheckpointDiskDef *disk =
      def != NULL ? vckc_checkpoint_def_find_disk (def, target) : NULL;

  return disk != NULL && disk->tracked ? disk->size : -1;
}

static GPtrArray *
libvirt_extents_list_children (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  g_autoptr (GPtrArray) children =
      g_ptr_array_new_with_free_func (vckc_libvirt_checkpoint_ptr_destroy);
  g_autofree virDomainCheckpointPtr *list = NULL;
  int count =
      virDomainCheckpointListAllChildren (vckc_libvirt_get_checkpoint (checkpoint), &list, 0);

  if (count < 0)
    {
      vckc_libvirt_set_error (err, vckc_libvirt_get_connection (checkpoint->domain->connect)->conn,
                              "cannot list the children of checkpoint '%s' of domain '%s'",
                              checkpoint->name, checkpoint->domain->name);
      return NULL;
    }
  for (int i = 0; i < count; i++)
    g_ptr_array_add (children, list[i]);
  return g_steal_pointer (&children);
}

/* A bitmap holds at least as much as that of a child. libvirt would take one that was cleared, or
 * made anew under its name, for whole. */
static bool
libvirt_extents_check_order (VckcDomainCheckpoint *checkpoint, const char *target, VckcError **err)
{
  VckcError *error = NULL;
  g_autoptr (GPtrArray) children = libvirt_extents_list_children (checkpoint, err);
  gint64 own;

  if (children == NULL)
    return false;
  own = libvirt_extents_measure (vckc_libvirt_get_checkpoint (checkpoint), target, &error);
  for (guint i = 0; error == NULL && i < children->len; i++)
    {
      virDomainCheckpointPtr child = g_ptr_array_index (children, i);
      const gint64 size = libvirt_extents_measure (child, target, &error);

      if (own < 0 || own >= size || error != NULL)
        continue;
      /* The guest may have written since. */
      own = libvirt_extents_measure (vckc_libvirt_get_checkpoint (checkpoint), target, &error);
      if (own < 0 || own >= size || error != NULL)
        continue;
      vckc_set_error (
          &error, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
          "what was written to disk '%s' since checkpoint '%s' is not known: its bitmap "
          "holds less than that of the later checkpoint '%s', so it was cleared or "
          "replaced; make a full backup",
          target, checkpoint->name, virDomainCheckpointGetName (child));
    }
  if (error == NULL)
    return true;
  vckc_propagate_error (err, error);
  return false;
}

static VckcExtentReader *
libvirt_extents_read (VckcDomain *domain,
                      const char *target,
                      const VckcLibvirtPull *pull,
                      bool with_zero,
                      VckcError **err)
{
  virDomainBlockInfo info = { 0 };
  VckcNbdExtents source = {
    .uri = vckc_libvirt_pull_get_uri (pull),
    .peer = "the NBD server of the domain's QEMU",
    .bitmap = VCKC_LIBVIRT_PULL_BITMAP,
    .with_zero = with_zero,
    .timeout = VCKC_NBD_TIMEOUT,
  };

  if (virDomainGetBlockInfo (vckc_libvirt_get_domain (domain), target, &info, 0) < 0)
    {
      vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                              "cannot get the size of disk '%s' of domain '%s'", target,
                              domain->name);
      return NULL;
    }
  source.capacity = info.capacity;
  return vckc_nbd_extents_read (&source, err);
}

static bool
libvirt_extents_check_running (VckcDomain *domain, VckcError **err)
{
  const int active = virDomainIsActive (vckc_libvirt_get_domain (domain));

  if (active < 0)
    vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                            "cannot get the state of domain '%s'", domain->name);
  else if (active == 0)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "domain '%s' is off, and libvirt lists changed blocks of running domains only; "
                    "start it",
                    domain->name);
  return active > 0;
}

/* With the domain lock. A backup holds the domain, and what its guest writes meanwhile costs: all
 * is read at once. */
static VckcExtentReader *
libvirt_extents_open (VckcDomainCheckpoint *checkpoint,
                      const char *disk,
                      bool with_zero,
                      VckcError **err)
{
  VckcDomain *domain = checkpoint->domain;
  g_autofree char *xml = vckc_libvirt_domain_get_xml_desc (domain, 0, err);
  g_autoptr (VckcDomainDef) def = xml != NULL ? vckc_domain_def_parse (xml, err) : NULL;
  const char *target = def != NULL ? libvirt_extents_check_disk (checkpoint, def, disk, err) : NULL;
  VckcLibvirtPull *pull = target != NULL && libvirt_extents_check_order (checkpoint, target, err)
                              ? vckc_libvirt_pull_begin (domain, def, target, checkpoint->name, err)
                              : NULL;
  g_autoptr (VckcExtentReader) reader = NULL;
  VckcError *error = NULL;
  VckcError *end_error = NULL;

  if (pull == NULL)
    return NULL;
  reader = libvirt_extents_read (domain, target, pull, with_zero, &error);
  if (!vckc_libvirt_pull_end (pull, &end_error))
    vckc_keep_first_error (&error, end_error);
  if (error == NULL)
    return g_steal_pointer (&reader);
  vckc_propagate_error (err, error);
  return NULL;
}

VckcExtentReader *
vckc_libvirt_checkpoint_open_extents (VckcDomainCheckpoint *checkpoint,
                                      const char *disk,
                                      unsigned int flags,
                                      VckcError **err)
{
  VckcDomain *domain = checkpoint->domain;
  VckcExtentReader *reader;

  if (!vckc_libvirt_get_connection (domain->connect)->has_bitmaps)
    {
      vckc_set_error (err, VCKC_ERROR_NO_SUPPORT,
                      "libvirt's driver for '%s' keeps no bitmaps, so that it is not known what "
                      "was changed",
                      domain->connect->uri);
      return NULL;
    }
  if (!vckc_nbd_extents_check_support (err) || !vckc_libvirt_domain_lock (domain, err))
    return NULL;
  reader = vckc_libvirt_cache_check_checkpoint (checkpoint, err)
                   && libvirt_extents_check_running (domain, err)
                   && vckc_libvirt_pull_end_abandoned (domain, err)
                   && vckc_libvirt_check_no_job (domain, err)
               ? libvirt_extents_open (checkpoint, disk, (flags & VCKC_EXTENTS_NO_ZERO) == 0, err)
               : NULL;
  vckc_libvirt_domain_unlock (domain);
  return reader;
}
