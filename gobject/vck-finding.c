/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckFinding:
 *
 * One thing that [method@Domain.verify_checkpoints] found to be wrong, or that
 * [method@Domain.repair_checkpoints] did something about.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckFinding
{
  GObject parent_instance;

  VckcFinding *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_KIND = 1,
  PROP_SEVERITY,
  PROP_OUTCOME,
  PROP_CHECKPOINT,
  PROP_DISK,
  PROP_BITMAP,
  PROP_MESSAGE,
  PROP_REMEDY,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckFinding, vck_finding, G_TYPE_OBJECT)

static void
vck_finding_finalize (GObject *object)
{
  VckFinding *self = VCK_FINDING (object);

  if (self->handle != NULL)
    vckc_finding_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_finding_parent_class)->finalize (object);
}

static void
vck_finding_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcFinding *handle = VCK_FINDING (object)->handle;

  switch (id)
    {
    case PROP_KIND:
      g_value_set_enum (value, (int) vckc_finding_get_kind (handle, NULL));
      break;
    case PROP_SEVERITY:
      g_value_set_enum (value, (int) vckc_finding_get_severity (handle, NULL));
      break;
    case PROP_OUTCOME:
      g_value_set_enum (value, (int) vckc_finding_get_outcome (handle, NULL));
      break;
    case PROP_CHECKPOINT:
      g_value_set_string (value, vckc_finding_get_checkpoint (handle, NULL));
      break;
    case PROP_DISK:
      g_value_set_string (value, vckc_finding_get_disk (handle, NULL));
      break;
    case PROP_BITMAP:
      g_value_set_string (value, vckc_finding_get_bitmap (handle, NULL));
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, vckc_finding_get_message (handle, NULL));
      break;
    case PROP_REMEDY:
      g_value_set_string (value, vckc_finding_get_remedy (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_finding_class_init (VckFindingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_finding_finalize;
  object_class->get_property = vck_finding_get_property;

  /**
   * VckFinding:kind:
   *
   * What is wrong.
   *
   * Since: 1.0
   */
  props[PROP_KIND] = g_param_spec_enum ("kind", "Kind", "What kind of finding it is",
                                        VCK_TYPE_FINDING_KIND, VCK_FINDING_BITMAP_MISSING, flags);

  /**
   * VckFinding:severity:
   *
   * How serious it is.
   *
   * Since: 1.0
   */
  props[PROP_SEVERITY] =
      g_param_spec_enum ("severity", "Severity", "How serious it is", VCK_TYPE_FINDING_SEVERITY,
                         VCK_FINDING_SEVERITY_PROBLEM, flags);

  /**
   * VckFinding:outcome:
   *
   * What a repair did about it, or would do.
   *
   * Since: 1.0
   */
  props[PROP_OUTCOME] =
      g_param_spec_enum ("outcome", "Outcome", "What a repair did about it, or would do",
                         VCK_TYPE_FINDING_OUTCOME, VCK_FINDING_OUTCOME_LEFT, flags);

  /**
   * VckFinding:checkpoint:
   *
   * The name of the checkpoint it is about; %NULL if it is about none.
   *
   * Since: 1.0
   */
  props[PROP_CHECKPOINT] = g_param_spec_string (
      "checkpoint", "Checkpoint", "The name of the checkpoint it is about", NULL, flags);

  /**
   * VckFinding:disk:
   *
   * The target name of the disk it is about, such as `vda`; %NULL if it is about none.
   *
   * Since: 1.0
   */
  props[PROP_DISK] = g_param_spec_string (
      "disk", "Disk", "The target name of the disk it is about, such as vda", NULL, flags);

  /**
   * VckFinding:bitmap:
   *
   * The name of the bitmap it is about; %NULL if it is about none.
   *
   * Since: 1.0
   */
  props[PROP_BITMAP] =
      g_param_spec_string ("bitmap", "Bitmap", "The name of the bitmap it is about", NULL, flags);

  /**
   * VckFinding:message:
   *
   * What is wrong and the likely cause, human-readable.
   *
   * Since: 1.0
   */
  props[PROP_MESSAGE] = g_param_spec_string (
      "message", "Message", "What is wrong and the likely cause, human-readable", NULL, flags);

  /**
   * VckFinding:remedy:
   *
   * What a repair does about it, human-readable.
   *
   * Since: 1.0
   */
  props[PROP_REMEDY] = g_param_spec_string (
      "remedy", "Remedy", "What a repair does about it, human-readable", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_finding_init (VckFinding *self)
{
}

VckcFinding *
vck_finding_get_handle (VckFinding *self)
{
  return self->handle;
}

VckFinding *
vck_finding_wrap (gpointer origin, VckcFinding *handle)
{
  VckFinding *self = g_object_new (VCK_TYPE_FINDING, NULL);

  self->handle = handle;
  return self;
}
