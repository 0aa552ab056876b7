/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-call.h"

#include <pthread.h>

#include "vck-pool.h"

typedef enum
{
  STATE_NEW,
  STATE_QUEUED,
  STATE_RUNNING,
  STATE_DONE,
  STATE_GIVEN_UP, /* nobody waits for it any more */
} State;

/* What a call asks of its caller. */
typedef struct
{
  int ref_count; /* atomic: the asking thread's, and the job's or the answering thread's */
  void (*func) (gpointer data);
  gpointer data;            /* owned; NULL once the asking thread has it back */
  GDestroyNotify free_data; /* immutable */
  gboolean answered;        /* under the lock of the job */
} Question;

/* A call on its way through a thread of the pool. Whoever moves it to the next state owns what is
 * inside, so exactly one side decides where two compete. The lock is pthread's, which
 * ThreadSanitizer sees; it does not see what GLib's queues and loops hand from thread to thread.
 *
 * Inside are objects, closures and the context of the program, which may end with their last
 * reference. So a thread of the pool drops none of them: it uses what is inside while it runs the
 * call, and frees no more than the bare struct. */
typedef struct
{
  int ref_count; /* atomic */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  State state;               /* under the lock */
  Question *question;        /* under the lock; owned; (nullable): not yet taken up */
  VckCall *call;             /* owned; NULL once its caller has it back */
  GError *error;             /* owned; why the call failed */
  GCancellable *cancellable; /* owned; (nullable) */
  GTask *task;               /* owned; NULL for a caller that waits */
  GSource *cancel_source;    /* owned; (nullable); in the context of the task */
  gboolean unused;           /* under the lock; given up, and no thread will use what is inside */
  GSource *home;             /* under the lock; owned; (nullable): clears what was given up */
  gboolean homeless;         /* under the lock; the context of `home` is gone */
} Job;

gpointer
vck_call_new (const VckCallInfo *info, gpointer self, gpointer handle)
{
  VckCall *call = g_malloc0 (info->size);

  call->info = info;
  call->self = self != NULL ? g_object_ref (self) : NULL;
  call->handle = handle;
  if (handle != NULL)
    info->hold (handle);
  return call;
}

void
vck_call_free (VckCall *call)
{
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
    g_prefix_error (&reason,
                    "%s: the object was not made by the library, so there is nothing behind it: ",
                    call->info->name);
  g_propagate_error (error, reason);
  return FALSE;
}

gboolean
vck_call_end (VckCall *call)
{
  if (call == NULL)
    return FALSE;
  vck_call_free (call);
  return TRUE;
}

/* What waits before it begins to change something may look at the current cancellable. */
static gboolean
run (VckCall *call, GCancellable *cancellable, GError **error)
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
job_new (VckCall *call, GCancellable *cancellable)
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

/* Lets go of everything that programs can see; where the caller is. */
static void
job_clear (Job *job)
{
  g_clear_pointer (&job->call, vck_call_free);
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

/* Moves the job from one state to another. FALSE if it is in a third one. */
static gboolean
step (Job *job, State from, State to)
{
  gboolean stepped = FALSE;

  pthread_mutex_lock (&job->lock);
  stepped = job->state == from;
  if (stepped)
    job->state = to;
  pthread_mutex_unlock (&job->lock);
  return stepped;
}

/* A reader may be given up at any time, a mutator only before it starts. FALSE if it is too late;
 * else the caller has to leave the job. */
static gboolean
give_up (Job *job)
{
  gboolean in_time = FALSE;

  pthread_mutex_lock (&job->lock);
  in_time = job->state == STATE_QUEUED
            || (job->state == STATE_RUNNING && job->call->info->kind == VCK_CALL_READER);
  if (in_time)
    {
      job->unused = job->state == STATE_QUEUED;
      job->state = STATE_GIVEN_UP;
    }
  pthread_mutex_unlock (&job->lock);
  return in_time;
}

/* In the context of the caller, or in the default one: clears what was given up. */
static gboolean
come_home_cb (gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GSource) home = NULL;

  pthread_mutex_lock (&job->lock);
  home = g_steal_pointer (&job->home);
  pthread_mutex_unlock (&job->lock);
  job_clear (job);
  return G_SOURCE_REMOVE;
}

/* The context of the caller is gone if the source still was to be used. GLib frees the context
 * only when this has returned, so who has the lock can use the source. */
static void
home_gone_cb (gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GSource) home = NULL;
  gboolean unused = FALSE;

  pthread_mutex_lock (&job->lock);
  home = g_steal_pointer (&job->home);
  job->homeless = home != NULL;
  unused = job->unused;
  pthread_mutex_unlock (&job->lock);
  if (home != NULL && unused)
    job_clear (job);
  job_unref (job);
}

/* Does nothing until it is given a time. It does not keep its context alive. */
static GSource *
home_source_new (Job *job)
{
  GSource *source = g_timeout_source_new (0);

  g_source_set_ready_time (source, -1);
  g_source_set_static_name (source, "Vck call that was given up");
  g_source_set_callback (source, come_home_cb, job_ref (job), home_gone_cb);
  return source;
}

/* Where the caller is, who has given up: clears the job, now or, if a thread still uses what is
 * inside, from a source in the context of the caller. */
static void
leave (Job *job, GMainContext *context)
{
  gboolean unused = FALSE;

  pthread_mutex_lock (&job->lock);
  unused = job->unused;
  if (!unused)
    {
      job->home = home_source_new (job);
      g_source_attach (job->home, context);
    }
  pthread_mutex_unlock (&job->lock);
  if (unused)
    job_clear (job);
}

/* In a thread of the pool, with the lock: has the job cleared where its caller is. If the caller
 * has not left it yet, it does so itself. */
static void
send_home_locked (Job *job)
{
  g_autoptr (GSource) source = NULL;

  job->unused = TRUE;
  if (job->home != NULL)
    g_source_set_ready_time (job->home, 0);
  if (!job->homeless)
    return;
  source = g_idle_source_new ();
  g_source_set_callback (source, come_home_cb, job_ref (job), (GDestroyNotify) job_unref);
  g_source_attach (source, NULL);
}

/* Takes the call out of a job that is done, or its error. The thread that did the job may
 * still hold the job, but from here on neither the object nor the handle. */
static VckCall *
job_finish (Job *job, GError **error)
{
  VckCall *call = g_steal_pointer (&job->call);

  if (job->error == NULL)
    return call;
  vck_call_free (call);
  g_propagate_error (error, g_steal_pointer (&job->error));
  return NULL;
}

/* In the task's context: hands the outcome to the task. */
static gboolean
end_task_cb (gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  VckCall *call = NULL;

  /* Taken once, so that all that the other thread did with the job has been done. */
  pthread_mutex_lock (&job->lock);
  task = g_steal_pointer (&job->task);
  pthread_mutex_unlock (&job->lock);
  call = job_finish (job, &error);
  if (job->cancel_source != NULL)
    g_source_destroy (job->cancel_source);
  job_clear (job);
  if (call != NULL)
    g_task_return_pointer (task, call, (GDestroyNotify) vck_call_free);
  else
    g_task_return_error (task, error);
  return G_SOURCE_REMOVE;
}

/* In a thread of the pool, with the lock: wakes the caller that waits, or has `func` called in
 * the context of the other one. */
static void
tell_locked (Job *job, GSourceFunc func)
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

/* In the thread that ran the job, which from here on does not use what is inside. */
static void
finish (Job *job)
{
  pthread_mutex_lock (&job->lock);
  if (job->state == STATE_RUNNING)
    {
      job->state = STATE_DONE;
      tell_locked (job, end_task_cb);
    }
  else
    send_home_locked (job);
  pthread_mutex_unlock (&job->lock);
}

/* What was given up may fail because of that, and then says so. */
static void
run_job (Job *job)
{
  if (run (job->call, job->cancellable, &job->error)
      || !g_cancellable_is_cancelled (job->cancellable) || job->call->info->kind != VCK_CALL_READER)
    return;
  g_clear_error (&job->error);
  g_cancellable_set_error_if_cancelled (job->cancellable, &job->error);
}

/* In a thread of the pool, or `here`: where the caller is. */
static void
do_job (Job *job, gboolean here)
{
  if (step (job, STATE_QUEUED, STATE_RUNNING))
    {
      if (here)
        job->call->job = NULL;
      /* Cancelled is cancelled, even if the context of the task has not noticed yet. */
      if (!g_cancellable_set_error_if_cancelled (job->cancellable, &job->error))
        run_job (job);
      finish (job);
    }
  job_unref (job);
}

static void
work (gpointer data)
{
  do_job (data, FALSE);
}

static void
push (Job *job)
{
  /* If no thread is to be had, the work is done here. */
  if (!vck_pool_push (work, job_ref (job)))
    do_job (job, TRUE);
}

/* Asking */

static Question *
question_new (void (*func) (gpointer data), gpointer data, GDestroyNotify free_data)
{
  Question *question = g_new0 (Question, 1);

  question->ref_count = 2;
  question->func = func;
  question->data = data;
  question->free_data = free_data;
  return question;
}

static void
question_unref (Question *question)
{
  if (__atomic_fetch_sub (&question->ref_count, 1, __ATOMIC_ACQ_REL) > 1)
    return;
  if (question->data != NULL)
    question->free_data (question->data);
  g_free (question);
}

/* Where the caller is: takes up the question, unless the call has been given up since. */
static void
answer (Job *job)
{
  Question *question = NULL;

  pthread_mutex_lock (&job->lock);
  question = g_steal_pointer (&job->question);
  pthread_mutex_unlock (&job->lock);
  if (question == NULL)
    return;
  question->func (question->data);
  pthread_mutex_lock (&job->lock);
  question->answered = TRUE;
  pthread_cond_broadcast (&job->changed);
  pthread_mutex_unlock (&job->lock);
  question_unref (question);
}

static gboolean
answer_cb (gpointer user_data)
{
  answer (user_data);
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

/* In a thread of the pool: waits for the answer, but not longer than until the call is cancelled,
 * even if nobody runs the context of the task. Returns what then is nobody's to answer. */
static Question *
pose (Job *job, Question *question)
{
  Question *withdrawn = NULL;
  gulong id = 0;

  if (job->cancellable != NULL)
    id = g_cancellable_connect (job->cancellable, G_CALLBACK (wake_cb), job_ref (job),
                                (GDestroyNotify) job_unref);
  pthread_mutex_lock (&job->lock);
  job->question = question;
  tell_locked (job, answer_cb);
  while (!question->answered && !g_cancellable_is_cancelled (job->cancellable))
    pthread_cond_wait (&job->changed, &job->lock);
  if (question->answered)
    question->data = NULL;
  withdrawn = g_steal_pointer (&job->question);
  pthread_mutex_unlock (&job->lock);
  if (id != 0)
    g_signal_handler_disconnect (job->cancellable, id);
  return withdrawn;
}

gboolean
vck_call_ask (VckCall *call, void (*func) (gpointer data), gpointer data, GDestroyNotify free_data)
{
  Question *question = NULL;
  Question *withdrawn = NULL;
  gboolean answered = FALSE;

  if (call->job == NULL)
    {
      func (data);
      return TRUE;
    }
  question = question_new (func, data, free_data);
  withdrawn = pose (call->job, question);
  g_clear_pointer (&withdrawn, question_unref);
  answered = question->data == NULL;
  question_unref (question);
  return answered;
}

/* Waiting */

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Job *job = user_data;

  if (give_up (job))
    wake_cb (cancellable, job);
}

/* Answers what is asked, until the job is done or given up. Returns whether it is done. */
static gboolean
wait_for (Job *job)
{
  gboolean done = FALSE;

  pthread_mutex_lock (&job->lock);
  while (job->state == STATE_QUEUED || job->state == STATE_RUNNING)
    if (job->question == NULL)
      pthread_cond_wait (&job->changed, &job->lock);
    else
      {
        pthread_mutex_unlock (&job->lock);
        answer (job);
        pthread_mutex_lock (&job->lock);
      }
  done = job->state == STATE_DONE;
  pthread_mutex_unlock (&job->lock);
  return done;
}

static VckCall *
run_in_pool (VckCall *call, GCancellable *cancellable, GError **error)
{
  Job *job = job_new (call, cancellable);
  VckCall *finished = NULL;
  gulong id = 0;

  step (job, STATE_NEW, STATE_QUEUED);
  /* Not g_cancellable_disconnect(), which would wait for the handlers of others: ours has
   * a reference to all it needs. */
  id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), job_ref (job),
                              (GDestroyNotify) job_unref);
  push (job);
  if (wait_for (job))
    {
      finished = job_finish (job, error);
      job_clear (job);
    }
  else
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled");
      leave (job, g_main_context_get_thread_default ());
    }
  if (id != 0)
    g_signal_handler_disconnect (cancellable, id);
  job_unref (job);
  return finished;
}

static VckCall *
run_here (VckCall *call, GCancellable *cancellable, GError **error)
{
  if (run (call, cancellable, error))
    return call;
  vck_call_free (call);
  return NULL;
}

VckCall *
vck_call_sync (VckCall *call, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      vck_call_free (call);
      return NULL;
    }
  if (cancellable == NULL || call->info->kind == VCK_CALL_MUTATOR)
    return run_here (call, cancellable, error);
  return run_in_pool (call, cancellable, error);
}

/* Being called back */

/* In the task's context. */
static gboolean
cancel_task_cb (GCancellable *cancellable, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GTask) task = NULL;
  g_autoptr (GSource) source = NULL;

  if (!give_up (job))
    return G_SOURCE_REMOVE;
  pthread_mutex_lock (&job->lock);
  task = g_steal_pointer (&job->task);
  source = g_steal_pointer (&job->cancel_source);
  pthread_mutex_unlock (&job->lock);
  leave (job, g_task_get_context (task));
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Operation was cancelled");
  return G_SOURCE_REMOVE;
}

static GSource *
cancel_source_new (Job *job)
{
  GSource *source = g_cancellable_source_new (job->cancellable);

  g_source_set_priority (source, g_task_get_priority (job->task));
  g_source_set_callback (source, G_SOURCE_FUNC (cancel_task_cb), job_ref (job),
                         (GDestroyNotify) job_unref);
  return source;
}

static GTask *
task_new (VckCall *call,
          GCancellable *cancellable,
          GAsyncReadyCallback callback,
          gpointer user_data,
          gpointer source_tag)
{
  GTask *task = g_task_new (call->self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_name (task, call->info->name);
  /* What happened counts, even if it was cancelled meanwhile. */
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

void
vck_call_async (VckCall *call,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data,
                gpointer source_tag)
{
  Job *job = job_new (call, cancellable);
  g_autoptr (GMainContext) context = NULL;
  g_autoptr (GSource) source = NULL;

  job->task = task_new (call, cancellable, callback, user_data, source_tag);
  context = g_main_context_ref (g_task_get_context (job->task));
  if (cancellable != NULL)
    {
      job->cancel_source = cancel_source_new (job);
      source = g_source_ref (job->cancel_source);
    }
  step (job, STATE_NEW, STATE_QUEUED);
  /* From here on the job may end at any time. */
  if (source != NULL)
    g_source_attach (source, context);
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
