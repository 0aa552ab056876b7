/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckBitmap:
 *
 * A dirty bitmap in the image of a disk of a domain, or in a file below it, as it was when
 * [method@Domain.list_bitmaps] was called.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckBitmap
{
  GObject parent_instance;

  VckcBitmap *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_DISK = 1,
  PROP_IMAGE,
  PROP_NAME,
  PROP_GRANULARITY,
  PROP_SIZE,
  PROP_RECORDING,
  PROP_PERSISTENT,
  PROP_INCONSISTENT,
  PROP_BUSY,
  PROP_OWNER,
  PROP_CHECKPOINT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckBitmap, vck_bitmap, G_TYPE_OBJECT)

static void
vck_bitmap_finalize (GObject *object)
{
  VckBitmap *self = VCK_BITMAP (object);

  if (self->handle != NULL)
    vckc_bitmap_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_bitmap_parent_class)->finalize (object);
}

static void
vck_bitmap_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcBitmap *handle = VCK_BITMAP (object)->handle;

  switch (id)
    {
    case PROP_DISK:
      g_value_set_string (value, vckc_bitmap_get_disk (handle, NULL));
      break;
    case PROP_IMAGE:
      g_value_set_string (value, vckc_bitmap_get_image (handle, NULL));
      break;
    case PROP_NAME:
      g_value_set_string (value, vckc_bitmap_get_name (handle, NULL));
      break;
    case PROP_GRANULARITY:
      g_value_set_int64 (value, vckc_bitmap_get_granularity (handle, NULL));
      break;
    case PROP_SIZE:
      g_value_set_int64 (value, vckc_bitmap_get_size (handle, NULL));
      break;
    case PROP_RECORDING:
      g_value_set_boolean (value, vckc_bitmap_is_recording (handle, NULL));
      break;
    case PROP_PERSISTENT:
      g_value_set_boolean (value, vckc_bitmap_is_persistent (handle, NULL));
      break;
    case PROP_INCONSISTENT:
      g_value_set_boolean (value, vckc_bitmap_is_inconsistent (handle, NULL));
      break;
    case PROP_BUSY:
      g_value_set_boolean (value, vckc_bitmap_is_busy (handle, NULL));
      break;
    case PROP_OWNER:
      g_value_set_enum (value, (int) vckc_bitmap_get_owner (handle, NULL));
      break;
    case PROP_CHECKPOINT:
      g_value_set_string (value, vckc_bitmap_get_checkpoint (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_bitmap_class_init (VckBitmapClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_bitmap_finalize;
  object_class->get_property = vck_bitmap_get_property;

  /**
   * VckBitmap:disk:
   *
   * The name of the disk inside the domain, such as `vda`.
   *
   * Since: 1.0
   */
  props[PROP_DISK] =
      g_param_spec_string ("disk", "Disk", "The name of the disk inside the domain", NULL, flags);

  /**
   * VckBitmap:image:
   *
   * The path of the file that the bitmap is in: the image of the disk, or a file that it is based
   * on; %NULL if it is not a file.
   *
   * Since: 1.0
   */
  props[PROP_IMAGE] = g_param_spec_string (
      "image", "Image", "The path of the file that the bitmap is in", NULL, flags);

  /**
   * VckBitmap:name:
   *
   * The name of the bitmap, which is unique in its image, but not in those below it.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", "Name", "The name of the bitmap", NULL, flags);

  /**
   * VckBitmap:granularity:
   *
   * How large the pieces of the disk are, of each of which the bitmap notes whether it was written
   * to, in bytes: a power of two.
   *
   * Since: 1.0
   */
  props[PROP_GRANULARITY] =
      g_param_spec_int64 ("granularity", "Granularity",
                          "How large the pieces are of which the bitmap notes writes, in bytes", -1,
                          G_MAXINT64, -1, flags);

  /**
   * VckBitmap:size:
   *
   * How much of the disk is marked in the bitmap, in bytes, a multiple of
   * [property@Bitmap:granularity]; -1 if that is not known: the bitmap is inconsistent, or its
   * content is damaged.
   *
   * Since: 1.0
   */
  props[PROP_SIZE] = g_param_spec_int64 ("size", "Size", "How much of the disk is marked, in bytes",
                                         -1, G_MAXINT64, -1, flags);

  /**
   * VckBitmap:recording:
   *
   * Whether the bitmap notes writes: now, or, while the domain is off, from when it is started.
   *
   * Since: 1.0
   */
  props[PROP_RECORDING] = g_param_spec_boolean ("recording", "Recording",
                                                "Whether the bitmap notes writes", FALSE, flags);

  /**
   * VckBitmap:persistent:
   *
   * Whether the bitmap is stored in the image. One that is not is in the memory of the QEMU that
   * runs, for a job that is under way or for another program, and is gone when that ends.
   *
   * Since: 1.0
   */
  props[PROP_PERSISTENT] = g_param_spec_boolean (
      "persistent", "Persistent", "Whether the bitmap is stored in the image", FALSE, flags);

  /**
   * VckBitmap:inconsistent:
   *
   * Whether the bitmap was in use when QEMU died, so that what it marks cannot be relied on.
   *
   * Since: 1.0
   */
  props[PROP_INCONSISTENT] =
      g_param_spec_boolean ("inconsistent", "Inconsistent",
                            "Whether what the bitmap marks cannot be relied on", FALSE, flags);

  /**
   * VckBitmap:busy:
   *
   * Whether a job, such as a backup, held the bitmap.
   *
   * Since: 1.0
   */
  props[PROP_BUSY] =
      g_param_spec_boolean ("busy", "Busy", "Whether a job holds the bitmap", FALSE, flags);

  /**
   * VckBitmap:owner:
   *
   * Whose the bitmap is.
   *
   * Since: 1.0
   */
  props[PROP_OWNER] = g_param_spec_enum ("owner", "Owner", "Whose the bitmap is",
                                         VCK_TYPE_BITMAP_OWNER, VCK_BITMAP_OWNER_FOREIGN, flags);

  /**
   * VckBitmap:checkpoint:
   *
   * The name of the checkpoint of the domain that the bitmap belongs to; %NULL if it belongs to
   * none.
   *
   * Since: 1.0
   */
  props[PROP_CHECKPOINT] =
      g_param_spec_string ("checkpoint", "Checkpoint",
                           "The name of the checkpoint that the bitmap belongs to", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_bitmap_init (VckBitmap *self)
{
}

VckcBitmap *
vck_bitmap_get_handle (VckBitmap *self)
{
  return self->handle;
}

VckBitmap *
vck_bitmap_wrap (gpointer origin, VckcBitmap *handle)
{
  VckBitmap *self = g_object_new (VCK_TYPE_BITMAP, NULL);

  self->handle = handle;
  return self;
}
