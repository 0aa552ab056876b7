/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckCheckpointPlan:
 *
 * What creating a checkpoint would do, as [method@Domain.plan_checkpoint] found it.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckCheckpointPlan
{
  GObject parent_instance;

  VckcCheckpointPlan *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_NAME = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckCheckpointPlan, vck_checkpoint_plan, G_TYPE_OBJECT)

static void
vck_checkpoint_plan_finalize (GObject *object)
{
  VckCheckpointPlan *self = VCK_CHECKPOINT_PLAN (object);

  if (self->handle != NULL)
    vckc_checkpoint_plan_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_checkpoint_plan_parent_class)->finalize (object);
}

static void
vck_checkpoint_plan_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcCheckpointPlan *handle = VCK_CHECKPOINT_PLAN (object)->handle;

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, vckc_checkpoint_plan_get_name (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_checkpoint_plan_class_init (VckCheckpointPlanClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_checkpoint_plan_finalize;
  object_class->get_property = vck_checkpoint_plan_get_property;

  /**
   * VckCheckpointPlan:name:
   *
   * The name that the checkpoint would have; %NULL if it is chosen when the checkpoint is created.
   *
   * Since: 1.0
   */
  props[PROP_NAME] =
      g_param_spec_string ("name", "Name", "The name that the checkpoint would have", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_checkpoint_plan_init (VckCheckpointPlan *self)
{
}

/**
 * vck_checkpoint_plan_list_disks:
 * @self: a plan
 *
 * Lists all disks of the domain, with those that would not be tracked. It never blocks.
 *
 * Returns: (transfer container) (element-type VckCheckpointPlanDisk): the disks, in order
 *
 * Since: 1.0
 */
GPtrArray *
vck_checkpoint_plan_list_disks (VckCheckpointPlan *self)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func (g_object_unref);
  VckcCheckpointPlanDisk **disks = NULL;
  int n_disks = 0;

  g_return_val_if_fail (VCK_IS_CHECKPOINT_PLAN (self), NULL);

  n_disks = vckc_checkpoint_plan_list_disks (self->handle, &disks, NULL);
  for (int i = 0; i < n_disks; i++)
    g_ptr_array_add (objects, vck_checkpoint_plan_disk_wrap (self, disks[i]));
  g_free (disks);
  return g_steal_pointer (&objects);
}

VckcCheckpointPlan *
vck_checkpoint_plan_get_handle (VckCheckpointPlan *self)
{
  return self->handle;
}

VckCheckpointPlan *
vck_checkpoint_plan_wrap (gpointer origin, VckcCheckpointPlan *handle)
{
  VckCheckpointPlan *self = g_object_new (VCK_TYPE_CHECKPOINT_PLAN, NULL);

  self->handle = handle;
  return self;
}
