/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckRepository:
 *
 * A store of backups: a folder with an image for each disk of each backup, and a manifest for each
 * backup. It is opened with [func@Repository.open].
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckRepository
{
  GObject parent_instance;

  VckcRepository *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_PATH = 1,
  PROP_UUID,
  PROP_READ_ONLY,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckRepository, vck_repository, G_TYPE_OBJECT)

static void
vck_repository_finalize (GObject *object)
{
  VckRepository *self = VCK_REPOSITORY (object);

  if (self->handle != NULL)
    vckc_repository_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_repository_parent_class)->finalize (object);
}

static void
vck_repository_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcRepository *handle = VCK_REPOSITORY (object)->handle;

  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, vckc_repository_get_path (handle, NULL));
      break;
    case PROP_UUID:
      g_value_set_string (value, vckc_repository_get_uuid (handle, NULL));
      break;
    case PROP_READ_ONLY:
      g_value_set_boolean (value, vckc_repository_is_read_only (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_repository_class_init (VckRepositoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_repository_finalize;
  object_class->get_property = vck_repository_get_property;

  /**
   * VckRepository:path:
   *
   * The absolute path of the folder.
   *
   * Since: 1.0
   */
  props[PROP_PATH] =
      g_param_spec_string ("path", "Path", "The absolute path of the folder", NULL, flags);

  /**
   * VckRepository:uuid:
   *
   * The UUID of the store, which it keeps when it is moved or copied.
   *
   * Since: 1.0
   */
  props[PROP_UUID] = g_param_spec_string (
      "uuid", "UUID", "The UUID of the store, which it keeps when it is moved or copied", NULL,
      flags);

  /**
   * VckRepository:read-only:
   *
   * Whether nothing in the store is changed.
   *
   * Since: 1.0
   */
  props[PROP_READ_ONLY] = g_param_spec_boolean (
      "read-only", "Read only", "Whether nothing in the store is changed", FALSE, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_repository_init (VckRepository *self)
{
}

VckcRepository *
vck_repository_get_handle (VckRepository *self)
{
  return self->handle;
}

VckRepository *
vck_repository_wrap (gpointer origin, VckcRepository *handle)
{
  VckRepository *self = g_object_new (VCK_TYPE_REPOSITORY, NULL);

  self->handle = handle;
  return self;
}
