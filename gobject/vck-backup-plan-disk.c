/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckBackupPlanDisk:
 *
 * What a backup would copy of one disk, as [method@BackupPlan.list_disks] listed it.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckBackupPlanDisk
{
  GObject parent_instance;

  VckcBackupPlanDisk *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_TARGET = 1,
  PROP_BASE,
  PROP_WHY_FULL,
  PROP_NOTE,
  PROP_VIRTUAL_SIZE,
  PROP_BYTES,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckBackupPlanDisk, vck_backup_plan_disk, G_TYPE_OBJECT)

static void
vck_backup_plan_disk_finalize (GObject *object)
{
  VckBackupPlanDisk *self = VCK_BACKUP_PLAN_DISK (object);

  if (self->handle != NULL)
    vckc_backup_plan_disk_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_backup_plan_disk_parent_class)->finalize (object);
}

static void
vck_backup_plan_disk_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcBackupPlanDisk *handle = VCK_BACKUP_PLAN_DISK (object)->handle;

  switch (id)
    {
    case PROP_TARGET:
      g_value_set_string (value, vckc_backup_plan_disk_get_target (handle, NULL));
      break;
    case PROP_BASE:
      g_value_set_string (value, vckc_backup_plan_disk_get_base (handle, NULL));
      break;
    case PROP_WHY_FULL:
      g_value_set_string (value, vckc_backup_plan_disk_get_why_full (handle, NULL));
      break;
    case PROP_NOTE:
      g_value_set_string (value, vckc_backup_plan_disk_get_note (handle, NULL));
      break;
    case PROP_VIRTUAL_SIZE:
      g_value_set_int64 (value, vckc_backup_plan_disk_get_virtual_size (handle, NULL));
      break;
    case PROP_BYTES:
      g_value_set_int64 (value, vckc_backup_plan_disk_get_bytes (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_backup_plan_disk_class_init (VckBackupPlanDiskClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_backup_plan_disk_finalize;
  object_class->get_property = vck_backup_plan_disk_get_property;

  /**
   * VckBackupPlanDisk:target:
   *
   * The target name of the disk, such as `vda`.
   *
   * Since: 1.0
   */
  props[PROP_TARGET] = g_param_spec_string (
      "target", "Target", "The target name of the disk, such as vda", NULL, flags);

  /**
   * VckBackupPlanDisk:base:
   *
   * The id of the backup that it is based on; %NULL if it is copied in full.
   *
   * Since: 1.0
   */
  props[PROP_BASE] =
      g_param_spec_string ("base", "Base", "The id of the backup that it is based on", NULL, flags);

  /**
   * VckBackupPlanDisk:why-full:
   *
   * Why the disk is copied in full, human-readable; %NULL if it is not.
   *
   * Since: 1.0
   */
  props[PROP_WHY_FULL] = g_param_spec_string (
      "why-full", "Why full", "Why the disk is copied in full, human-readable", NULL, flags);

  /**
   * VckBackupPlanDisk:note:
   *
   * What could not be checked of it, human-readable; %NULL if all was checked.
   *
   * Since: 1.0
   */
  props[PROP_NOTE] = g_param_spec_string (
      "note", "Note", "What could not be checked of it, human-readable", NULL, flags);

  /**
   * VckBackupPlanDisk:virtual-size:
   *
   * The size of the disk, in bytes.
   *
   * Since: 1.0
   */
  props[PROP_VIRTUAL_SIZE] = g_param_spec_int64 (
      "virtual-size", "Virtual size", "The size of the disk, in bytes", -1, G_MAXINT64, -1, flags);

  /**
   * VckBackupPlanDisk:bytes:
   *
   * How much of it is copied at most, in bytes.
   *
   * Since: 1.0
   */
  props[PROP_BYTES] = g_param_spec_int64 (
      "bytes", "Bytes", "How much of it is copied at most, in bytes", -1, G_MAXINT64, -1, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_backup_plan_disk_init (VckBackupPlanDisk *self)
{
}

VckcBackupPlanDisk *
vck_backup_plan_disk_get_handle (VckBackupPlanDisk *self)
{
  return self->handle;
}

VckBackupPlanDisk *
vck_backup_plan_disk_wrap (gpointer origin, VckcBackupPlanDisk *handle)
{
  VckBackupPlanDisk *self = g_object_new (VCK_TYPE_BACKUP_PLAN_DISK, NULL);

  self->handle = handle;
  return self;
}
