/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-latest.h"
#include "vck-private.h"

/**
 * VckDisk:
 *
 * One disk of a domain: what its definition has under one name, the target.
 *
 * Disks come from [method@Domain.list_disks] and [property@Domain:disks]. As long as the object
 * lives, these return the same object for the same target, also after the domain was defined anew.
 * Its properties are as the latest of these calls found them: they are right when it returns;
 * `notify` is emitted later, in the main context of the connection, of those that changed. While a
 * program holds [property@Domain:disks], the disks are looked at without a call. A disk that the
 * domain no longer has stays as it was last seen.
 *
 * It may be used from any thread. What a getter returned lives as long as the object.
 *
 * Since: 1.0
 */
struct _VckDisk
{
  GObject parent_instance;

  VckLatest latest;      /* of VckcDomainDisk; empty without vck_disk_wrap() */
  VckIdentity *identity; /* owned reference; NULL without vck_disk_wrap(); immutable */
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

  if (self->identity != NULL)
    vck_identity_unbind_object (self->identity, self);
  vck_latest_clear (&self->latest);
  g_clear_pointer (&self->identity, vck_identity_unref);

  G_OBJECT_CLASS (vck_disk_parent_class)->finalize (object);
}

static void
vck_disk_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckcDomainDisk *handle = vck_disk_get_handle (VCK_DISK (object));

  switch (id)
    {
    case PROP_TARGET:
      g_value_set_string (value, vckc_domain_disk_get_target (handle, NULL));
      break;
    case PROP_SOURCE:
      g_value_set_string (value, vckc_domain_disk_get_source (handle, NULL));
      break;
    case PROP_FORMAT:
      g_value_set_string (value, vckc_domain_disk_get_format (handle, NULL));
      break;
    case PROP_TRACKABLE:
      g_value_set_boolean (value, vckc_domain_disk_is_trackable (handle, NULL));
      break;
    case PROP_REASON:
      g_value_set_string (value, vckc_domain_disk_get_reason (handle, NULL));
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

static guint64
disk_get_look (gpointer handle)
{
  return vckc_domain_disk_get_look (handle, NULL);
}

static guint
disk_compare (gpointer one, gpointer other)
{
  guint changes = 0;

  if (g_strcmp0 (vckc_domain_disk_get_source (one, NULL), vckc_domain_disk_get_source (other, NULL))
      != 0)
    changes |= 1u << PROP_SOURCE;
  if (g_strcmp0 (vckc_domain_disk_get_format (one, NULL), vckc_domain_disk_get_format (other, NULL))
      != 0)
    changes |= 1u << PROP_FORMAT;
  if (vckc_domain_disk_is_trackable (one, NULL) != vckc_domain_disk_is_trackable (other, NULL))
    changes |= 1u << PROP_TRACKABLE;
  if (g_strcmp0 (vckc_domain_disk_get_reason (one, NULL), vckc_domain_disk_get_reason (other, NULL))
      != 0)
    changes |= 1u << PROP_REASON;
  return changes;
}

static void
disk_drop (gpointer handle)
{
  vckc_domain_disk_unref (handle, NULL);
}

static const VckLatestInfo latest_info = {
  .get_look = disk_get_look,
  .compare = disk_compare,
  .drop = disk_drop,
};

static void
vck_disk_init (VckDisk *self)
{
  vck_latest_init (&self->latest, &latest_info);
}

VckcDomainDisk *
vck_disk_get_handle (VckDisk *self)
{
  return vck_latest_get (&self->latest);
}

/* The object of the disk, made if there is none. */
static VckDisk *
disk_get (VckIdentity *identity)
{
  VckDisk *bound = vck_identity_ref_object (identity);
  g_autoptr (VckDisk) made = NULL;

  if (bound != NULL)
    return bound;
  made = g_object_new (VCK_TYPE_DISK, NULL);
  made->identity = vck_identity_ref (identity);
  return vck_identity_bind_object (identity, made, NULL, vck_identity_get_change_count (identity));
}

VckDisk *
vck_disk_wrap (gpointer domain, VckcDomainDisk *handle)
{
  g_autoptr (VckIdentity) disks = vck_identity_get_disks (vck_domain_get_identity (domain));
  g_autoptr (VckIdentity) identity =
      vck_identity_get_child (disks, vckc_domain_disk_get_target (handle, NULL), 0);
  VckDisk *self = disk_get (identity);

  if (vck_latest_take (&self->latest, handle))
    vck_connection_push_disk (vck_domain_get_connection (domain), identity);
  return self;
}

void
vck_disk_notify_changes (VckDisk *self)
{
  const guint changes = vck_latest_take_changes (&self->latest);

  g_object_freeze_notify (G_OBJECT (self));
  for (guint id = 1; id < N_PROPS; id++)
    if ((changes & (1u << id)) != 0)
      g_object_notify_by_pspec (G_OBJECT (self), props[id]);
  g_object_thaw_notify (G_OBJECT (self));
}
