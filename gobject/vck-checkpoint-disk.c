/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckCheckpointDisk:
 *
 * What a checkpoint does with one disk of its domain, as it was when
 * [method@Checkpoint.list_disks] or [method@Domain.measure_checkpoints] was called.
 *
 * It never changes: list the disks again to see what is new. It may be used from any
 * thread.
 *
 * Since: 1.0
 */
struct _VckCheckpointDisk
{
  GObject parent_instance;

  VckcDomainCheckpointDisk *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_CHECKPOINT = 1,
  PROP_NAME,
  PROP_TRACKED,
  PROP_BITMAP,
  PROP_SIZE,
  PROP_STATE,
  PROP_CAPACITY,
  PROP_GRANULARITY,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckCheckpointDisk, vck_checkpoint_disk, G_TYPE_OBJECT)

static void
vck_checkpoint_disk_finalize (GObject *object)
{
  VckCheckpointDisk *self = VCK_CHECKPOINT_DISK (object);

  if (self->handle != NULL)
    vckc_domain_checkpoint_disk_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_checkpoint_disk_parent_class)->finalize (object);
}

static void
vck_checkpoint_disk_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcDomainCheckpointDisk *handle = VCK_CHECKPOINT_DISK (object)->handle;

  switch (id)
    {
    case PROP_CHECKPOINT:
      g_value_set_string (value, vckc_domain_checkpoint_disk_get_checkpoint (handle, NULL));
      break;
    case PROP_NAME:
      g_value_set_string (value, vckc_domain_checkpoint_disk_get_name (handle, NULL));
      break;
    case PROP_TRACKED:
      g_value_set_boolean (value, vckc_domain_checkpoint_disk_is_tracked (handle, NULL));
      break;
    case PROP_BITMAP:
      g_value_set_string (value, vckc_domain_checkpoint_disk_get_bitmap (handle, NULL));
      break;
    case PROP_SIZE:
      g_value_set_int64 (value, vckc_domain_checkpoint_disk_get_size (handle, NULL));
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) vckc_domain_checkpoint_disk_get_state (handle, NULL));
      break;
    case PROP_CAPACITY:
      g_value_set_int64 (value, vckc_domain_checkpoint_disk_get_capacity (handle, NULL));
      break;
    case PROP_GRANULARITY:
      g_value_set_int64 (value, vckc_domain_checkpoint_disk_get_granularity (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_checkpoint_disk_class_init (VckCheckpointDiskClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_checkpoint_disk_finalize;
  object_class->get_property = vck_checkpoint_disk_get_property;

  /**
   * VckCheckpointDisk:checkpoint:
   *
   * The name of the checkpoint.
   *
   * Since: 1.0
   */
  props[PROP_CHECKPOINT] =
      g_param_spec_string ("checkpoint", "Checkpoint", "The name of the checkpoint", NULL, flags);

  /**
   * VckCheckpointDisk:name:
   *
   * The name of the disk inside the domain, such as `vda`.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string (
      "name", "Name", "The name of the disk inside the domain, such as vda", NULL, flags);

  /**
   * VckCheckpointDisk:tracked:
   *
   * Whether the checkpoint tracks the disk.
   *
   * Since: 1.0
   */
  props[PROP_TRACKED] = g_param_spec_boolean (
      "tracked", "Tracked", "Whether the checkpoint tracks the disk", FALSE, flags);

  /**
   * VckCheckpointDisk:bitmap:
   *
   * The name of the dirty bitmap in the image of the disk; %NULL if the disk is not
   * tracked.
   *
   * Since: 1.0
   */
  props[PROP_BITMAP] = g_param_spec_string (
      "bitmap", "Bitmap", "The name of the dirty bitmap in the image of the disk", NULL, flags);

  /**
   * VckCheckpointDisk:size:
   *
   * How much was written to the disk since the checkpoint, in bytes, rounded up to the
   * granularity of the bitmap. -1 if it was not requested, the disk is not tracked, or its
   * bitmap is missing or broken.
   *
   * Since: 1.0
   */
  props[PROP_SIZE] = g_param_spec_int64 (
      "size", "Size", "How much was written to the disk since the checkpoint, in bytes", -1,
      G_MAXINT64, -1, flags);

  /**
   * VckCheckpointDisk:state:
   *
   * Whether what the checkpoint says of the disk can be trusted, as far as it was checked;
   * %VCK_CHECKPOINT_STATE_UNTRACKED if the checkpoint does not track it.
   *
   * Since: 1.0
   */
  props[PROP_STATE] = g_param_spec_enum (
      "state", "State",
      "Whether what the checkpoint says of the disk can be trusted, as far as it was checked",
      VCK_TYPE_CHECKPOINT_STATE, VCK_CHECKPOINT_STATE_UNKNOWN, flags);

  /**
   * VckCheckpointDisk:capacity:
   *
   * How large the disk was when the checkpoint was made or last redefined, in bytes; -1 if it is
   * not tracked or that is not known, as with libvirt. If it has another size now, measuring finds
   * it %VCK_CHECKPOINT_STATE_RESIZED.
   *
   * Since: 1.0
   */
  props[PROP_CAPACITY] = g_param_spec_int64 (
      "capacity", "Capacity", "How large the disk was when the checkpoint was made, in bytes", -1,
      G_MAXINT64, -1, flags);

  /**
   * VckCheckpointDisk:granularity:
   *
   * How many bytes of the disk one bit of the bitmap stands for, a power of two; -1 if the disk is
   * not tracked or that is not known, as with libvirt.
   *
   * Since: 1.0
   */
  props[PROP_GRANULARITY] = g_param_spec_int64 (
      "granularity", "Granularity", "How many bytes of the disk one bit of the bitmap stands for",
      -1, G_MAXINT64, -1, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_checkpoint_disk_init (VckCheckpointDisk *self)
{
}

VckcDomainCheckpointDisk *
vck_checkpoint_disk_get_handle (VckCheckpointDisk *self)
{
  return self->handle;
}

VckCheckpointDisk *
vck_checkpoint_disk_wrap (gpointer origin, VckcDomainCheckpointDisk *handle)
{
  VckCheckpointDisk *self = g_object_new (VCK_TYPE_CHECKPOINT_DISK, NULL);

  self->handle = handle;
  return self;
}
