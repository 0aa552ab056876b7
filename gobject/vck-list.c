/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-list.h"

struct _VckList
{
  const VckListInfo *info;
  GListModel *model;  /* borrowed: owns the list */
  VckListOwner owner; /* without one NULL; only the identity is an owned reference */
  VckList *source;    /* (nullable), borrowed: the model holds its model */
  VckRows *rows;      /* owned */
  gboolean filled;    /* all there was has come once */
  gboolean closed;    /* no more events follow */
  gboolean waits;     /* the first load is to begin when the context runs */
  gboolean outdated;  /* it is to be loaded again when no load is under way */
  int n_loads;        /* loads that have begun and not ended */
  GError *error;      /* (nullable), owned */
};

/* --- how it is going --- */

/* Of the list, and of those of parts of it. */
static void
list_notify (VckList *self, const char *property)
{
  g_autoptr (GPtrArray) parts =
      self->info->list_parts != NULL ? self->info->list_parts (self->owner.object) : NULL;

  g_object_notify (G_OBJECT (self->model), property);
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    g_object_notify (parts->pdata[i], property);
}

static gboolean
is_loading (const VckList *self)
{
  return self->waits || self->n_loads > 0;
}

static void
list_set_loads (VckList *self, gboolean waits, int n_loads)
{
  const gboolean was_loading = is_loading (self);

  self->waits = waits;
  self->n_loads = n_loads;
  if (was_loading != is_loading (self))
    list_notify (self, "loading");
}

static void
list_set_error (VckList *self, GError *error /* (transfer full) (nullable) */)
{
  g_autoptr (GError) before = g_steal_pointer (&self->error);

  self->error = error;
  if (before != NULL || error != NULL)
    list_notify (self, "error");
}

/* How a load ended. That the connection was closed stays so. */
static void
list_take_result (VckList *self, const GError *error)
{
  if (self->closed || (error != NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    return;
  list_set_error (self, error != NULL ? g_error_copy (error) : NULL);
}

/* --- loads --- */

void
vck_list_load_clear (VckCall *base)
{
  g_clear_pointer (&((VckListLoad *) base)->rows, g_ptr_array_unref);
}

void
vck_list_load_hold_domain (gpointer handle)
{
  vckc_domain_ref (handle, NULL);
}

void
vck_list_load_drop_domain (gpointer handle)
{
  vckc_domain_unref (handle, NULL);
}

static VckCall *
load_new (VckList *self)
{
  return vck_call_new (&self->info->load, self->owner.object, self->owner.handle);
}

/* --- in the main context of the connection --- */

typedef enum
{
  VISIT_WAITING,
  VISIT_RUNNING,
  VISIT_DONE,
  VISIT_CANCELLED,
} VisitState;

/* A function to be run there, with the model. */
typedef struct
{
  gint ref_count; /* atomic: the waiting thread's, and the source's */
  GListModel *model;
  void (*func) (VckList *list, gpointer data);
  gpointer data; /* borrowed from the waiting thread, until it is cancelled */
  GMutex lock;   /* covers what follows */
  GCond cond;
  VisitState state;
} Visit;

static void
visit_unref (gpointer data)
{
  Visit *visit = data;

  if (!g_atomic_int_dec_and_test (&visit->ref_count))
    return;
  g_object_unref (visit->model);
  g_cond_clear (&visit->cond);
  g_mutex_clear (&visit->lock);
  g_free (visit);
}

/* Only from one state, so that what is cancelled is not run, and the reverse. */
static gboolean
visit_advance (Visit *visit, VisitState from, VisitState to)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&visit->lock);

  if (visit->state != from)
    return FALSE;
  visit->state = to;
  g_cond_signal (&visit->cond);
  return TRUE;
}

static gboolean
visit_run_cb (gpointer data)
{
  Visit *visit = data;

  if (!visit_advance (visit, VISIT_WAITING, VISIT_RUNNING))
    return G_SOURCE_REMOVE;
  visit->func (vck_list_of (visit->model), visit->data);
  visit_advance (visit, VISIT_RUNNING, VISIT_DONE);
  return G_SOURCE_REMOVE;
}

static void
visit_cancelled_cb (GCancellable *cancellable, gpointer data)
{
  visit_advance (data, VISIT_WAITING, VISIT_CANCELLED);
}

static Visit *
visit_new (VckList *self, void (*func) (VckList *list, gpointer data), gpointer data)
{
  Visit *visit = g_new0 (Visit, 1);

  visit->ref_count = 2;
  visit->model = g_object_ref (self->model);
  visit->func = func;
  visit->data = data;
  g_mutex_init (&visit->lock);
  g_cond_init (&visit->cond);
  return visit;
}

static gboolean
visit_wait (Visit *visit, GCancellable *cancellable)
{
  gulong id = 0;
  gboolean done;

  if (cancellable != NULL)
    id = g_cancellable_connect (cancellable, G_CALLBACK (visit_cancelled_cb), visit, NULL);
  g_mutex_lock (&visit->lock);
  while (visit->state == VISIT_WAITING || visit->state == VISIT_RUNNING)
    g_cond_wait (&visit->cond, &visit->lock);
  done = visit->state == VISIT_DONE;
  g_mutex_unlock (&visit->lock);
  g_cancellable_disconnect (cancellable, id);
  return done;
}

/* Runs it here if no other thread runs the context, else there, and waits. False if it was
 * cancelled before it began. */
static gboolean
list_visit (VckList *self,
            void (*func) (VckList *list, gpointer data),
            gpointer data,
            GCancellable *cancellable)
{
  GMainContext *context = vck_connection_get_context (self->owner.connection);
  Visit *visit;
  gboolean done;

  if (g_main_context_acquire (context))
    {
      func (self, data);
      g_main_context_release (context);
      return TRUE;
    }
  visit = visit_new (self, func, data);
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, visit_run_cb, visit, visit_unref);
  done = visit_wait (visit, cancellable);
  visit_unref (visit);
  return done;
}

/* Every load begins and ends so. */
static void
list_begin_load (VckList *self)
{
  list_set_loads (self, self->waits, self->n_loads + 1);
}

/* It ended, and perhaps what it found is not the latest. */
static void
list_drop_load (VckList *self, gboolean waits)
{
  list_set_loads (self, waits, self->n_loads - 1);
  if (self->outdated && self->n_loads == 0)
    vck_list_reload (self);
}

/* The list has all events that came before its end. A load that succeeds makes a first one needless
 * that has not begun. */
static void
list_end_load (VckList *self, gpointer error)
{
  vck_connection_apply_list_events (self->owner.connection);
  list_take_result (self, error);
  list_drop_load (self, self->waits && error != NULL);
}

static gboolean
begin_load_cb (gpointer model)
{
  list_begin_load (vck_list_of (model));
  return G_SOURCE_REMOVE;
}

/* Who asked for it does not wait for the list. */
static gboolean
forget_load_cb (gpointer model)
{
  VckList *self = vck_list_of (model);

  list_drop_load (self, self->waits);
  return G_SOURCE_REMOVE;
}

/* Runs it there, without waiting. */
static void
list_invoke (VckList *self, GSourceFunc func)
{
  g_main_context_invoke_full (vck_connection_get_context (self->owner.connection),
                              G_PRIORITY_DEFAULT, func, g_object_ref (self->model), g_object_unref);
}

/* --- loads in the background --- */

static void
weak_free_cb (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static void
reloaded_cb (GObject *owner, GAsyncResult *result, gpointer data)
{
  GWeakRef *weak = data;
  g_autoptr (GListModel) model = g_weak_ref_get (weak);
  g_autoptr (GError) error = NULL;
  VckCall *call = vck_call_finish (result, owner, vck_list_reload, &error);

  weak_free_cb (weak);
  if (model != NULL)
    list_end_load (vck_list_of (model), error);
  vck_call_end (call);
}

void
vck_list_reload (VckList *self)
{
  GMainContext *context = vck_connection_get_context (self->owner.connection);
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self->model);
  self->outdated = FALSE;
  list_begin_load (self);
  g_main_context_push_thread_default (context);
  vck_call_async (load_new (self), NULL, reloaded_cb, weak, vck_list_reload);
  g_main_context_pop_thread_default (context);
}

void
vck_list_update (VckList *self)
{
  if (self->n_loads > 0)
    self->outdated = TRUE;
  else if (!self->waits)
    vck_list_reload (self);
}

static gboolean
first_load_cb (gpointer data)
{
  g_autoptr (GListModel) model = g_weak_ref_get (data);

  if (model != NULL)
    {
      VckList *self = vck_list_of (model);

      if (self->waits)
        vck_list_reload (self);
      list_set_loads (self, FALSE, self->n_loads);
    }
  return G_SOURCE_REMOVE;
}

/* --- making --- */

VckList *
vck_list_new (const VckListInfo *info, GListModel *model, const VckListOwner *owner)
{
  VckList *self = g_new0 (VckList, 1);

  self->info = info;
  self->model = model;
  self->rows = vck_rows_new (model);
  if (owner == NULL)
    return self;
  self->owner = *owner;
  vck_identity_ref (owner->identity);
  vck_identity_count_list (owner->identity, 1);
  return self;
}

VckList *
vck_list_new_of_part (GListModel *model, VckList *source)
{
  VckList *self = g_new0 (VckList, 1);

  self->info = source->info;
  self->model = model;
  self->source = source;
  self->rows = vck_rows_new (model);
  return self;
}

/* What is loaded for the list. */
static VckList *
list_get_source (VckList *self)
{
  return self->source != NULL ? self->source : self;
}

void
vck_list_free (VckList *self)
{
  if (self->owner.identity != NULL)
    vck_identity_count_list (self->owner.identity, -1);
  g_clear_pointer (&self->owner.identity, vck_identity_unref);
  vck_rows_free (self->rows);
  g_clear_error (&self->error);
  g_free (self);
}

void
vck_list_start (VckList *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  self->waits = TRUE;
  g_weak_ref_init (weak, self->model);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, first_load_cb, weak, weak_free_cb);
  g_source_attach (source, vck_connection_get_context (self->owner.connection));
}

GType
vck_list_get_item_type (VckList *self)
{
  return self->info->get_item_type ();
}

VckRows *
vck_list_get_rows (VckList *self)
{
  return self->rows;
}

gboolean
vck_list_is_loading (VckList *self)
{
  return is_loading (list_get_source (self));
}

gboolean
vck_list_is_filled (VckList *self)
{
  return list_get_source (self)->filled;
}

GError *
vck_list_get_error (VckList *self)
{
  return list_get_source (self)->error;
}

/* --- events --- */

void
vck_list_take_all (VckList *self, GPtrArray *rows)
{
  self->filled = TRUE;
  if (self->info->is_arranged)
    vck_rows_queue_arrange (self->rows, rows);
  else
    vck_rows_queue_replace (self->rows, rows);
}

void
vck_list_take_added (VckList *self, gpointer row)
{
  if (self->filled)
    vck_rows_queue_add (self->rows, row, 0);
}

void
vck_list_take_removed (VckList *self, gpointer row)
{
  if (self->filled)
    vck_rows_queue_remove (self->rows, row);
}

void
vck_list_run (VckList *self)
{
  g_autoptr (GListModel) alive = g_object_ref (self->model);
  const guint before = vck_rows_get_length (self->rows);

  vck_rows_run (self->rows);
  if (vck_rows_get_length (self->rows) != before)
    g_object_notify (G_OBJECT (alive), "n-items");
}

void
vck_list_close (VckList *self)
{
  self->closed = TRUE;
  list_set_error (self, g_error_new (VCK_ERROR, VCK_ERROR_NO_CONNECT,
                                     "the connection to '%s' is closed; the list is as it was then",
                                     vck_connection_get_uri (self->owner.connection)));
}

/* --- loads that the program asks for --- */

gboolean
vck_list_load (VckList *list, GCancellable *cancellable, GError **error)
{
  VckList *self = list_get_source (list);
  G_GNUC_UNUSED g_autoptr (GListModel) alive = g_object_ref (self->model);
  g_autoptr (GError) reason = NULL;
  VckCall *call;

  if (self->owner.object != NULL)
    list_invoke (self, begin_load_cb);
  call = vck_call_sync (load_new (self), cancellable, &reason);
  if (self->owner.object != NULL && !list_visit (self, list_end_load, reason, cancellable))
    {
      list_invoke (self, forget_load_cb);
      if (call != NULL)
        {
          g_cancellable_set_error_if_cancelled (cancellable, error);
          vck_call_end (call);
          return FALSE;
        }
    }
  if (call == NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return vck_call_end (call);
}

/* How an asynchronous load ended. */
typedef struct
{
  GTask *task;    /* owned reference */
  VckCall *call;  /* (nullable), owned */
  GError *reason; /* (nullable), owned */
} LoadEnd;

static void
load_end_free (gpointer data)
{
  LoadEnd *end = data;

  vck_call_end (end->call);
  g_clear_error (&end->reason);
  g_object_unref (end->task);
  g_free (end);
}

static gboolean
load_end_cb (gpointer data)
{
  LoadEnd *end = data;
  VckList *self = list_get_source (vck_list_of (g_task_get_source_object (end->task)));

  if (self->owner.object != NULL)
    list_end_load (self, end->reason);
  if (end->reason == NULL)
    g_task_return_boolean (end->task, TRUE);
  else
    g_task_return_error (end->task, g_steal_pointer (&end->reason));
  return G_SOURCE_REMOVE;
}

static void
loaded_cb (GObject *owner, GAsyncResult *result, gpointer data)
{
  LoadEnd *end = g_new0 (LoadEnd, 1);
  VckList *self = list_get_source (vck_list_of (g_task_get_source_object (data)));
  GMainContext *context = self->owner.object != NULL
                              ? vck_connection_get_context (self->owner.connection)
                              : g_task_get_context (data);

  end->task = data;
  end->call = vck_call_finish (result, owner, vck_list_load_async, &end->reason);
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, load_end_cb, end, load_end_free);
}

void
vck_list_load_async (VckList *self,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  GTask *task = g_task_new (self->model, cancellable, callback, user_data);

  if (list_get_source (self)->owner.object != NULL)
    list_invoke (list_get_source (self), begin_load_cb);
  g_task_set_source_tag (task, vck_list_load_async);
  vck_call_async (load_new (list_get_source (self)), cancellable, loaded_cb, task,
                  vck_list_load_async);
}

gboolean
vck_list_load_finish (VckList *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self->model), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, vck_list_load_async), FALSE);

  if (g_task_propagate_boolean (G_TASK (result), error))
    return TRUE;
  vck_error_keep_last (error);
  return FALSE;
}
