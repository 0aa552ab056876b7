/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-refresher.h"

struct _VckRefresher
{
  gint ref_count;               /* atomic: the owner's, the source's and that of a pending call */
  const VckRefresherWork *work; /* immutable */
  GWeakRef target;              /* has a lock of its own */
  GMainContext *context;        /* owned reference; immutable */
  GMutex lock;                  /* covers what follows; no callback is called with it held */
  GSource *source;              /* owned reference; NULL while off */
  gboolean busy;                /* a call is pending */
};

static VckRefresher *
refresher_ref (VckRefresher *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
refresher_unref (gpointer data)
{
  VckRefresher *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_weak_ref_clear (&self->target);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Returns FALSE if `source` was replaced since, or if the last call is still pending. */
static gboolean
refresher_begin (VckRefresher *self, GSource *source)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->source != source || self->busy)
    return FALSE;
  self->busy = TRUE;
  return TRUE;
}

static void
refreshed_cb (GObject *target, GAsyncResult *result, gpointer data)
{
  VckRefresher *self = data;

  self->work->finish (target, result);
  g_mutex_lock (&self->lock);
  self->busy = FALSE;
  g_mutex_unlock (&self->lock);
  refresher_unref (self);
}

static gboolean
tick_cb (gpointer data)
{
  VckRefresher *self = data;
  g_autoptr (GObject) target = g_weak_ref_get (&self->target);

  if (target == NULL || !self->work->is_needed (target))
    return G_SOURCE_REMOVE;
  if (!refresher_begin (self, g_main_current_source ()))
    return G_SOURCE_CONTINUE;
  /* The thread that runs the context may have another thread-default one. */
  g_main_context_push_thread_default (self->context);
  self->work->start (target, refreshed_cb, refresher_ref (self));
  g_main_context_pop_thread_default (self->context);
  return G_SOURCE_CONTINUE;
}

static GSource *
refresher_source_new (VckRefresher *self, guint interval)
{
  GSource *source = g_timeout_source_new (interval);

  g_source_set_static_name (source, "Vck refresh");
  g_source_set_ready_time (source, 0);
  g_source_set_callback (source, tick_cb, refresher_ref (self), refresher_unref);
  return source;
}

VckRefresher *
vck_refresher_new (const VckRefresherWork *work, GObject *target, GMainContext *context)
{
  VckRefresher *self = g_new0 (VckRefresher, 1);

  self->ref_count = 1;
  self->work = work;
  g_weak_ref_init (&self->target, target);
  self->context = g_main_context_ref (context);
  g_mutex_init (&self->lock);
  return self;
}

void
vck_refresher_set_interval (VckRefresher *self, guint interval)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (interval == 0)
    return;
  self->source = refresher_source_new (self, interval);
  g_source_attach (self->source, self->context);
}

void
vck_refresher_stop (VckRefresher *self)
{
  vck_refresher_set_interval (self, 0);
  refresher_unref (self);
}
