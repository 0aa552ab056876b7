/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"

/**
 * VckCheckpoint:
 *
 * A point in time of a domain since which the blocks written to its disks are tracked.
 *
 * A checkpoint is not a restore point: it records *which* blocks changed, not what they
 * contained. Incremental backups are made from it.
 *
 * Checkpoints come from a [class@Domain] or from another checkpoint: create one, list them or
 * look one up. As long as the object lives, every call returns the same object for the same
 * checkpoint. It is an address, made of the domain and the name: it stays valid when the checkpoint
 * is deleted, and calls then fail with [error@Vck.Error] `NO_DOMAIN_CHECKPOINT`. A checkpoint that
 * is created later under the same name is another object.
 *
 * A checkpoint keeps its domain alive. It may be used from any thread; `notify` is
 * emitted in the main context of the connection.
 *
 * Since: 1.0
 */

struct _VckCheckpoint
{
  GObject parent_instance;

  VckProperties *properties; /* owned reference; immutable: all but the name and the owner */
  VckListSlots lists;        /* has a lock of its own */

  /* Immutable, and NULL without vck_checkpoint_wrap(). */
  VckDomain *domain;            /* owned reference */
  VckIdentity *identity;        /* owned reference */
  VckcDomainCheckpoint *handle; /* owned reference */
};

enum
{
  PROP_NAME = 1,
  PROP_DOMAIN,
  PROP_CONNECTION,
  PROP_DESCRIPTION,
  PROP_CREATION_TIME,
  PROP_PARENT_NAME,
  PROP_UUID,
  PROP_OWNER,
  PROP_SIZE,
  PROP_STATE,
  PROP_MEASURED_AT,
  PROP_PARENT,
  PROP_CHILDREN,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (VckCheckpoint, vck_checkpoint, G_TYPE_OBJECT)

/* Leaves them unchanged if the checkpoint no longer exists. */
static void
checkpoint_read_properties (VckProperties *properties, VckcDomainCheckpoint *handle)
{
  g_autofree char *description = NULL;
  g_autofree char *parent_name = NULL;
  g_autofree char *uuid = NULL;
  VckcDomainCheckpoint *parent = NULL;
  int64_t seconds;

  if (vckc_domain_checkpoint_get_details (handle, &description, &parent_name, &parent, &seconds,
                                          &uuid, NULL)
      < 0)
    return;
  vck_properties_set_text (properties, VCK_PROPERTY_DESCRIPTION, description);
  vck_properties_set_text (properties, VCK_PROPERTY_PARENT_NAME, parent_name);
  vck_properties_set_parent (properties, parent);
  if (parent != NULL)
    vckc_domain_checkpoint_unref (parent, NULL);
  vck_properties_set_number (properties, VCK_PROPERTY_CREATION_TIME, seconds);
  vck_properties_set_text (properties, VCK_PROPERTY_UUID, uuid);
}

static void
vck_checkpoint_finalize (GObject *object)
{
  VckCheckpoint *self = VCK_CHECKPOINT (object);

  if (self->identity != NULL)
    vck_identity_unbind_object (self->identity, self);
  vck_properties_unref (self->properties);
  if (self->handle != NULL)
    vckc_domain_checkpoint_unref (self->handle, NULL);
  g_clear_pointer (&self->identity, vck_identity_unref);
  g_clear_object (&self->domain);
  vck_list_slots_clear (&self->lists);

  G_OBJECT_CLASS (vck_checkpoint_parent_class)->finalize (object);
}

static void
vck_checkpoint_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckCheckpoint *self = VCK_CHECKPOINT (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, vckc_domain_checkpoint_get_name (self->handle, NULL));
      break;
    case PROP_DOMAIN:
      g_value_set_object (value, self->domain);
      break;
    case PROP_CONNECTION:
      g_value_set_object (value, vck_checkpoint_get_connection (self));
      break;
    case PROP_DESCRIPTION:
      g_value_take_string (value, vck_checkpoint_get_description (self));
      break;
    case PROP_CREATION_TIME:
      g_value_take_boxed (value, vck_checkpoint_get_creation_time (self));
      break;
    case PROP_PARENT_NAME:
      g_value_take_string (value, vck_checkpoint_get_parent_name (self));
      break;
    case PROP_UUID:
      g_value_take_string (value, vck_checkpoint_get_uuid (self));
      break;
    case PROP_OWNER:
      g_value_take_string (value, vckc_domain_checkpoint_get_owner (self->handle, NULL));
      break;
    case PROP_SIZE:
      g_value_set_int64 (value, vck_checkpoint_get_size (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, (gint) vck_checkpoint_get_state (self));
      break;
    case PROP_MEASURED_AT:
      g_value_take_boxed (value, vck_checkpoint_get_measured_at (self));
      break;
    case PROP_PARENT:
      g_value_take_object (value, vck_checkpoint_get_parent (self));
      break;
    case PROP_CHILDREN:
      g_value_take_object (value, vck_checkpoint_get_children (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
checkpoint_install_measured (const GParamFlags flags)
{
  /**
   * VckCheckpoint:size:
   *
   * How much was written since the checkpoint to the disks that it tracks, in bytes, as it was at
   * the time [property@Checkpoint:measured-at]; -1 if that is not known of one of the disks, or
   * none was measured.
   *
   * It is set by every call of this connection that measures: [method@Domain.measure_checkpoints],
   * [method@Checkpoint.query_state], [method@Checkpoint.list_disks] with `SIZE` and, on `local:`
   * and `memory:`, [method@Domain.verify_checkpoints]. Nothing is measured unasked: it stays what
   * it was when the guest writes on, when a repair changes the bitmaps, and when the next call
   * fails. It belongs to the object, and is -1 in one that is made later.
   *
   * It changes together with [property@Checkpoint:state] and [property@Checkpoint:measured-at]. All
   * are right when the call returns; `notify` is emitted later, in the main context of the
   * connection, of those that changed.
   *
   * Since: 1.0
   */
  props[PROP_SIZE] = g_param_spec_int64 (
      "size", "Size", "How much was written to the disks since the checkpoint, in bytes", -1,
      G_MAXINT64, -1, flags);

  /**
   * VckCheckpoint:state:
   *
   * Whether an incremental backup can be made from the checkpoint, as it was at the time
   * [property@Checkpoint:measured-at]: see [method@Checkpoint.query_state], which finds it out.
   * It is set when [property@Checkpoint:size] is.
   *
   * Since: 1.0
   */
  props[PROP_STATE] = g_param_spec_enum (
      "state", "State", "Whether an incremental backup can be made from the checkpoint",
      VCK_TYPE_CHECKPOINT_STATE, VCK_CHECKPOINT_STATE_UNKNOWN, flags);

  /**
   * VckCheckpoint:measured-at:
   *
   * When the call began that found out [property@Checkpoint:size] and [property@Checkpoint:state],
   * in UTC; %NULL if they were not found out.
   *
   * Since: 1.0
   */
  props[PROP_MEASURED_AT] = g_param_spec_boxed (
      "measured-at", "Measured at", "When the size and the state were found out, in UTC",
      G_TYPE_DATE_TIME, flags);
}

static void
vck_checkpoint_class_init (VckCheckpointClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_checkpoint_finalize;
  object_class->get_property = vck_checkpoint_get_property;

  /**
   * VckCheckpoint:name:
   *
   * The name of the checkpoint, which is unique in its domain.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string (
      "name", "Name", "The name of the checkpoint, which is unique in its domain", NULL, flags);

  /**
   * VckCheckpoint:domain:
   *
   * The domain that the checkpoint belongs to.
   *
   * Since: 1.0
   */
  props[PROP_DOMAIN] = g_param_spec_object (
      "domain", "Domain", "The domain that the checkpoint belongs to", VCK_TYPE_DOMAIN, flags);

  /**
   * VckCheckpoint:connection:
   *
   * The connection that the checkpoint belongs to.
   *
   * Since: 1.0
   */
  props[PROP_CONNECTION] = g_param_spec_object ("connection", "Connection",
                                                "The connection that the checkpoint belongs to",
                                                VCK_TYPE_CONNECTION, flags);

  /**
   * VckCheckpoint:description:
   *
   * The description given when the checkpoint was created; %NULL if there is none.
   *
   * Since: 1.0
   */
  props[PROP_DESCRIPTION] =
      g_param_spec_string ("description", "Description",
                           "The description given when the checkpoint was created", NULL, flags);

  /**
   * VckCheckpoint:creation-time:
   *
   * When the checkpoint was created, to the second, in UTC; %NULL if the checkpoint was deleted
   * before it could be read.
   *
   * Since: 1.0
   */
  props[PROP_CREATION_TIME] = g_param_spec_boxed (
      "creation-time", "Creation time", "When the checkpoint was created, to the second, in UTC",
      G_TYPE_DATE_TIME, flags);

  /**
   * VckCheckpoint:parent-name:
   *
   * The name of the parent, the checkpoint that was created before this one; %NULL for a root. It
   * changes when the parent is deleted: it is up to date when a call of this program that deletes
   * the parent returns; `notify` is emitted later, in the main context of the connection.
   *
   * Since: 1.0
   */
  props[PROP_PARENT_NAME] = g_param_spec_string (
      "parent-name", "Parent name",
      "The name of the parent, the checkpoint that was created before this one", NULL, flags);

  /**
   * VckCheckpoint:parent:
   *
   * The parent, the checkpoint that was created before this one; %NULL for a root. It is the object
   * that all calls and lists return. It is as up to date as [property@Checkpoint:parent-name], and
   * a checkpoint that was deleted keeps the parent it had. Which one it is is known without asking
   * the connection; if its object does not exist, one is made, whose properties are read like those
   * of any new object. [method@Checkpoint.query_parent] asks the connection.
   *
   * With libvirt it is %NULL too if libvirt names a parent that it does not list.
   *
   * Since: 1.0
   */
  props[PROP_PARENT] = g_param_spec_object (
      "parent", "Parent", "The parent, the checkpoint that was created before this one",
      VCK_TYPE_CHECKPOINT, flags);

  /**
   * VckCheckpoint:children:
   *
   * The checkpoints whose [property@Checkpoint:parent] is this one, as a list that follows what
   * happens. It belongs to the program: without a reference to it nothing is followed.
   *
   * It is loaded with [property@Domain:checkpoints], which it keeps alive, and shows its
   * checkpoints in the same order; if that has been loaded, a new list has them at once. When this
   * checkpoint is deleted, its children leave the list.
   *
   * A child that gets its own first child, or loses its last, is announced again: as removed and
   * added, with one [signal@Gio.ListModel::items-changed]. So a `GtkTreeListModel` whose function
   * returns %NULL for checkpoints with an empty list is right at any time.
   *
   * Since: 1.0
   */
  props[PROP_CHILDREN] = g_param_spec_object (
      "children", "Children",
      "The checkpoints whose parent is this one, as a list that follows what happens",
      VCK_TYPE_CHECKPOINT_LIST, flags);

  /**
   * VckCheckpoint:uuid:
   *
   * What sets the checkpoint apart from others that had or will have its name, as 36 characters
   * with lower-case digits. It stays when the checkpoint is redefined. %NULL with libvirt, which
   * has nothing like it, and if the checkpoint was deleted before it could be read.
   *
   * Since: 1.0
   */
  props[PROP_UUID] = g_param_spec_string (
      "uuid", "UUID", "What sets the checkpoint apart from others of its name", NULL, flags);

  /**
   * VckCheckpoint:owner:
   *
   * For which repository the checkpoint was made: the first eight characters of its
   * [property@Repository:uuid], which are in the name of the checkpoint. A repository deletes those
   * that it needs no longer. %NULL if it was not made for one.
   *
   * Since: 1.0
   */
  props[PROP_OWNER] = g_param_spec_string (
      "owner", "Owner", "For which repository the checkpoint was made", NULL, flags);

  checkpoint_install_measured (flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
vck_checkpoint_init (VckCheckpoint *self)
{
  self->properties = vck_properties_new ();
  vck_list_slots_init (&self->lists);
}

/**
 * vck_checkpoint_get_domain:
 * @self: a checkpoint
 *
 * Gets the domain that the checkpoint belongs to.
 *
 * Returns: (transfer none) (nullable): the domain, which lives as long as @self; %NULL only
 *   for an object that came from no domain
 *
 * Since: 1.0
 */
VckDomain *
vck_checkpoint_get_domain (VckCheckpoint *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT (self), NULL);

  return self->domain;
}

/**
 * vck_checkpoint_get_connection:
 * @self: a checkpoint
 *
 * Gets the connection that the checkpoint belongs to.
 *
 * Returns: (transfer none) (nullable): the connection, which lives as long as @self; %NULL only
 *   for an object that came from no connection
 *
 * Since: 1.0
 */
VckConnection *
vck_checkpoint_get_connection (VckCheckpoint *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT (self), NULL);

  return self->domain != NULL ? vck_domain_get_connection (self->domain) : NULL;
}

/**
 * vck_checkpoint_get_description:
 * @self: a checkpoint
 *
 * Gets the description given when the checkpoint was created. It never blocks, and works
 * for checkpoints that no longer exist.
 *
 * Returns: (transfer full) (nullable): the description, or %NULL if there is none
 *
 * Since: 1.0
 */
char *
vck_checkpoint_get_description (VckCheckpoint *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT (self), NULL);

  return vck_properties_dup_text (self->properties, VCK_PROPERTY_DESCRIPTION);
}

/**
 * vck_checkpoint_get_creation_time:
 * @self: a checkpoint
 *
 * Gets when the checkpoint was created, to the second, in UTC. It never blocks, and works
 * for checkpoints that no longer exist.
 *
 * Returns: (transfer full) (nullable): the time, or %NULL if the checkpoint was deleted before
 *   it could be read
 *
 * Since: 1.0
 */
GDateTime *
vck_checkpoint_get_creation_time (VckCheckpoint *self)
{
  gint64 seconds = 0;

  g_return_val_if_fail (VCK_IS_CHECKPOINT (self), NULL);

  seconds = vck_properties_get_number (self->properties, VCK_PROPERTY_CREATION_TIME);
  return seconds > 0 ? g_date_time_new_from_unix_utc (seconds) : NULL;
}

/**
 * vck_checkpoint_get_parent_name:
 * @self: a checkpoint
 *
 * Gets the name of the parent, as last reported by the connection: see
 * [property@Checkpoint:parent-name]. It never blocks, and works for checkpoints that no longer
 * exist.
 *
 * Returns: (transfer full) (nullable): the name, or %NULL if the checkpoint is a root
 *
 * Since: 1.0
 */
char *
vck_checkpoint_get_parent_name (VckCheckpoint *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT (self), NULL);

  return vck_properties_dup_text (self->properties, VCK_PROPERTY_PARENT_NAME);
}

/**
 * vck_checkpoint_get_parent:
 * @self: a checkpoint
 *
 * Gets the parent, as last reported by the connection: see [property@Checkpoint:parent]. It works
 * for checkpoints that no longer exist.
 *
 * Returns: (transfer full) (nullable): the parent, or %NULL if the checkpoint is a root
 *
 * Since: 1.0
 */
VckCheckpoint *
vck_checkpoint_get_parent (VckCheckpoint *self)
{
  VckcDomainCheckpoint *handle = NULL;

  g_return_val_if_fail (VCK_IS_CHECKPOINT (self), NULL);

  handle = vck_properties_ref_parent (self->properties);
  return handle != NULL ? vck_checkpoint_wrap (self, handle) : NULL;
}

VckCheckpoint *
vck_checkpoint_find_parent (VckCheckpoint *self)
{
  VckCheckpoint *parent = vck_checkpoint_get_parent (self);
  g_autofree char *name = vck_checkpoint_get_parent_name (self);

  if (parent != NULL || name == NULL)
    return parent;
  checkpoint_read_properties (self->properties, self->handle);
  vck_checkpoint_notify_changes (self);
  return vck_checkpoint_get_parent (self);
}

VckListSlots *
vck_checkpoint_get_lists (VckCheckpoint *self)
{
  return &self->lists;
}

VckProperties *
vck_checkpoint_get_properties (VckCheckpoint *self)
{
  return self->properties;
}

VckcDomainCheckpoint *
vck_checkpoint_get_handle (VckCheckpoint *self)
{
  return self->handle;
}

/* Makes an object that is not bound yet. */
static VckCheckpoint *
checkpoint_new (VckDomain *domain, VckIdentity *identity, VckcDomainCheckpoint *handle)
{
  VckCheckpoint *self = g_object_new (VCK_TYPE_CHECKPOINT, NULL);

  self->domain = g_object_ref (domain);
  self->identity = vck_identity_ref (identity);
  self->handle = handle;
  return self;
}

VckCheckpoint *
vck_checkpoint_wrap_as (VckDomain *domain, VckIdentity *identity, VckcDomainCheckpoint *handle)
{
  VckCheckpoint *bound = vck_identity_ref_object (identity);
  g_autoptr (VckCheckpoint) made = NULL;

  if (bound != NULL)
    {
      vckc_domain_checkpoint_unref (handle, NULL);
      return bound;
    }

  made = checkpoint_new (domain, identity, handle);
  while (bound == NULL)
    {
      guint change_count = vck_identity_get_change_count (identity);

      checkpoint_read_properties (made->properties, handle);
      vck_properties_take_changes (made->properties);
      bound = vck_identity_bind_object (identity, made, made->properties, change_count);
    }
  return bound;
}

VckCheckpoint *
vck_checkpoint_wrap (gpointer origin, VckcDomainCheckpoint *handle)
{
  VckDomain *domain =
      VCK_IS_DOMAIN (origin) ? VCK_DOMAIN (origin) : VCK_CHECKPOINT (origin)->domain;
  g_autoptr (VckIdentity) identity = vck_identity_get_child (
      vck_domain_get_identity (domain), vckc_domain_checkpoint_get_name (handle, NULL),
      vckc_domain_checkpoint_get_incarnation (handle, NULL));

  return vck_checkpoint_wrap_as (domain, identity, handle);
}

void
vck_checkpoint_notify_changes (VckCheckpoint *self)
{
  const guint changed = vck_properties_take_changes (self->properties);

  g_object_freeze_notify (G_OBJECT (self));
  if ((changed & VCK_PROPERTIES_TEXT (VCK_PROPERTY_DESCRIPTION)) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DESCRIPTION]);
  if ((changed & VCK_PROPERTIES_TEXT (VCK_PROPERTY_PARENT_NAME)) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PARENT_NAME]);
  if ((changed & VCK_PROPERTIES_PARENT) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PARENT]);
  if ((changed & VCK_PROPERTIES_NUMBER (VCK_PROPERTY_CREATION_TIME)) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CREATION_TIME]);
  if ((changed & VCK_PROPERTIES_NUMBER (VCK_PROPERTY_SIZE)) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SIZE]);
  if ((changed & VCK_PROPERTIES_NUMBER (VCK_PROPERTY_STATE)) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  if ((changed & VCK_PROPERTIES_NUMBER (VCK_PROPERTY_MEASURED_AT)) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MEASURED_AT]);
  g_object_thaw_notify (G_OBJECT (self));
}
