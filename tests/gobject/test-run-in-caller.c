/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A call that has a function run by its caller: in which thread it runs, and what waits for it. */

#include "blocking-call.h"

/* What a call and its caller record; under the lock where both may access it. */
typedef struct
{
  Blocker blocker;           /* starts, ends and locks the call */
  GThread *call_thread;      /* the thread of the call */
  GThread *request_thread;   /* the thread that ran the request; NULL if none did */
  gboolean returned;         /* under lock: vck_call_run_in_caller() has returned */
  gboolean succeeded;        /* what it returned */
  gboolean freed;            /* under lock: by the library */
  GCancellable *cancellable; /* cancelled by the request; (nullable) */
  GAsyncResult **slot;       /* waited for by the request; (nullable) */
} Scene;

typedef struct
{
  VckCall base;
  Scene *scene;
} RequestCall;

static void
scene_init (Scene *scene)
{
  *scene = (Scene){ .succeeded = FALSE };
  blocker_init (&scene->blocker);
  scene->blocker.allowed = TRUE;
}

static gboolean
scene_get (Scene *scene, const gboolean *what)
{
  gboolean set = FALSE;

  g_mutex_lock (&scene->blocker.gate.lock);
  set = *what;
  g_mutex_unlock (&scene->blocker.gate.lock);
  return set;
}

/* Run by the caller. */
static void
run_request (gpointer data)
{
  Scene *scene = data;

  g_assert_null (scene->request_thread);
  scene->request_thread = g_thread_self ();
  if (scene->cancellable == NULL)
    return;
  g_cancellable_cancel (scene->cancellable);
  support_gate_wait (&scene->blocker.gate, &scene->returned);
  while (scene->slot != NULL && *scene->slot == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (scene_get (scene, &scene->freed));
}

static void
free_data (gpointer data)
{
  Scene *scene = data;

  support_gate_set (&scene->blocker.gate, &scene->freed);
}

static gboolean
request_run (VckCall *call, GError **error)
{
  Scene *scene = ((RequestCall *) call)->scene;

  scene->call_thread = g_thread_self ();
  blocker_block (&scene->blocker);
  scene->succeeded = vck_call_run_in_caller (call, run_request, scene, free_data);
  support_gate_set (&scene->blocker.gate, &scene->returned);
  if (!scene->succeeded)
    g_set_error (error, VCK_ERROR, VCK_ERROR_OPERATION_DENIED, "the request did not run");
  return scene->succeeded;
}

static void
request_clear (VckCall *call)
{
  blocker_note_cleared (&((RequestCall *) call)->scene->blocker);
}

static const VckCallInfo requester = {
  .name = "requester",
  .size = sizeof (RequestCall),
  .kind = VCK_CALL_READER,
  .run = request_run,
  .clear = request_clear,
};

static VckCall *
request_call_new (Scene *scene)
{
  RequestCall *call = vck_call_new (&requester, NULL, NULL);

  call->scene = scene;
  return &call->base;
}

/* The call and its request have succeeded: the request in this thread, the call in it or not. */
static void
scene_assert_ran (Scene *scene, VckCall *call, GError *error, gboolean call_in_this_thread)
{
  g_assert_no_error (error);
  g_assert_true (vck_call_end (call));
  g_assert_true (scene->succeeded && !scene->freed);
  g_assert_true ((scene->call_thread == g_thread_self ()) == call_in_this_thread);
  g_assert_true (scene->request_thread == g_thread_self ());
}

/* Without a cancellable there is one thread for everything. */
static void
test_here (void)
{
  Scene scene;
  g_autoptr (GError) error = NULL;
  VckCall *call;

  scene_init (&scene);
  call = vck_call_sync (request_call_new (&scene), NULL, &error);
  scene_assert_ran (&scene, call, error, TRUE);
  blocker_end (&scene.blocker, NULL);
}

/* With one, the call is in another thread; its caller waits and runs the request. */
static void
test_sync (void)
{
  Scene scene;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  VckCall *call;

  scene_init (&scene);
  call = vck_call_sync (request_call_new (&scene), cancellable, &error);
  scene_assert_ran (&scene, call, error, FALSE);
  blocker_end (&scene.blocker, NULL);
}

/* The calling thread continues at once, although the request still runs. */
static void
test_sync_cancelled (void)
{
  Scene scene;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  scene_init (&scene);
  scene.cancellable = cancellable;
  g_assert_null (vck_call_sync (request_call_new (&scene), cancellable, &error));
  support_assert_cancelled (&error);
  g_assert_false (scene.succeeded);
  g_assert_true (scene.request_thread == g_thread_self ());
  support_gate_wait (&scene.blocker.gate, &scene.freed);
  blocker_end (&scene.blocker, NULL);
}

static void
test_async (void)
{
  Scene scene;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;
  VckCall *call;

  scene_init (&scene);
  g_main_context_push_thread_default (context);
  vck_call_async (request_call_new (&scene), NULL, support_result_cb, &slot, test_async);
  blocker_wait_started (&scene.blocker);
  support_drain (NULL);
  g_assert_null (scene.request_thread);
  result = support_wait (&slot);
  g_main_context_pop_thread_default (context);
  call = vck_call_finish (result, NULL, test_async, &error);
  scene_assert_ran (&scene, call, error, FALSE);
  g_clear_object (&result);
  blocker_end (&scene.blocker, NULL);
}

/* While the request runs, the calling thread continues and the call is reported as cancelled. */
static void
test_async_cancelled (void)
{
  Scene scene;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  scene_init (&scene);
  scene.cancellable = cancellable;
  scene.slot = &slot;
  vck_call_async (request_call_new (&scene), cancellable, support_result_cb, &slot,
                  test_async_cancelled);
  result = support_wait (&slot);
  g_assert_null (vck_call_finish (result, NULL, test_async_cancelled, &error));
  support_assert_cancelled (&error);
  g_assert_false (scene.succeeded);
  g_clear_object (&result);
  support_gate_wait (&scene.blocker.gate, &scene.freed);
  blocker_end (&scene.blocker, NULL);
}

/* A program that quits its main loop and cancels leaves no thread behind; the request does not
 * run. */
static void
test_async_abandoned (void)
{
  Scene scene;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  scene_init (&scene);
  vck_call_async (request_call_new (&scene), cancellable, support_result_cb, &slot,
                  test_async_abandoned);
  blocker_wait_started (&scene.blocker);
  g_cancellable_cancel (cancellable);
  support_gate_wait (&scene.blocker.gate, &scene.returned);
  g_assert_false (scene.succeeded);

  result = support_wait (&slot);
  support_drain (NULL);
  g_assert_null (vck_call_finish (result, NULL, test_async_abandoned, &error));
  support_assert_cancelled (&error);
  g_assert_null (scene.request_thread);
  g_assert_true (scene_get (&scene, &scene.freed));
  g_clear_object (&result);
  blocker_end (&scene.blocker, NULL);
}

/* The request of an abandoned call does not run. */
static void
test_too_late (void)
{
  Scene scene;

  scene_init (&scene);
  scene.blocker.allowed = FALSE;
  blocker_cancel_async (&scene.blocker, request_call_new (&scene), NULL);

  blocker_allow (&scene.blocker);
  support_gate_wait (&scene.blocker.gate, &scene.freed);
  support_gate_wait (&scene.blocker.gate, &scene.returned);
  support_drain (NULL);
  g_assert_false (scene.succeeded);
  g_assert_null (scene.request_thread);
  blocker_end (&scene.blocker, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/run-in-caller/here", test_here);
  g_test_add_func ("/vck/run-in-caller/sync", test_sync);
  g_test_add_func ("/vck/run-in-caller/sync-cancelled", test_sync_cancelled);
  g_test_add_func ("/vck/run-in-caller/async", test_async);
  g_test_add_func ("/vck/run-in-caller/async-cancelled", test_async_cancelled);
  g_test_add_func ("/vck/run-in-caller/async-abandoned", test_async_abandoned);
  g_test_add_func ("/vck/run-in-caller/too-late", test_too_late);

  return g_test_run ();
}
