/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Creating checkpoints. */

#include "libvirt-busy.h"
#include "libvirt-driver.h"
#include "libvirt-error.h"
#include "libvirt-views.h"

static bool
tracks_something (const VckcCheckpointDef *def)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->tracked)
        return true;
    }
  return false;
}

/* libvirt makes checkpoints that track nothing, of which every backup would be empty. Which
 * disks it takes only libvirt can tell, so it is asked afterwards; such a checkpoint has no bitmaps,
 * so that it goes without a trace. */
static bool
check_tracking (virDomainCheckpointPtr checkpoint, const VckcCheckpointDef *def, VckcError **err)
{
  if (tracks_something (def))
    return true;

  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "checkpoint '%s' would track no disk at all; name at least one disk that can be "
                  "written to",
                  def->name);
  if (virDomainCheckpointDelete (checkpoint, VIR_DOMAIN_CHECKPOINT_DELETE_METADATA_ONLY) < 0)
    vckc_prefix_error (err, "it was made all the same and cannot be deleted");
  return false;
}

/* Does libvirt have the checkpoint that the document redefines? */
static bool
is_there (virDomainPtr domain, const char *xml)
{
  g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_parse_report (xml, NULL);
  VCKC_AUTO_CHECKPOINT checkpoint
      = def != NULL ? virDomainCheckpointLookupByName (domain, def->name, 0) : NULL;

  if (checkpoint == NULL)
    virResetLastError ();
  return checkpoint != NULL;
}

/* With the turn. */
static VckcDomainCheckpoint *
create (VckcDomain *domain, const char *xml, unsigned int flags, VckcError **err)
{
  virDomainPtr pointer = vckc_libvirt_domain_of (domain);
  const bool redefine = (flags & VCKC_CHECKPOINT_CREATE_REDEFINE) != 0;
  const bool was_there = redefine && is_there (pointer, xml);
  VCKC_AUTO_CHECKPOINT checkpoint = virDomainCheckpointCreateXML (pointer, xml, flags);
  g_autoptr (VckcError) error = NULL;
  VckcCheckpointDef *def;

  if (checkpoint == NULL)
    {
      vckc_libvirt_set_error (err, vckc_libvirt_of (domain->connect)->conn,
                              "domain '%s' does not get the checkpoint", domain->name);
      return NULL;
    }
  def = vckc_libvirt_read_checkpoint (checkpoint, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, &error);
  if (def != NULL && !redefine && !check_tracking (checkpoint, def, err))
    {
      vckc_checkpoint_def_free (def);
      return NULL;
    }
  vckc_libvirt_view_made (domain, checkpoint, def, was_there);
  return vckc_libvirt_checkpoint_new (domain, g_steal_pointer (&checkpoint));
}

VckcDomainCheckpoint *
vckc_libvirt_checkpoint_create_xml (VckcDomain *domain,
                                    const char *xml_desc,
                                    unsigned int flags,
                                    VckcError **err)
{
  VckcDomainCheckpoint *checkpoint;

  if (!vckc_libvirt_view_begin (domain, err))
    return NULL;
  checkpoint = vckc_libvirt_check_not_busy (domain, err) ? create (domain, xml_desc, flags, err)
                                                         : NULL;
  vckc_libvirt_view_end (domain);
  return checkpoint;
}
