/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckDriver:
 *
 * What stands behind the URIs of connections, and whether it can be used, as [func@list_drivers]
 * found it.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckDriver
{
  GObject parent_instance;

  VckcDriverInfo *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_NAME = 1,
  PROP_SCHEMES,
  PROP_AVAILABLE,
  PROP_REASON,
  PROP_TOOLS,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckDriver, vck_driver, G_TYPE_OBJECT)

static void
vck_driver_finalize (GObject *object)
{
  VckDriver *self = VCK_DRIVER (object);

  if (self->handle != NULL)
    vckc_driver_info_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_driver_parent_class)->finalize (object);
}

static void
vck_driver_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckDriver *self = VCK_DRIVER (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, vckc_driver_info_get_name (self->handle, NULL));
      break;
    case PROP_SCHEMES:
      g_value_set_boxed (value, vck_driver_get_schemes (self));
      break;
    case PROP_AVAILABLE:
      g_value_set_boolean (value, vckc_driver_info_is_available (self->handle, NULL));
      break;
    case PROP_REASON:
      g_value_set_string (value, vckc_driver_info_get_reason (self->handle, NULL));
      break;
    case PROP_TOOLS:
      g_value_set_boxed (value, vck_driver_get_tools (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_driver_class_init (VckDriverClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_driver_finalize;
  object_class->get_property = vck_driver_get_property;

  /**
   * VckDriver:name:
   *
   * The name of the driver, such as `local`.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", "Name", "The name of the driver", NULL, flags);

  /**
   * VckDriver:schemes:
   *
   * The schemes of the URIs that it opens, without colons: see [method@Driver.get_schemes].
   *
   * Since: 1.0
   */
  props[PROP_SCHEMES] = g_param_spec_boxed ("schemes", "Schemes",
                                            "The schemes of the URIs that it opens, without colons",
                                            G_TYPE_STRV, flags);

  /**
   * VckDriver:available:
   *
   * Whether this build has the driver, and this host the programs that it needs.
   *
   * Since: 1.0
   */
  props[PROP_AVAILABLE] = g_param_spec_boolean (
      "available", "Available",
      "Whether this build has the driver, and this host the programs that it needs", FALSE, flags);

  /**
   * VckDriver:reason:
   *
   * Why it is not available, and what to do about it, human-readable; %NULL if it is available.
   *
   * Since: 1.0
   */
  props[PROP_REASON] = g_param_spec_string (
      "reason", "Reason", "Why it is not available, and what to do about it, human-readable", NULL,
      flags);

  /**
   * VckDriver:tools:
   *
   * The paths of the programs that it needs and that were found.
   *
   * Since: 1.0
   */
  props[PROP_TOOLS] = g_param_spec_boxed (
      "tools", "Tools", "The paths of the programs that it needs and that were found", G_TYPE_STRV,
      flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_driver_init (VckDriver *self)
{
}

/**
 * vck_list_drivers:
 *
 * Lists the drivers that Vck has, with those that this build lacks, and looks whether each can be
 * used on this host: whether the programs that it needs are found. It opens no connection and
 * starts no program. That a daemon does not answer shows when a connection is opened.
 *
 * Returns: (transfer container) (element-type VckDriver): the drivers
 *
 * Since: 1.0
 */
GPtrArray *
vck_list_drivers (void)
{
  GPtrArray *drivers = g_ptr_array_new_with_free_func (g_object_unref);
  VckcDriverInfo **list = NULL;
  const int count = vckc_list_drivers (&list, NULL);

  for (int i = 0; i < count; i++)
    g_ptr_array_add (drivers, vck_driver_wrap (NULL, list[i]));
  g_free (list);
  return drivers;
}

/**
 * vck_driver_get_schemes:
 * @self: a driver
 *
 * Gets the schemes of the URIs that the driver opens, such as `local`. That of libvirt has none: it
 * opens all URIs that no other driver does.
 *
 * Returns: (transfer none) (array zero-terminated=1): the schemes, without colons
 *
 * Since: 1.0
 */
const char *const *
vck_driver_get_schemes (VckDriver *self)
{
  g_return_val_if_fail (VCK_IS_DRIVER (self), NULL);

  return vckc_driver_info_get_schemes (self->handle, NULL);
}

/**
 * vck_driver_get_tools:
 * @self: a driver
 *
 * Gets the paths of the programs that the driver needs and that were found, on `PATH` or where a
 * variable of the environment names them.
 *
 * Returns: (transfer none) (array zero-terminated=1): the paths
 *
 * Since: 1.0
 */
const char *const *
vck_driver_get_tools (VckDriver *self)
{
  g_return_val_if_fail (VCK_IS_DRIVER (self), NULL);

  return vckc_driver_info_get_tools (self->handle, NULL);
}

VckcDriverInfo *
vck_driver_get_handle (VckDriver *self)
{
  return self->handle;
}

VckDriver *
vck_driver_wrap (gpointer origin, VckcDriverInfo *handle)
{
  VckDriver *self = g_object_new (VCK_TYPE_DRIVER, NULL);

  self->handle = handle;
  return self;
}
