/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-refresher.h"

struct _VckRefresher
{
  gint ref_count;        /* atomic: the domain's, the source's and that of a refresh under way */
  GWeakRef domain;       /* has a lock of its own */
  GMainContext *context; /* owned reference; immutable */
  GMutex lock;           /* covers what follows; no function of others is called with it held */
  GSource *source;       /* owned reference; NULL while off */
  gboolean busy;         /* a refresh is under way */
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
  g_weak_ref_clear (&self->domain);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Whether it is `source`'s turn: neither switched off since nor too early. */
static gboolean
begin (VckRefresher *self, GSource *source)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->source != source || self->busy)
    return FALSE;
  self->busy = TRUE;
  return TRUE;
}

static void
refreshed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  VckRefresher *self = data;
  g_autoptr (GError) error = NULL;

  if (!vck_domain_refresh_finish (VCK_DOMAIN (source), result, &error))
    g_debug ("refreshing '%s' in the background: %s", vck_domain_get_name (VCK_DOMAIN (source)),
             error->message);
  g_mutex_lock (&self->lock);
  self->busy = FALSE;
  g_mutex_unlock (&self->lock);
  refresher_unref (self);
}

static gboolean
tick_cb (gpointer data)
{
  VckRefresher *self = data;
  g_autoptr (VckDomain) domain = g_weak_ref_get (&self->domain);

  if (domain == NULL || !vck_connection_is_open (vck_domain_get_connection (domain)))
    return G_SOURCE_REMOVE;
  if (!begin (self, g_main_current_source ()))
    return G_SOURCE_CONTINUE;
  /* Whoever runs the context need not have made it the thread-default one. */
  g_main_context_push_thread_default (self->context);
  vck_domain_refresh_async (domain, NULL, refreshed_cb, refresher_ref (self));
  g_main_context_pop_thread_default (self->context);
  return G_SOURCE_CONTINUE;
}

static GSource *
source_new (VckRefresher *self, guint interval)
{
  GSource *source = g_timeout_source_new (interval);

  g_source_set_static_name (source, "Vck refresh");
  g_source_set_ready_time (source, 0);
  g_source_set_callback (source, tick_cb, refresher_ref (self), refresher_unref);
  return source;
}

VckRefresher *
vck_refresher_new (VckDomain *domain, GMainContext *context)
{
  VckRefresher *self = g_new0 (VckRefresher, 1);

  self->ref_count = 1;
  g_weak_ref_init (&self->domain, domain);
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
  self->source = source_new (self, interval);
  g_source_attach (self->source, self->context);
}

void
vck_refresher_stop (VckRefresher *self)
{
  vck_refresher_set_interval (self, 0);
  refresher_unref (self);
}
