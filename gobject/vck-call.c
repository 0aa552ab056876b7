/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-call.h"

/* As many calls block at the same time; further ones wait their turn. */
#define MAX_THREADS 32

/* How far a job is. Every step is one atomic exchange, so exactly one side decides
 * between two that compete, and what was written before a step is seen after it. */
typedef enum
{
  STATE_QUEUED,
  STATE_RUNNING,
  STATE_DONE,
  STATE_GIVEN_UP, /* nobody waits for it any more */
} State;

/* A call on its way through a thread of the pool. */
typedef struct
{
  int ref_count; /* atomic */
  int state;     /* atomic; a State */
  VckCall *call; /* owned */
  GCancellable *cancellable; /* owned; (nullable); immutable */
  GError *error; /* owned; written before STATE_DONE */

  /* For a caller that waits. */
  GMutex lock;
  GCond changed;
  int cancelled; /* atomic; set under the lock */

  /* For a caller that is called back: used in the task's context only. */
  GTask *task;            /* owned; NULL if a caller waits, and once it was given up */
  GMainContext *context;  /* owned */
  GSource *cancel_source; /* owned; (nullable) */
} Job;

static void
count_up (int *count)
{
  __atomic_fetch_add (count, 1, __ATOMIC_ACQ_REL);
}

/* TRUE if that was the last one. */
static gboolean
count_down (int *count)
{
  return __atomic_fetch_sub (count, 1, __ATOMIC_ACQ_REL) == 1;
}

static gboolean
step (Job *job, State from, State to)
{
  int expected = from;

  return __atomic_compare_exchange_n (&job->state, &expected, to, FALSE, __ATOMIC_ACQ_REL,
                                      __ATOMIC_ACQUIRE);
}

static gboolean
is_done (Job *job)
{
  return __atomic_load_n (&job->state, __ATOMIC_ACQUIRE) == STATE_DONE;
}

gpointer
vck_call_new (const VckCallInfo *info, gpointer self, gpointer handle)
{
  VckCall *call = g_malloc0 (info->size);

  call->info = info;
  call->ref_count = 1;
  call->self = self != NULL ? g_object_ref (self) : NULL;
  call->handle = handle;
  if (handle != NULL)
    info->hold (handle);
  return call;
}

void
vck_call_unref (VckCall *call)
{
  if (!count_down (&call->ref_count))
    return;
  if (call->info->clear != NULL)
    call->info->clear (call);
  if (call->handle != NULL)
    call->info->drop (call->handle);
  g_clear_object (&call->self);
  g_free (call);
}

gboolean
vck_call_fail (VckCall *call, GError *reason, GError **error)
{
  if (call->self != NULL && call->handle == NULL)
    g_prefix_error (&reason, "%s: the object was not made by the library, so there is nothing "
                             "behind it: ",
                    call->info->name);
  g_propagate_error (error, reason);
  return FALSE;
}

gboolean
vck_call_end (VckCall *call)
{
  if (call == NULL)
    return FALSE;
  vck_call_unref (call);
  return TRUE;
}

static Job *
job_new (VckCall *call, GCancellable *cancellable)
{
  Job *job = g_new0 (Job, 1);

  job->ref_count = 1;
  job->state = STATE_QUEUED;
  job->call = call;
  g_set_object (&job->cancellable, cancellable);
  g_mutex_init (&job->lock);
  g_cond_init (&job->changed);
  return job;
}

static Job *
job_ref (Job *job)
{
  count_up (&job->ref_count);
  return job;
}

static void
job_unref (Job *job)
{
  if (!count_down (&job->ref_count))
    return;
  g_clear_pointer (&job->call, vck_call_unref);
  g_clear_object (&job->cancellable);
  g_clear_error (&job->error);
  g_clear_object (&job->task);
  g_clear_pointer (&job->context, g_main_context_unref);
  g_clear_pointer (&job->cancel_source, g_source_unref);
  g_cond_clear (&job->changed);
  g_mutex_clear (&job->lock);
  g_free (job);
}

/* Takes the call out of a job that is done, or its error. The thread that did the job may
 * still hold the job, but from here on neither the object nor the handle. */
static VckCall *
job_finish (Job *job, GError **error)
{
  if (job->error == NULL)
    return g_steal_pointer (&job->call);
  g_clear_pointer (&job->call, vck_call_unref);
  g_propagate_error (error, g_steal_pointer (&job->error));
  return NULL;
}

/* In the task's context: hands the outcome to the task. */
static gboolean
end_task_cb (gpointer user_data)
{
  Job *job = user_data;
  GError *error = NULL;
  VckCall *call = is_done (job) ? job_finish (job, &error) : NULL;

  if (job->cancel_source != NULL)
    g_source_destroy (job->cancel_source);
  if (call != NULL)
    g_task_return_pointer (job->task, call, (GDestroyNotify) vck_call_unref);
  else
    g_task_return_error (job->task, error);
  return G_SOURCE_REMOVE;
}

/* In a thread of the pool: whoever waits learns that the job is done. */
static void
tell (Job *job /* (transfer full) */)
{
  if (job->task != NULL)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      /* The source takes our reference: the job ends in the context, not here. */
      g_source_set_priority (source, g_task_get_priority (job->task));
      g_source_set_callback (source, end_task_cb, job, (GDestroyNotify) job_unref);
      g_source_attach (source, job->context);
      return;
    }
  g_mutex_lock (&job->lock);
  g_cond_signal (&job->changed);
  g_mutex_unlock (&job->lock);
  job_unref (job);
}

static void
work (gpointer data, gpointer user_data)
{
  Job *job = data;

  if (!step (job, STATE_QUEUED, STATE_RUNNING))
    {
      job_unref (job);
      return;
    }
  /* Cancelled is cancelled, even if the context of the task has not noticed yet. */
  if (!g_cancellable_set_error_if_cancelled (job->cancellable, &job->error))
    job->call->info->run (job->call, &job->error);
  if (step (job, STATE_RUNNING, STATE_DONE))
    tell (job);
  else
    job_unref (job);
}

static GThreadPool *
get_pool (void)
{
  static GThreadPool *pool = NULL;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, g_thread_pool_new (work, NULL, MAX_THREADS, FALSE, NULL));
  return pool;
}

static void
push (Job *job)
{
  job_ref (job);
  /* No thread to be had: the work is done here, and finds itself done if a thread comes. */
  if (!g_thread_pool_push (get_pool (), job, NULL))
    work (job_ref (job), NULL);
}

/* A reader may be given up at any time, a mutator only before it starts. */
static gboolean
give_up (Job *job)
{
  return step (job, STATE_QUEUED, STATE_GIVEN_UP)
         || (job->call->info->kind == VCK_CALL_READER
             && step (job, STATE_RUNNING, STATE_GIVEN_UP));
}

/* Waiting */

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Job *job = user_data;

  g_mutex_lock (&job->lock);
  __atomic_store_n (&job->cancelled, TRUE, __ATOMIC_RELEASE);
  g_cond_signal (&job->changed);
  g_mutex_unlock (&job->lock);
}

static void
wait_for (Job *job)
{
  g_mutex_lock (&job->lock);
  while (!is_done (job) && !__atomic_load_n (&job->cancelled, __ATOMIC_ACQUIRE))
    g_cond_wait (&job->changed, &job->lock);
  g_mutex_unlock (&job->lock);
}

static VckCall *
run_in_pool (VckCall *call, GCancellable *cancellable, GError **error)
{
  Job *job = job_new (call, cancellable);
  VckCall *done = NULL;
  gulong id = 0;

  /* Not g_cancellable_disconnect(), which would wait for the handlers of others: ours has
   * a reference to all it needs. */
  id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), job_ref (job),
                              (GDestroyNotify) job_unref);
  push (job);
  wait_for (job);
  if (id != 0)
    g_signal_handler_disconnect (cancellable, id);
  if (!is_done (job) && give_up (job))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled");
  else
    done = job_finish (job, error);
  job_unref (job);
  return done;
}

static VckCall *
run_here (VckCall *call, GError **error)
{
  if (call->info->run (call, error))
    return call;
  vck_call_unref (call);
  return NULL;
}

VckCall *
vck_call_sync (VckCall *call, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      vck_call_unref (call);
      return NULL;
    }
  if (cancellable == NULL || call->info->kind == VCK_CALL_MUTATOR)
    return run_here (call, error);
  return run_in_pool (call, cancellable, error);
}

/* Being called back */

/* In the task's context. */
static gboolean
cancel_task_cb (GCancellable *cancellable, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GTask) task = NULL;

  if (!give_up (job))
    return G_SOURCE_REMOVE;
  task = g_steal_pointer (&job->task);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled");
  return G_SOURCE_REMOVE;
}

static void
watch (Job *job, GCancellable *cancellable)
{
  job->cancel_source = g_cancellable_source_new (cancellable);
  g_source_set_priority (job->cancel_source, g_task_get_priority (job->task));
  g_source_set_callback (job->cancel_source, G_SOURCE_FUNC (cancel_task_cb), job_ref (job),
                         (GDestroyNotify) job_unref);
  g_source_attach (job->cancel_source, job->context);
}

void
vck_call_async (VckCall            *call,
                GCancellable       *cancellable,
                GAsyncReadyCallback callback,
                gpointer            user_data,
                gpointer            source_tag)
{
  Job *job = job_new (call, cancellable);

  job->task = g_task_new (call->self, cancellable, callback, user_data);
  g_task_set_source_tag (job->task, source_tag);
  g_task_set_name (job->task, call->info->name);
  /* What happened counts, even if it was cancelled meanwhile. */
  g_task_set_check_cancellable (job->task, FALSE);
  job->context = g_main_context_ref (g_task_get_context (job->task));
  if (cancellable != NULL)
    watch (job, cancellable);
  push (job);
  job_unref (job);
}

VckCall *
vck_call_finish (GAsyncResult *result, gpointer self, gpointer source_tag, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, source_tag), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
