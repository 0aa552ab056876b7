/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckDeletePlanBitmap:
 *
 * What deleting a checkpoint would do to a bitmap, as [method@DeletePlan.list_bitmaps] listed it.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckDeletePlanBitmap
{
  GObject parent_instance;

  VckcDeletePlanBitmap *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_NAME = 1,
  PROP_CHECKPOINT,
  PROP_DISK,
  PROP_SOURCE,
  PROP_REMOVED,
  PROP_REASON,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckDeletePlanBitmap, vck_delete_plan_bitmap, G_TYPE_OBJECT)

static void
vck_delete_plan_bitmap_finalize (GObject *object)
{
  VckDeletePlanBitmap *self = VCK_DELETE_PLAN_BITMAP (object);

  if (self->handle != NULL)
    vckc_delete_plan_bitmap_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_delete_plan_bitmap_parent_class)->finalize (object);
}

static void
vck_delete_plan_bitmap_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcDeletePlanBitmap *handle = VCK_DELETE_PLAN_BITMAP (object)->handle;

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, vckc_delete_plan_bitmap_get_name (handle, NULL));
      break;
    case PROP_CHECKPOINT:
      g_value_set_string (value, vckc_delete_plan_bitmap_get_checkpoint (handle, NULL));
      break;
    case PROP_DISK:
      g_value_set_string (value, vckc_delete_plan_bitmap_get_disk (handle, NULL));
      break;
    case PROP_SOURCE:
      g_value_set_string (value, vckc_delete_plan_bitmap_get_source (handle, NULL));
      break;
    case PROP_REMOVED:
      g_value_set_boolean (value, vckc_delete_plan_bitmap_is_removed (handle, NULL));
      break;
    case PROP_REASON:
      g_value_set_string (value, vckc_delete_plan_bitmap_get_reason (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_delete_plan_bitmap_class_init (VckDeletePlanBitmapClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_delete_plan_bitmap_finalize;
  object_class->get_property = vck_delete_plan_bitmap_get_property;

  /**
   * VckDeletePlanBitmap:name:
   *
   * The name of the bitmap.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", "Name", "The name of the bitmap", NULL, flags);

  /**
   * VckDeletePlanBitmap:checkpoint:
   *
   * The name of the checkpoint that has it.
   *
   * Since: 1.0
   */
  props[PROP_CHECKPOINT] = g_param_spec_string (
      "checkpoint", "Checkpoint", "The name of the checkpoint that has it", NULL, flags);

  /**
   * VckDeletePlanBitmap:disk:
   *
   * The name of its disk inside the domain, such as `vda`.
   *
   * Since: 1.0
   */
  props[PROP_DISK] =
      g_param_spec_string ("disk", "Disk", "The name of its disk inside the domain", NULL, flags);

  /**
   * VckDeletePlanBitmap:source:
   *
   * The path of the image of its disk; %NULL if the domain does not have the disk any more, or the
   * disk has no image that is a file.
   *
   * Since: 1.0
   */
  props[PROP_SOURCE] =
      g_param_spec_string ("source", "Source", "The path of the image of its disk", NULL, flags);

  /**
   * VckDeletePlanBitmap:removed:
   *
   * Whether it would be removed.
   *
   * Since: 1.0
   */
  props[PROP_REMOVED] =
      g_param_spec_boolean ("removed", "Removed", "Whether it would be removed", FALSE, flags);

  /**
   * VckDeletePlanBitmap:reason:
   *
   * Why it would be left, human-readable: only the metadata is deleted, or the domain does not have
   * its image any more. %NULL if it would be removed.
   *
   * Since: 1.0
   */
  props[PROP_REASON] =
      g_param_spec_string ("reason", "Reason", "Why it would be left, human-readable", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_delete_plan_bitmap_init (VckDeletePlanBitmap *self)
{
}

VckcDeletePlanBitmap *
vck_delete_plan_bitmap_get_handle (VckDeletePlanBitmap *self)
{
  return self->handle;
}

VckDeletePlanBitmap *
vck_delete_plan_bitmap_wrap (gpointer origin, VckcDeletePlanBitmap *handle)
{
  VckDeletePlanBitmap *self = g_object_new (VCK_TYPE_DELETE_PLAN_BITMAP, NULL);

  self->handle = handle;
  return self;
}
