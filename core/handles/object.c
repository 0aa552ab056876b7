/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "handles/driver.h"
#include "handles/event-queue.h"
#include "handles/object.h"

/* What a handle's kind becomes when it is freed, so that stale use is noticed. */
#define KIND_FREED 0xdeadf4eeu

guint64
vckc_incarnation_new (void)
{
  static guint64 last; /* atomic */

  return __atomic_add_fetch (&last, 1, __ATOMIC_RELAXED);
}

bool
vckc_object_is (const void *object, VckcKind kind)
{
  const VckcObject *self = object;

  return self != NULL && self->kind == (guint32) kind;
}

bool
vckc_connect_is_inherited (const VckcConnect *connect)
{
  return connect->process != vckc_process_number ();
}

gpointer
vckc_object_ref (gpointer object)
{
  VckcObject *self = object;

  g_atomic_int_inc (&self->ref_count);
  return object;
}

static void
finding_free (VckcFinding *finding)
{
  g_free (finding->checkpoint);
  g_free (finding->disk);
  g_free (finding->bitmap);
  g_free (finding->message);
  g_free (finding->remedy);
}

static void
import_result_free (VckcImportResult *result)
{
  g_free (result->checkpoint);
  g_free (result->message);
}

gpointer
vckc_object_try_ref (gpointer object)
{
  VckcObject *self = object;
  gint count = g_atomic_int_get (&self->ref_count);

  while (count > 0)
    {
      if (g_atomic_int_compare_and_exchange (&self->ref_count, count, count + 1))
        return object;
      count = g_atomic_int_get (&self->ref_count);
    }
  return NULL;
}

bool
vckc_object_try_unref (gpointer object)
{
  VckcObject *self = object;
  gint count = g_atomic_int_get (&self->ref_count);

  while (count > 1)
    {
      if (g_atomic_int_compare_and_exchange (&self->ref_count, count, count - 1))
        return true;
      count = g_atomic_int_get (&self->ref_count);
    }
  return false;
}

static void
connect_end (VckcConnect *connect)
{
  if (g_atomic_int_compare_and_exchange (&connect->open, 1, 0))
    connect->driver->connect_close (connect);
  if (connect->driver_data != NULL)
    connect->driver->connect_free (connect);
  vckc_event_queue_free (connect->events);
}

static void
connect_free (VckcConnect *connect)
{
  if (!vckc_connect_is_inherited (connect))
    connect_end (connect);
  g_free (connect->uri);
}

static void
domain_free (VckcDomain *domain)
{
  if (domain->driver_data != NULL && !vckc_connect_is_inherited (domain->connect))
    domain->connect->driver->domain_free (domain);
  vckc_object_unref (domain->connect);
  g_free (domain->name);
  g_free (domain->uuid);
}

static void
domain_disk_free (VckcDomainDisk *disk)
{
  g_free (disk->target);
  g_free (disk->source);
  g_free (disk->format);
  g_free (disk->reason);
}

static void
checkpoint_free (VckcDomainCheckpoint *checkpoint)
{
  if (checkpoint->driver_data != NULL && !vckc_connect_is_inherited (checkpoint->domain->connect))
    checkpoint->domain->connect->driver->domain_checkpoint_free (checkpoint);
  vckc_object_unref (checkpoint->domain);
}

static void
checkpoint_disk_free (VckcDomainCheckpointDisk *disk)
{
  g_free (disk->checkpoint);
  g_free (disk->name);
  g_free (disk->bitmap);
}

void
vckc_object_unref (gpointer object)
{
  VckcObject *self = object;

  if (self == NULL || !g_atomic_int_dec_and_test (&self->ref_count))
    return;

  switch ((VckcKind) self->kind)
    {
    case VCKC_KIND_CONNECT:
      connect_free (object);
      break;
    case VCKC_KIND_DOMAIN:
      domain_free (object);
      break;
    case VCKC_KIND_DOMAIN_DISK:
      domain_disk_free (object);
      break;
    case VCKC_KIND_CHECKPOINT:
      checkpoint_free (object);
      break;
    case VCKC_KIND_CHECKPOINT_DISK:
      checkpoint_disk_free (object);
      break;
    case VCKC_KIND_FINDING:
      finding_free (object);
      break;
    case VCKC_KIND_IMPORT_RESULT:
      import_result_free (object);
      break;
    default:
      g_assert_not_reached ();
    }
  self->kind = KIND_FREED;
  g_free (object);
}

static gpointer
object_new (gsize size, VckcKind kind)
{
  VckcObject *self = g_malloc0 (size);

  self->kind = kind;
  self->ref_count = 1;
  return self;
}

VckcConnect *
vckc_connect_new (const VckcDriver *driver, const char *uri, unsigned int flags)
{
  VckcConnect *connect = object_new (sizeof *connect, VCKC_KIND_CONNECT);

  connect->driver = driver;
  connect->uri = g_strdup (uri);
  connect->flags = flags;
  connect->process = vckc_process_number ();
  connect->events = vckc_event_queue_new ();
  return connect;
}

VckcDomain *
vckc_domain_new (VckcConnect *connect, const char *name, const char *uuid)
{
  VckcDomain *domain = object_new (sizeof *domain, VCKC_KIND_DOMAIN);

  domain->connect = vckc_object_ref (connect);
  domain->name = g_strdup (name);
  domain->uuid = g_strdup (uuid);
  return domain;
}

VckcDomainDisk *
vckc_domain_disk_new (const char *target,
                      const char *source,
                      const char *format,
                      const char *reason)
{
  VckcDomainDisk *disk = object_new (sizeof *disk, VCKC_KIND_DOMAIN_DISK);

  disk->target = g_strdup (target);
  disk->source = g_strdup (source);
  disk->format = g_strdup (format);
  disk->reason = g_strdup (reason);
  return disk;
}

VckcDomainCheckpoint *
vckc_domain_checkpoint_new (VckcDomain *domain, const char *name)
{
  gsize name_size = strlen (name) + 1;
  VckcDomainCheckpoint *checkpoint =
      object_new (sizeof *checkpoint + name_size, VCKC_KIND_CHECKPOINT);

  checkpoint->domain = vckc_object_ref (domain);
  memcpy (checkpoint->name, name, name_size);
  return checkpoint;
}

VckcDomainCheckpointDisk *
vckc_domain_checkpoint_disk_new (const char *checkpoint,
                                 const char *name,
                                 const char *bitmap,
                                 gint64 size,
                                 VckcCheckpointState state)
{
  VckcDomainCheckpointDisk *disk = object_new (sizeof *disk, VCKC_KIND_CHECKPOINT_DISK);

  disk->checkpoint = g_strdup (checkpoint);
  disk->name = g_strdup (name);
  disk->bitmap = g_strdup (bitmap);
  disk->size = size;
  disk->state = state;
  return disk;
}

VckcFinding *
vckc_finding_new (VckcFindingKind kind,
                  const char *checkpoint,
                  const char *disk,
                  const char *bitmap,
                  char *message,
                  char *remedy)
{
  VckcFinding *finding = object_new (sizeof *finding, VCKC_KIND_FINDING);

  finding->kind = kind;
  finding->outcome = VCKC_FINDING_OUTCOME_LEFT;
  finding->checkpoint = g_strdup (checkpoint);
  finding->disk = g_strdup (disk);
  finding->bitmap = g_strdup (bitmap);
  finding->message = message;
  finding->remedy = remedy;
  return finding;
}

VckcImportResult *
vckc_import_result_new (const char *checkpoint, const char *message)
{
  VckcImportResult *result = object_new (sizeof *result, VCKC_KIND_IMPORT_RESULT);

  result->checkpoint = g_strdup (checkpoint);
  result->message = g_strdup (message);
  return result;
}

int
vckc_object_array_return (GPtrArray *array, gpointer **ret)
{
  guint count = array->len;

  if (ret != NULL)
    {
      /* Callers free the array with free(), as with libvirt: no GLib allocator. */
      *ret = calloc (count + 1, sizeof (gpointer));
      if (*ret == NULL)
        g_error ("out of memory for a list of %u handles", count);
      if (count > 0)
        memcpy (*ret, array->pdata, count * sizeof (gpointer));
      g_ptr_array_set_free_func (array, NULL);
    }
  g_ptr_array_unref (array);
  return (int) count;
}
