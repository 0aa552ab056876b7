/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-config.h"

/**
 * VckDomainDiskConfig:
 *
 * A disk of a [class@DomainConfig].
 *
 * It never changes. It may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckDomainDiskConfig
{
  GObject parent_instance;

  char *target; /* immutable */
  char *source; /* immutable */
  char *format; /* immutable */
};

enum
{
  PROP_TARGET = 1,
  PROP_SOURCE,
  PROP_FORMAT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckDomainDiskConfig, vck_domain_disk_config, G_TYPE_OBJECT)

static void
vck_domain_disk_config_finalize (GObject *object)
{
  VckDomainDiskConfig *self = VCK_DOMAIN_DISK_CONFIG (object);

  g_free (self->target);
  g_free (self->source);
  g_free (self->format);

  G_OBJECT_CLASS (vck_domain_disk_config_parent_class)->finalize (object);
}

static void
vck_domain_disk_config_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckDomainDiskConfig *self = VCK_DOMAIN_DISK_CONFIG (object);

  switch (id)
    {
    case PROP_TARGET:
      g_value_set_string (value, self->target);
      break;
    case PROP_SOURCE:
      g_value_set_string (value, self->source);
      break;
    case PROP_FORMAT:
      g_value_set_string (value, self->format);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_domain_disk_config_class_init (VckDomainDiskConfigClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_domain_disk_config_finalize;
  object_class->get_property = vck_domain_disk_config_get_property;

  /**
   * VckDomainDiskConfig:target:
   *
   * The name of the disk inside the domain, such as `vda`.
   *
   * Since: 1.0
   */
  props[PROP_TARGET] = g_param_spec_string ("target", "Target",
                                            "The name of the disk inside the domain", NULL, flags);

  /**
   * VckDomainDiskConfig:source:
   *
   * The path of its image or block device.
   *
   * Since: 1.0
   */
  props[PROP_SOURCE] = g_param_spec_string ("source", "Source",
                                            "The path of the image or block device", NULL, flags);

  /**
   * VckDomainDiskConfig:format:
   *
   * The format of the image, such as `qcow2` or `raw`.
   *
   * Since: 1.0
   */
  props[PROP_FORMAT] =
      g_param_spec_string ("format", "Format", "The format of the image", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_domain_disk_config_init (VckDomainDiskConfig *self)
{
}

VckDomainDiskConfig *
vck_domain_disk_config_new (const char *target, const char *source, const char *format)
{
  VckDomainDiskConfig *self = g_object_new (VCK_TYPE_DOMAIN_DISK_CONFIG, NULL);

  self->target = g_strdup (target);
  self->source = g_strdup (source);
  self->format = g_strdup (format);
  return self;
}

/**
 * vck_domain_disk_config_get_target:
 * @self: a disk of a configuration
 *
 * Gets the name of the disk inside the domain.
 *
 * Returns: (transfer none) (nullable): the target, which lives as long as @self; %NULL only for an
 *   object that came from no configuration
 *
 * Since: 1.0
 */
const char *
vck_domain_disk_config_get_target (VckDomainDiskConfig *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_DISK_CONFIG (self), NULL);

  return self->target;
}

/**
 * vck_domain_disk_config_get_source:
 * @self: a disk of a configuration
 *
 * Gets the path of its image or block device.
 *
 * Returns: (transfer none) (nullable): the path, which lives as long as @self; %NULL only for an
 *   object that came from no configuration
 *
 * Since: 1.0
 */
const char *
vck_domain_disk_config_get_source (VckDomainDiskConfig *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_DISK_CONFIG (self), NULL);

  return self->source;
}

/**
 * vck_domain_disk_config_get_format:
 * @self: a disk of a configuration
 *
 * Gets the format of the image.
 *
 * Returns: (transfer none) (nullable): the format, which lives as long as @self; %NULL only for an
 *   object that came from no configuration
 *
 * Since: 1.0
 */
const char *
vck_domain_disk_config_get_format (VckDomainDiskConfig *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_DISK_CONFIG (self), NULL);

  return self->format;
}
