/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/parallel.h"

#include "base/lock.h"
#include "base/process.h"

/* How many calls are on their way at the same time: a libvirt daemon takes five of one client
 * before it makes the next one wait (max_client_requests), and one is left for others. */
#define WIDTH 4
/* Fewer than that for each thread is not worth one. */
#define FEW 4

typedef struct
{
  guint count;
  VckcParallelFunc function;
  gpointer data;
  gint next; /* atomic: the number that nobody has taken yet */

  VckcMutex mutex;
  VckcCond ended;
  guint n_helpers; /* under the mutex: threads that are still at it */
} Work;

/* GLib's queue hands work from thread to thread by locks that ThreadSanitizer does not see. This one
 * it does: what was done before it in one thread is seen behind it in another. */
static void
hand_over (void)
{
  static VckcMutex mutex = PTHREAD_MUTEX_INITIALIZER;

  vckc_mutex_lock (&mutex);
  vckc_mutex_unlock (&mutex);
}

static void
take_part (Work *work)
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
help_cb (gpointer data, gpointer unused)
{
  Work *work = data;

  hand_over ();
  take_part (work);
  vckc_mutex_lock (&work->mutex);
  work->n_helpers--;
  vckc_cond_broadcast (&work->ended);
  vckc_mutex_unlock (&work->mutex);
}

static GThreadPool *helpers; /* never freed */

static void
make_helpers (void)
{
  /* No thread is started before it is needed, so this cannot fail. */
  helpers = g_thread_pool_new (help_cb, NULL, 4 * (WIDTH - 1), FALSE, NULL);
}

/* If no thread is to be had, the others do its part. */
static void
call_helper (Work *work)
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
  Work work = { .count = count, .function = function, .data = data };

  /* GLib's pools do not know that their threads have stayed with the parent. */
  if (vckc_process_number () > 0)
    {
      take_part (&work);
      return;
    }
  vckc_once (&once, make_helpers);
  vckc_mutex_init (&work.mutex);
  vckc_cond_init (&work.ended);
  hand_over ();
  for (guint i = 1; i < WIDTH && i * FEW < count; i++)
    call_helper (&work);

  take_part (&work);

  vckc_mutex_lock (&work.mutex);
  while (work.n_helpers > 0)
    vckc_cond_wait (&work.ended, &work.mutex);
  vckc_mutex_unlock (&work.mutex);
  vckc_cond_clear (&work.ended);
  vckc_mutex_clear (&work.mutex);
}
