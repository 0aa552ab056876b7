/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckBackupJobDisk:
 *
 * One disk of a [class@BackupJob], and how much of it is copied.
 *
 * Disks come from [method@BackupJob.get_disks]. Each is the same object as long as the job is. It
 * may be used from any thread; `notify` is emitted in the main context of the connection.
 *
 * Since: 1.0
 */
struct _VckBackupJobDisk
{
  GObject parent_instance;

  /* Immutable, and NULL without vck_backup_job_disk_wrap(). */
  VckcJobDisk *handle;      /* owned reference: as it was first seen */
  VckJobProgress *progress; /* owned reference: of the job */

  /* Of the main context only. */
  VckcJobDisk *notified; /* owned reference; as it was when `notify` was last emitted */
};

enum
{
  PROP_NAME = 1,
  PROP_FILE,
  PROP_BASE,
  PROP_NOTE,
  PROP_BYTES_DONE,
  PROP_BYTES_TOTAL,
  PROP_ERROR_MESSAGE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckBackupJobDisk, vck_backup_job_disk, G_TYPE_OBJECT)

/* As it is now or, if that is no longer reported, as it was: a reference, or NULL. */
static VckcJobDisk *
job_disk_ref_now (VckBackupJobDisk *self)
{
  VckcJobDisk *now = NULL;

  if (self->handle == NULL)
    return NULL;
  now = vck_job_progress_ref_disk (self->progress, vckc_job_disk_get_name (self->handle, NULL));
  if (now == NULL && vckc_job_disk_ref (self->handle, NULL) == 0)
    now = self->handle;
  return now;
}

static void
vck_backup_job_disk_finalize (GObject *object)
{
  VckBackupJobDisk *self = VCK_BACKUP_JOB_DISK (object);

  if (self->handle != NULL)
    vckc_job_disk_unref (self->handle, NULL);
  if (self->notified != NULL)
    vckc_job_disk_unref (self->notified, NULL);
  g_clear_pointer (&self->progress, vck_job_progress_unref);

  G_OBJECT_CLASS (vck_backup_job_disk_parent_class)->finalize (object);
}

static void
vck_backup_job_disk_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckBackupJobDisk *self = VCK_BACKUP_JOB_DISK (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, vckc_job_disk_get_name (self->handle, NULL));
      break;
    case PROP_FILE:
      g_value_set_string (value, vckc_job_disk_get_file (self->handle, NULL));
      break;
    case PROP_BASE:
      g_value_set_string (value, vckc_job_disk_get_base (self->handle, NULL));
      break;
    case PROP_NOTE:
      g_value_set_string (value, vckc_job_disk_get_note (self->handle, NULL));
      break;
    case PROP_BYTES_DONE:
      g_value_set_int64 (value, vck_backup_job_disk_get_bytes_done (self));
      break;
    case PROP_BYTES_TOTAL:
      g_value_set_int64 (value, vck_backup_job_disk_get_bytes_total (self));
      break;
    case PROP_ERROR_MESSAGE:
      g_value_take_string (value, vck_backup_job_disk_get_error_message (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_backup_job_disk_class_init (VckBackupJobDiskClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_backup_job_disk_finalize;
  object_class->get_property = vck_backup_job_disk_get_property;

  /**
   * VckBackupJobDisk:name:
   *
   * The name of the disk inside the domain, such as `vda`.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string (
      "name", "Name", "The name of the disk inside the domain, such as vda", NULL, flags);

  /**
   * VckBackupJobDisk:file:
   *
   * The absolute path of the file or device that the data is written to; in pull mode, of the one
   * for temporary data. %NULL if it is not known.
   *
   * Since: 1.0
   */
  props[PROP_FILE] = g_param_spec_string (
      "file", "File", "The absolute path of the file or device that the data is written to", NULL,
      flags);

  /**
   * VckBackupJobDisk:base:
   *
   * The name of the checkpoint since which changes are copied; %NULL if all data is.
   *
   * Since: 1.0
   */
  props[PROP_BASE] = g_param_spec_string (
      "base", "Base", "The name of the checkpoint since which changes are copied", NULL, flags);

  /**
   * VckBackupJobDisk:note:
   *
   * What is special about how the disk is copied, human-readable: for example that it is written
   * beside the image first, since its file is on a network file system. %NULL if nothing is.
   *
   * Since: 1.0
   */
  props[PROP_NOTE] = g_param_spec_string (
      "note", "Note", "What is special about how the disk is copied, human-readable", NULL, flags);

  /**
   * VckBackupJobDisk:bytes-done:
   *
   * How much of the data of the disk is copied, in bytes; -1 if it is not known.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_DONE] = g_param_spec_int64 (
      "bytes-done", "Bytes done", "How much of the data of the disk is copied, in bytes", -1,
      G_MAXINT64, -1, flags);

  /**
   * VckBackupJobDisk:bytes-total:
   *
   * How much data of the disk is to be copied in all, in bytes, which may grow; -1 if it is not
   * known.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_TOTAL] = g_param_spec_int64 (
      "bytes-total", "Bytes total",
      "How much data of the disk is to be copied in all, in bytes, which may grow", -1, G_MAXINT64,
      -1, flags);

  /**
   * VckBackupJobDisk:error-message:
   *
   * Why this disk failed, human-readable; %NULL if it did not.
   *
   * Since: 1.0
   */
  props[PROP_ERROR_MESSAGE] = g_param_spec_string (
      "error-message", "Error message", "Why this disk failed, human-readable", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_backup_job_disk_init (VckBackupJobDisk *self)
{
}

/**
 * vck_backup_job_disk_get_bytes_done:
 * @self: a disk of a backup job
 *
 * Gets how much of the data of the disk is copied. It never blocks.
 *
 * Returns: the number of bytes; -1 if it is not known
 *
 * Since: 1.0
 */
gint64
vck_backup_job_disk_get_bytes_done (VckBackupJobDisk *self)
{
  VckcJobDisk *now = NULL;
  gint64 bytes = -1;

  g_return_val_if_fail (VCK_IS_BACKUP_JOB_DISK (self), -1);

  now = job_disk_ref_now (self);
  bytes = vckc_job_disk_get_bytes_done (now, NULL);
  vckc_job_disk_unref (now, NULL);
  return bytes;
}

/**
 * vck_backup_job_disk_get_bytes_total:
 * @self: a disk of a backup job
 *
 * Gets how much data of the disk is to be copied in all, which may grow. It never blocks.
 *
 * Returns: the number of bytes; -1 if it is not known
 *
 * Since: 1.0
 */
gint64
vck_backup_job_disk_get_bytes_total (VckBackupJobDisk *self)
{
  VckcJobDisk *now = NULL;
  gint64 bytes = -1;

  g_return_val_if_fail (VCK_IS_BACKUP_JOB_DISK (self), -1);

  now = job_disk_ref_now (self);
  bytes = vckc_job_disk_get_bytes_total (now, NULL);
  vckc_job_disk_unref (now, NULL);
  return bytes;
}

/**
 * vck_backup_job_disk_get_error_message:
 * @self: a disk of a backup job
 *
 * Gets why this disk failed, human-readable. It never blocks.
 *
 * Returns: (transfer full) (nullable): a sentence, or %NULL if it did not
 *
 * Since: 1.0
 */
char *
vck_backup_job_disk_get_error_message (VckBackupJobDisk *self)
{
  VckcJobDisk *now = NULL;
  char *message = NULL;

  g_return_val_if_fail (VCK_IS_BACKUP_JOB_DISK (self), NULL);

  now = job_disk_ref_now (self);
  message = g_strdup (vckc_job_disk_get_error (now, NULL));
  vckc_job_disk_unref (now, NULL);
  return message;
}

VckcJobDisk *
vck_backup_job_disk_get_handle (VckBackupJobDisk *self)
{
  return self->handle;
}

VckBackupJobDisk *
vck_backup_job_disk_wrap (gpointer job, VckcJobDisk *handle)
{
  VckBackupJobDisk *self = g_object_new (VCK_TYPE_BACKUP_JOB_DISK, NULL);

  self->handle = handle;
  vckc_job_disk_ref (handle, NULL);
  self->notified = handle;
  self->progress = vck_job_progress_ref (vck_backup_job_get_progress (job));
  return self;
}

void
vck_backup_job_disk_notify_changes (VckBackupJobDisk *self)
{
  VckcJobDisk *before = self->notified;
  VckcJobDisk *now = job_disk_ref_now (self);

  if (now == NULL)
    return;
  self->notified = now;
  g_object_freeze_notify (G_OBJECT (self));
  if (vckc_job_disk_get_bytes_done (now, NULL) != vckc_job_disk_get_bytes_done (before, NULL))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BYTES_DONE]);
  if (vckc_job_disk_get_bytes_total (now, NULL) != vckc_job_disk_get_bytes_total (before, NULL))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_BYTES_TOTAL]);
  if (g_strcmp0 (vckc_job_disk_get_error (now, NULL), vckc_job_disk_get_error (before, NULL)) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ERROR_MESSAGE]);
  vckc_job_disk_unref (before, NULL);
  g_object_thaw_notify (G_OBJECT (self));
}
