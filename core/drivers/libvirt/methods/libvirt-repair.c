/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Makes libvirt's metadata and the bitmaps agree again, with libvirt's own calls: a checkpoint is
 * redefined without a disk, or its metadata is deleted; a bitmap of no checkpoint is adopted by one
 * that is deleted at once, which is the way to remove a bitmap while the domain runs.
 */

#include "drivers/libvirt/methods/libvirt-repair.h"

#include "base/clock.h"
#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/methods/libvirt-inspection.h"
#include "model/findings.h"
#include "xml/xml-format.h"

/* Why a step of a repair failed. */
static bool
libvirt_repair_set_error (VckcDomain *domain, const char *checkpoint, VckcError **err)
{
  vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                          "checkpoint '%s' of domain '%s' cannot be repaired", checkpoint,
                          domain->name);
  return false;
}

/* --- checkpoints --- */

static xmlNode *
libvirt_repair_find_disk (const xmlNode *root, const char *target)
{
  for (xmlNode *node = vckc_xml_child (vckc_xml_child (root, "disks"), "disk"); node != NULL;
       node = vckc_xml_next (node, "disk"))
    {
      g_autofree char *name = vckc_xml_attribute (node, "name");

      if (g_strcmp0 (name, target) == 0)
        return node;
    }
  return NULL;
}

/* Stops tracking the disks that the findings of this checkpoint are about. Returns the number of
 * disks that are still tracked. */
static guint
libvirt_repair_stop_tracking (const xmlNode *root, GPtrArray *findings, const char *checkpoint)
{
  guint n_tracked = 0;

  for (guint i = 0; i < findings->len; i++)
    {
      const VckcFinding *finding = g_ptr_array_index (findings, i);
      xmlNode *disk = g_strcmp0 (finding->checkpoint, checkpoint) == 0
                          ? libvirt_repair_find_disk (root, finding->disk)
                          : NULL;

      if (disk == NULL)
        continue;
      xmlSetProp (disk, BAD_CAST "checkpoint", BAD_CAST "no");
      xmlUnsetProp (disk, BAD_CAST "bitmap");
    }
  for (const xmlNode *node = vckc_xml_child (vckc_xml_child (root, "disks"), "disk"); node != NULL;
       node = vckc_xml_next (node, "disk"))
    {
      g_autofree char *mode = vckc_xml_attribute (node, "checkpoint");

      if (g_strcmp0 (mode, "no") != 0)
        n_tracked++;
    }
  return n_tracked;
}

/* Redefining replaces everything, so start from the full XML. */
static xmlDoc *
libvirt_repair_read_xml (virDomainCheckpointPtr checkpoint, VckcDomain *domain, VckcError **err)
{
  const char *name = virDomainCheckpointGetName (checkpoint);
  g_autofree char *xml =
      virDomainCheckpointGetXMLDesc (checkpoint, VIR_DOMAIN_CHECKPOINT_XML_SECURE);

  if (xml != NULL)
    return vckc_xml_parse (xml, VCKC_XML_SCHEMA_REPORT, "report of a checkpoint", err);
  libvirt_repair_set_error (domain, name, err);
  return NULL;
}

static bool
libvirt_repair_redefine (VckcDomain *domain, const char *name, xmlDoc *doc, VckcError **err)
{
  VCKC_AUTO_CHECKPOINT checkpoint = NULL;
  xmlChar *text = NULL;
  int size;

  xmlDocDumpMemory (doc, &text, &size);
  checkpoint = virDomainCheckpointCreateXML (vckc_libvirt_get_domain (domain), (const char *) text,
                                             VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE);
  xmlFree (text);
  return checkpoint != NULL || libvirt_repair_set_error (domain, name, err);
}

static bool
libvirt_repair_checkpoint (VckcDomain *domain,
                           virDomainCheckpointPtr checkpoint,
                           GPtrArray *findings,
                           VckcError **err)
{
  const char *name = virDomainCheckpointGetName (checkpoint);
  g_autoptr (xmlDoc) doc = libvirt_repair_read_xml (checkpoint, domain, err);

  if (doc == NULL)
    return false;
  if (libvirt_repair_stop_tracking (xmlDocGetRootElement (doc), findings, name) > 0)
    return libvirt_repair_redefine (domain, name, doc, err);
  return virDomainCheckpointDelete (checkpoint, VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY) == 0
         || libvirt_repair_set_error (domain, name, err);
}

static bool
is_about (GPtrArray *findings, const char *checkpoint)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const VckcFinding *finding = g_ptr_array_index (findings, i);

      if (g_strcmp0 (finding->checkpoint, checkpoint) == 0)
        return true;
    }
  return false;
}

static bool
libvirt_repair_all_checkpoints (VckcDomain *domain,
                                const VckcLibvirtInspection *inspection,
                                GPtrArray *findings,
                                VckcError **err)
{
  for (guint i = 0; i < inspection->checkpoints->len; i++)
    {
      virDomainCheckpointPtr checkpoint = g_ptr_array_index (inspection->checkpoints, i);

      if (is_about (findings, virDomainCheckpointGetName (checkpoint))
          && !libvirt_repair_checkpoint (domain, checkpoint, findings, err))
        return false;
    }
  return true;
}

/* --- bitmaps --- */

static char *
libvirt_repair_format_adoption (const char *name, const char *target, const char *bitmap)
{
  GString *xml = g_string_new ("<domaincheckpoint>\n");

  vckc_xml_append_element (xml, 1, "name", name);
  g_string_append_printf (xml,
                          "  <creationTime>%" G_GINT64_FORMAT "</creationTime>\n"
                          "  <disks>\n    <disk",
                          vckc_clock_now () / G_USEC_PER_SEC);
  vckc_xml_append_attribute (xml, "name", target);
  g_string_append (xml, " checkpoint='bitmap'");
  vckc_xml_append_attribute (xml, "bitmap", bitmap);
  g_string_append (xml, "/>\n  </disks>\n</domaincheckpoint>\n");
  return g_string_free (xml, FALSE);
}

static bool
libvirt_repair_remove_bitmap (VckcDomain *domain, const VckcFinding *finding, VckcError **err)
{
  g_autofree char *unique = g_uuid_string_random ();
  g_autofree char *name = g_strconcat ("vck-repair-", unique, NULL);
  g_autofree char *xml = libvirt_repair_format_adoption (name, finding->disk, finding->bitmap);
  VCKC_AUTO_CHECKPOINT adopted = virDomainCheckpointCreateXML (
      vckc_libvirt_get_domain (domain), xml, VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE);
  bool removed = adopted != NULL && virDomainCheckpointDelete (adopted, 0) == 0;

  if (!removed)
    vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                            "bitmap '%s' on disk '%s' of domain '%s' cannot be removed",
                            finding->bitmap, finding->disk, domain->name);
  if (adopted != NULL && !removed)
    virDomainCheckpointDelete (adopted, VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY);
  return removed;
}

/* libvirt's bitmaps are named like their checkpoint. One that belonged to none when it was found
 * may have got one since. */
static bool
libvirt_repair_has_owner (VckcDomain *domain, const VckcFinding *finding)
{
  VCKC_AUTO_CHECKPOINT owner = NULL;

  if (finding->checkpoint != NULL)
    return false;
  owner = virDomainCheckpointLookupByName (vckc_libvirt_get_domain (domain), finding->bitmap, 0);
  if (owner == NULL)
    virResetLastError ();
  return owner != NULL;
}

static bool
libvirt_repair_remove_bitmaps (VckcDomain *domain, GPtrArray *findings, VckcError **err)
{
  for (guint i = 0; i < findings->len; i++)
    {
      VckcFinding *finding = g_ptr_array_index (findings, i);

      if (!vckc_finding_removes_bitmap (finding))
        continue;
      if (libvirt_repair_has_owner (domain, finding))
        finding->outcome = VCKC_FINDING_OUTCOME_LEFT;
      else if (!libvirt_repair_remove_bitmap (domain, finding, err))
        return false;
    }
  return true;
}

static bool
libvirt_repair_check_removable (VckcDomain *domain, GPtrArray *findings, VckcError **err)
{
  if (virDomainIsActive (vckc_libvirt_get_domain (domain)) == 1)
    return true;
  for (guint i = 0; i < findings->len; i++)
    {
      const VckcFinding *finding = g_ptr_array_index (findings, i);

      if (!vckc_finding_removes_bitmap (finding))
        continue;
      vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                      "bitmap '%s' on disk '%s' cannot be removed while domain '%s' is off: "
                      "libvirt does not change the images of a domain that is off; start it",
                      finding->bitmap, finding->disk, domain->name);
      return false;
    }
  return true;
}

/* --- all --- */

/* The findings to act on: borrowed. */
static GPtrArray *
libvirt_repair_list_selected (GPtrArray *findings)
{
  GPtrArray *wanted = g_ptr_array_new ();

  for (guint i = 0; i < findings->len; i++)
    {
      VckcFinding *finding = g_ptr_array_index (findings, i);

      if (finding->outcome == VCKC_FINDING_OUTCOME_WOULD)
        g_ptr_array_add (wanted, finding);
    }
  return wanted;
}

/* With the domain lock. */
static bool
libvirt_repair_locked (VckcDomain *domain,
                       VckcLibvirtInspection *inspection,
                       unsigned int flags,
                       VckcError **err)
{
  g_autoptr (GPtrArray) wanted = NULL;

  if (!vckc_libvirt_inspection_init (inspection, domain, err))
    return false;
  vckc_findings_plan_repair (inspection->findings, flags);
  if ((flags & VCKC_REPAIR_DRY_RUN) != 0)
    return true;
  wanted = libvirt_repair_list_selected (inspection->findings);
  if (!libvirt_repair_check_removable (domain, wanted, err)
      || !libvirt_repair_all_checkpoints (domain, inspection, wanted, err)
      || !libvirt_repair_remove_bitmaps (domain, wanted, err))
    return false;
  vckc_findings_set_done (inspection->findings);
  return true;
}

int
vckc_libvirt_domain_repair_checkpoints (VckcDomain *domain,
                                        VckcFinding ***ret_findings,
                                        unsigned int flags,
                                        VckcError **err)
{
  g_auto (VckcLibvirtInspection) inspection = { NULL };
  bool repaired;

  if (!vckc_libvirt_domain_lock (domain, err))
    return -1;
  repaired = libvirt_repair_locked (domain, &inspection, flags, err);
  if ((flags & VCKC_REPAIR_DRY_RUN) == 0)
    vckc_libvirt_cache_reload (domain, NULL);
  vckc_libvirt_domain_unlock (domain);
  return repaired ? vckc_object_array_return (g_steal_pointer (&inspection.findings),
                                              (gpointer **) ret_findings)
                  : -1;
}
