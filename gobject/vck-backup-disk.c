/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckBackupDisk:
 *
 * One disk of a backup, as [method@Backup.list_disks] listed it.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckBackupDisk
{
  GObject parent_instance;

  VckcBackupDisk *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_TARGET = 1,
  PROP_PATH,
  PROP_BASE,
  PROP_WHY_FULL,
  PROP_VIRTUAL_SIZE,
  PROP_BYTES,
  PROP_FILE_SIZE,
  PROP_SHA256,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckBackupDisk, vck_backup_disk, G_TYPE_OBJECT)

static void
vck_backup_disk_finalize (GObject *object)
{
  VckBackupDisk *self = VCK_BACKUP_DISK (object);

  if (self->handle != NULL)
    vckc_backup_disk_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_backup_disk_parent_class)->finalize (object);
}

static void
vck_backup_disk_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcBackupDisk *handle = VCK_BACKUP_DISK (object)->handle;

  switch (id)
    {
    case PROP_TARGET:
      g_value_set_string (value, vckc_backup_disk_get_target (handle, NULL));
      break;
    case PROP_PATH:
      g_value_set_string (value, vckc_backup_disk_get_path (handle, NULL));
      break;
    case PROP_BASE:
      g_value_set_string (value, vckc_backup_disk_get_base (handle, NULL));
      break;
    case PROP_WHY_FULL:
      g_value_set_string (value, vckc_backup_disk_get_why_full (handle, NULL));
      break;
    case PROP_VIRTUAL_SIZE:
      g_value_set_int64 (value, vckc_backup_disk_get_virtual_size (handle, NULL));
      break;
    case PROP_BYTES:
      g_value_set_int64 (value, vckc_backup_disk_get_bytes (handle, NULL));
      break;
    case PROP_FILE_SIZE:
      g_value_set_int64 (value, vckc_backup_disk_get_file_size (handle, NULL));
      break;
    case PROP_SHA256:
      g_value_set_string (value, vckc_backup_disk_get_sha256 (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_backup_disk_class_init (VckBackupDiskClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_backup_disk_finalize;
  object_class->get_property = vck_backup_disk_get_property;

  /**
   * VckBackupDisk:target:
   *
   * The target name of the disk, such as `vda`.
   *
   * Since: 1.0
   */
  props[PROP_TARGET] = g_param_spec_string (
      "target", "Target", "The target name of the disk, such as vda", NULL, flags);

  /**
   * VckBackupDisk:path:
   *
   * The absolute path of its image in the store.
   *
   * Since: 1.0
   */
  props[PROP_PATH] = g_param_spec_string (
      "path", "Path", "The absolute path of its image in the store", NULL, flags);

  /**
   * VckBackupDisk:base:
   *
   * The id of the backup that it is based on; %NULL if the image is a full one.
   *
   * Since: 1.0
   */
  props[PROP_BASE] =
      g_param_spec_string ("base", "Base", "The id of the backup that it is based on", NULL, flags);

  /**
   * VckBackupDisk:why-full:
   *
   * Why the disk was backed up in full, human-readable; %NULL if it was not.
   *
   * Since: 1.0
   */
  props[PROP_WHY_FULL] = g_param_spec_string (
      "why-full", "Why full", "Why the disk was backed up in full, human-readable", NULL, flags);

  /**
   * VckBackupDisk:virtual-size:
   *
   * The size of the disk, in bytes.
   *
   * Since: 1.0
   */
  props[PROP_VIRTUAL_SIZE] = g_param_spec_int64 (
      "virtual-size", "Virtual size", "The size of the disk, in bytes", -1, G_MAXINT64, -1, flags);

  /**
   * VckBackupDisk:bytes:
   *
   * How much was copied, in bytes.
   *
   * Since: 1.0
   */
  props[PROP_BYTES] = g_param_spec_int64 ("bytes", "Bytes", "How much was copied, in bytes", -1,
                                          G_MAXINT64, -1, flags);

  /**
   * VckBackupDisk:file-size:
   *
   * The size of the file, in bytes.
   *
   * Since: 1.0
   */
  props[PROP_FILE_SIZE] = g_param_spec_int64 (
      "file-size", "File size", "The size of the file, in bytes", -1, G_MAXINT64, -1, flags);

  /**
   * VckBackupDisk:sha256:
   *
   * The SHA-256 of the file; %NULL if it was not calculated yet.
   *
   * Since: 1.0
   */
  props[PROP_SHA256] =
      g_param_spec_string ("sha256", "SHA-256", "The SHA-256 of the file", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_backup_disk_init (VckBackupDisk *self)
{
}

VckcBackupDisk *
vck_backup_disk_get_handle (VckBackupDisk *self)
{
  return self->handle;
}

VckBackupDisk *
vck_backup_disk_wrap (gpointer origin, VckcBackupDisk *handle)
{
  VckBackupDisk *self = g_object_new (VCK_TYPE_BACKUP_DISK, NULL);

  self->handle = handle;
  return self;
}
