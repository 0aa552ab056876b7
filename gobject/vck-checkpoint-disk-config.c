/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-config.h"

/**
 * VckCheckpointDiskConfig:
 *
 * What a [class@CheckpointConfig] says of one disk.
 *
 * It never changes: [method@CheckpointConfig.track] and [method@CheckpointConfig.skip] put
 * another one into the configuration. It may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckCheckpointDiskConfig
{
  GObject parent_instance;

  char *target;     /* immutable */
  gboolean tracked; /* immutable */
  char *bitmap;     /* (nullable); immutable */
};

enum
{
  PROP_TARGET = 1,
  PROP_TRACKED,
  PROP_BITMAP,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckCheckpointDiskConfig, vck_checkpoint_disk_config, G_TYPE_OBJECT)

static void
vck_checkpoint_disk_config_finalize (GObject *object)
{
  VckCheckpointDiskConfig *self = VCK_CHECKPOINT_DISK_CONFIG (object);

  g_free (self->target);
  g_free (self->bitmap);

  G_OBJECT_CLASS (vck_checkpoint_disk_config_parent_class)->finalize (object);
}

static void
vck_checkpoint_disk_config_get_property (GObject *object,
                                         guint id,
                                         GValue *value,
                                         GParamSpec *pspec)
{
  VckCheckpointDiskConfig *self = VCK_CHECKPOINT_DISK_CONFIG (object);

  switch (id)
    {
    case PROP_TARGET:
      g_value_set_string (value, self->target);
      break;
    case PROP_TRACKED:
      g_value_set_boolean (value, self->tracked);
      break;
    case PROP_BITMAP:
      g_value_set_string (value, self->bitmap);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_checkpoint_disk_config_class_init (VckCheckpointDiskConfigClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_checkpoint_disk_config_finalize;
  object_class->get_property = vck_checkpoint_disk_config_get_property;

  /**
   * VckCheckpointDiskConfig:target:
   *
   * The name of the disk inside the domain, such as `vda`, or the absolute path of its image.
   *
   * Since: 1.0
   */
  props[PROP_TARGET] = g_param_spec_string (
      "target", "Target", "The name of the disk inside the domain, or the path of its image", NULL,
      flags);

  /**
   * VckCheckpointDiskConfig:tracked:
   *
   * Whether the checkpoint tracks the disk.
   *
   * Since: 1.0
   */
  props[PROP_TRACKED] = g_param_spec_boolean (
      "tracked", "Tracked", "Whether the checkpoint tracks the disk", FALSE, flags);

  /**
   * VckCheckpointDiskConfig:bitmap:
   *
   * The name of the bitmap; %NULL for that of the checkpoint, or if the disk is not tracked.
   *
   * Since: 1.0
   */
  props[PROP_BITMAP] = g_param_spec_string (
      "bitmap", "Bitmap", "The name of the bitmap, if it is not that of the checkpoint", NULL,
      flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_checkpoint_disk_config_init (VckCheckpointDiskConfig *self)
{
}

VckCheckpointDiskConfig *
vck_checkpoint_disk_config_new (const char *target, gboolean tracked, const char *bitmap)
{
  VckCheckpointDiskConfig *self = g_object_new (VCK_TYPE_CHECKPOINT_DISK_CONFIG, NULL);

  self->target = g_strdup (target);
  self->tracked = tracked;
  self->bitmap = g_strdup (bitmap);
  return self;
}

/**
 * vck_checkpoint_disk_config_get_target:
 * @self: what a configuration says of a disk
 *
 * Gets the name of the disk inside the domain, or the absolute path of its image.
 *
 * Returns: (transfer none) (nullable): the target, which lives as long as @self; %NULL only for an
 *   object that came from no configuration
 *
 * Since: 1.0
 */
const char *
vck_checkpoint_disk_config_get_target (VckCheckpointDiskConfig *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_DISK_CONFIG (self), NULL);

  return self->target;
}

/**
 * vck_checkpoint_disk_config_is_tracked:
 * @self: what a configuration says of a disk
 *
 * Gets whether the checkpoint tracks the disk.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
vck_checkpoint_disk_config_is_tracked (VckCheckpointDiskConfig *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_DISK_CONFIG (self), FALSE);

  return self->tracked;
}

/**
 * vck_checkpoint_disk_config_get_bitmap:
 * @self: what a configuration says of a disk
 *
 * Gets the name of the bitmap.
 *
 * Returns: (transfer none) (nullable): the name, which lives as long as @self; %NULL for that of
 *   the checkpoint, or if the disk is not tracked
 *
 * Since: 1.0
 */
const char *
vck_checkpoint_disk_config_get_bitmap (VckCheckpointDiskConfig *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_DISK_CONFIG (self), NULL);

  return self->bitmap;
}
