/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-checkpoint-tree.h"
#include "vck-list-model.h"

/**
 * VckCheckpointList:
 *
 * The checkpoints of a domain, as a list that follows what happens: all of them
 * ([property@Domain:checkpoints]), the roots ([property@Domain:root-checkpoints]) or the children
 * of one ([property@Checkpoint:children]).
 *
 * It is a [iface@Gio.ListModel] of [class@Checkpoint]. A new list is empty and begins to load; all
 * checkpoints then come with one [signal@Gio.ListModel::items-changed]. From then on it follows
 * what the connection reports, as the signals of the domain do: with `local:` and `memory:`
 * everything, with libvirt the changes of this program, and those of others when
 * [method@Domain.refresh] or [property@Domain:refresh-interval] finds them. It changes before the
 * signal of the domain is emitted, and is exact: what
 * [signal@Gio.ListModel::items-changed] has reported is what is there.
 *
 * The checkpoints are in the order in which they were created; new ones come last. The objects are
 * those that all other calls return.
 *
 * It is to be used in the main context of the connection, and changes only there, or in
 * [method@CheckpointList.load], which a program without a main loop calls. When the connection is
 * closed, the checkpoints stay and [property@CheckpointList:error] is set. When the domain is
 * undefined, the list becomes empty.
 *
 * The list keeps its domain alive. The domain does not keep the list: without a reference to it
 * nothing is loaded or followed.
 *
 * Since: 1.0
 */
struct _VckCheckpointList
{
  VckListModel model;

  VckDomain *domain;         /* (nullable), owned reference; immutable */
  VckCheckpointList *source; /* (nullable), owned reference: that of all; immutable */
  VckCheckpoint *parent;     /* (nullable), owned reference: whose children; immutable */
  VckCheckpointTree *tree;   /* owned; NULL but for that of all of a domain; immutable */
};

enum
{
  PROP_DOMAIN = VCK_LIST_N_PROPS,
  PROP_PARENT,
};

G_DEFINE_FINAL_TYPE_WITH_CODE (VckCheckpointList,
                               vck_checkpoint_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      vck_list_model_init_interface))

/* In any thread. */
static gboolean
checkpoint_list_load_run (VckCall *base, GError **error)
{
  VckListLoad *load = (VckListLoad *) base;
  VckcDomainCheckpoint **handles = NULL;
  VckcError *err = NULL;
  int count = vckc_domain_list_all_checkpoints (base->handle, &handles, 0, &err);

  load->rows = g_ptr_array_new_with_free_func (g_object_unref);
  for (int i = 0; i < count; i++)
    g_ptr_array_add (load->rows, vck_checkpoint_wrap (base->self, handles[i]));
  free (handles);
  if (count >= 0 && vckc_domain_announce_checkpoints (base->handle, &err) == 0)
    return TRUE;
  g_propagate_error (error, vck_error_take (err));
  return FALSE;
}

/* The lists of roots and of children. */
static GPtrArray *
checkpoint_list_list_parts (gpointer domain)
{
  g_autoptr (GPtrArray) objects = vck_identity_list_objects (vck_domain_get_identity (domain));
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_object_unref);
  gpointer list = vck_list_slots_ref (vck_domain_get_lists (domain), VCK_LIST_SLOT_ROOTS);

  if (list != NULL)
    g_ptr_array_add (parts, list);
  for (guint i = 0; i < objects->len; i++)
    if (VCK_IS_CHECKPOINT (objects->pdata[i])
        && (list = vck_list_slots_ref (vck_checkpoint_get_lists (objects->pdata[i]),
                                       VCK_LIST_SLOT_MAIN))
               != NULL)
      g_ptr_array_add (parts, list);
  return parts;
}

static const VckListInfo info = {
  .load = {
    .name = "vck_checkpoint_list_load",
    .size = sizeof (VckListLoad),
    .kind = VCK_CALL_READER,
    .hold = vck_list_load_hold_domain,
    .drop = vck_list_load_drop_domain,
    .run = checkpoint_list_load_run,
    .clear = vck_list_load_clear,
  },
  .get_item_type = vck_checkpoint_get_type,
  .list_parts = checkpoint_list_list_parts,
};

static void
vck_checkpoint_list_finalize (GObject *object)
{
  VckCheckpointList *self = VCK_CHECKPOINT_LIST (object);

  vck_list_model_set_list (self, NULL);
  g_clear_pointer (&self->tree, vck_checkpoint_tree_free);
  g_clear_object (&self->parent);
  g_clear_object (&self->source);
  g_clear_object (&self->domain);

  G_OBJECT_CLASS (vck_checkpoint_list_parent_class)->finalize (object);
}

static void
vck_checkpoint_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckCheckpointList *self = VCK_CHECKPOINT_LIST (object);

  switch (id)
    {
    case PROP_DOMAIN:
      g_value_set_object (value, self->domain);
      break;
    case PROP_PARENT:
      g_value_set_object (value, self->parent);
      break;
    default:
      if (!vck_list_model_get_property (object, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_checkpoint_list_class_init (VckCheckpointListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = vck_checkpoint_list_finalize;
  object_class->get_property = vck_checkpoint_list_get_property;

  /**
   * VckCheckpointList:n-items:
   *
   * The number of checkpoints in the list.
   *
   * Since: 1.0
   */

  /**
   * VckCheckpointList:domain:
   *
   * The domain whose checkpoints these are.
   *
   * Since: 1.0
   */
  g_object_class_install_property (object_class, PROP_DOMAIN,
                                   g_param_spec_object ("domain", "Domain",
                                                        "The domain whose checkpoints these are",
                                                        VCK_TYPE_DOMAIN, flags));

  /**
   * VckCheckpointList:parent:
   *
   * The checkpoint whose children these are; %NULL for the list of all checkpoints of a domain and
   * for that of the roots.
   *
   * Since: 1.0
   */
  g_object_class_install_property (object_class, PROP_PARENT,
                                   g_param_spec_object ("parent", "Parent",
                                                        "The checkpoint whose children these are",
                                                        VCK_TYPE_CHECKPOINT, flags));

  /**
   * VckCheckpointList:loading:
   *
   * Whether the list is being loaded: in the background, at first and again after events were lost
   * (see [signal@Connection::events-lost]), or by [method@CheckpointList.load]. The first
   * load begins when the main context of the connection runs, unless the list was loaded before.
   *
   * Since: 1.0
   */

  /**
   * VckCheckpointList:error:
   *
   * Why the last load failed, or that the connection is closed; %NULL if the list follows the
   * domain. The checkpoints that are in the list stay.
   *
   * Since: 1.0
   */
  vck_list_model_install_properties (object_class);
}

static void
vck_checkpoint_list_init (VckCheckpointList *self)
{
  vck_list_model_set_list (self, vck_list_new (&info, G_LIST_MODEL (self), NULL));
}

static gpointer
checkpoint_list_new (gpointer domain)
{
  VckCheckpointList *self = g_object_new (VCK_TYPE_CHECKPOINT_LIST, NULL);
  const VckListOwner owner = {
    .object = domain,
    .connection = vck_domain_get_connection (domain),
    .handle = vck_domain_get_handle (domain),
    .identity = vck_domain_get_identity (domain),
  };

  self->domain = g_object_ref (domain);
  if (owner.connection == NULL)
    return self;
  vck_list_model_set_list (self, vck_list_new (&info, G_LIST_MODEL (self), &owner));
  self->tree = vck_checkpoint_tree_new (domain);
  return self;
}

/* A list of children: `source` is that of all. */
typedef struct
{
  VckCheckpointList *source;
  VckCheckpoint *parent; /* (nullable): NULL for the roots */
} Part;

static gpointer
checkpoint_list_new_of_children (gpointer data)
{
  const Part *part = data;
  VckCheckpointList *self = g_object_new (VCK_TYPE_CHECKPOINT_LIST, NULL);

  self->domain = g_object_ref (part->source->domain);
  self->source = g_object_ref (part->source);
  self->parent = part->parent != NULL ? g_object_ref (part->parent) : NULL;
  vck_list_model_set_list (self,
                           vck_list_new_of_part (G_LIST_MODEL (self), part->source->model.list));
  return self;
}

/* --- events --- */

void
vck_checkpoint_list_take_all (VckCheckpointList *self, GPtrArray *rows)
{
  vck_checkpoint_tree_replace (self->tree, rows);
  vck_list_take_all (self->model.list, rows);
}

void
vck_checkpoint_list_take_added (VckCheckpointList *self, VckCheckpoint *row)
{
  if (vck_list_is_filled (self->model.list))
    vck_checkpoint_tree_add (self->tree, row);
  vck_list_take_added (self->model.list, row);
}

void
vck_checkpoint_list_take_changed (VckCheckpointList *self, VckCheckpoint *row)
{
  vck_checkpoint_tree_change (self->tree, row);
}

void
vck_checkpoint_list_take_removed (VckCheckpointList *self, VckCheckpoint *row)
{
  vck_checkpoint_tree_remove (self->tree, row);
  vck_list_take_removed (self->model.list, row);
}

void
vck_checkpoint_list_run_parts (VckCheckpointList *self)
{
  vck_checkpoint_tree_run (self->tree);
}

/* --- getting them --- */

static gboolean
fill_cb (gpointer list)
{
  VckCheckpointList *self = list;

  vck_checkpoint_tree_fill (self->source->tree, self);
  vck_list_run (self->model.list);
  return G_SOURCE_REMOVE;
}

/* In any thread: it gets what there is. */
static void
checkpoint_list_fill (VckCheckpointList *self)
{
  VckConnection *connection = vck_domain_get_connection (self->domain);

  if (connection != NULL)
    g_main_context_invoke_full (vck_connection_get_context (connection), G_PRIORITY_DEFAULT,
                                fill_cb, g_object_ref (self), g_object_unref);
}

/**
 * vck_domain_get_checkpoints:
 * @self: a domain
 *
 * Gets the list of the checkpoints, which follows what happens: see [property@Domain:checkpoints].
 * It never blocks: a new list is empty until it has loaded.
 *
 * Returns: (transfer full): the list; the same one as long as it lives
 *
 * Since: 1.0
 */
VckCheckpointList *
vck_domain_get_checkpoints (VckDomain *self)
{
  VckCheckpointList *list = NULL;
  gboolean made = FALSE;

  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);

  list = vck_list_slots_make (vck_domain_get_lists (self), VCK_LIST_SLOT_MAIN, checkpoint_list_new,
                              self, &made);
  if (made && vck_domain_get_connection (self) != NULL)
    vck_list_start (list->model.list);
  return list;
}

/**
 * vck_domain_get_root_checkpoints:
 * @self: a domain
 *
 * Gets the list of the checkpoints without a parent, which follows what happens: see
 * [property@Domain:root-checkpoints]. It never blocks.
 *
 * Returns: (transfer full): the list; the same one as long as it lives
 *
 * Since: 1.0
 */
VckCheckpointList *
vck_domain_get_root_checkpoints (VckDomain *self)
{
  g_autoptr (VckCheckpointList) source = NULL;
  VckCheckpointList *list = NULL;
  gboolean made = FALSE;

  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);

  source = vck_domain_get_checkpoints (self);
  list = vck_list_slots_make (vck_domain_get_lists (self), VCK_LIST_SLOT_ROOTS,
                              checkpoint_list_new_of_children, &(Part){ source, NULL }, &made);
  if (made)
    checkpoint_list_fill (list);
  return list;
}

/**
 * vck_checkpoint_get_children:
 * @self: a checkpoint
 *
 * Gets the list of the children, which follows what happens: see [property@Checkpoint:children].
 * It never blocks.
 *
 * Returns: (transfer full): the list; the same one as long as it lives
 *
 * Since: 1.0
 */
VckCheckpointList *
vck_checkpoint_get_children (VckCheckpoint *self)
{
  g_autoptr (VckCheckpointList) source = NULL;
  VckCheckpointList *list = NULL;
  gboolean made = FALSE;

  g_return_val_if_fail (VCK_IS_CHECKPOINT (self), NULL);

  if (vck_checkpoint_get_domain (self) == NULL)
    return g_object_new (VCK_TYPE_CHECKPOINT_LIST, NULL);
  source = vck_domain_get_checkpoints (vck_checkpoint_get_domain (self));
  list = vck_list_slots_make (vck_checkpoint_get_lists (self), VCK_LIST_SLOT_MAIN,
                              checkpoint_list_new_of_children, &(Part){ source, self }, &made);
  if (made)
    checkpoint_list_fill (list);
  return list;
}

/**
 * vck_checkpoint_list_get_parent:
 * @self: a list of checkpoints
 *
 * Gets the checkpoint whose children these are: see [property@CheckpointList:parent].
 *
 * Returns: (transfer none) (nullable): the checkpoint, which lives as long as @self; %NULL for the
 *   list of all checkpoints of a domain and for that of the roots
 *
 * Since: 1.0
 */
VckCheckpoint *
vck_checkpoint_list_get_parent (VckCheckpointList *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_LIST (self), NULL);

  return self->parent;
}

/**
 * vck_checkpoint_list_get_domain:
 * @self: a list of checkpoints
 *
 * Gets the domain whose checkpoints these are.
 *
 * Returns: (transfer none) (nullable): the domain, which lives as long as @self; %NULL only for a
 *   list that came from no domain
 *
 * Since: 1.0
 */
VckDomain *
vck_checkpoint_list_get_domain (VckCheckpointList *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_LIST (self), NULL);

  return self->domain;
}

/**
 * vck_checkpoint_list_is_loading:
 * @self: a list of checkpoints
 *
 * Gets whether the list is being loaded: see [property@CheckpointList:loading].
 *
 * Returns: %TRUE while it is
 *
 * Since: 1.0
 */
gboolean
vck_checkpoint_list_is_loading (VckCheckpointList *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_LIST (self), FALSE);

  return vck_list_is_loading (self->model.list);
}

/**
 * vck_checkpoint_list_get_error:
 * @self: a list of checkpoints
 *
 * Gets why the list does not follow the domain: see [property@CheckpointList:error].
 *
 * Returns: (transfer none) (nullable): the reason, or %NULL if there is none
 *
 * Since: 1.0
 */
GError *
vck_checkpoint_list_get_error (VckCheckpointList *self)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_LIST (self), NULL);

  return vck_list_get_error (self->model.list);
}

/**
 * vck_checkpoint_list_load:
 * @self: a list of checkpoints
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: return location for an error
 *
 * Waits until the list has all checkpoints that there are now. A program without a main loop calls
 * it before it looks at the list. With libvirt the checkpoints are read again, as
 * [method@Domain.refresh] does.
 *
 * [signal@Gio.ListModel::items-changed] is emitted from inside the call, unless another thread runs
 * the main context of the connection: then it is emitted there, and the call waits for that.
 *
 * Fails with [error@Vck.Error] `NO_DOMAIN` when the domain no longer exists, with `NO_CONNECT` when
 * the connection is closed, and with `BUSY` when another operation holds the domain.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_checkpoint_list_load (VckCheckpointList *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_LIST (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return vck_list_load (self->model.list, cancellable, error);
}

/**
 * vck_checkpoint_list_load_async:
 * @self: a list of checkpoints
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async): called when it is done
 * @user_data: given to @callback
 *
 * Does what [method@CheckpointList.load] does without blocking, and then calls @callback in the
 * thread-default main context of the caller. The main context of the connection has to run.
 *
 * Since: 1.0
 */
void
vck_checkpoint_list_load_async (VckCheckpointList *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (VCK_IS_CHECKPOINT_LIST (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  vck_list_load_async (self->model.list, cancellable, callback, user_data);
}

/**
 * vck_checkpoint_list_load_finish:
 * @self: a list of checkpoints
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@CheckpointList.load_async].
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_checkpoint_list_load_finish (VckCheckpointList *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_CHECKPOINT_LIST (self), FALSE);

  return vck_list_load_finish (self->model.list, result, error);
}
