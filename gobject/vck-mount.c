/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckMount:
 *
 * A backup whose disks NBD clients can read, made by [method@Repository.mount]. It ends with
 * [method@Mount.close], or with the last reference.
 *
 * It may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckMount
{
  GObject parent_instance;

  VckcMount *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_SOCKET = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckMount, vck_mount, G_TYPE_OBJECT)

static void
vck_mount_finalize (GObject *object)
{
  VckMount *self = VCK_MOUNT (object);

  if (self->handle != NULL)
    vckc_mount_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_mount_parent_class)->finalize (object);
}

static void
vck_mount_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcMount *handle = VCK_MOUNT (object)->handle;

  switch (id)
    {
    case PROP_SOCKET:
      g_value_set_string (value, vckc_mount_get_socket (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_mount_class_init (VckMountClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_mount_finalize;
  object_class->get_property = vck_mount_get_property;

  /**
   * VckMount:socket:
   *
   * The absolute path of the socket.
   *
   * Since: 1.0
   */
  props[PROP_SOCKET] =
      g_param_spec_string ("socket", "Socket", "The absolute path of the socket", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_mount_init (VckMount *self)
{
}

VckcMount *
vck_mount_get_handle (VckMount *self)
{
  return self->handle;
}

VckMount *
vck_mount_wrap (gpointer origin, VckcMount *handle)
{
  VckMount *self = g_object_new (VCK_TYPE_MOUNT, NULL);

  self->handle = handle;
  return self;
}
