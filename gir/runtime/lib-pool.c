/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "lib-pool.h"

#include <pthread.h>

/* The number of threads that work at the same time; more work waits in the queue, unless it is
 * urgent. */
#define MAX_THREADS 32
/* The number of threads that wait for work; others exit. */
#define MAX_IDLE 4

typedef struct
{
  void (*func) (gpointer data);
  gpointer data;
} Work;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* covers what follows */
static pthread_cond_t pushed = PTHREAD_COND_INITIALIZER;
static GQueue queue = G_QUEUE_INIT; /* of Work; owned */
static guint n_threads;
static guint n_idle;

static guint process; /* changes only in a fork, with one thread */

/* In a forked child, which has one thread. */
static void
pool_reset_cb (void)
{
  lock = (pthread_mutex_t) PTHREAD_MUTEX_INITIALIZER;
  pushed = (pthread_cond_t) PTHREAD_COND_INITIALIZER;
  g_queue_init (&queue);
  n_threads = 0;
  n_idle = 0;
  process++;
}

__attribute__ ((constructor)) static void
pool_watch_forks (void)
{
  if (pthread_atfork (NULL, NULL, pool_reset_cb) != 0)
    g_abort ();
}

guint
lib_pool_get_process (void)
{
  return process;
}

/* Returns NULL if the thread is not needed any more. */
static Work *
pool_pop_locked (void)
{
  if (queue.length == 0 && n_idle >= MAX_IDLE)
    return NULL;
  n_idle++;
  while (queue.length == 0)
    pthread_cond_wait (&pushed, &lock);
  n_idle--;
  return g_queue_pop_head (&queue);
}

static gpointer
pool_thread_cb (gpointer unused)
{
  Work *work;

  pthread_mutex_lock (&lock);
  while ((work = pool_pop_locked ()) != NULL)
    {
      pthread_mutex_unlock (&lock);
      work->func (work->data);
      g_free (work);
      pthread_mutex_lock (&lock);
      if (n_threads > MAX_THREADS)
        break;
    }
  n_threads--;
  pthread_mutex_unlock (&lock);
  return NULL;
}

/* Wakes or starts a thread for the work pushed last. Returns FALSE if there is none. */
static gboolean
pool_wake_thread_locked (gboolean urgent)
{
  GThread *thread = NULL;

  if (n_idle >= queue.length)
    {
      pthread_cond_signal (&pushed);
      return TRUE;
    }
  if (urgent || n_threads < MAX_THREADS)
    thread = g_thread_try_new ("lib", pool_thread_cb, NULL, NULL);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      n_threads++;
    }
  return n_threads > 0;
}

static gboolean
pool_push (void (*func) (gpointer data), gpointer data, gboolean urgent)
{
  Work *work = g_new0 (Work, 1);
  gboolean found = FALSE;

  work->func = func;
  work->data = data;
  pthread_mutex_lock (&lock);
  g_queue_push_nth (&queue, work, urgent ? 0 : -1);
  found = pool_wake_thread_locked (urgent);
  if (!found)
    g_queue_remove (&queue, work);
  pthread_mutex_unlock (&lock);
  if (!found)
    g_free (work);
  return found;
}

gboolean
lib_pool_push (void (*func) (gpointer data), gpointer data)
{
  return pool_push (func, data, FALSE);
}

gboolean
lib_pool_push_urgent (void (*func) (gpointer data), gpointer data)
{
  return pool_push (func, data, TRUE);
}
