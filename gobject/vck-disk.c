/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckDisk:
 *
 * What is known of one disk of a domain, as it was when
 * [method@Domain.list_disks] was called.
 *
 * A disk never changes: list the disks again to see what is new. It may be used
 * from any thread.
 *
 * Since: 1.0
 */
struct _VckDisk
{
  GObject parent_instance;

  VckcDomainDisk *handle; /* owned reference; NULL without vck_disk_wrap(); immutable */
};

enum
{
  PROP_TARGET = 1,
  PROP_SOURCE,
  PROP_FORMAT,
  PROP_TRACKABLE,
  PROP_REASON,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckDisk, vck_disk, G_TYPE_OBJECT)

static void
vck_disk_finalize (GObject *object)
{
  VckDisk *self = VCK_DISK (object);

  if (self->handle != NULL)
    vckc_domain_disk_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_disk_parent_class)->finalize (object);
}

static void
vck_disk_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckDisk *self = VCK_DISK (object);

  switch (id)
    {
    case PROP_TARGET:
      g_value_set_string (value, vckc_domain_disk_get_target (self->handle, NULL));
      break;
    case PROP_SOURCE:
      g_value_set_string (value, vckc_domain_disk_get_source (self->handle, NULL));
      break;
    case PROP_FORMAT:
      g_value_set_string (value, vckc_domain_disk_get_format (self->handle, NULL));
      break;
    case PROP_TRACKABLE:
      g_value_set_boolean (value, vckc_domain_disk_is_trackable (self->handle, NULL));
      break;
    case PROP_REASON:
      g_value_set_string (value, vckc_domain_disk_get_reason (self->handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_disk_class_init (VckDiskClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_disk_finalize;
  object_class->get_property = vck_disk_get_property;

  /**
   * VckDisk:target:
   *
   * The name of the disk inside the domain, such as `vda`.
   *
   * Since: 1.0
   */
  props[PROP_TARGET] = g_param_spec_string (
      "target", "Target", "The name of the disk inside the domain, such as vda", NULL, flags);

  /**
   * VckDisk:source:
   *
   * The path of the image file or block device; %NULL for an empty drive or a disk that
   * is not a file.
   *
   * Since: 1.0
   */
  props[PROP_SOURCE] = g_param_spec_string (
      "source", "Source", "The path of the image file or block device", NULL, flags);

  /**
   * VckDisk:format:
   *
   * The format of the image as the definition of the domain states it, such as `qcow2`
   * or `raw`.
   *
   * Since: 1.0
   */
  props[PROP_FORMAT] = g_param_spec_string (
      "format", "Format",
      "The format of the image as the definition of the domain states it, such as qcow2 or raw",
      NULL, flags);

  /**
   * VckDisk:trackable:
   *
   * Whether a checkpoint can track the disk. If not, [property@Disk:reason] says why.
   *
   * Since: 1.0
   */
  props[PROP_TRACKABLE] = g_param_spec_boolean (
      "trackable", "Trackable", "Whether a checkpoint can track the disk", FALSE, flags);

  /**
   * VckDisk:reason:
   *
   * Why the disk cannot be tracked, human-readable; %NULL if it can.
   *
   * Since: 1.0
   */
  props[PROP_REASON] = g_param_spec_string (
      "reason", "Reason", "Why the disk cannot be tracked, human-readable", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_disk_init (VckDisk *self)
{
}

VckcDomainDisk *
vck_disk_get_handle (VckDisk *self)
{
  return self->handle;
}

VckDisk *
vck_disk_wrap (gpointer origin, VckcDomainDisk *handle)
{
  VckDisk *self = g_object_new (VCK_TYPE_DISK, NULL);

  self->handle = handle;
  return self;
}
