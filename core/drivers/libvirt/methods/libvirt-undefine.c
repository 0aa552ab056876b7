/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Undefining a domain. libvirt 9.0 forgets the checkpoints first, and refuses afterwards, for what
 * else there is of the domain: so that is looked for first. And it takes the flags for those of a
 * list when it counts checkpoints and snapshots, so that with some of them it finds none, and
 * neither asks for them nor forgets them: so they are counted and forgotten here. If it fails all
 * the same, they are put back.
 */

#include "drivers/libvirt/methods/libvirt-undefine.h"

#include "drivers/libvirt/cache/libvirt-cache-update.h"
#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/methods/libvirt-domain.h"
#include "drivers/libvirt/probe/libvirt-job-check.h"
#include "model/domain-def.h"

static bool
libvirt_undefine_set_error (VckcDomain *domain, VckcError **err)
{
  vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                          "domain '%s' cannot be undefined", domain->name);
  return false;
}

static bool
libvirt_undefine_refuse (VckcDomain *domain, const char *why, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                  "domain '%s' cannot be undefined: %s; nothing was changed", domain->name, why);
  return false;
}

static bool
libvirt_undefine_check_snapshots (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  const int count = virDomainSnapshotNum (vckc_libvirt_get_domain (domain), 0);

  if (count < 0)
    return libvirt_undefine_set_error (domain, err);
  return count == 0 || (flags & VCKC_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA) != 0
         || libvirt_undefine_refuse (
             domain,
             "it has snapshots; delete them first, or add the SNAPSHOTS_METADATA flag to "
             "delete their metadata",
             err);
}

static bool
libvirt_undefine_check_managed_save (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  const int saved = virDomainHasManagedSaveImage (vckc_libvirt_get_domain (domain), 0);

  if (saved < 0)
    return libvirt_undefine_set_error (domain, err);
  return saved == 0 || (flags & VCKC_DOMAIN_UNDEFINE_MANAGED_SAVE) != 0
         || libvirt_undefine_refuse (
             domain,
             "it has a saved state; start it or remove the state first, or add the "
             "MANAGED_SAVE flag to remove it",
             err);
}

/* Whether the file with the variables of the firmware is there yet only libvirt knows. */
static bool
libvirt_undefine_check_nvram (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  g_autofree char *xml = NULL;
  g_autoptr (VckcDomainDef) def = NULL;

  if ((flags & (VCKC_DOMAIN_UNDEFINE_NVRAM | VCKC_DOMAIN_UNDEFINE_KEEP_NVRAM)) != 0)
    return true;
  xml = vckc_libvirt_domain_get_xml_desc (domain, 0, err);
  def = xml != NULL ? vckc_domain_def_parse (xml, err) : NULL;
  if (def == NULL)
    return false;
  return vckc_xml_child (vckc_xml_child (xmlDocGetRootElement (def->doc), "os"), "nvram") == NULL
         || libvirt_undefine_refuse (
             domain,
             "its firmware (UEFI) has stored variables; add the NVRAM flag to remove them, "
             "or KEEP_NVRAM",
             err);
}

/* What libvirt would refuse for. */
static bool
libvirt_undefine_check (VckcDomain *domain, unsigned int flags, int n_checkpoints, VckcError **err)
{
  if (!libvirt_undefine_check_snapshots (domain, flags, err))
    return false;
  if (n_checkpoints == 0)
    return true;
  if ((flags & VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA) == 0)
    return libvirt_undefine_refuse (
        domain,
        "it has checkpoints; delete them first, or add the CHECKPOINTS_METADATA flag to "
        "delete their metadata and leave their bitmaps in the images",
        err);
  return libvirt_undefine_check_managed_save (domain, flags, err)
         && libvirt_undefine_check_nvram (domain, flags, err);
}

/* --- checkpoints --- */

/* All that libvirt knows of the checkpoints, as documents, parents first. */
static GPtrArray *
libvirt_undefine_save_checkpoints (VckcDomain *domain, VckcError **err)
{
  g_autoptr (GPtrArray) checkpoints =
      vckc_libvirt_list_checkpoints (domain, VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL, err);
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func (free);

  for (guint i = 0; checkpoints != NULL && i < checkpoints->len; i++)
    {
      char *document = virDomainCheckpointGetXMLDesc (g_ptr_array_index (checkpoints, i),
                                                      VIR_DOMAIN_CHECKPOINT_XML_SECURE);

      if (document == NULL)
        {
          libvirt_undefine_set_error (domain, err);
          return NULL;
        }
      g_ptr_array_add (documents, document);
    }
  return checkpoints != NULL ? g_steal_pointer (&documents) : NULL;
}

static bool
libvirt_undefine_delete_checkpoints (VckcDomain *domain, VckcError **err)
{
  g_autoptr (GPtrArray) roots =
      vckc_libvirt_list_checkpoints (domain, VIR_DOMAIN_CHECKPOINT_LIST_ROOTS, err);

  for (guint i = 0; roots != NULL && i < roots->len; i++)
    if (virDomainCheckpointDelete (g_ptr_array_index (roots, i),
                                   VIR_DOMAIN_CHECKPOINT_DELETE_CHILDREN
                                       | VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY)
        < 0)
      return libvirt_undefine_set_error (domain, err);
  return roots != NULL;
}

/* After libvirt failed for a reason that cannot be checked in advance. */
static void
libvirt_undefine_restore_checkpoints (VckcDomain *domain, GPtrArray *documents, VckcError **err)
{
  virDomainPtr pointer = vckc_libvirt_get_domain (domain);
  guint n_lost = 0;

  if (virDomainListAllCheckpoints (pointer, NULL, 0) == (int) documents->len)
    return;
  for (guint i = 0; i < documents->len; i++)
    {
      VCKC_AUTO_CHECKPOINT checkpoint = virDomainCheckpointCreateXML (
          pointer, g_ptr_array_index (documents, i), VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE);

      n_lost += checkpoint == NULL ? 1 : 0;
    }
  virResetLastError ();
  if (n_lost > 0)
    vckc_prefix_error (err, "the metadata of %u checkpoint%s of domain '%s' is lost", n_lost,
                       n_lost == 1 ? "" : "s", domain->name);
}

/* --- all --- */

static bool
libvirt_undefine_with_checkpoints (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  const unsigned int others = flags & ~(unsigned int) VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;
  g_autoptr (GPtrArray) documents = libvirt_undefine_save_checkpoints (domain, err);

  if (documents == NULL)
    return false;
  if ((others == 0 || libvirt_undefine_delete_checkpoints (domain, err))
      && (virDomainUndefineFlags (vckc_libvirt_get_domain (domain), flags) == 0
          || libvirt_undefine_set_error (domain, err)))
    return true;
  libvirt_undefine_restore_checkpoints (domain, documents, err);
  return false;
}

/* With the domain lock. A running domain goes on without a definition, and keeps its checkpoints
 * until it stops. */
static bool
libvirt_undefine_locked (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  virDomainPtr pointer = vckc_libvirt_get_domain (domain);
  const bool off = vckc_libvirt_get_connection (domain->connect)->has_bitmaps
                   && virDomainIsActive (pointer) == 0;
  const int n_checkpoints = off ? virDomainListAllCheckpoints (pointer, NULL, 0) : 0;

  if (n_checkpoints < 0)
    return libvirt_undefine_set_error (domain, err);
  if (off && !libvirt_undefine_check (domain, flags, n_checkpoints, err))
    return false;
  if (n_checkpoints > 0)
    return libvirt_undefine_with_checkpoints (domain, flags, err);
  return virDomainUndefineFlags (pointer, flags) == 0 || libvirt_undefine_set_error (domain, err);
}

int
vckc_libvirt_domain_undefine (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  bool undefined;

  if (!vckc_check_flags (flags, VCKC_UNDEFINE_FLAGS, &vckc_flags_undefine, err)
      || !vckc_libvirt_domain_lock (domain, err))
    return -1;
  undefined =
      vckc_libvirt_check_not_busy (domain, err) && libvirt_undefine_locked (domain, flags, err);
  if (undefined)
    vckc_libvirt_cache_undefine_domain (domain);
  vckc_libvirt_domain_unlock (domain);
  return undefined ? 0 : -1;
}
