/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckPruneDecision:
 *
 * What [method@Repository.prune] decided about one backup.
 *
 * It never changes, and may be used from any thread.
 *
 * Since: 1.0
 */
struct _VckPruneDecision
{
  GObject parent_instance;

  VckcPruneDecision *handle; /* owned reference; NULL without wrap(); immutable */
};

enum
{
  PROP_BACKUP = 1,
  PROP_KEPT,
  PROP_REASON,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckPruneDecision, vck_prune_decision, G_TYPE_OBJECT)

static void
vck_prune_decision_finalize (GObject *object)
{
  VckPruneDecision *self = VCK_PRUNE_DECISION (object);

  if (self->handle != NULL)
    vckc_prune_decision_unref (self->handle, NULL);

  G_OBJECT_CLASS (vck_prune_decision_parent_class)->finalize (object);
}

static void
vck_prune_decision_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcPruneDecision *handle = VCK_PRUNE_DECISION (object)->handle;

  switch (id)
    {
    case PROP_BACKUP:
      g_value_set_string (value, vckc_prune_decision_get_backup (handle, NULL));
      break;
    case PROP_KEPT:
      g_value_set_boolean (value, vckc_prune_decision_is_kept (handle, NULL));
      break;
    case PROP_REASON:
      g_value_set_string (value, vckc_prune_decision_get_reason (handle, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_prune_decision_class_init (VckPruneDecisionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_prune_decision_finalize;
  object_class->get_property = vck_prune_decision_get_property;

  /**
   * VckPruneDecision:backup:
   *
   * The id of the backup.
   *
   * Since: 1.0
   */
  props[PROP_BACKUP] =
      g_param_spec_string ("backup", "Backup", "The id of the backup", NULL, flags);

  /**
   * VckPruneDecision:kept:
   *
   * Whether the backup is kept.
   *
   * Since: 1.0
   */
  props[PROP_KEPT] =
      g_param_spec_boolean ("kept", "Kept", "Whether the backup is kept", FALSE, flags);

  /**
   * VckPruneDecision:reason:
   *
   * Why it is kept or not, human-readable.
   *
   * Since: 1.0
   */
  props[PROP_REASON] = g_param_spec_string ("reason", "Reason",
                                            "Why it is kept or not, human-readable", NULL, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_prune_decision_init (VckPruneDecision *self)
{
}

VckcPruneDecision *
vck_prune_decision_get_handle (VckPruneDecision *self)
{
  return self->handle;
}

VckPruneDecision *
vck_prune_decision_wrap (gpointer origin, VckcPruneDecision *handle)
{
  VckPruneDecision *self = g_object_new (VCK_TYPE_PRUNE_DECISION, NULL);

  self->handle = handle;
  return self;
}
