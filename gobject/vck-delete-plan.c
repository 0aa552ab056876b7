/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckDeletePlan:
 *
 * What deleting a checkpoint would do, as [method@Checkpoint.plan_delete] found it: which
 * checkpoints would go, and what would become of their bitmaps.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckDeletePlan
{
  GObject parent_instance;

  /* Immutable, and NULL without wrap(): */
  VckcDeletePlan *handle; /* owned reference */
  GPtrArray *checkpoints; /* of VckCheckpoint; owned */
};

G_DEFINE_FINAL_TYPE (VckDeletePlan, vck_delete_plan, G_TYPE_OBJECT)

static void
vck_delete_plan_finalize (GObject *object)
{
  VckDeletePlan *self = VCK_DELETE_PLAN (object);

  g_clear_pointer (&self->checkpoints, g_ptr_array_unref);
  if (self->handle != NULL)
    vckc_delete_plan_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_delete_plan_parent_class)->finalize (object);
}

static void
vck_delete_plan_class_init (VckDeletePlanClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = vck_delete_plan_finalize;
}

static void
vck_delete_plan_init (VckDeletePlan *self)
{
}

/**
 * vck_delete_plan_list_checkpoints:
 * @self: a plan
 *
 * Lists the checkpoints that would go, parents before children. It never blocks.
 *
 * Returns: (transfer container) (element-type VckCheckpoint): the checkpoints
 *
 * Since: 1.0
 */
GPtrArray *
vck_delete_plan_list_checkpoints (VckDeletePlan *self)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_val_if_fail (VCK_IS_DELETE_PLAN (self), NULL);

  for (guint i = 0; self->checkpoints != NULL && i < self->checkpoints->len; i++)
    g_ptr_array_add (objects, g_object_ref (g_ptr_array_index (self->checkpoints, i)));
  return g_steal_pointer (&objects);
}

/**
 * vck_delete_plan_list_bitmaps:
 * @self: a plan
 *
 * Lists the bitmaps of the checkpoints that would go, with those that would be left. No other
 * bitmap is changed: each checkpoint has bitmaps of its own, and none is merged into another one.
 * It never blocks.
 *
 * Returns: (transfer container) (element-type VckDeletePlanBitmap): the bitmaps, in the order of
 * the checkpoints
 *
 * Since: 1.0
 */
GPtrArray *
vck_delete_plan_list_bitmaps (VckDeletePlan *self)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func (g_object_unref);
  VckcDeletePlanBitmap **bitmaps = NULL;
  int n_bitmaps = 0;

  g_return_val_if_fail (VCK_IS_DELETE_PLAN (self), NULL);

  n_bitmaps = vckc_delete_plan_list_bitmaps (self->handle, &bitmaps, NULL);
  for (int i = 0; i < n_bitmaps; i++)
    g_ptr_array_add (objects, vck_delete_plan_bitmap_wrap (self, bitmaps[i]));
  g_free (bitmaps);
  return g_steal_pointer (&objects);
}

VckcDeletePlan *
vck_delete_plan_get_handle (VckDeletePlan *self)
{
  return self->handle;
}

VckDeletePlan *
vck_delete_plan_wrap (gpointer checkpoint, VckcDeletePlan *handle)
{
  VckDeletePlan *self = g_object_new (VCK_TYPE_DELETE_PLAN, NULL);
  VckcDomainCheckpoint **checkpoints = NULL;
  const int count = vckc_delete_plan_list_checkpoints (handle, &checkpoints, NULL);

  self->handle = handle;
  self->checkpoints = g_ptr_array_new_with_free_func (g_object_unref);
  for (int i = 0; i < count; i++)
    g_ptr_array_add (self->checkpoints, vck_checkpoint_wrap (checkpoint, checkpoints[i]));
  g_free (checkpoints);
  return self;
}
