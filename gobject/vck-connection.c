/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-authenticate.h"
#include "vck-call.h"
#include "vck-dispatcher.h"

/**
 * VckConnection:
 *
 * A connection to a host or folder that holds domains, which are virtual machines, and their
 * checkpoints.
 *
 * The URI given to [func@Connection.open] selects the driver. Everything else starts here: list the
 * domains, look one up or define one.
 *
 * Every method that may take time has an asynchronous twin, and takes a [class@Gio.Cancellable]:
 *
 * - A call that only reads returns `G_IO_ERROR_CANCELLED` as soon as it is cancelled.
 * - A call that changes something can only be cancelled before it starts; once it has
 *   started, it reports the true outcome.
 *
 * A connection may be used from any thread. Its signals, and those of its domains and
 * checkpoints, are emitted in the main context that was the thread-default one when the
 * connection was made, in the order in which things happened, and never from inside a call. Only
 * [signal@Connection::authenticate] is part of opening. A handler receives what happens after it
 * was connected. A program may leave that main context without running it: signals without a
 * handler are not queued, and the others are bounded, see [signal@Connection::events-lost].
 *
 * The connection is closed by [method@Connection.close], or with the last reference to it and to
 * everything that came from it.
 *
 * Since: 1.0
 */
struct _VckConnection
{
  GObject parent_instance;

  char *uri;                 /* as given; NULL for the default; immutable */
  VckConnectionFlags flags;  /* immutable */
  GMainContext *context;     /* owned reference: where signals are emitted; immutable */
  VckIdentity *identity;     /* owned reference; immutable */
  VckcConnect *handle;       /* owned reference; atomic: NULL until open, then immutable */
  GMutex lock;               /* covers dispatcher, and setting handle */
  VckDispatcher *dispatcher; /* owned; NULL until open and once disposed */
  VckListEvents *lists;      /* owned reference; immutable */
  VckListSlots models;       /* has a lock of its own */
  int notified_open;         /* atomic: is-open as last notified */
};

enum
{
  PROP_URI = 1,
  PROP_FLAGS,
  PROP_READ_ONLY,
  PROP_IS_OPEN,
  PROP_DOMAINS,
  N_PROPS
};

enum
{
  SIGNAL_DOMAIN_ADDED,
  SIGNAL_DOMAIN_REMOVED,
  SIGNAL_AUTHENTICATE,
  SIGNAL_EVENTS_LOST,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static void connection_initable_iface_init (GInitableIface *iface);
static void connection_async_initable_iface_init (GAsyncInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (VckConnection,
                               vck_connection,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE,
                                                      connection_initable_iface_init)
                                   G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE,
                                                          connection_async_initable_iface_init))

/* Once it is open: handlers of `notify` that are connected by now are called in the context. */
static void
connection_announce_open (VckConnection *self)
{
  const guint notify = g_signal_lookup ("notify", G_TYPE_OBJECT);

  if (g_signal_has_handler_pending (self, notify, g_quark_from_static_string ("is-open"), TRUE))
    vck_dispatcher_wake (self->dispatcher);
  else
    g_atomic_int_set (&self->notified_open, TRUE);
}

/* Takes over an open core connection; not if there is one already, or on failure. */
static gboolean
connection_adopt_handle (VckConnection *self, VckcConnect *handle, VckcError **err)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->handle != NULL)
    return FALSE;
  self->dispatcher =
      vck_dispatcher_new (self, handle, self->identity, self->lists, self->context, err);
  if (self->dispatcher == NULL)
    return FALSE;
  g_atomic_pointer_set (&self->handle, handle);
  connection_announce_open (self);
  return TRUE;
}

/* The work of opening; blocks. */
static gboolean
connection_open_handle (VckConnection *self, VckCall *call, GError **error)
{
  VckcError *err = NULL;
  VckcConnect *handle = NULL;
  VckcAuthenticateCallback authenticate = NULL;

  if (vck_connection_get_handle (self) != NULL)
    return TRUE;
  if (g_signal_has_handler_pending (self, signals[SIGNAL_AUTHENTICATE], 0, FALSE))
    authenticate = vck_authenticate_cb;
  handle = vckc_connect_open_auth (self->uri, self->flags, authenticate, call, &err);
  if (handle != NULL && !connection_adopt_handle (self, handle, &err))
    vckc_connect_unref (handle, NULL);
  if (err == NULL)
    return TRUE;
  g_propagate_error (error, vck_error_take (err));
  return FALSE;
}

static gboolean
connection_run_open (VckCall *call, GError **error)
{
  return connection_open_handle (VCK_CONNECTION (call->self), call, error);
}

/* Opening counts as reading: it is abandoned when cancelled, and a connection that opens after that
 * is closed with the object. */
static const VckCallInfo open_info = {
  .name = "vck_connection_open",
  .size = sizeof (VckCall),
  .kind = VCK_CALL_READER,
  .run = connection_run_open,
};

static gboolean
vck_connection_initable_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  VckCall *call = vck_call_new (&open_info, initable, NULL);

  return vck_call_end (vck_call_sync (call, cancellable, error));
}

static void
vck_connection_init_async (GAsyncInitable *initable,
                           int priority,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  vck_call_async (vck_call_new (&open_info, initable, NULL), cancellable, callback, user_data,
                  vck_connection_init_async);
}

static gboolean
vck_connection_init_finish (GAsyncInitable *initable, GAsyncResult *result, GError **error)
{
  return vck_call_end (vck_call_finish (result, initable, vck_connection_init_async, error));
}

static void
connection_initable_iface_init (GInitableIface *iface)
{
  iface->init = vck_connection_initable_init;
}

static void
connection_async_initable_iface_init (GAsyncInitableIface *iface)
{
  iface->init_async = vck_connection_init_async;
  iface->init_finish = vck_connection_init_finish;
}

static void
vck_connection_dispose (GObject *object)
{
  VckConnection *self = VCK_CONNECTION (object);
  VckDispatcher *dispatcher;

  g_mutex_lock (&self->lock);
  dispatcher = g_steal_pointer (&self->dispatcher);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&dispatcher, vck_dispatcher_stop);

  G_OBJECT_CLASS (vck_connection_parent_class)->dispose (object);
}

static void
vck_connection_finalize (GObject *object)
{
  VckConnection *self = VCK_CONNECTION (object);

  if (self->handle != NULL)
    vckc_connect_unref (self->handle, NULL);
  vck_identity_unref (self->identity);
  vck_list_events_unref (self->lists);
  vck_list_slots_clear (&self->models);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self->uri);

  G_OBJECT_CLASS (vck_connection_parent_class)->finalize (object);
}

static void
vck_connection_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckConnection *self = VCK_CONNECTION (object);

  switch (id)
    {
    case PROP_URI:
      g_value_set_string (value, vck_connection_get_uri (self));
      break;
    case PROP_FLAGS:
      g_value_set_flags (value, self->flags);
      break;
    case PROP_READ_ONLY:
      g_value_set_boolean (value, (self->flags & VCK_CONNECTION_READ_ONLY) != 0);
      break;
    case PROP_IS_OPEN:
      g_value_set_boolean (value, vck_connection_is_open (self));
      break;
    case PROP_DOMAINS:
      g_value_take_object (value, vck_connection_get_domains (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_connection_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  VckConnection *self = VCK_CONNECTION (object);

  switch (id)
    {
    case PROP_URI:
      self->uri = g_value_dup_string (value);
      break;
    case PROP_FLAGS:
      self->flags = g_value_get_flags (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
connection_install_properties (GObjectClass *object_class)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  const GParamFlags given = readable | G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY;

  /**
   * VckConnection:uri:
   *
   * The URI of the connection. Until it is open, as it was given: %NULL stands for the
   * value of the environment variable `VCK_URI` and, without that, `local:`.
   *
   * Since: 1.0
   */
  props[PROP_URI] = g_param_spec_string ("uri", "URI", "The URI of the connection", NULL, given);

  /**
   * VckConnection:flags:
   *
   * How the connection is opened.
   *
   * Since: 1.0
   */
  props[PROP_FLAGS] = g_param_spec_flags ("flags", "Flags", "How the connection is opened",
                                          VCK_TYPE_CONNECTION_FLAGS, 0, given);

  /**
   * VckConnection:read-only:
   *
   * Whether every call that would change something is refused.
   *
   * Since: 1.0
   */
  props[PROP_READ_ONLY] = g_param_spec_boolean (
      "read-only", "Read only", "Whether every call that would change something is refused", FALSE,
      readable);

  /**
   * VckConnection:is-open:
   *
   * Whether the connection can be used: %FALSE until it is open, and again once it was closed or
   * lost. It may be read in any thread, and is right at any time. Its `notify` is emitted in the
   * main context of the connection, before [signal@Connection::closed] when it was closed.
   *
   * Since: 1.0
   */
  props[PROP_IS_OPEN] = g_param_spec_boolean (
      "is-open", "Is open", "Whether the connection can be used", FALSE, readable);

  /**
   * VckConnection:domains:
   *
   * The domains of the connection, as a list that follows what happens. It is made when it is first
   * asked for, and belongs to the program: without a reference to it nothing is loaded or followed.
   *
   * Since: 1.0
   */
  props[PROP_DOMAINS] = g_param_spec_object (
      "domains", "Domains", "The domains of the connection, as a list that follows what happens",
      VCK_TYPE_DOMAIN_LIST, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, props);
}

/* The first answer counts. */
static gboolean
accumulate_answers_cb (GSignalInvocationHint *hint,
                       GValue *accumulated,
                       const GValue *returned,
                       gpointer user_data)
{
  g_value_copy (returned, accumulated);
  return g_value_get_string (returned) == NULL;
}

static void
connection_install_domain_signals (GType type)
{
  /**
   * VckConnection::domain-added:
   * @self: the connection
   * @domain: the new domain
   *
   * Emitted when a domain was defined, by this program or by another one.
   *
   * It is emitted in the main context that was the thread-default one when the connection was
   * made, never from inside a call. The handler may call anything, also drop the last
   * reference to the connection. By then the domain may have been undefined again.
   *
   * Since: 1.0
   */
  signals[SIGNAL_DOMAIN_ADDED] = g_signal_new ("domain-added", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                               NULL, NULL, G_TYPE_NONE, 1, VCK_TYPE_DOMAIN);

  /**
   * VckConnection::domain-removed:
   * @self: the connection
   * @domain: the undefined domain
   *
   * Emitted when a domain was undefined, by this program or by another one.
   *
   * It is emitted in the main context that was the thread-default one when the connection was
   * made, never from inside a call. The handler may call anything, also drop the last
   * reference to the connection. Its @domain is the object of the domain while it was defined, if
   * that still lives; a domain that is defined later with the same UUID is another object.
   *
   * Since: 1.0
   */
  signals[SIGNAL_DOMAIN_REMOVED] = g_signal_new ("domain-removed", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                                 NULL, NULL, G_TYPE_NONE, 1, VCK_TYPE_DOMAIN);
}

static void
connection_install_authenticate_signal (GType type)
{
  /**
   * VckConnection::authenticate:
   * @self: the connection
   * @credential: what is requested
   * @prompt: the question, human-readable
   * @suggestion: (nullable): what an empty answer stands for, or %NULL if it stands for nothing
   *
   * Emitted while the connection is being opened, once for each credential that the host requests.
   * Only hosts that libvirt manages request any.
   *
   * To handle it, connect the handler before the connection is opened:
   *
   * 1. Make the object with [ctor@Connection.new], or with its properties: in Python
   *    `Vck.Connection(uri=…)`, in JavaScript `new Vck.Connection({uri: …})`.
   * 2. Connect the handler.
   * 3. Open it with [method@Gio.Initable.init] or [method@Gio.AsyncInitable.init_async].
   *
   * The first handler that returns a text gives the answer; those connected after it are not
   * called. Without an answer the connection is not opened, and fails with [error@Vck.Error]
   * `OPERATION_DENIED`.
   *
   * Unlike the other signals, it is emitted from inside the call: by `init()` in the
   * calling thread, and for `init_async()` in the main context that was the thread-default one when
   * that was called. The handler may run the main context meanwhile, for example for a dialogue. If
   * the call is cancelled, it returns at once, and the answer is discarded.
   *
   * Answers are neither kept nor logged.
   *
   * Returns: (transfer full) (nullable): the answer, or %NULL to give none
   *
   * Since: 1.0
   */
  signals[SIGNAL_AUTHENTICATE] =
      g_signal_new ("authenticate", type, G_SIGNAL_RUN_LAST, 0, accumulate_answers_cb, NULL, NULL,
                    G_TYPE_STRING, 3, VCK_TYPE_CREDENTIAL, G_TYPE_STRING, G_TYPE_STRING);
}

static void
connection_install_end_signals (GType type)
{
  /**
   * VckConnection::events-lost:
   * @self: the connection
   *
   * Emitted when signals were dropped: 10,000 were waiting because the main context of the
   * connection did not run. These and all that followed are not emitted; this signal is emitted
   * once instead. By then the properties of all domains and checkpoints are up to date; a program
   * that keeps a list of domains or checkpoints has to list them again.
   *
   * It is emitted in the main context that was the thread-default one when the connection was
   * made, never from inside a call. The handler may call anything, also drop the last
   * reference to the connection.
   *
   * Since: 1.0
   */
  signals[SIGNAL_EVENTS_LOST] =
      g_signal_new ("events-lost", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * VckConnection::closed:
   * @self: the connection
   * @reason: why; `CLIENT` if by [method@Connection.close]
   *
   * Emitted when the connection was closed by [method@Connection.close] or was lost. It is the last
   * signal of the connection and of everything that came from it. The connection cannot be opened
   * again: open a new one.
   *
   * It is emitted in the main context that was the thread-default one when the connection was
   * made, never from inside a call. The handler may call anything, also drop the last
   * reference to the connection.
   *
   * Since: 1.0
   */
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, VCK_TYPE_CLOSE_REASON);
}

static void
vck_connection_class_init (VckConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = vck_connection_dispose;
  object_class->finalize = vck_connection_finalize;
  object_class->get_property = vck_connection_get_property;
  object_class->set_property = vck_connection_set_property;

  connection_install_properties (object_class);
  connection_install_domain_signals (G_TYPE_FROM_CLASS (klass));
  connection_install_authenticate_signal (G_TYPE_FROM_CLASS (klass));
  connection_install_end_signals (G_TYPE_FROM_CLASS (klass));
}

static void
vck_connection_init (VckConnection *self)
{
  g_mutex_init (&self->lock);
  self->context = g_main_context_ref_thread_default ();
  self->identity = vck_identity_new ();
  self->lists = vck_list_events_new ();
  vck_list_slots_init (&self->models);
}

/**
 * vck_connection_new:
 * @uri: (nullable): where to connect, as for [func@Connection.open]
 * @flags: how to open the connection
 *
 * Creates a connection that is not open yet, so that handlers can be connected first, such as that
 * of [signal@Connection::authenticate]. Open it with [method@Gio.Initable.init] or
 * [method@Gio.AsyncInitable.init_async], which fail as [func@Connection.open] does. Until then, all
 * other calls fail.
 *
 * Returns: (transfer full): a new connection
 *
 * Since: 1.0
 */
VckConnection *
vck_connection_new (const char *uri, VckConnectionFlags flags)
{
  VckConnection *self = g_object_new (VCK_TYPE_CONNECTION, "uri", uri, NULL);

  /* Not through the property: it would hide unknown flags from the core, which refuses them. */
  self->flags = flags;
  return self;
}

/**
 * vck_connection_open:
 * @uri: (nullable): where to connect, or %NULL for the value of the environment variable
 *   `VCK_URI` and, without that, `local:`
 * @flags: how to open the connection
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Opens a connection.
 *
 * The scheme of @uri selects the driver:
 *
 * - `local:` – domains (virtual machines) described in the user's data folder
 *   (`$XDG_DATA_HOME/vck/domains`), with their checkpoints as persistent dirty bitmaps in
 *   qcow2 files; no daemon is needed. `local:///any/folder` uses that folder, which is created
 *   when the first domain is defined.
 * - `memory:///default` – nothing is written to a disk; it starts with a domain `test`. All
 *   connections of a process to the same `memory:` URI see the same domains as long as one of them
 *   is open. Meant for tests.
 * - every other URI – a host that libvirt manages: `qemu:///system`, `qemu:///session`,
 *   `qemu+ssh://host/system`, `test:///default` and so on. libvirt does the work.
 *
 * A host that requests a name or a password refuses this call, which cannot ask for them. To log
 * in, create the connection with [ctor@Connection.new], connect to
 * [signal@Connection::authenticate], and open it with [method@Gio.Initable.init].
 *
 * Fails with [error@Vck.Error] `INVALID_ARG` when @uri is not a URI or @flags are unknown,
 * with `NO_CONNECT` when there is no host at @uri or this build of Vck has no driver for it, with
 * `OPERATION_DENIED` when the host refuses the user, and with the errors of the driver.
 *
 * Returns: (transfer full): a new connection
 *
 * Since: 1.0
 */
VckConnection *
vck_connection_open (const char *uri,
                     VckConnectionFlags flags,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (VckConnection) self = vck_connection_new (uri, flags);

  if (!g_initable_init (G_INITABLE (self), cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * vck_connection_open_async:
 * @uri: (nullable): where to connect, or %NULL for the value of the environment variable
 *   `VCK_URI` and, without that, `local:`
 * @flags: how to open the connection
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async): called when the connection is open or could not be opened
 * @user_data: data for @callback
 *
 * Opens a connection without blocking: the asynchronous twin of [func@Connection.open].
 * Get the connection with [func@Connection.open_finish].
 *
 * Since: 1.0
 */
void
vck_connection_open_async (const char *uri,
                           VckConnectionFlags flags,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (VckConnection) self = vck_connection_new (uri, flags);

  g_async_initable_init_async (G_ASYNC_INITABLE (self), G_PRIORITY_DEFAULT, cancellable, callback,
                               user_data);
}

/**
 * vck_connection_open_finish:
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [func@Connection.open_async]. Fails as [func@Connection.open] does.
 *
 * Returns: (transfer full): a new connection
 *
 * Since: 1.0
 */
VckConnection *
vck_connection_open_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GObject) source = g_async_result_get_source_object (result);

  g_return_val_if_fail (VCK_IS_CONNECTION (source), NULL);

  if (!g_async_initable_init_finish (G_ASYNC_INITABLE (source), result, error))
    return NULL;
  return VCK_CONNECTION (g_steal_pointer (&source));
}

/**
 * vck_connection_get_uri:
 * @self: a connection
 *
 * Gets the URI of the connection, as it was resolved when it was opened. Until then, it is what
 * was given.
 *
 * Returns: (transfer none) (nullable): the URI, which lives as long as @self; %NULL if it is not
 *   open and none was given
 *
 * Since: 1.0
 */
const char *
vck_connection_get_uri (VckConnection *self)
{
  VckcConnect *handle = NULL;

  g_return_val_if_fail (VCK_IS_CONNECTION (self), NULL);

  handle = vck_connection_get_handle (self);
  return handle != NULL ? vckc_connect_get_uri (handle, NULL) : self->uri;
}

/**
 * vck_connection_get_flags:
 * @self: a connection
 *
 * Gets how the connection was opened.
 *
 * Returns: the flags
 *
 * Since: 1.0
 */
VckConnectionFlags
vck_connection_get_flags (VckConnection *self)
{
  g_return_val_if_fail (VCK_IS_CONNECTION (self), 0);

  return self->flags;
}

VckcConnect *
vck_connection_get_handle (VckConnection *self)
{
  return g_atomic_pointer_get (&self->handle);
}

void
vck_connection_apply_list_events (VckConnection *self)
{
  vck_list_events_apply (self->lists, self);
}

VckListSlots *
vck_connection_get_lists (VckConnection *self)
{
  return &self->models;
}

VckIdentity *
vck_connection_get_identity (VckConnection *self)
{
  return self->identity;
}

GMainContext *
vck_connection_get_context (VckConnection *self)
{
  return self->context;
}

void
vck_connection_push_job (VckConnection *self, VckIdentity *identity, gboolean ended)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->dispatcher != NULL)
    vck_dispatcher_push_job (self->dispatcher, identity, ended);
}

void
vck_connection_push_disk (VckConnection *self, VckIdentity *identity)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->dispatcher != NULL)
    vck_dispatcher_push_disk (self->dispatcher, identity);
}

void
vck_connection_emit_domain_added (VckConnection *self, VckDomain *domain)
{
  g_signal_emit (self, signals[SIGNAL_DOMAIN_ADDED], 0, domain);
}

void
vck_connection_emit_domain_removed (VckConnection *self, VckDomain *domain)
{
  g_signal_emit (self, signals[SIGNAL_DOMAIN_REMOVED], 0, domain);
}

char *
vck_connection_emit_authenticate (VckConnection *self,
                                  VckCredential credential,
                                  const char *prompt,
                                  const char *suggestion)
{
  char *answer = NULL;

  g_signal_emit (self, signals[SIGNAL_AUTHENTICATE], 0, credential, prompt, suggestion, &answer);
  return answer;
}

void
vck_connection_emit_events_lost (VckConnection *self)
{
  g_signal_emit (self, signals[SIGNAL_EVENTS_LOST], 0);
}

void
vck_connection_notify_opened (VckConnection *self)
{
  if (vck_connection_is_open (self)
      && g_atomic_int_compare_and_exchange (&self->notified_open, 0, 1))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_OPEN]);
}

void
vck_connection_emit_closed (VckConnection *self, VckCloseReason reason)
{
  if (g_atomic_int_compare_and_exchange (&self->notified_open, 1, 0))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_OPEN]);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, reason);
}
