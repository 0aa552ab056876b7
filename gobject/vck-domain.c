/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-private.h"
#include "vck-refresher.h"

/**
 * VckDomain:
 *
 * A domain of a connection: a virtual machine, running or not, with its checkpoints.
 *
 * Domains come from a [class@Connection]: list them, look one up or define one. As long as the
 * object lives, every call of the connection returns the same object for the same domain. It is an
 * address, made of the UUID and the name: it stays valid when the domain is undefined, and calls
 * then fail with [error@Vck.Error] `NO_DOMAIN`. A domain that is defined again later is another
 * object.
 *
 * A domain keeps its connection alive. It may be used from any thread; its signals are
 * emitted in the main context of the connection.
 *
 * Since: 1.0
 */
struct _VckDomain
{
  GObject parent_instance;

  VckProperties *properties; /* owned reference; immutable: the name and the state */

  /* Immutable, and NULL without vck_domain_wrap(). */
  VckConnection *connection; /* owned reference */
  VckIdentity *identity;     /* owned reference */
  VckcDomain *handle;        /* owned reference */

  GMutex lock;             /* for what follows */
  guint refresh_interval;  /* in milliseconds; 0 for never */
  VckRefresher *refresher; /* owned; NULL until it is needed */

  VckListSlots lists; /* has a lock of its own */
};

enum
{
  PROP_NAME = 1,
  PROP_UUID,
  PROP_CONNECTION,
  PROP_STATE,
  PROP_REFRESH_INTERVAL,
  PROP_CHECKPOINTS,
  PROP_ROOT_CHECKPOINTS,
  PROP_DISKS,
  N_PROPS
};

enum
{
  SIGNAL_CHECKPOINT_ADDED,
  SIGNAL_CHECKPOINT_REMOVED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (VckDomain, vck_domain, G_TYPE_OBJECT)

/* Queries only what events have not reported: with many remote domains that takes long. */
static VckDomainState
domain_read_state (VckcDomain *handle)
{
  VckcDomainState state = vckc_domain_peek_state (handle, NULL);

  if (state == VCKC_DOMAIN_STATE_NOSTATE)
    vckc_domain_get_state (handle, &state, NULL);
  return (VckDomainState) state;
}

static void
vck_domain_finalize (GObject *object)
{
  VckDomain *self = VCK_DOMAIN (object);

  if (self->identity != NULL)
    vck_identity_unbind_object (self->identity, self);
  g_clear_pointer (&self->refresher, vck_refresher_stop);
  if (self->handle != NULL)
    vckc_domain_unref (self->handle, NULL);
  g_clear_pointer (&self->identity, vck_identity_unref);
  g_clear_object (&self->connection);
  vck_properties_unref (self->properties);
  vck_list_slots_clear (&self->lists);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (vck_domain_parent_class)->finalize (object);
}

static void
vck_domain_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckDomain *self = VCK_DOMAIN (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, vck_domain_get_name (self));
      break;
    case PROP_UUID:
      g_value_set_string (value, vckc_domain_get_uuid (self->handle, NULL));
      break;
    case PROP_CONNECTION:
      g_value_set_object (value, self->connection);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (gint) vck_domain_get_state (self));
      break;
    case PROP_REFRESH_INTERVAL:
      g_value_set_uint (value, vck_domain_get_refresh_interval (self));
      break;
    case PROP_CHECKPOINTS:
      g_value_take_object (value, vck_domain_get_checkpoints (self));
      break;
    case PROP_ROOT_CHECKPOINTS:
      g_value_take_object (value, vck_domain_get_root_checkpoints (self));
      break;
    case PROP_DISKS:
      g_value_take_object (value, vck_domain_get_disks (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_domain_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  VckDomain *self = VCK_DOMAIN (object);

  switch (id)
    {
    case PROP_REFRESH_INTERVAL:
      vck_domain_set_refresh_interval (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
domain_install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  /**
   * VckDomain:name:
   *
   * The name of the domain. It is up to date when a call of this program that renames the domain
   * returns; `notify` is emitted later, in the main context of the connection.
   *
   * Since: 1.0
   */
  props[PROP_NAME] = g_param_spec_string ("name", "Name", "The name of the domain", NULL, flags);

  /**
   * VckDomain:uuid:
   *
   * The UUID of the domain, as 36 characters with lower-case digits.
   *
   * Since: 1.0
   */
  props[PROP_UUID] = g_param_spec_string (
      "uuid", "UUID", "The UUID of the domain, as 36 characters with lower-case digits", NULL,
      flags);

  /**
   * VckDomain:connection:
   *
   * The connection that the domain belongs to.
   *
   * Since: 1.0
   */
  props[PROP_CONNECTION] =
      g_param_spec_object ("connection", "Connection", "The connection that the domain belongs to",
                           VCK_TYPE_CONNECTION, flags);

  /**
   * VckDomain:state:
   *
   * The state of the domain, as last reported by the connection.
   *
   * It is up to date when the object is made, and follows the events of the connection
   * from then on, whether a main context runs or not; `notify` is emitted after that, in the main
   * context of the connection.
   * [method@Domain.query_state] queries the state at this moment.
   *
   * Since: 1.0
   */
  props[PROP_STATE] = g_param_spec_enum (
      "state", "State", "The state of the domain, as last reported by the connection",
      VCK_TYPE_DOMAIN_STATE, VCK_DOMAIN_STATE_NOSTATE, flags);

  /**
   * VckDomain:refresh-interval:
   *
   * How often [method@Domain.refresh] is done in the background, in milliseconds; 0 for never.
   *
   * libvirt emits no events for checkpoints. With an interval, the checkpoint signals of this
   * object also report the changes of other programs, after the interval and one refresh at the
   * latest. With `local:` and `memory:` they do so without it. Changes are those since the
   * checkpoints were last listed or, if they were not, since the first refresh, which starts at
   * once.
   *
   * The timer runs in the main context of the connection, the work in another thread. A
   * refresh that takes longer than the interval is waited for; one that fails is not reported.
   * It continues as long as the object lives, and ends when the connection is closed.
   *
   * Since: 1.0
   */
  props[PROP_REFRESH_INTERVAL] =
      g_param_spec_uint ("refresh-interval", "Refresh interval",
                         "How often the domain is refreshed in the background, in milliseconds", 0,
                         G_MAXUINT, 0, flags | G_PARAM_WRITABLE);

  /**
   * VckDomain:checkpoints:
   *
   * The checkpoints of the domain, as a list that follows what happens. It is made when it is first
   * asked for, and belongs to the program: without a reference to it nothing is loaded or followed.
   *
   * Since: 1.0
   */
  props[PROP_CHECKPOINTS] =
      g_param_spec_object ("checkpoints", "Checkpoints",
                           "The checkpoints of the domain, as a list that follows what happens",
                           VCK_TYPE_CHECKPOINT_LIST, flags);

  /**
   * VckDomain:root-checkpoints:
   *
   * The checkpoints of the domain that have no parent, as a list that follows what happens. With
   * [property@Checkpoint:children] it makes a tree, and is as that.
   *
   * Since: 1.0
   */
  props[PROP_ROOT_CHECKPOINTS] = g_param_spec_object (
      "root-checkpoints", "Root checkpoints", "The checkpoints of the domain that have no parent",
      VCK_TYPE_CHECKPOINT_LIST, flags);

  /**
   * VckDomain:disks:
   *
   * The disks of the domain, as a list that follows what happens. It is made when it is first asked
   * for, and belongs to the program: without a reference to it nothing is looked at.
   *
   * Since: 1.0
   */
  props[PROP_DISKS] = g_param_spec_object (
      "disks", "Disks", "The disks of the domain, as a list that follows what happens",
      VCK_TYPE_DISK_LIST, flags);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

static guint
domain_new_checkpoint_signal (const char *name)
{
  return g_signal_new (name, VCK_TYPE_DOMAIN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       1, VCK_TYPE_CHECKPOINT);
}

static void
vck_domain_class_init (VckDomainClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = vck_domain_finalize;
  object_class->get_property = vck_domain_get_property;
  object_class->set_property = vck_domain_set_property;

  domain_install_properties (object_class);

  /**
   * VckDomain::checkpoint-added:
   * @self: the domain
   * @checkpoint: the new checkpoint
   *
   * Emitted when a checkpoint of the domain was created, by this program or by another one.
   *
   * It is emitted in the main context that was the thread-default one when the connection was
   * opened, never from inside a call. The handler may call anything, also drop the last
   * reference to the domain. By then the checkpoint may have been deleted again.
   *
   * Since: 1.0
   */
  signals[SIGNAL_CHECKPOINT_ADDED] = domain_new_checkpoint_signal ("checkpoint-added");

  /**
   * VckDomain::checkpoint-removed:
   * @self: the domain
   * @checkpoint: the deleted checkpoint
   *
   * Emitted when a checkpoint of the domain was deleted, by this program or by another one.
   *
   * It is emitted in the main context that was the thread-default one when the connection was
   * opened, never from inside a call. The handler may call anything, also drop the last
   * reference to the domain. Its @checkpoint is the object of the checkpoint while it existed, if
   * that still lives; a checkpoint that is created later under the same name is another object.
   *
   * Since: 1.0
   */
  signals[SIGNAL_CHECKPOINT_REMOVED] = domain_new_checkpoint_signal ("checkpoint-removed");
}

static void
vck_domain_init (VckDomain *self)
{
  self->properties = vck_properties_new ();
  g_mutex_init (&self->lock);
  vck_list_slots_init (&self->lists);
}

/**
 * vck_domain_get_name:
 * @self: a domain
 *
 * Gets the name of the domain.
 *
 * Returns: (transfer none) (nullable): the name, which lives as long as @self; %NULL only for an
 *   object that came from no connection
 *
 * Since: 1.0
 */
const char *
vck_domain_get_name (VckDomain *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);

  return vck_properties_get_name (self->properties);
}

/**
 * vck_domain_get_connection:
 * @self: a domain
 *
 * Gets the connection that the domain belongs to.
 *
 * Returns: (transfer none) (nullable): the connection, which lives as long as @self; %NULL only
 *   for an object that came from no connection
 *
 * Since: 1.0
 */
VckConnection *
vck_domain_get_connection (VckDomain *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);

  return self->connection;
}

/**
 * vck_domain_get_state:
 * @self: a domain
 *
 * Gets the state of the domain, as last reported by the connection: see
 * [property@Domain:state]. It never blocks.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
VckDomainState
vck_domain_get_state (VckDomain *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN (self), VCK_DOMAIN_STATE_NOSTATE);

  return (VckDomainState) vck_properties_get_number (self->properties, VCK_PROPERTY_STATE);
}

/**
 * vck_domain_get_refresh_interval:
 * @self: a domain
 *
 * Gets how often the domain is refreshed in the background: see
 * [property@Domain:refresh-interval].
 *
 * Returns: the interval in milliseconds, or 0 if it is not refreshed
 *
 * Since: 1.0
 */
guint
vck_domain_get_refresh_interval (VckDomain *self)
{
  guint interval = 0;

  g_return_val_if_fail (VCK_IS_DOMAIN (self), 0);

  g_mutex_lock (&self->lock);
  interval = self->refresh_interval;
  g_mutex_unlock (&self->lock);
  return interval;
}

static gboolean
is_refresh_needed (gpointer domain)
{
  return vck_connection_is_open (vck_domain_get_connection (domain));
}

static void
domain_start_refresh (gpointer domain, GAsyncReadyCallback callback, gpointer data)
{
  vck_domain_refresh_async (domain, NULL, callback, data);
}

static void
domain_finish_refresh (gpointer domain, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;

  if (!vck_domain_refresh_finish (domain, result, &error))
    g_log_structured (
        G_LOG_DOMAIN, G_LOG_LEVEL_DEBUG, "CODE_FILE", __FILE__, "CODE_LINE", G_STRINGIFY (__LINE__),
        "CODE_FUNC", G_STRFUNC, "VCK_DOMAIN", vck_domain_get_uuid (domain), "MESSAGE",
        "refreshing '%s' in the background: %s", vck_domain_get_name (domain), error->message);
}

static const VckRefresherWork refresh_work = {
  .is_needed = is_refresh_needed,
  .start = domain_start_refresh,
  .finish = domain_finish_refresh,
};

/* Returns whether the interval changed. */
static gboolean
domain_change_refresh_interval (VckDomain *self, guint interval)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->refresh_interval == interval)
    return FALSE;
  self->refresh_interval = interval;
  if (self->connection == NULL)
    return TRUE;
  if (self->refresher == NULL)
    self->refresher = vck_refresher_new (&refresh_work, G_OBJECT (self),
                                         vck_connection_get_context (self->connection));
  vck_refresher_set_interval (self->refresher, interval);
  return TRUE;
}

/**
 * vck_domain_set_refresh_interval:
 * @self: a domain
 * @interval: the interval in milliseconds, or 0 to stop refreshing it
 *
 * Sets how often the domain is refreshed in the background: see
 * [property@Domain:refresh-interval].
 *
 * Since: 1.0
 */
void
vck_domain_set_refresh_interval (VckDomain *self, guint interval)
{
  g_return_if_fail (VCK_IS_DOMAIN (self));

  if (domain_change_refresh_interval (self, interval))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_REFRESH_INTERVAL]);
}

VckcDomain *
vck_domain_get_handle (VckDomain *self)
{
  return self->handle;
}

VckIdentity *
vck_domain_get_identity (VckDomain *self)
{
  return self->identity;
}

VckListSlots *
vck_domain_get_lists (VckDomain *self)
{
  return &self->lists;
}

/* Makes an object that is not bound yet. */
static VckDomain *
domain_new (VckConnection *connection, VckIdentity *identity, VckcDomain *handle)
{
  VckDomain *self = g_object_new (VCK_TYPE_DOMAIN, NULL);

  self->connection = g_object_ref (connection);
  self->identity = vck_identity_ref (identity);
  self->handle = handle;
  vck_properties_set_text (self->properties, VCK_PROPERTY_NAME,
                           vckc_domain_get_name (handle, NULL));
  return self;
}

VckDomain *
vck_domain_wrap_as (VckConnection *connection,
                    VckIdentity *identity,
                    VckcDomain *handle,
                    gint state)
{
  VckDomain *bound = vck_identity_ref_object (identity);
  g_autoptr (VckDomain) made = NULL;

  if (bound != NULL)
    {
      vckc_domain_unref (handle, NULL);
      return bound;
    }

  made = domain_new (connection, identity, handle);
  while (bound == NULL)
    {
      guint change_count = vck_identity_get_change_count (identity);

      vck_properties_set_number (made->properties, VCK_PROPERTY_STATE,
                                 state >= 0 ? state : (gint) domain_read_state (handle));
      vck_properties_take_changes (made->properties);
      bound = vck_identity_bind_object (identity, made, made->properties, change_count);
    }
  return bound;
}

VckDomain *
vck_domain_wrap (gpointer origin, VckcDomain *handle)
{
  VckConnection *connection = VCK_CONNECTION (origin);
  g_autoptr (VckIdentity) identity = vck_identity_get_child (
      vck_connection_get_identity (connection), vckc_domain_get_uuid (handle, NULL),
      vckc_domain_get_incarnation (handle, NULL));

  return vck_domain_wrap_as (connection, identity, handle, -1);
}

void
vck_domain_notify_changes (VckDomain *self)
{
  const guint changed = vck_properties_take_changes (self->properties);

  if ((changed & VCK_PROPERTIES_TEXT (VCK_PROPERTY_NAME)) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_NAME]);
  if ((changed & VCK_PROPERTIES_NUMBER (VCK_PROPERTY_STATE)) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

void
vck_domain_emit_checkpoint_added (VckDomain *self, VckCheckpoint *checkpoint)
{
  g_signal_emit (self, signals[SIGNAL_CHECKPOINT_ADDED], 0, checkpoint);
}

void
vck_domain_emit_checkpoint_removed (VckDomain *self, VckCheckpoint *checkpoint)
{
  g_signal_emit (self, signals[SIGNAL_CHECKPOINT_REMOVED], 0, checkpoint);
}
