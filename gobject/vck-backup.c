/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckBackup:
 *
 * One backup of a domain in a store, as [method@Repository.list_backups] found it.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckBackup
{
  GObject parent_instance;

  VckcBackup *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_ID = 1,
  PROP_DOMAIN_UUID,
  PROP_DOMAIN_NAME,
  PROP_TIME,
  PROP_LABEL,
  PROP_CHECKPOINT,
  PROP_SIZE,
  PROP_PROBLEM,
  PROP_LEFT_OUT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckBackup, vck_backup, G_TYPE_OBJECT)

static void
vck_backup_finalize (GObject *object)
{
  VckBackup *self = VCK_BACKUP (object);

  if (self->handle != NULL)
    vckc_backup_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_backup_parent_class)->finalize (object);
}

static void
vck_backup_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcBackup *handle = VCK_BACKUP (object)->handle;

  switch (id)
    {
    case PROP_ID:
      g_value_set_string (value, vckc_backup_get_id (handle, NULL));
      break;
    case PROP_DOMAIN_UUID:
      g_value_set_string (value, vckc_backup_get_domain_uuid (handle, NULL));
      break;
    case PROP_DOMAIN_NAME:
      g_value_set_string (value, vckc_backup_get_domain_name (handle, NULL));
      break;
    case PROP_TIME:
      g_value_set_int64 (value, vckc_backup_get_time (handle, NULL));
      break;
    case PROP_LABEL:
      g_value_set_string (value, vckc_backup_get_label (handle, NULL));
      break;
    case PROP_CHECKPOINT:
      g_value_set_string (value, vckc_backup_get_checkpoint (handle, NULL));
      break;
    case PROP_SIZE:
      g_value_set_int64 (value, vckc_backup_get_size (handle, NULL));
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, vckc_backup_get_problem (handle, NULL));
      break;
    case PROP_LEFT_OUT:
      g_value_set_string (value, vckc_backup_get_left_out (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_backup_class_init (VckBackupClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_backup_finalize;
  object_class->get_property = vck_backup_get_property;

  /**
   * VckBackup:id:
   *
   * The id: the time in UTC and a random number.
   *
   * Since: 1.0
   */
  props[PROP_ID] = g_param_spec_string ("id", "Id", "The id of the backup", NULL, flags);

  /**
   * VckBackup:domain-uuid:
   *
   * The UUID of the domain.
   *
   * Since: 1.0
   */
  props[PROP_DOMAIN_UUID] =
      g_param_spec_string ("domain-uuid", "Domain UUID", "The UUID of the domain", NULL, flags);

  /**
   * VckBackup:domain-name:
   *
   * The name that the domain had; %NULL if the manifest is damaged.
   *
   * Since: 1.0
   */
  props[PROP_DOMAIN_NAME] = g_param_spec_string ("domain-name", "Domain name",
                                                 "The name that the domain had", NULL, flags);

  /**
   * VckBackup:time:
   *
   * The time of which the disks have the content, in seconds since 1970 in UTC; -1 if the
   * manifest is damaged.
   *
   * Since: 1.0
   */
  props[PROP_TIME] = g_param_spec_int64 (
      "time", "Time", "The time of which the disks have the content, in seconds since 1970 in UTC",
      -1, G_MAXINT64, -1, flags);

  /**
   * VckBackup:label:
   *
   * What the user wrote about it; %NULL if that is nothing.
   *
   * Since: 1.0
   */
  props[PROP_LABEL] =
      g_param_spec_string ("label", "Label", "What the user wrote about the backup", NULL, flags);

  /**
   * VckBackup:checkpoint:
   *
   * The name of the checkpoint that was made at that time; %NULL if none was made.
   *
   * Since: 1.0
   */
  props[PROP_CHECKPOINT] =
      g_param_spec_string ("checkpoint", "Checkpoint",
                           "The name of the checkpoint that was made at that time", NULL, flags);

  /**
   * VckBackup:size:
   *
   * The size of its images, without those that they are based on, in bytes; -1 if the manifest is
   * damaged.
   *
   * Since: 1.0
   */
  props[PROP_SIZE] = g_param_spec_int64 (
      "size", "Size", "The size of its images, without those that they are based on, in bytes", -1,
      G_MAXINT64, -1, flags);

  /**
   * VckBackup:problem:
   *
   * Why the backup cannot be used, human-readable; %NULL if its manifest is sound.
   *
   * Since: 1.0
   */
  props[PROP_PROBLEM] = g_param_spec_string (
      "problem", "Problem", "Why the backup cannot be used, human-readable", NULL, flags);

  /**
   * VckBackup:left-out:
   *
   * Which disks of the domain are not in the backup, and why, human-readable: see
   * [method@Backup.get_left_out]. %NULL if all are.
   *
   * Since: 1.0
   */
  props[PROP_LEFT_OUT] = g_param_spec_string (
      "left-out", "Left out",
      "Which disks of the domain are not in the backup, and why, human-readable", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_backup_init (VckBackup *self)
{
}

/**
 * vck_backup_list_disks:
 * @self: a backup
 *
 * Lists the disks of the backup; none if its manifest is damaged. It never blocks.
 *
 * Returns: (transfer container) (element-type VckBackupDisk): the disks, in order
 *
 * Since: 1.0
 */
GPtrArray *
vck_backup_list_disks (VckBackup *self)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func (g_object_unref);
  VckcBackupDisk **disks = NULL;
  int n_disks = 0;

  g_return_val_if_fail (VCK_IS_BACKUP (self), NULL);

  n_disks = vckc_backup_list_disks (self->handle, &disks, NULL);
  for (int i = 0; i < n_disks; i++)
    g_ptr_array_add (objects, vck_backup_disk_wrap (self, disks[i]));
  g_free (disks);
  return g_steal_pointer (&objects);
}

VckcBackup *
vck_backup_get_handle (VckBackup *self)
{
  return self->handle;
}

VckBackup *
vck_backup_wrap (gpointer origin, VckcBackup *handle)
{
  VckBackup *self = g_object_new (VCK_TYPE_BACKUP, NULL);

  self->handle = handle;
  return self;
}
