/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of checkpoints and of what they do with disks. */

#include "api/domain-checkpoint.h"

#include <stdlib.h>

#include "api/entry.h"
#include "base/clock.h"
#include "model/checkpoint-xml.h"

#define LIST_DISKS_FLAGS                                                                           \
  (VCKC_CHECKPOINT_XML_SECURE | VCKC_CHECKPOINT_XML_NO_DOMAIN | VCKC_CHECKPOINT_XML_SIZE)

const char *
vckc_domain_checkpoint_get_name (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VCKC_TRACE ("checkpoint=%p", (void *) checkpoint);

  return vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err) ? checkpoint->name
                                                                            : NULL;
}

uint64_t
vckc_domain_checkpoint_get_incarnation (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  return vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err)
             ? checkpoint->incarnation
             : 0;
}

VckcDomain *
vckc_domain_checkpoint_get_domain (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VCKC_TRACE ("checkpoint=%p", (void *) checkpoint);

  return vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err) ? checkpoint->domain
                                                                            : NULL;
}

VckcConnect *
vckc_domain_checkpoint_get_connect (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VCKC_TRACE ("checkpoint=%p", (void *) checkpoint);

  return vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err)
             ? checkpoint->domain->connect
             : NULL;
}

int
vckc_domain_checkpoint_ref (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VCKC_TRACE ("checkpoint=%p", (void *) checkpoint);

  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err))
    return -1;
  vckc_object_ref (checkpoint);
  return 0;
}

int
vckc_domain_checkpoint_unref (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VCKC_TRACE ("checkpoint=%p", (void *) checkpoint);

  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err))
    return -1;
  vckc_object_unref (checkpoint);
  return 0;
}

static bool
check_create_flags (unsigned int flags, VckcError **err)
{
  return vckc_check_exclusive_flags (flags, VCKC_FLAG (CHECKPOINT_CREATE, REDEFINE),
                                     VCKC_FLAG (CHECKPOINT_CREATE, QUIESCE), err)
         && vckc_check_required_flag (flags, VCKC_FLAG (CHECKPOINT_CREATE, REDEFINE_VALIDATE),
                                      VCKC_FLAG (CHECKPOINT_CREATE, REDEFINE), err);
}

VckcCheckpointPlan *
vckc_domain_plan_checkpoint_xml (VckcDomain *domain,
                                 const char *xml_desc,
                                 unsigned int flags,
                                 VckcError **err)
{
  const VckcDriver *driver = domain->connect->driver;
  VckcCheckpointPlan *plan;
  VckcError *error = NULL;

  if (!check_create_flags (flags, err)
      || !vckc_check_callable (domain->connect, driver->domain_plan_checkpoint_xml != NULL,
                               "plan checkpoints", err))
    return NULL;
  plan = driver->domain_plan_checkpoint_xml (domain, xml_desc, flags, &error);
  return vckc_driver_returned (domain->connect, plan != NULL, error, G_STRFUNC, err) ? plan : NULL;
}

VckcDomainCheckpoint *
vckc_domain_checkpoint_create_xml (VckcDomain *domain,
                                   const char *xml_desc,
                                   unsigned int flags,
                                   VckcError **err)
{
  VckcDomainCheckpoint *checkpoint;
  const VckcDriver *driver;
  VckcError *error = NULL;

  VCKC_TRACE ("domain=%p xml_desc=%s flags=0x%x", (void *) domain, VCKC_TRACE_TEXT (xml_desc),
              flags);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_not_null (xml_desc, "xml_desc", err)
      || !vckc_check_writable (domain->connect, "create checkpoints", err)
      || !check_create_flags (flags, err))
    return NULL;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_checkpoint_create_xml != NULL,
                            "create checkpoints", err))
    return NULL;

  checkpoint = driver->domain_checkpoint_create_xml (domain, xml_desc, flags, &error);
  return vckc_driver_returned (domain->connect, checkpoint != NULL, error, G_STRFUNC, err)
             ? checkpoint
             : NULL;
}

VckcDomainCheckpoint *
vckc_domain_checkpoint_lookup_by_name (VckcDomain *domain,
                                       const char *name,
                                       unsigned int flags,
                                       VckcError **err)
{
  VckcDomainCheckpoint *checkpoint;
  const VckcDriver *driver;
  VckcError *error = NULL;

  VCKC_TRACE ("domain=%p name=%s flags=0x%x", (void *) domain, VCKC_TRACE_TEXT (name), flags);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_not_null (name, "name", err))
    return NULL;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_checkpoint_lookup_by_name != NULL,
                            "look up checkpoints", err))
    return NULL;

  checkpoint = driver->domain_checkpoint_lookup_by_name (domain, name, flags, &error);
  return vckc_driver_returned (domain->connect, checkpoint != NULL, error, G_STRFUNC, err)
             ? checkpoint
             : NULL;
}

int
vckc_domain_list_all_checkpoints (VckcDomain *domain,
                                  VckcDomainCheckpoint ***ret_checkpoints,
                                  unsigned int flags,
                                  VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int count;

  VCKC_TRACE ("domain=%p ret_checkpoints=%p flags=0x%x", (void *) domain, (void *) ret_checkpoints,
              flags);

  if (ret_checkpoints != NULL)
    *ret_checkpoints = NULL;
  if (!vckc_check_handle (domain, &vckc_domain_class, err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_list_all_checkpoints != NULL,
                            "list checkpoints", err))
    return -1;

  count = driver->domain_list_all_checkpoints (domain, ret_checkpoints, flags, &error);
  return vckc_driver_returned (domain->connect, count >= 0, error, G_STRFUNC, err) ? count : -1;
}

int
vckc_domain_checkpoint_list_all_children (VckcDomainCheckpoint *checkpoint,
                                          VckcDomainCheckpoint ***ret_children,
                                          unsigned int flags,
                                          VckcError **err)
{
  VckcConnect *connect;
  VckcError *error = NULL;
  int count;

  VCKC_TRACE ("checkpoint=%p ret_children=%p flags=0x%x", (void *) checkpoint,
              (void *) ret_children, flags);

  if (ret_children != NULL)
    *ret_children = NULL;
  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err))
    return -1;
  connect = checkpoint->domain->connect;
  if (!vckc_check_callable (connect, connect->driver->domain_checkpoint_list_all_children != NULL,
                            "list the children of checkpoints", err))
    return -1;

  count = connect->driver->domain_checkpoint_list_all_children (checkpoint, ret_children, flags,
                                                                &error);
  return vckc_driver_returned (connect, count >= 0, error, G_STRFUNC, err) ? count : -1;
}

VckcDomainCheckpoint *
vckc_domain_checkpoint_get_parent (VckcDomainCheckpoint *checkpoint,
                                   unsigned int flags,
                                   VckcError **err)
{
  VckcDomainCheckpoint *parent;
  VckcConnect *connect;
  VckcError *error = NULL;

  VCKC_TRACE ("checkpoint=%p flags=0x%x", (void *) checkpoint, flags);

  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err))
    return NULL;
  connect = checkpoint->domain->connect;
  if (!vckc_check_callable (connect, connect->driver->domain_checkpoint_get_parent != NULL,
                            "look up the parents of checkpoints", err))
    return NULL;

  parent = connect->driver->domain_checkpoint_get_parent (checkpoint, flags, &error);
  return vckc_driver_returned (connect, parent != NULL, error, G_STRFUNC, err) ? parent : NULL;
}

/* get_xml_desc behind the handle check, for all that is read out of the document. */
static char *
get_xml_desc (VckcDomainCheckpoint *checkpoint,
              unsigned int flags,
              const char *function,
              VckcError **err)
{
  VckcConnect *connect = checkpoint->domain->connect;
  VckcError *error = NULL;
  char *xml;

  if (!vckc_check_callable (connect, connect->driver->domain_checkpoint_get_xml_desc != NULL,
                            "return the XML of checkpoints", err))
    return NULL;

  xml = connect->driver->domain_checkpoint_get_xml_desc (checkpoint, flags, &error);
  return vckc_driver_returned (connect, xml != NULL, error, function, err) ? xml : NULL;
}

char *
vckc_domain_checkpoint_get_xml_desc (VckcDomainCheckpoint *checkpoint,
                                     unsigned int flags,
                                     VckcError **err)
{
  VCKC_TRACE ("checkpoint=%p flags=0x%x", (void *) checkpoint, flags);

  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err)
      || !vckc_check_secure (checkpoint->domain->connect, flags, VCKC_CHECKPOINT_XML_SECURE, err))
    return NULL;
  return get_xml_desc (checkpoint, flags, G_STRFUNC, err);
}

static bool
check_delete_flags (unsigned int flags, VckcError **err)
{
  return vckc_check_exclusive_flags (flags, VCKC_FLAG (CHECKPOINT_DELETE, CHILDREN),
                                     VCKC_FLAG (CHECKPOINT_DELETE, CHILDREN_ONLY), err);
}

VckcDeletePlan *
vckc_domain_checkpoint_plan_delete (VckcDomainCheckpoint *checkpoint,
                                    unsigned int flags,
                                    VckcError **err)
{
  VckcConnect *connect;
  VckcDeletePlan *plan;
  VckcError *error = NULL;

  VCKC_TRACE ("checkpoint=%p flags=0x%x", (void *) checkpoint, flags);

  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err))
    return NULL;
  connect = checkpoint->domain->connect;
  if (!check_delete_flags (flags, err)
      || !vckc_check_callable (connect, connect->driver->domain_checkpoint_plan_delete != NULL,
                               "plan deletions", err))
    return NULL;

  plan = connect->driver->domain_checkpoint_plan_delete (checkpoint, flags, &error);
  return vckc_driver_returned (connect, plan != NULL, error, G_STRFUNC, err) ? plan : NULL;
}

int
vckc_domain_checkpoint_delete (VckcDomainCheckpoint *checkpoint,
                               unsigned int flags,
                               VckcError **err)
{
  VckcConnect *connect;
  VckcError *error = NULL;
  int result;

  VCKC_TRACE ("checkpoint=%p flags=0x%x", (void *) checkpoint, flags);

  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err))
    return -1;
  connect = checkpoint->domain->connect;
  if (!vckc_check_writable (connect, "delete checkpoints", err) || !check_delete_flags (flags, err)
      || !vckc_check_callable (connect, connect->driver->domain_checkpoint_delete != NULL,
                               "delete checkpoints", err))
    return -1;

  result = connect->driver->domain_checkpoint_delete (checkpoint, flags, &error);
  return vckc_driver_returned (connect, result >= 0, error, G_STRFUNC, err) ? 0 : -1;
}

/* Parses the definition from the checkpoint's own XML. */
static VckcCheckpointDef *
read_def (VckcDomainCheckpoint *checkpoint,
          unsigned int flags,
          const char *function,
          VckcError **err)
{
  g_autofree char *xml =
      get_xml_desc (checkpoint, flags | VCKC_CHECKPOINT_XML_NO_DOMAIN, function, err);

  return xml != NULL ? vckc_checkpoint_def_parse_report (xml, err) : NULL;
}

static bool
get_details (VckcDomainCheckpoint *checkpoint,
             VckcCheckpointDetails *ret_details,
             const char *function,
             VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = NULL;
  VckcConnect *connect;
  VckcError *error = NULL;
  bool found;

  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err))
    return false;
  connect = checkpoint->domain->connect;
  if (connect->driver->domain_checkpoint_get_details != NULL)
    {
      if (!vckc_check_open (connect, err))
        return false;
      found = connect->driver->domain_checkpoint_get_details (checkpoint, ret_details, &error);
      return vckc_driver_returned (connect, found, error, function, err);
    }

  def = read_def (checkpoint, 0, function, err);
  if (def == NULL)
    return false;
  ret_details->description = g_steal_pointer (&def->description);
  ret_details->parent_name = g_steal_pointer (&def->parent_name);
  ret_details->creation_time = def->creation_time;
  return true;
}

char *
vckc_domain_checkpoint_get_description (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  g_auto (VckcCheckpointDetails) details = { NULL };

  VCKC_TRACE ("checkpoint=%p", (void *) checkpoint);

  return get_details (checkpoint, &details, G_STRFUNC, err) ? g_steal_pointer (&details.description)
                                                            : NULL;
}

int64_t
vckc_domain_checkpoint_get_creation_time (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  g_auto (VckcCheckpointDetails) details = { NULL };

  VCKC_TRACE ("checkpoint=%p", (void *) checkpoint);

  return get_details (checkpoint, &details, G_STRFUNC, err) ? details.creation_time : -1;
}

char *
vckc_domain_checkpoint_get_uuid (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  g_auto (VckcCheckpointDetails) details = { NULL };

  VCKC_TRACE ("checkpoint=%p", (void *) checkpoint);

  return get_details (checkpoint, &details, G_STRFUNC, err) ? g_steal_pointer (&details.uuid)
                                                            : NULL;
}

char *
vckc_domain_checkpoint_get_parent_name (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  g_auto (VckcCheckpointDetails) details = { NULL };

  VCKC_TRACE ("checkpoint=%p", (void *) checkpoint);

  return get_details (checkpoint, &details, G_STRFUNC, err) ? g_steal_pointer (&details.parent_name)
                                                            : NULL;
}

int
vckc_domain_checkpoint_get_details (VckcDomainCheckpoint *checkpoint,
                                    char **ret_description,
                                    char **ret_parent_name,
                                    VckcDomainCheckpoint **ret_parent,
                                    int64_t *ret_creation_time,
                                    char **ret_uuid,
                                    VckcError **err)
{
  g_auto (VckcCheckpointDetails) details = { NULL };

  VCKC_TRACE ("checkpoint=%p", (void *) checkpoint);

  if (!get_details (checkpoint, &details, G_STRFUNC, err))
    return -1;
  if (ret_description != NULL)
    *ret_description = g_steal_pointer (&details.description);
  if (ret_parent_name != NULL)
    *ret_parent_name = g_steal_pointer (&details.parent_name);
  if (ret_parent != NULL)
    *ret_parent = g_steal_pointer (&details.parent);
  if (ret_creation_time != NULL)
    *ret_creation_time = details.creation_time;
  if (ret_uuid != NULL)
    *ret_uuid = g_steal_pointer (&details.uuid);
  return 0;
}

/* For drivers that report disks in XML only: what has a size can be trusted. */
static int
list_reported_disks (VckcDomainCheckpoint *checkpoint,
                     VckcDomainCheckpointDisk ***ret_disks,
                     unsigned int flags,
                     const char *function,
                     VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = read_def (checkpoint, flags, function, err);

  if (def == NULL)
    return -1;
  for (guint i = 0; i < def->disks->len; i++)
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->size >= 0)
        disk->state = VCKC_CHECKPOINT_STATE_READY;
    }
  return vckc_object_array_return (vckc_checkpoint_def_list_disks (def), (gpointer **) ret_disks);
}

static int
list_disks_of_driver (VckcDomainCheckpoint *checkpoint,
                      VckcDomainCheckpointDisk ***ret_disks,
                      unsigned int flags,
                      const char *function,
                      VckcError **err)
{
  VckcConnect *connect = checkpoint->domain->connect;
  VckcError *error = NULL;
  int count;

  if (!vckc_check_open (connect, err)
      || !vckc_check_flags (flags, LIST_DISKS_FLAGS, &vckc_flags_list_disks, err))
    return -1;
  flags &= VCKC_CHECKPOINT_XML_SIZE;
  if (connect->driver->domain_checkpoint_list_disks == NULL)
    return list_reported_disks (checkpoint, ret_disks, flags, function, err);
  count = connect->driver->domain_checkpoint_list_disks (checkpoint, ret_disks, flags, &error);
  return vckc_driver_returned (connect, count >= 0, error, function, err) ? count : -1;
}

/* Subscribers know what was measured when the call returns. */
static int
list_disks (VckcDomainCheckpoint *checkpoint,
            VckcDomainCheckpointDisk ***ret_disks,
            unsigned int flags,
            const char *function,
            VckcError **err)
{
  VckcEventQueue *events = checkpoint->domain->connect->events;
  const gint64 began = vckc_clock_now ();
  int count;

  count = list_disks_of_driver (checkpoint, ret_disks, flags, function, err);
  if (count <= 0 || ret_disks == NULL)
    return count;
  for (int i = 0; i < count; i++)
    (*ret_disks)[i]->incarnation = checkpoint->incarnation;
  if ((flags & VCKC_CHECKPOINT_XML_SIZE) != 0)
    {
      vckc_event_queue_push_measured (events, checkpoint->domain, *ret_disks, (gsize) count, began);
      vckc_event_queue_flush (events);
    }
  return count;
}

int
vckc_domain_checkpoint_list_disks (VckcDomainCheckpoint *checkpoint,
                                   VckcDomainCheckpointDisk ***ret_disks,
                                   unsigned int flags,
                                   VckcError **err)
{
  VCKC_TRACE ("checkpoint=%p ret_disks=%p flags=0x%x", (void *) checkpoint, (void *) ret_disks,
              flags);

  if (ret_disks != NULL)
    *ret_disks = NULL;
  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err))
    return -1;
  return list_disks (checkpoint, ret_disks, flags, G_STRFUNC, err);
}

int
vckc_domain_measure_checkpoints (VckcDomain *domain,
                                 VckcDomainCheckpointDisk ***ret_disks,
                                 VckcError **err)
{
  const gint64 began = vckc_clock_now ();
  const VckcDriver *driver;
  VckcError *error = NULL;
  int count;

  VCKC_TRACE ("domain=%p ret_disks=%p", (void *) domain, (void *) ret_disks);

  if (ret_disks != NULL)
    *ret_disks = NULL;
  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_not_null (ret_disks, "ret_disks", err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_measure_checkpoints != NULL,
                            "measure checkpoints", err))
    return -1;

  count = driver->domain_measure_checkpoints (domain, ret_disks, &error);
  if (count > 0)
    vckc_event_queue_push_measured (domain->connect->events, domain, *ret_disks, (gsize) count,
                                    began);
  return vckc_driver_returned (domain->connect, count >= 0, error, G_STRFUNC, err) ? count : -1;
}

int
vckc_domain_checkpoint_get_state (VckcDomainCheckpoint *checkpoint,
                                  VckcCheckpointState *ret_state,
                                  VckcError **err)
{
  VckcDomainCheckpointDisk **disks = NULL;
  int count;

  VCKC_TRACE ("checkpoint=%p ret_state=%p", (void *) checkpoint, (void *) ret_state);

  if (!vckc_check_handle (checkpoint, &vckc_domain_checkpoint_class, err)
      || !vckc_check_not_null (ret_state, "ret_state", err))
    return -1;
  count = list_disks (checkpoint, &disks, VCKC_CHECKPOINT_XML_SIZE, G_STRFUNC, err);
  if (count < 0)
    return -1;

  vckc_checkpoint_disks_sum_up (disks, (size_t) count, NULL, ret_state, NULL);
  for (int i = 0; i < count; i++)
    vckc_object_unref (disks[i]);
  free (disks);
  return 0;
}
