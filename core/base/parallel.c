/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/parallel.h"

#include "base/lock.h"
#include "base/process.h"

/* A libvirt daemon takes five requests of one client at a time before it delays the next one
 * (max_client_requests); one is left for other calls. */
#define MAX_PARALLEL_CALLS 4
/* A thread for fewer items costs more than it saves. */
#define MIN_ITEMS_PER_THREAD 2

typedef struct
{
  guint count;
  VckcParallelFunc function;
  gpointer data;
  gint next; /* atomic: the first item that no thread has taken yet */

  VckcMutex mutex;
  VckcCond ended;
  guint n_helpers; /* under the mutex: threads that still work on it */
} ParallelWork;

/* GLib's thread pool synchronizes with locks that ThreadSanitizer does not see. It sees this
 * one: what one thread wrote before it is visible to another one after it. */
static void
parallel_tsan_sync (void)
{
  static VckcMutex mutex = PTHREAD_MUTEX_INITIALIZER;

  vckc_mutex_lock (&mutex);
  vckc_mutex_unlock (&mutex);
}

/* Calls the function for items until none is left. */
static void
parallel_run_items (ParallelWork *work)
{
  for (;;)
    {
      guint index = (guint) g_atomic_int_add (&work->next, 1);

      if (index >= work->count)
        return;
      work->function (index, work->data);
    }
}

static void
parallel_help_cb (gpointer data, gpointer unused)
{
  ParallelWork *work = data;

  parallel_tsan_sync ();
  parallel_run_items (work);
  vckc_mutex_lock (&work->mutex);
  work->n_helpers--;
  vckc_cond_broadcast (&work->ended);
  vckc_mutex_unlock (&work->mutex);
}

static GThreadPool *helpers; /* never freed */

static void
parallel_make_helpers (void)
{
  /* Threads are started when they are needed, so this cannot fail. */
  helpers = g_thread_pool_new (parallel_help_cb, NULL, 4 * (MAX_PARALLEL_CALLS - 1), FALSE, NULL);
}

/* If no thread can be started, the others do its work. */
static void
parallel_call_helper (ParallelWork *work)
{
  vckc_mutex_lock (&work->mutex);
  work->n_helpers++;
  vckc_mutex_unlock (&work->mutex);
  g_thread_pool_push (helpers, work, NULL);
}

void
vckc_parallel (guint count, VckcParallelFunc function, gpointer data)
{
  static VckcOnce once = VCKC_ONCE_INIT;
  ParallelWork work = { .count = count, .function = function, .data = data };

  /* After a fork() the threads of GLib's pool are not there any more, which the pool does not
   * know. */
  if (vckc_process_number () > 0)
    {
      parallel_run_items (&work);
      return;
    }
  vckc_once (&once, parallel_make_helpers);
  vckc_mutex_init (&work.mutex);
  vckc_cond_init (&work.ended);
  parallel_tsan_sync ();
  for (guint i = 1; i < MAX_PARALLEL_CALLS && i * MIN_ITEMS_PER_THREAD < count; i++)
    parallel_call_helper (&work);

  parallel_run_items (&work);

  vckc_mutex_lock (&work.mutex);
  while (work.n_helpers > 0)
    vckc_cond_wait (&work.ended, &work.mutex);
  vckc_mutex_unlock (&work.mutex);
  vckc_cond_clear (&work.ended);
  vckc_mutex_clear (&work.mutex);
}
