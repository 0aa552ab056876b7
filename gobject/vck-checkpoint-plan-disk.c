/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckCheckpointPlanDisk:
 *
 * Whether a checkpoint would track a disk, as [method@CheckpointPlan.list_disks] listed it.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckCheckpointPlanDisk
{
  GObject parent_instance;

  VckcCheckpointPlanDisk *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_TARGET = 1,
  PROP_TRACKED,
  PROP_REASON,
  PROP_BITMAP,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckCheckpointPlanDisk, vck_checkpoint_plan_disk, G_TYPE_OBJECT)

static void
vck_checkpoint_plan_disk_finalize (GObject *object)
{
  VckCheckpointPlanDisk *self = VCK_CHECKPOINT_PLAN_DISK (object);

  if (self->handle != NULL)
    vckc_checkpoint_plan_disk_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_checkpoint_plan_disk_parent_class)->finalize (object);
}

static void
vck_checkpoint_plan_disk_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcCheckpointPlanDisk *handle = VCK_CHECKPOINT_PLAN_DISK (object)->handle;

  switch (id)
    {
    case PROP_TARGET:
      g_value_set_string (value, vckc_checkpoint_plan_disk_get_target (handle, NULL));
      break;
    case PROP_TRACKED:
      g_value_set_boolean (value, vckc_checkpoint_plan_disk_is_tracked (handle, NULL));
      break;
    case PROP_REASON:
      g_value_set_string (value, vckc_checkpoint_plan_disk_get_reason (handle, NULL));
      break;
    case PROP_BITMAP:
      g_value_set_string (value, vckc_checkpoint_plan_disk_get_bitmap (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_checkpoint_plan_disk_class_init (VckCheckpointPlanDiskClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_checkpoint_plan_disk_finalize;
  object_class->get_property = vck_checkpoint_plan_disk_get_property;

  /**
   * VckCheckpointPlanDisk:target:
   *
   * The name of the disk inside the domain, such as `vda`.
   *
   * Since: 1.0
   */
  props[PROP_TARGET] = g_param_spec_string ("target", "Target",
                                            "The name of the disk inside the domain", NULL, flags);

  /**
   * VckCheckpointPlanDisk:tracked:
   *
   * Whether the checkpoint would track it.
   *
   * Since: 1.0
   */
  props[PROP_TRACKED] = g_param_spec_boolean (
      "tracked", "Tracked", "Whether the checkpoint would track it", FALSE, flags);

  /**
   * VckCheckpointPlanDisk:reason:
   *
   * Why the checkpoint would not track it, human-readable: it cannot be tracked, or the
   * configuration leaves it out. %NULL if it would be tracked.
   *
   * Since: 1.0
   */
  props[PROP_REASON] = g_param_spec_string (
      "reason", "Reason", "Why the checkpoint would not track it, human-readable", NULL, flags);

  /**
   * VckCheckpointPlanDisk:bitmap:
   *
   * The name that its bitmap would have. %NULL if it would not be tracked, or if that is the name
   * of the checkpoint, which is chosen later.
   *
   * Since: 1.0
   */
  props[PROP_BITMAP] =
      g_param_spec_string ("bitmap", "Bitmap", "The name that its bitmap would have", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_checkpoint_plan_disk_init (VckCheckpointPlanDisk *self)
{
}

VckcCheckpointPlanDisk *
vck_checkpoint_plan_disk_get_handle (VckCheckpointPlanDisk *self)
{
  return self->handle;
}

VckCheckpointPlanDisk *
vck_checkpoint_plan_disk_wrap (gpointer origin, VckcCheckpointPlanDisk *handle)
{
  VckCheckpointPlanDisk *self = g_object_new (VCK_TYPE_CHECKPOINT_PLAN_DISK, NULL);

  self->handle = handle;
  return self;
}
