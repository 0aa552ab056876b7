/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/link/libvirt-threads.h"

/* How long the end of threads is waited for, in microseconds. */
#define END_TIMEOUT (2 * G_TIME_SPAN_SECOND)

typedef struct
{
  VckcLibvirtConnection *connection; /* owned reference */
  void (*run) (gpointer data);
  gpointer data;
} LibvirtThread;

/* The connection that this thread works for. */
static __thread VckcLibvirtConnection *threads_own_connection;

static void
libvirt_threads_join (GThread *thread)
{
  if (thread != NULL)
    g_thread_join (thread);
}

/* A thread that has left is joined by the next one that leaves, or when all are waited for. */
static void
libvirt_threads_leave (VckcLibvirtConnection *connection)
{
  GThread *previous;

  vckc_mutex_lock (&connection->mutex);
  previous = connection->left_thread;
  connection->left_thread = g_thread_ref (g_thread_self ());
  connection->n_threads--;
  vckc_cond_broadcast (&connection->changed);
  vckc_mutex_unlock (&connection->mutex);
  libvirt_threads_join (previous);
  vckc_libvirt_connection_unref (connection);
}

static gpointer
libvirt_threads_run_cb (gpointer data)
{
  const LibvirtThread thread = *(LibvirtThread *) data;

  g_free (data);
  threads_own_connection = thread.connection;
  thread.run (thread.data);
  libvirt_threads_leave (thread.connection);
  return NULL;
}

bool
vckc_libvirt_threads_start (VckcLibvirtConnection *connection,
                            const char *name,
                            void (*run) (gpointer data),
                            gpointer data,
                            GError **err)
{
  LibvirtThread *thread = g_new0 (LibvirtThread, 1);
  GThread *started;

  thread->connection = vckc_libvirt_connection_ref (connection);
  thread->run = run;
  thread->data = data;
  vckc_mutex_lock (&connection->mutex);
  started = g_thread_try_new (name, libvirt_threads_run_cb, thread, err);
  if (started != NULL)
    connection->n_threads++;
  vckc_mutex_unlock (&connection->mutex);
  if (started == NULL)
    {
      vckc_libvirt_connection_unref (connection);
      g_free (thread);
      return false;
    }
  g_thread_unref (started);
  return true;
}

bool
vckc_libvirt_threads_wait_locked (VckcLibvirtConnection *connection, gint64 deadline)
{
  return connection->connect != NULL && g_atomic_int_get (&connection->connect->open) != 0
         && vckc_cond_wait_until (&connection->changed, &connection->mutex, deadline);
}

void
vckc_libvirt_threads_end (VckcLibvirtConnection *connection)
{
  const gint64 deadline = g_get_monotonic_time () + END_TIMEOUT;
  GThread *left = NULL;

  vckc_mutex_lock (&connection->mutex);
  vckc_cond_broadcast (&connection->changed);
  if (threads_own_connection != connection)
    {
      while (connection->n_threads > 0
             && vckc_cond_wait_until (&connection->changed, &connection->mutex, deadline))
        ;
      if (connection->n_threads == 0)
        left = g_steal_pointer (&connection->left_thread);
    }
  vckc_mutex_unlock (&connection->mutex);
  libvirt_threads_join (left);
}
