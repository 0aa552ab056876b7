/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-list-model.h"

/**
 * VckDomainList:
 *
 * The domains of a connection, as a list that follows what happens: see
 * [property@Connection:domains].
 *
 * It is a [iface@Gio.ListModel] of [class@Domain]. A new list is empty and begins to load; all
 * domains then come with one [signal@Gio.ListModel::items-changed]. From then on it follows what
 * the connection reports. It changes before the signal of the connection is emitted, and is exact:
 * what [signal@Gio.ListModel::items-changed] has reported is what is there.
 *
 * The domains are in the order of their names when the list is loaded; new ones come last. The
 * objects are those that all other calls return.
 *
 * It is to be used in the main context of the connection, and changes only there, or in
 * [method@DomainList.load], which a program without a main loop calls. When the connection is
 * closed, the domains stay and [property@DomainList:error] is set.
 *
 * The list keeps its connection alive. The connection does not keep the list: without a reference
 * to it nothing is loaded or followed.
 *
 * Since: 1.0
 */
struct _VckDomainList
{
  VckListModel model;

  VckConnection *connection; /* (nullable), owned reference; immutable */
};

enum
{
  PROP_CONNECTION = VCK_LIST_N_PROPS,
};

G_DEFINE_FINAL_TYPE_WITH_CODE (VckDomainList,
                               vck_domain_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      vck_list_model_init_interface))

/* In any thread. */
static gboolean
domain_list_load_run (VckCall *base, GError **error)
{
  VckListLoad *load = (VckListLoad *) base;
  VckcDomain **handles = NULL;
  VckcError *err = NULL;
  int count = vckc_connect_list_all_domains (base->handle, &handles, 0, &err);

  load->rows = g_ptr_array_new_with_free_func (g_object_unref);
  for (int i = 0; i < count; i++)
    g_ptr_array_add (load->rows, vck_domain_wrap (base->self, handles[i]));
  free (handles);
  if (count >= 0 && vckc_connect_announce_domains (base->handle, &err) == 0)
    return TRUE;
  g_propagate_error (error, vck_error_take (err));
  return FALSE;
}

static void
domain_list_hold (gpointer handle)
{
  vckc_connect_ref (handle, NULL);
}

static void
domain_list_drop (gpointer handle)
{
  vckc_connect_unref (handle, NULL);
}

static const VckListInfo info = {
  .load = {
    .name = "vck_domain_list_load",
    .size = sizeof (VckListLoad),
    .kind = VCK_CALL_READER,
    .hold = domain_list_hold,
    .drop = domain_list_drop,
    .run = domain_list_load_run,
    .clear = vck_list_load_clear,
  },
  .get_item_type = vck_domain_get_type,
};

static void
vck_domain_list_finalize (GObject *object)
{
  VckDomainList *self = VCK_DOMAIN_LIST (object);

  vck_list_model_set_list (self, NULL);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (vck_domain_list_parent_class)->finalize (object);
}

static void
vck_domain_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckDomainList *self = VCK_DOMAIN_LIST (object);

  switch (id)
    {
    case PROP_CONNECTION:
      g_value_set_object (value, self->connection);
      break;
    default:
      if (!vck_list_model_get_property (object, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_domain_list_class_init (VckDomainListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_domain_list_finalize;
  object_class->get_property = vck_domain_list_get_property;

  /**
   * VckDomainList:n-items:
   *
   * The number of domains in the list.
   *
   * Since: 1.0
   */

  /**
   * VckDomainList:connection:
   *
   * The connection whose domains these are.
   *
   * Since: 1.0
   */
  g_object_class_install_property (object_class, PROP_CONNECTION,
                                   g_param_spec_object ("connection", "Connection",
                                                        "The connection whose domains these are",
                                                        VCK_TYPE_CONNECTION, flags));

  /**
   * VckDomainList:loading:
   *
   * Whether the list is being loaded: in the background, at first and again after events were lost
   * (see [signal@Connection::events-lost]), or by [method@DomainList.load]. The first
   * load begins when the main context of the connection runs, unless the list was loaded before.
   *
   * Since: 1.0
   */

  /**
   * VckDomainList:error:
   *
   * Why the last load failed, or that the connection is closed; %NULL if the list follows
   * the connection. The domains that are in the list stay.
   *
   * Since: 1.0
   */
  vck_list_model_install_properties (object_class);
}

static void
vck_domain_list_init (VckDomainList *self)
{
  vck_list_model_set_list (self, vck_list_new (&info, G_LIST_MODEL (self), NULL));
}

static gpointer
domain_list_new (gpointer connection)
{
  VckDomainList *self = g_object_new (VCK_TYPE_DOMAIN_LIST, NULL);
  const VckListOwner owner = {
    .object = connection,
    .connection = connection,
    .handle = vck_connection_get_handle (connection),
    .identity = vck_connection_get_identity (connection),
  };

  self->connection = g_object_ref (connection);
  vck_list_model_set_list (self, vck_list_new (&info, G_LIST_MODEL (self), &owner));
  return self;
}

/**
 * vck_connection_get_domains:
 * @self: a connection
 *
 * Gets the list of the domains, which follows what happens: see [property@Connection:domains].
 * It never blocks: a new list is empty until it has loaded.
 *
 * Returns: (transfer full): the list; the same one as long as it lives
 *
 * Since: 1.0
 */
VckDomainList *
vck_connection_get_domains (VckConnection *self)
{
  VckDomainList *list = NULL;
  gboolean made = FALSE;

  g_return_val_if_fail (VCK_IS_CONNECTION (self), NULL);

  list = vck_list_slots_make (vck_connection_get_lists (self), VCK_LIST_SLOT_MAIN, domain_list_new,
                              self, &made);
  if (made)
    vck_list_start (list->model.list);
  return list;
}

/**
 * vck_domain_list_get_connection:
 * @self: a list of domains
 *
 * Gets the connection whose domains these are.
 *
 * Returns: (transfer none) (nullable): the connection, which lives as long as @self; %NULL only
 *   for a list that came from no connection
 *
 * Since: 1.0
 */
VckConnection *
vck_domain_list_get_connection (VckDomainList *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_LIST (self), NULL);

  return self->connection;
}

/**
 * vck_domain_list_is_loading:
 * @self: a list of domains
 *
 * Gets whether the list is being loaded: see [property@DomainList:loading].
 *
 * Returns: %TRUE while it is
 *
 * Since: 1.0
 */
gboolean
vck_domain_list_is_loading (VckDomainList *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_LIST (self), FALSE);

  return vck_list_is_loading (self->model.list);
}

/**
 * vck_domain_list_get_error:
 * @self: a list of domains
 *
 * Gets why the list does not follow the connection: see [property@DomainList:error].
 *
 * Returns: (transfer none) (nullable): the reason, or %NULL if there is none
 *
 * Since: 1.0
 */
GError *
vck_domain_list_get_error (VckDomainList *self)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_LIST (self), NULL);

  return vck_list_get_error (self->model.list);
}

/**
 * vck_domain_list_load:
 * @self: a list of domains
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: return location for an error
 *
 * Waits until the list has all domains that there are now. A program without a main loop calls
 * it before it looks at the list.
 *
 * [signal@Gio.ListModel::items-changed] is emitted from inside the call, unless another thread runs
 * the main context of the connection: then it is emitted there, and the call waits for that.
 *
 * Fails with [error@Vck.Error] `NO_CONNECT` when the connection is closed, with `INVALID_CONNECT`
 * when it is not open yet, and with `SYSTEM_ERROR` when the folder of `local:` cannot be read.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_domain_list_load (VckDomainList *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_LIST (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return vck_list_load (self->model.list, cancellable, error);
}

/**
 * vck_domain_list_load_async:
 * @self: a list of domains
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async): called when it is done
 * @user_data: given to @callback
 *
 * Does what [method@DomainList.load] does without blocking, and then calls @callback in the
 * thread-default main context of the caller. The main context of the connection has to run.
 *
 * Since: 1.0
 */
void
vck_domain_list_load_async (VckDomainList *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (VCK_IS_DOMAIN_LIST (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  vck_list_load_async (self->model.list, cancellable, callback, user_data);
}

/**
 * vck_domain_list_load_finish:
 * @self: a list of domains
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@DomainList.load_async].
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_domain_list_load_finish (VckDomainList *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_DOMAIN_LIST (self), FALSE);

  return vck_list_load_finish (self->model.list, result, error);
}
