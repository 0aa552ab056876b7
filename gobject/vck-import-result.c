/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckImportResult:
 *
 * What became of one checkpoint of a document given to
 * [method@Domain.import_checkpoints].
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckImportResult
{
  GObject parent_instance;

  VckcImportResult *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_CHECKPOINT = 1,
  PROP_IMPORTED,
  PROP_MESSAGE,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckImportResult, vck_import_result, G_TYPE_OBJECT)

static void
vck_import_result_finalize (GObject *object)
{
  VckImportResult *self = VCK_IMPORT_RESULT (object);

  if (self->handle != NULL)
    vckc_import_result_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_import_result_parent_class)->finalize (object);
}

static void
vck_import_result_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcImportResult *handle = VCK_IMPORT_RESULT (object)->handle;

  switch (id)
    {
    case PROP_CHECKPOINT:
      g_value_set_string (value, vckc_import_result_get_checkpoint (handle, NULL));
      break;
    case PROP_IMPORTED:
      g_value_set_boolean (value, vckc_import_result_is_imported (handle, NULL));
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, vckc_import_result_get_message (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_import_result_class_init (VckImportResultClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_import_result_finalize;
  object_class->get_property = vck_import_result_get_property;

  /**
   * VckImportResult:checkpoint:
   *
   * The name of the checkpoint.
   *
   * Since: 1.0
   */
  props[PROP_CHECKPOINT] =
      g_param_spec_string ("checkpoint", "Checkpoint", "The name of the checkpoint", NULL, flags);

  /**
   * VckImportResult:imported:
   *
   * Whether the checkpoint was imported.
   *
   * Since: 1.0
   */
  props[PROP_IMPORTED] = g_param_spec_boolean ("imported", "Imported",
                                               "Whether the checkpoint was imported", FALSE, flags);

  /**
   * VckImportResult:message:
   *
   * Why the checkpoint was refused, human-readable; %NULL if it was imported.
   *
   * Since: 1.0
   */
  props[PROP_MESSAGE] = g_param_spec_string (
      "message", "Message", "Why the checkpoint was refused, human-readable", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_import_result_init (VckImportResult *self)
{
}

VckcImportResult *
vck_import_result_get_handle (VckImportResult *self)
{
  return self->handle;
}

VckImportResult *
vck_import_result_wrap (gpointer origin, VckcImportResult *handle)
{
  VckImportResult *self = g_object_new (VCK_TYPE_IMPORT_RESULT, NULL);

  self->handle = handle;
  return self;
}
