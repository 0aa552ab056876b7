/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckExtentCursor:
 *
 * A position in what was written to one disk since a checkpoint, from
 * [method@Checkpoint.open_extents]: reads any number of extents piece by piece.
 *
 * It may be used from any thread, by one read at a time. What holds the image of the disk for it is
 * given back at its end, or when it is freed.
 *
 * Since: 1.0
 */
struct _VckExtentCursor
{
  GObject parent_instance;

  VckcExtentCursor *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_DIRTY_BYTES = 1,
  PROP_ZERO_BYTES,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckExtentCursor, vck_extent_cursor, G_TYPE_OBJECT)

static void
vck_extent_cursor_finalize (GObject *object)
{
  VckExtentCursor *self = VCK_EXTENT_CURSOR (object);

  if (self->handle != NULL)
    vckc_extent_cursor_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_extent_cursor_parent_class)->finalize (object);
}

static void
vck_extent_cursor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcExtentCursor *handle = VCK_EXTENT_CURSOR (object)->handle;

  switch (id)
    {
    case PROP_DIRTY_BYTES:
      g_value_set_uint64 (value, vckc_extent_cursor_get_dirty_bytes (handle, NULL));
      break;
    case PROP_ZERO_BYTES:
      g_value_set_uint64 (value, vckc_extent_cursor_get_zero_bytes (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_extent_cursor_class_init (VckExtentCursorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_extent_cursor_finalize;
  object_class->get_property = vck_extent_cursor_get_property;

  /**
   * VckExtentCursor:dirty-bytes:
   *
   * The length of all extents that were read so far, in bytes. Reading does not notify.
   *
   * Since: 1.0
   */
  props[PROP_DIRTY_BYTES] = g_param_spec_uint64 (
      "dirty-bytes", "Dirty bytes", "The length of all extents that were read so far, in bytes", 0,
      G_MAXUINT64, 0, flags);

  /**
   * VckExtentCursor:zero-bytes:
   *
   * The length of those that have %VCK_EXTENT_ZERO, in bytes. Reading does not notify.
   *
   * Since: 1.0
   */
  props[PROP_ZERO_BYTES] = g_param_spec_uint64 ("zero-bytes", "Zero bytes",
                                                "The length of those that read as zeros, in bytes",
                                                0, G_MAXUINT64, 0, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_extent_cursor_init (VckExtentCursor *self)
{
}

VckcExtentCursor *
vck_extent_cursor_get_handle (VckExtentCursor *self)
{
  return self->handle;
}

VckExtentCursor *
vck_extent_cursor_wrap (gpointer origin, VckcExtentCursor *handle)
{
  VckExtentCursor *self = g_object_new (VCK_TYPE_EXTENT_CURSOR, NULL);

  self->handle = handle;
  return self;
}
