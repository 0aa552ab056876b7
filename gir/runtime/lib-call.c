/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Why this is not g_task_run_in_thread():
 *
 * - GTask shares one pool of a few threads with GIO and the rest of the process: calls that block
 *   for minutes would hold up file operations and name lookups. Ours has its own, bounded pool.
 * - A thread of GTask drops the last references to the object, the callback data and the arguments
 *   wherever it happens to end; here all of them are freed in the caller's context.
 * - A call may need its caller while it runs, to ask for a password, whether the caller waits in
 *   another thread or runs a main loop.
 * - ThreadSanitizer sees the locks of POSIX, but not those of GLib.
 */

#include "lib-call.h"

#include <pthread.h>

#include "lib-pool.h"

typedef enum
{
  STATE_NEW,
  STATE_QUEUED,
  STATE_RUNNING,
  STATE_DONE,
  STATE_ABANDONED, /* the caller no longer waits */
} State;

/* A function that a call has run by its caller, such as asking for a password. */
typedef struct
{
  int ref_count; /* atomic: the posting thread's, and the job's or the running thread's */
  void (*func) (gpointer data);
  gpointer data;            /* owned; NULL once the posting thread has it back */
  GDestroyNotify free_data; /* immutable */
  gboolean done;            /* under the lock of the job */
} CallerRequest;

/* A call on its way through a thread of the pool. The side that moves it to the next state owns the
 * contents, so exactly one side decides where two compete. The lock is pthread's, which
 * ThreadSanitizer sees; it does not see what GLib's queues and loops hand from thread to thread.
 *
 * The contents are objects, closures and the context of the program, which may be finalized with
 * their last reference. So a thread of the pool drops none of them: it uses the contents while it
 * runs the call, and frees no more than the bare struct. */
typedef struct
{
  int ref_count; /* atomic */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  State state;               /* under the lock */
  CallerRequest *request;    /* under the lock; owned; (nullable): not yet run */
  LibCall *call;             /* owned; NULL once its caller has it back */
  GError *error;             /* owned; why the call failed */
  GCancellable *cancellable; /* owned; (nullable) */
  GTask *task;               /* owned; NULL for a caller that waits */
  GSource *cancel_source;    /* owned; (nullable); in the context of the task */
  gboolean unused;           /* under the lock; abandoned, and no thread will use the contents */
  GSource *clear_source;     /* under the lock; owned; (nullable): clears an abandoned job */
  gboolean context_gone;     /* under the lock; the context of `clear_source` was freed */
} Job;

gpointer
lib_call_new (const LibCallInfo *info, gpointer self, gpointer handle)
{
  LibCall *call = g_malloc0 (info->size);

  call->info = info;
  call->self = self != NULL ? g_object_ref (self) : NULL;
  call->handle = handle;
  if (handle != NULL && info->hold != NULL)
    info->hold (handle);
  return call;
}

void
lib_call_free (LibCall *call)
{
  if (call->info->clear != NULL)
    call->info->clear (call);
  if (call->handle != NULL && call->info->drop != NULL)
    call->info->drop (call->handle);
  g_clear_object (&call->self);
  g_free (call);
}

gboolean
lib_call_fail (LibCall *call, GError *reason, GError **error)
{
  if (call->self != NULL && call->handle == NULL)
    {
      g_free (reason->message);
      reason->message = g_strdup_printf (G_IS_INITABLE (call->self)
                                             ? "this %s is not open: it was not initialized, or "
                                               "that failed; initialize it first, with init() or "
                                               "init_async()"
                                             : "this %s was created with g_object_new() and stands "
                                               "for nothing; use one that the library returned",
                                         G_OBJECT_TYPE_NAME (call->self));
    }
  g_propagate_error (error, reason);
  return FALSE;
}

gboolean
lib_call_end (LibCall *call)
{
  if (call == NULL)
    return FALSE;
  lib_call_free (call);
  return TRUE;
}

/* The core looks at the current cancellable while it waits. */
static gboolean
call_run (LibCall *call, GCancellable *cancellable, GError **error)
{
  gboolean done = FALSE;

  if (cancellable != NULL)
    g_cancellable_push_current (cancellable);
  done = call->info->run (call, error);
  if (cancellable != NULL)
    g_cancellable_pop_current (cancellable);
  return done;
}

static Job *
job_new (LibCall *call, GCancellable *cancellable)
{
  Job *job = g_new0 (Job, 1);

  job->ref_count = 1;
  job->call = call;
  call->job = job;
  g_set_object (&job->cancellable, cancellable);
  pthread_mutex_init (&job->lock, NULL);
  pthread_cond_init (&job->changed, NULL);
  return job;
}

static Job *
job_ref (Job *job)
{
  __atomic_fetch_add (&job->ref_count, 1, __ATOMIC_RELAXED);
  return job;
}

/* In the caller's context: frees the contents. */
static void
job_clear (Job *job)
{
  g_clear_pointer (&job->call, lib_call_free);
  g_clear_error (&job->error);
  g_clear_object (&job->cancellable);
  g_clear_object (&job->task);
  g_clear_pointer (&job->cancel_source, g_source_unref);
}

static void
job_unref (Job *job)
{
  if (__atomic_fetch_sub (&job->ref_count, 1, __ATOMIC_ACQ_REL) > 1)
    return;
  pthread_cond_destroy (&job->changed);
  pthread_mutex_destroy (&job->lock);
  g_free (job);
}

/* Moves the job from one state to another. Returns FALSE if it is in a third one. */
static gboolean
job_set_state (Job *job, State from, State to)
{
  gboolean stepped = FALSE;

  pthread_mutex_lock (&job->lock);
  stepped = job->state == from;
  if (stepped)
    job->state = to;
  pthread_mutex_unlock (&job->lock);
  return stepped;
}

/* A reader may be abandoned at any time, a mutator only before it starts. Returns FALSE if it is
 * too late; else the caller has to call job_leave(). */
static gboolean
job_abandon (Job *job)
{
  gboolean in_time = FALSE;

  pthread_mutex_lock (&job->lock);
  in_time = job->state == STATE_QUEUED
            || (job->state == STATE_RUNNING && job->call->info->kind == LIB_CALL_READER);
  if (in_time)
    {
      job->unused = job->state == STATE_QUEUED;
      job->state = STATE_ABANDONED;
    }
  pthread_mutex_unlock (&job->lock);
  return in_time;
}

/* In the context of the caller, or in the default one: clears an abandoned job. */
static gboolean
clear_cb (gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GSource) clear_source = NULL;

  pthread_mutex_lock (&job->lock);
  clear_source = g_steal_pointer (&job->clear_source);
  pthread_mutex_unlock (&job->lock);
  job_clear (job);
  return G_SOURCE_REMOVE;
}

/* If the source is still set, the context of the caller is being freed. GLib frees it only after
 * this returns, so the source can be used with the lock held. */
static void
clear_source_gone_cb (gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GSource) clear_source = NULL;
  gboolean unused = FALSE;

  pthread_mutex_lock (&job->lock);
  clear_source = g_steal_pointer (&job->clear_source);
  job->context_gone = clear_source != NULL;
  unused = job->unused;
  pthread_mutex_unlock (&job->lock);
  if (clear_source != NULL && unused)
    job_clear (job);
  job_unref (job);
}

/* Does nothing until it has a ready time. It does not keep its context alive. */
static GSource *
job_clear_source_new (Job *job)
{
  GSource *source = g_timeout_source_new (0);

  g_source_set_ready_time (source, -1);
  g_source_set_static_name (source, "Lib abandoned call");
  g_source_set_callback (source, clear_cb, job_ref (job), clear_source_gone_cb);
  return source;
}

/* In the caller's context, after job_abandon(): clears the job, now or, if a thread still uses the
 * contents, later from a source in that context. */
static void
job_leave (Job *job, GMainContext *context)
{
  gboolean unused = FALSE;

  pthread_mutex_lock (&job->lock);
  unused = job->unused;
  if (!unused)
    {
      job->clear_source = job_clear_source_new (job);
      g_source_attach (job->clear_source, context);
    }
  pthread_mutex_unlock (&job->lock);
  if (unused)
    job_clear (job);
}

/* In a thread of the pool, with the lock: has the job cleared in the context of its caller. If the
 * caller has not called job_leave() yet, that clears it. */
static void
job_release_locked (Job *job)
{
  g_autoptr (GSource) source = NULL;

  job->unused = TRUE;
  if (job->clear_source != NULL)
    g_source_set_ready_time (job->clear_source, 0);
  if (!job->context_gone)
    return;
  source = g_idle_source_new ();
  g_source_set_callback (source, clear_cb, job_ref (job), (GDestroyNotify) job_unref);
  g_source_attach (source, NULL);
}

/* Takes the call, or its error, out of a job that is done. The thread that ran it may still hold
 * the job, but uses neither the object nor the handle. */
static LibCall *
job_finish (Job *job, GError **error)
{
  LibCall *call = g_steal_pointer (&job->call);

  if (job->error == NULL)
    return call;
  lib_call_free (call);
  g_propagate_error (error, g_steal_pointer (&job->error));
  return NULL;
}

/* In the task's context: passes the result to the task. */
static gboolean
end_task_cb (gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  LibCall *call = NULL;

  /* Taken once, so that everything the other thread did with the job is visible here. */
  pthread_mutex_lock (&job->lock);
  task = g_steal_pointer (&job->task);
  pthread_mutex_unlock (&job->lock);
  call = job_finish (job, &error);
  if (job->cancel_source != NULL)
    g_source_destroy (job->cancel_source);
  job_clear (job);
  if (call != NULL)
    g_task_return_pointer (task, call, (GDestroyNotify) lib_call_free);
  else
    g_task_return_error (task, error);
  return G_SOURCE_REMOVE;
}

/* In a thread of the pool, with the lock: wakes a caller that waits, or calls `func` in the context
 * of the task. */
static void
job_notify_locked (Job *job, GSourceFunc func)
{
  g_autoptr (GSource) source = NULL;

  if (job->task == NULL)
    {
      pthread_cond_broadcast (&job->changed);
      return;
    }
  source = g_idle_source_new ();
  g_source_set_priority (source, g_task_get_priority (job->task));
  g_source_set_callback (source, func, job_ref (job), (GDestroyNotify) job_unref);
  g_source_attach (source, g_task_get_context (job->task));
}

/* In the thread that ran the job, which does not use the contents after this. */
static void
job_end (Job *job)
{
  pthread_mutex_lock (&job->lock);
  if (job->state == STATE_RUNNING)
    {
      job->state = STATE_DONE;
      job_notify_locked (job, end_task_cb);
    }
  else
    job_release_locked (job);
  pthread_mutex_unlock (&job->lock);
}

/* An abandoned reader may fail because of that; the error is then CANCELLED. */
static void
job_run (Job *job)
{
  if (call_run (job->call, job->cancellable, &job->error)
      || !g_cancellable_is_cancelled (job->cancellable) || job->call->info->kind != LIB_CALL_READER)
    return;
  g_clear_error (&job->error);
  g_cancellable_set_error_if_cancelled (job->cancellable, &job->error);
}

/* In a thread of the pool or, with `here`, in that of the caller. */
static void
job_process (Job *job, gboolean here)
{
  if (job_set_state (job, STATE_QUEUED, STATE_RUNNING))
    {
      if (here)
        job->call->job = NULL;
      /* The context of the task may not have noticed the cancellation yet. */
      if (!g_cancellable_set_error_if_cancelled (job->cancellable, &job->error))
        job_run (job);
      job_end (job);
    }
  job_unref (job);
}

static void
worker_cb (gpointer data)
{
  job_process (data, FALSE);
}

static void
job_push (Job *job)
{
  gboolean (*push) (void (*work) (gpointer data), gpointer data) =
      job->call->info->urgent ? lib_pool_push_urgent : lib_pool_push;

  /* Without a thread, the call runs here. */
  if (!push (worker_cb, job_ref (job)))
    job_process (job, TRUE);
}

/* Requests to the caller */

static CallerRequest *
request_new (void (*func) (gpointer data), gpointer data, GDestroyNotify free_data)
{
  CallerRequest *request = g_new0 (CallerRequest, 1);

  request->ref_count = 2;
  request->func = func;
  request->data = data;
  request->free_data = free_data;
  return request;
}

static void
request_unref (CallerRequest *request)
{
  if (__atomic_fetch_sub (&request->ref_count, 1, __ATOMIC_ACQ_REL) > 1)
    return;
  if (request->data != NULL)
    request->free_data (request->data);
  g_free (request);
}

/* In the caller's context: runs the request, unless the call was abandoned since. */
static void
job_run_request (Job *job)
{
  CallerRequest *request = NULL;

  pthread_mutex_lock (&job->lock);
  request = g_steal_pointer (&job->request);
  pthread_mutex_unlock (&job->lock);
  if (request == NULL)
    return;
  request->func (request->data);
  pthread_mutex_lock (&job->lock);
  request->done = TRUE;
  pthread_cond_broadcast (&job->changed);
  pthread_mutex_unlock (&job->lock);
  request_unref (request);
}

static gboolean
run_request_cb (gpointer user_data)
{
  job_run_request (user_data);
  return G_SOURCE_REMOVE;
}

static void
wake_cb (GCancellable *cancellable, gpointer user_data)
{
  Job *job = user_data;

  pthread_mutex_lock (&job->lock);
  pthread_cond_broadcast (&job->changed);
  pthread_mutex_unlock (&job->lock);
}

/* In a thread of the pool: waits until the request has run or the call is cancelled, also if no
 * thread runs the context of the task. Returns the request if it will not be run. */
static CallerRequest *
job_post_request (Job *job, CallerRequest *request)
{
  CallerRequest *withdrawn = NULL;
  gulong id = 0;

  if (job->cancellable != NULL)
    id = g_cancellable_connect (job->cancellable, G_CALLBACK (wake_cb), job_ref (job),
                                (GDestroyNotify) job_unref);
  pthread_mutex_lock (&job->lock);
  job->request = request;
  job_notify_locked (job, run_request_cb);
  while (!request->done && !g_cancellable_is_cancelled (job->cancellable))
    pthread_cond_wait (&job->changed, &job->lock);
  if (request->done)
    request->data = NULL;
  withdrawn = g_steal_pointer (&job->request);
  pthread_mutex_unlock (&job->lock);
  if (id != 0)
    g_signal_handler_disconnect (job->cancellable, id);
  return withdrawn;
}

gboolean
lib_call_run_in_caller (LibCall *call,
                        void (*func) (gpointer data),
                        gpointer data,
                        GDestroyNotify free_data)
{
  CallerRequest *request = NULL;
  CallerRequest *withdrawn = NULL;
  gboolean done = FALSE;

  if (call->job == NULL)
    {
      func (data);
      return TRUE;
    }
  request = request_new (func, data, free_data);
  withdrawn = job_post_request (call->job, request);
  g_clear_pointer (&withdrawn, request_unref);
  done = request->data == NULL;
  request_unref (request);
  return done;
}

/* Waiting */

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Job *job = user_data;

  if (job_abandon (job))
    wake_cb (cancellable, job);
}

/* Runs requests until the job is done or abandoned. Returns whether it is done. */
static gboolean
job_wait (Job *job)
{
  gboolean done = FALSE;

  pthread_mutex_lock (&job->lock);
  while (job->state == STATE_QUEUED || job->state == STATE_RUNNING)
    if (job->request == NULL)
      pthread_cond_wait (&job->changed, &job->lock);
    else
      {
        pthread_mutex_unlock (&job->lock);
        job_run_request (job);
        pthread_mutex_lock (&job->lock);
      }
  done = job->state == STATE_DONE;
  pthread_mutex_unlock (&job->lock);
  return done;
}

static LibCall *
call_run_in_pool (LibCall *call, GCancellable *cancellable, GError **error)
{
  Job *job = job_new (call, cancellable);
  LibCall *finished = NULL;
  gulong id = 0;

  job_set_state (job, STATE_NEW, STATE_QUEUED);
  /* Not g_cancellable_disconnect(), which would wait for other handlers: ours has a reference to
   * all it needs. */
  id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), job_ref (job),
                              (GDestroyNotify) job_unref);
  job_push (job);
  if (job_wait (job))
    {
      finished = job_finish (job, error);
      job_clear (job);
    }
  else
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled");
      job_leave (job, g_main_context_get_thread_default ());
    }
  if (id != 0)
    g_signal_handler_disconnect (cancellable, id);
  job_unref (job);
  return finished;
}

static LibCall *
call_run_here (LibCall *call, GCancellable *cancellable, GError **error)
{
  if (call_run (call, cancellable, error))
    return call;
  lib_call_free (call);
  return NULL;
}

LibCall *
lib_call_sync (LibCall *call, GCancellable *cancellable, GError **error)
{
  LibCall *finished = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      lib_call_free (call);
      return NULL;
    }
  if (cancellable == NULL || call->info->kind == LIB_CALL_MUTATOR)
    finished = call_run_here (call, cancellable, error);
  else
    finished = call_run_in_pool (call, cancellable, error);
  if (finished == NULL)
    lib_error_keep_last (error);
  return finished;
}

/* Asynchronous calls */

/* In the task's context. */
static gboolean
cancel_task_cb (GCancellable *cancellable, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GTask) task = NULL;
  g_autoptr (GSource) source = NULL;

  if (!job_abandon (job))
    return G_SOURCE_REMOVE;
  pthread_mutex_lock (&job->lock);
  task = g_steal_pointer (&job->task);
  source = g_steal_pointer (&job->cancel_source);
  pthread_mutex_unlock (&job->lock);
  job_leave (job, g_task_get_context (task));
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled");
  return G_SOURCE_REMOVE;
}

static GSource *
job_cancel_source_new (Job *job)
{
  GSource *source = g_cancellable_source_new (job->cancellable);

  g_source_set_priority (source, g_task_get_priority (job->task));
  g_source_set_callback (source, G_SOURCE_FUNC (cancel_task_cb), job_ref (job),
                         (GDestroyNotify) job_unref);
  return source;
}

static GTask *
call_task_new (LibCall *call,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data,
               gpointer source_tag)
{
  GTask *task = g_task_new (call->self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_name (task, call->info->name);
  /* The true outcome is reported, even if the call was cancelled meanwhile. */
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

void
lib_call_async (LibCall *call,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data,
                gpointer source_tag)
{
  Job *job = job_new (call, cancellable);
  g_autoptr (GMainContext) context = NULL;
  g_autoptr (GSource) source = NULL;

  job->task = call_task_new (call, cancellable, callback, user_data, source_tag);
  context = g_main_context_ref (g_task_get_context (job->task));
  if (cancellable != NULL)
    {
      job->cancel_source = job_cancel_source_new (job);
      source = g_source_ref (job->cancel_source);
    }
  job_set_state (job, STATE_NEW, STATE_QUEUED);
  /* From here on the job may end at any time. */
  if (source != NULL)
    g_source_attach (source, context);
  job_push (job);
  job_unref (job);
}

LibCall *
lib_call_finish (GAsyncResult *result, gpointer self, gpointer source_tag, GError **error)
{
  LibCall *call = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, source_tag), NULL);

  call = g_task_propagate_pointer (G_TASK (result), error);
  if (call == NULL)
    lib_error_keep_last (error);
  return call;
}
