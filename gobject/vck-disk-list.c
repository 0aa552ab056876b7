/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-list-model.h"

/**
 * VckDiskList:
 *
 * The disks of a domain, as a list that follows what happens: see [property@Domain:disks].
 *
 * It is a [iface@Gio.ListModel] of [class@Disk]. A new list is empty and begins to load; all disks
 * then come with one [signal@Gio.ListModel::items-changed]. The disks are in the order of the
 * definition of the domain. The objects are those that [method@Domain.list_disks] returns, before
 * and later: of a disk that stays, only properties change.
 *
 * The disks are looked at again, in the background, when the domain is defined anew with others,
 * starts, stops or is refreshed ([method@Domain.refresh], [property@Domain:refresh-interval]); and
 * the list has what any [method@Domain.list_disks] of this connection finds. With `local:` and
 * `memory:` definitions of other programs are noticed; with libvirt those that it has an event for,
 * which it does not have for disks that are plugged in. What happens to an image, such as its being
 * deleted, is seen by the next look. The list is exact: what
 * [signal@Gio.ListModel::items-changed] has reported is what is there.
 *
 * It is to be used in the main context of the connection, and changes only there, or in
 * [method@DiskList.load], which a program without a main loop calls. When the connection is closed,
 * the disks stay and [property@DiskList:error] is set. When the domain is undefined, the list
 * becomes empty.
 *
 * The list keeps its domain alive. The domain does not keep the list: without a reference to it
 * nothing is looked at.
 *
 * Since: 1.0
 */
struct _VckDiskList
{
  VckListModel model;

  VckDomain *domain; /* (nullable), owned reference; immutable */
  guint64 look;      /* that the rows are of; 0 if there was none */
};

enum
{
  PROP_DOMAIN = VCK_LIST_N_PROPS,
};

G_DEFINE_FINAL_TYPE_WITH_CODE (VckDiskList,
                               vck_disk_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      vck_list_model_init_interface))

/* In any thread. That the disks are listed is an event, from which the list gets them. */
static gboolean
disk_list_load_run (VckCall *base, GError **error)
{
  VckListLoad *load = (VckListLoad *) base;
  VckcDomainDisk **handles = NULL;
  VckcError *err = NULL;
  int count = vckc_domain_list_disks (base->handle, &handles, &err);

  load->rows = g_ptr_array_new_with_free_func (g_object_unref);
  for (int i = 0; i < count; i++)
    g_ptr_array_add (load->rows, vck_disk_wrap (base->self, handles[i]));
  free (handles);
  if (count >= 0)
    return TRUE;
  g_propagate_error (error, vck_error_take (err));
  return FALSE;
}

static const VckListInfo info = {
  .load = {
    .name = "vck_disk_list_load",
    .size = sizeof (VckListLoad),
    .kind = VCK_CALL_READER,
    .hold = vck_list_load_hold_domain,
    .drop = vck_list_load_drop_domain,
    .run = disk_list_load_run,
    .clear = vck_list_load_clear,
  },
  .get_item_type = vck_disk_get_type,
  .is_arranged = TRUE,
};

static void
vck_disk_list_finalize (GObject *object)
{
  VckDiskList *self = VCK_DISK_LIST (object);

  vck_list_model_set_list (self, NULL);
  g_clear_object (&self->domain);

  G_OBJECT_CLASS (vck_disk_list_parent_class)->finalize (object);
}

static void
vck_disk_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckDiskList *self = VCK_DISK_LIST (object);

  switch (id)
    {
    case PROP_DOMAIN:
      g_value_set_object (value, self->domain);
      break;
    default:
      if (!vck_list_model_get_property (object, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_disk_list_class_init (VckDiskListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_disk_list_finalize;
  object_class->get_property = vck_disk_list_get_property;

  /**
   * VckDiskList:n-items:
   *
   * The number of disks in the list.
   *
   * Since: 1.0
   */

  /**
   * VckDiskList:domain:
   *
   * The domain whose disks these are.
   *
   * Since: 1.0
   */
  g_object_class_install_property (object_class, PROP_DOMAIN,
                                   g_param_spec_object ("domain", "Domain",
                                                        "The domain whose disks these are",
                                                        VCK_TYPE_DOMAIN, flags));

  /**
   * VckDiskList:loading:
   *
   * Whether the disks are being looked at in the background: at first, and again whenever they may
   * not be what they were.
   *
   * Since: 1.0
   */

  /**
   * VckDiskList:error:
   *
   * Why the last load failed, or that the connection is closed; %NULL if the list follows the
   * domain. The disks that are in the list stay.
   *
   * Since: 1.0
   */
  vck_list_model_install_properties (object_class);
}

static void
vck_disk_list_init (VckDiskList *self)
{
  vck_list_model_set_list (self, vck_list_new (&info, G_LIST_MODEL (self), NULL));
}

static gpointer
disk_list_new (gpointer domain)
{
  VckDiskList *self = g_object_new (VCK_TYPE_DISK_LIST, NULL);
  g_autoptr (VckIdentity) identity = NULL;

  self->domain = g_object_ref (domain);
  if (vck_domain_get_connection (domain) == NULL)
    return self;
  identity = vck_identity_get_disks (vck_domain_get_identity (domain));
  vck_list_model_set_list (self, vck_list_new (&info, G_LIST_MODEL (self),
                                               &(VckListOwner){
                                                   .object = domain,
                                                   .connection = vck_domain_get_connection (domain),
                                                   .handle = vck_domain_get_handle (domain),
                                                   .identity = identity,
                                               }));
  return self;
}

/* One that began earlier and ended later says nothing new. */
void
vck_disk_list_take_all (VckDiskList *self, guint64 look, GPtrArray *rows)
{
  if (look < self->look)
    {
      g_ptr_array_unref (rows);
      return;
    }
  self->look = look;
  vck_list_take_all (self->model.list, rows);
}

/**
 * vck_domain_get_disks:
 * @self: a domain
 *
 * Gets the list of the disks, which follows what happens: see [property@Domain:disks]. It never
 * blocks: a new list is empty until it has loaded.
 *
 * Returns: (transfer full): the list; the same one as long as it lives
 *
 * Since: 1.0
 */
VckDiskList *
vck_domain_get_disks (VckDomain *self)
{
  VckDiskList *list = NULL;
  gboolean made = FALSE;

  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);

  list = vck_list_slots_make (vck_domain_get_lists (self), VCK_LIST_SLOT_DISKS, disk_list_new, self,
                              &made);
  if (made && vck_domain_get_connection (self) != NULL)
    vck_list_start (list->model.list);
  return list;
}

/**
 * vck_disk_list_get_domain:
 * @self: a list of disks
 *
 * Gets the domain whose disks these are.
 *
 * Returns: (transfer none) (nullable): the domain, which lives as long as @self; %NULL only for a
 *   list that came from no domain
 *
 * Since: 1.0
 */
VckDomain *
vck_disk_list_get_domain (VckDiskList *self)
{
  g_return_val_if_fail (VCK_IS_DISK_LIST (self), NULL);

  return self->domain;
}

/**
 * vck_disk_list_is_loading:
 * @self: a list of disks
 *
 * Gets whether the list is being loaded in the background: see
 * [property@DiskList:loading].
 *
 * Returns: %TRUE while it is
 *
 * Since: 1.0
 */
gboolean
vck_disk_list_is_loading (VckDiskList *self)
{
  g_return_val_if_fail (VCK_IS_DISK_LIST (self), FALSE);

  return vck_list_is_loading (self->model.list);
}

/**
 * vck_disk_list_get_error:
 * @self: a list of disks
 *
 * Gets why the list does not follow the domain: see [property@DiskList:error].
 *
 * Returns: (transfer none) (nullable): the reason, or %NULL if there is none
 *
 * Since: 1.0
 */
GError *
vck_disk_list_get_error (VckDiskList *self)
{
  g_return_val_if_fail (VCK_IS_DISK_LIST (self), NULL);

  return vck_list_get_error (self->model.list);
}

/**
 * vck_disk_list_load:
 * @self: a list of disks
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: return location for an error
 *
 * Waits until the list has all disks as they are now. A program without a main loop calls it before
 * it looks at the list. The images are looked at again, as [method@Domain.list_disks] does.
 *
 * [signal@Gio.ListModel::items-changed] is emitted from inside the call, unless another thread runs
 * the main context of the connection: then it is emitted there, and the call waits for that.
 *
 * Fails with [error@Vck.Error] `NO_DOMAIN` when the domain no longer exists, and with `NO_CONNECT`
 * when the connection is closed.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_disk_list_load (VckDiskList *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (VCK_IS_DISK_LIST (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return vck_list_load (self->model.list, cancellable, error);
}

/**
 * vck_disk_list_load_async:
 * @self: a list of disks
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async): called when it is done
 * @user_data: given to @callback
 *
 * Does what [method@DiskList.load] does without blocking, and then calls @callback in the
 * thread-default main context of the caller. The main context of the connection has to run.
 *
 * Since: 1.0
 */
void
vck_disk_list_load_async (VckDiskList *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_return_if_fail (VCK_IS_DISK_LIST (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  vck_list_load_async (self->model.list, cancellable, callback, user_data);
}

/**
 * vck_disk_list_load_finish:
 * @self: a list of disks
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@DiskList.load_async].
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_disk_list_load_finish (VckDiskList *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_DISK_LIST (self), FALSE);

  return vck_list_load_finish (self->model.list, result, error);
}
