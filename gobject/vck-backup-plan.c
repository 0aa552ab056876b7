/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckBackupPlan:
 *
 * What a backup of a domain would copy, as [method@Repository.plan_backup] found it.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckBackupPlan
{
  GObject parent_instance;

  VckcBackupPlan *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_BYTES = 1,
  PROP_ROOM_NEEDED,
  PROP_ROOM_FREE,
  PROP_NEEDED,
  PROP_LEFT_OUT,
  PROP_MODE,
  PROP_WHY_PULL,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckBackupPlan, vck_backup_plan, G_TYPE_OBJECT)

static void
vck_backup_plan_finalize (GObject *object)
{
  VckBackupPlan *self = VCK_BACKUP_PLAN (object);

  if (self->handle != NULL)
    vckc_backup_plan_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_backup_plan_parent_class)->finalize (object);
}

static void
vck_backup_plan_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcBackupPlan *handle = VCK_BACKUP_PLAN (object)->handle;

  switch (id)
    {
    case PROP_BYTES:
      g_value_set_int64 (value, vckc_backup_plan_get_bytes (handle, NULL));
      break;
    case PROP_ROOM_NEEDED:
      g_value_set_int64 (value, vckc_backup_plan_get_room_needed (handle, NULL));
      break;
    case PROP_ROOM_FREE:
      g_value_set_int64 (value, vckc_backup_plan_get_room_free (handle, NULL));
      break;
    case PROP_NEEDED:
      g_value_set_boolean (value, vckc_backup_plan_is_needed (handle, NULL));
      break;
    case PROP_LEFT_OUT:
      g_value_set_string (value, vckc_backup_plan_get_left_out (handle, NULL));
      break;
    case PROP_MODE:
      g_value_set_enum (value, (int) vckc_backup_plan_get_mode (handle, NULL));
      break;
    case PROP_WHY_PULL:
      g_value_set_string (value, vckc_backup_plan_get_why_pull (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_backup_plan_class_init (VckBackupPlanClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_backup_plan_finalize;
  object_class->get_property = vck_backup_plan_get_property;

  /**
   * VckBackupPlan:bytes:
   *
   * How much is copied at most, of all disks together, in bytes.
   *
   * Since: 1.0
   */
  props[PROP_BYTES] = g_param_spec_int64 (
      "bytes", "Bytes", "How much is copied at most, of all disks together, in bytes", -1,
      G_MAXINT64, -1, flags);

  /**
   * VckBackupPlan:room-needed:
   *
   * How much room the backup takes in the store at most, in bytes.
   *
   * Since: 1.0
   */
  props[PROP_ROOM_NEEDED] = g_param_spec_int64 (
      "room-needed", "Room needed", "How much room the backup takes in the store at most, in bytes",
      -1, G_MAXINT64, -1, flags);

  /**
   * VckBackupPlan:room-free:
   *
   * How much room there is where the store is, in bytes.
   *
   * Since: 1.0
   */
  props[PROP_ROOM_FREE] = g_param_spec_int64 ("room-free", "Room free",
                                              "How much room there is where the store is, in bytes",
                                              -1, G_MAXINT64, -1, flags);

  /**
   * VckBackupPlan:needed:
   *
   * Whether there is enough to copy for a backup to be made.
   *
   * Since: 1.0
   */
  props[PROP_NEEDED] = g_param_spec_boolean (
      "needed", "Needed", "Whether there is enough to copy for a backup to be made", FALSE, flags);

  /**
   * VckBackupPlan:left-out:
   *
   * Which disks of the domain are not in the plan, and why, human-readable: see
   * [method@BackupPlan.get_left_out]. %NULL if all are.
   *
   * Since: 1.0
   */
  props[PROP_LEFT_OUT] = g_param_spec_string (
      "left-out", "Left out",
      "Which disks of the domain are not in the plan, and why, human-readable", NULL, flags);

  /**
   * VckBackupPlan:mode:
   *
   * How the data gets into the store: written by QEMU or, in pull mode, read by this process.
   *
   * Since: 1.0
   */
  props[PROP_MODE] = g_param_spec_enum ("mode", "Mode", "How the data gets into the store",
                                        VCK_TYPE_BACKUP_MODE, VCK_BACKUP_MODE_PUSH, flags);

  /**
   * VckBackupPlan:why-pull:
   *
   * Why this process has to read the data, human-readable; %NULL if QEMU writes it.
   *
   * Since: 1.0
   */
  props[PROP_WHY_PULL] = g_param_spec_string (
      "why-pull", "Why pull", "Why this process has to read the data, human-readable", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_backup_plan_init (VckBackupPlan *self)
{
}

/**
 * vck_backup_plan_list_disks:
 * @self: a plan
 *
 * Lists the disks of the plan. It never blocks.
 *
 * Returns: (transfer container) (element-type VckBackupPlanDisk): the disks, in order
 *
 * Since: 1.0
 */
GPtrArray *
vck_backup_plan_list_disks (VckBackupPlan *self)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func (g_object_unref);
  VckcBackupPlanDisk **disks = NULL;
  int n_disks = 0;

  g_return_val_if_fail (VCK_IS_BACKUP_PLAN (self), NULL);

  n_disks = vckc_backup_plan_list_disks (self->handle, &disks, NULL);
  for (int i = 0; i < n_disks; i++)
    g_ptr_array_add (objects, vck_backup_plan_disk_wrap (self, disks[i]));
  g_free (disks);
  return g_steal_pointer (&objects);
}

VckcBackupPlan *
vck_backup_plan_get_handle (VckBackupPlan *self)
{
  return self->handle;
}

VckBackupPlan *
vck_backup_plan_wrap (gpointer origin, VckcBackupPlan *handle)
{
  VckBackupPlan *self = g_object_new (VCK_TYPE_BACKUP_PLAN, NULL);

  self->handle = handle;
  return self;
}
