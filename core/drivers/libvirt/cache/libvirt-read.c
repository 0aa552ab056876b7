/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-read.h"

#include <gio/gio.h>

#include "base/cancel.h"
#include "base/parallel.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "model/checkpoint-xml.h"

GPtrArray *
vckc_libvirt_list_checkpoints (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  virDomainCheckpointPtr *list = NULL;
  int count = virDomainListAllCheckpoints (vckc_libvirt_get_domain (domain), &list, flags);
  GPtrArray *checkpoints;

  if (count < 0)
    {
      vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                              "the checkpoints of domain '%s' cannot be listed", domain->name);
      return NULL;
    }
  checkpoints = g_ptr_array_new_full ((guint) count, vckc_libvirt_checkpoint_ptr_destroy);
  for (int i = 0; i < count; i++)
    g_ptr_array_add (checkpoints, list[i]);
  free (list);
  return checkpoints;
}

VckcCheckpointDef *
vckc_libvirt_read_checkpoint (virDomainCheckpointPtr checkpoint,
                              unsigned int flags,
                              VckcError **err)
{
  virConnectPtr conn = virDomainCheckpointGetConnect (checkpoint);
  const char *name = virDomainCheckpointGetName (checkpoint);
  g_autofree char *xml = virDomainCheckpointGetXMLDesc (checkpoint, flags);
  VckcCheckpointDef *def;

  if (xml == NULL)
    {
      vckc_libvirt_set_error (err, conn, "checkpoint '%s' cannot be read", name);
      return NULL;
    }
  def = vckc_checkpoint_def_parse_report (xml, err);
  if (def != NULL)
    vckc_checkpoint_def_name_bitmaps (def);
  return def;
}

typedef struct
{
  GPtrArray *checkpoints; /* of virDomainCheckpointPtr */
  unsigned int flags;
  GCancellable *cancellable; /* of the caller; (nullable) */
  VckcCheckpointDef **defs;
  VckcError **errors;
} Reading;

static void
libvirt_read_cb (guint index, gpointer data)
{
  Reading *reading = data;

  if (g_cancellable_is_cancelled (reading->cancellable))
    return;
  reading->defs[index] = vckc_libvirt_read_checkpoint (
      g_ptr_array_index (reading->checkpoints, index), reading->flags, &reading->errors[index]);
}

/* Takes the errors; what vanished is no failure. */
static bool
libvirt_read_check_errors (VckcError **errors, guint count, VckcError **err)
{
  VckcError *first = NULL;

  for (guint i = 0; i < count; i++)
    if (errors[i] != NULL && vckc_error_get_code (errors[i]) != VCKC_ERROR_NO_DOMAIN_CHECKPOINT)
      vckc_keep_first_error (&first, errors[i]);
    else
      vckc_error_free (errors[i]);
  if (first == NULL)
    return true;
  vckc_propagate_error (err, first);
  return false;
}

GPtrArray *
vckc_libvirt_read_checkpoints (GPtrArray *checkpoints, unsigned int flags, VckcError **err)
{
  const guint count = checkpoints->len;
  g_autofree VckcError **errors = g_new0 (VckcError *, count);
  g_autoptr (GPtrArray) defs =
      g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_checkpoint_def_free);
  Reading reading = { .checkpoints = checkpoints,
                      .flags = flags,
                      .cancellable = g_cancellable_get_current (),
                      .errors = errors };

  g_ptr_array_set_size (defs, (int) count);
  reading.defs = (VckcCheckpointDef **) defs->pdata;
  vckc_parallel (count, libvirt_read_cb, &reading);
  if (!libvirt_read_check_errors (errors, count, err) || vckc_cancel_check ("libvirt", err))
    return NULL;
  return g_steal_pointer (&defs);
}
