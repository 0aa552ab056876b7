/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "handles/handles.h"

#include <string.h>

#include "base/process.h"

guint64
vckc_incarnation_new (void)
{
  static guint64 last; /* atomic */

  return __atomic_add_fetch (&last, 1, __ATOMIC_RELAXED);
}

guint64
vckc_look_new (void)
{
  static guint64 last; /* atomic */

  return __atomic_add_fetch (&last, 1, __ATOMIC_SEQ_CST);
}

bool
vckc_connect_is_inherited (const VckcConnect *connect)
{
  return connect->process != vckc_process_number ();
}

static void
connect_end (VckcConnect *connect)
{
  if (g_atomic_int_compare_and_exchange (&connect->open, 1, 0))
    connect->driver->connect_close (connect);
  if (connect->driver_data != NULL)
    connect->driver->connect_free (connect);
  vckc_event_queue_free (connect->events);
  vckc_job_figures_free (connect->figures);
}

static void
connect_free (gpointer object)
{
  VckcConnect *connect = object;

  if (!vckc_connect_is_inherited (connect))
    connect_end (connect);
  g_free (connect->uri);
}

const VckcObjectClass vckc_connect_class = {
  .name = "connection",
  .invalid = VCKC_ERROR_INVALID_CONNECT,
  .free = connect_free,
};

VckcConnect *
vckc_connect_new (const VckcDriver *driver, const char *uri, unsigned int flags)
{
  VckcConnect *connect = vckc_object_new (&vckc_connect_class, sizeof *connect);

  connect->driver = driver;
  connect->uri = g_strdup (uri);
  connect->flags = flags;
  connect->process = vckc_process_number ();
  connect->events = vckc_event_queue_new ();
  connect->figures = vckc_job_figures_new ();
  return connect;
}

static void
domain_free (gpointer object)
{
  VckcDomain *domain = object;

  if (domain->driver_data != NULL && !vckc_connect_is_inherited (domain->connect))
    domain->connect->driver->domain_free (domain);
  vckc_object_unref (domain->connect);
  g_free (domain->name);
  g_free (domain->uuid);
}

static gpointer
domain_get_owner (gpointer object)
{
  return ((VckcDomain *) object)->connect;
}

const VckcObjectClass vckc_domain_class = {
  .name = "domain",
  .invalid = VCKC_ERROR_INVALID_DOMAIN,
  .owner_class = &vckc_connect_class,
  .get_owner = domain_get_owner,
  .free = domain_free,
};

VckcDomain *
vckc_domain_new (VckcConnect *connect, const char *name, const char *uuid)
{
  VckcDomain *domain = vckc_object_new (&vckc_domain_class, sizeof *domain);

  domain->connect = vckc_object_ref (connect);
  domain->name = g_strdup (name);
  domain->uuid = g_strdup (uuid);
  return domain;
}

static void
domain_disk_free (gpointer object)
{
  VckcDomainDisk *disk = object;

  g_free (disk->target);
  g_free (disk->source);
  g_free (disk->format);
  g_free (disk->reason);
}

const VckcObjectClass vckc_domain_disk_class = {
  .name = "disk of a domain",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = domain_disk_free,
};

VckcDomainDisk *
vckc_domain_disk_new (const char *target,
                      const char *source,
                      const char *format,
                      const char *reason)
{
  VckcDomainDisk *disk = vckc_object_new (&vckc_domain_disk_class, sizeof *disk);

  disk->target = g_strdup (target);
  disk->source = g_strdup (source);
  disk->format = g_strdup (format);
  disk->reason = g_strdup (reason);
  return disk;
}

static void
domain_checkpoint_free (gpointer object)
{
  VckcDomainCheckpoint *checkpoint = object;

  if (checkpoint->driver_data != NULL && !vckc_connect_is_inherited (checkpoint->domain->connect))
    checkpoint->domain->connect->driver->domain_checkpoint_free (checkpoint);
  vckc_object_unref (checkpoint->domain);
}

static gpointer
domain_checkpoint_get_owner (gpointer object)
{
  return ((VckcDomainCheckpoint *) object)->domain;
}

const VckcObjectClass vckc_domain_checkpoint_class = {
  .name = "checkpoint",
  .invalid = VCKC_ERROR_INVALID_DOMAIN_CHECKPOINT,
  .owner_class = &vckc_domain_class,
  .get_owner = domain_checkpoint_get_owner,
  .free = domain_checkpoint_free,
};

VckcDomainCheckpoint *
vckc_domain_checkpoint_new (VckcDomain *domain, const char *name)
{
  gsize name_size = strlen (name) + 1;
  VckcDomainCheckpoint *checkpoint =
      vckc_object_new (&vckc_domain_checkpoint_class, sizeof *checkpoint + name_size);

  checkpoint->domain = vckc_object_ref (domain);
  memcpy (checkpoint->name, name, name_size);
  return checkpoint;
}

static void
domain_checkpoint_disk_free (gpointer object)
{
  VckcDomainCheckpointDisk *disk = object;

  g_free (disk->checkpoint);
  g_free (disk->name);
  g_free (disk->bitmap);
}

const VckcObjectClass vckc_domain_checkpoint_disk_class = {
  .name = "disk of a checkpoint",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = domain_checkpoint_disk_free,
};

VckcDomainCheckpointDisk *
vckc_domain_checkpoint_disk_new (const char *checkpoint,
                                 const char *name,
                                 const char *bitmap,
                                 gint64 size,
                                 VckcCheckpointState state)
{
  VckcDomainCheckpointDisk *disk =
      vckc_object_new (&vckc_domain_checkpoint_disk_class, sizeof *disk);

  disk->checkpoint = g_strdup (checkpoint);
  disk->name = g_strdup (name);
  disk->bitmap = g_strdup (bitmap);
  disk->size = size;
  disk->capacity = -1;
  disk->granularity = -1;
  disk->state = state;
  return disk;
}

static void
bitmap_free (gpointer object)
{
  VckcBitmap *bitmap = object;

  g_free (bitmap->disk);
  g_free (bitmap->image);
  g_free (bitmap->name);
  g_free (bitmap->checkpoint);
}

const VckcObjectClass vckc_bitmap_class = {
  .name = "bitmap",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = bitmap_free,
};

VckcBitmap *
vckc_bitmap_new (const char *disk, const char *image, const char *name, const char *checkpoint)
{
  VckcBitmap *bitmap = vckc_object_new (&vckc_bitmap_class, sizeof *bitmap);

  bitmap->disk = g_strdup (disk);
  bitmap->image = g_strdup (image);
  bitmap->name = g_strdup (name);
  bitmap->checkpoint = g_strdup (checkpoint);
  return bitmap;
}

static void
finding_free (gpointer object)
{
  VckcFinding *finding = object;

  g_free (finding->checkpoint);
  g_free (finding->disk);
  g_free (finding->bitmap);
  g_free (finding->message);
  g_free (finding->remedy);
}

const VckcObjectClass vckc_finding_class = {
  .name = "finding",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = finding_free,
};

VckcFinding *
vckc_finding_new (VckcFindingKind kind,
                  const char *checkpoint,
                  const char *disk,
                  const char *bitmap,
                  char *message,
                  char *remedy)
{
  VckcFinding *finding = vckc_object_new (&vckc_finding_class, sizeof *finding);

  finding->kind = kind;
  finding->outcome = VCKC_FINDING_OUTCOME_LEFT;
  finding->checkpoint = g_strdup (checkpoint);
  finding->disk = g_strdup (disk);
  finding->bitmap = g_strdup (bitmap);
  finding->message = message;
  finding->remedy = remedy;
  return finding;
}

static void
import_result_free (gpointer object)
{
  VckcImportResult *result = object;

  g_free (result->checkpoint);
  g_free (result->message);
}

const VckcObjectClass vckc_import_result_class = {
  .name = "result of an import",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = import_result_free,
};

VckcImportResult *
vckc_import_result_new (const char *checkpoint, const char *message)
{
  VckcImportResult *result = vckc_object_new (&vckc_import_result_class, sizeof *result);

  result->checkpoint = g_strdup (checkpoint);
  result->message = g_strdup (message);
  return result;
}
