/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A call that asks something of its caller: where it is asked, and who waits for whom. */

#include "support.h"
#include "vck-call.h"

/* What a call and its caller note; under the lock where both may be at it. */
typedef struct
{
  SupportGate gate;          /* its lock is meant below */
  GThread *asking;           /* the thread of the call */
  GThread *answering;        /* the thread in which it was asked; NULL if it was not */
  gboolean started;          /* under lock */
  gboolean allowed;          /* under lock: the call may ask now */
  gboolean asked;            /* under lock: vck_call_run_in_caller() has returned */
  gboolean answered;         /* what it returned */
  gboolean freed;            /* under lock: by the library */
  gboolean cleared;          /* under lock: nothing of the call is left */
  GCancellable *cancellable; /* cancelled while it is asked; (nullable) */
  GAsyncResult **slot;       /* waited for while it is asked; (nullable) */
} Scene;

typedef struct
{
  VckCall base;
  Scene *scene;
} AskCall;

static void
scene_init (Scene *scene)
{
  *scene = (Scene){ .allowed = TRUE };
  support_gate_init (&scene->gate);
}

static gboolean
scene_get (Scene *scene, const gboolean *what)
{
  gboolean set = FALSE;

  g_mutex_lock (&scene->gate.lock);
  set = *what;
  g_mutex_unlock (&scene->gate.lock);
  return set;
}

static void
scene_end (Scene *scene)
{
  while (!scene_get (scene, &scene->cleared))
    g_main_context_iteration (NULL, TRUE);
  support_gate_clear (&scene->gate);
}

/* The caller is asked. */
static void
answer (gpointer data)
{
  Scene *scene = data;

  g_assert_null (scene->answering);
  scene->answering = g_thread_self ();
  if (scene->cancellable == NULL)
    return;
  g_cancellable_cancel (scene->cancellable);
  support_gate_wait (&scene->gate, &scene->asked);
  while (scene->slot != NULL && *scene->slot == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (scene_get (scene, &scene->freed));
}

static void
free_data (gpointer data)
{
  Scene *scene = data;

  support_gate_set (&scene->gate, &scene->freed);
}

static gboolean
ask_run (VckCall *call, GError **error)
{
  Scene *scene = ((AskCall *) call)->scene;

  scene->asking = g_thread_self ();
  support_gate_set (&scene->gate, &scene->started);
  support_gate_wait (&scene->gate, &scene->allowed);
  scene->answered = vck_call_run_in_caller (call, answer, scene, free_data);
  support_gate_set (&scene->gate, &scene->asked);
  if (!scene->answered)
    g_set_error (error, VCK_ERROR, VCK_ERROR_OPERATION_DENIED, "nobody answered");
  return scene->answered;
}

static void
ask_clear (VckCall *call)
{
  Scene *scene = ((AskCall *) call)->scene;

  support_gate_set (&scene->gate, &scene->cleared);
}

static const VckCallInfo asker = {
  .name = "asker",
  .size = sizeof (AskCall),
  .kind = VCK_CALL_READER,
  .run = ask_run,
  .clear = ask_clear,
};

static VckCall *
ask_call_new (Scene *scene)
{
  AskCall *call = vck_call_new (&asker, NULL, NULL);

  call->scene = scene;
  return &call->base;
}

/* Without a cancellable there is one thread for everything. */
static void
test_here (void)
{
  Scene scene;
  g_autoptr (GError) error = NULL;

  scene_init (&scene);
  g_assert_true (vck_call_end (vck_call_sync (ask_call_new (&scene), NULL, &error)));
  g_assert_no_error (error);
  g_assert_true (scene.answered && !scene.freed);
  g_assert_true (scene.asking == g_thread_self ());
  g_assert_true (scene.answering == g_thread_self ());
  scene_end (&scene);
}

/* With one, the call is in another thread; its caller waits and answers. */
static void
test_sync (void)
{
  Scene scene;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  scene_init (&scene);
  g_assert_true (vck_call_end (vck_call_sync (ask_call_new (&scene), cancellable, &error)));
  g_assert_no_error (error);
  g_assert_true (scene.answered && !scene.freed);
  g_assert_true (scene.asking != g_thread_self ());
  g_assert_true (scene.answering == g_thread_self ());
  scene_end (&scene);
}

/* The asking thread goes on at once, although the answer is still being thought of. */
static void
test_sync_cancelled (void)
{
  Scene scene;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  scene_init (&scene);
  scene.cancellable = cancellable;
  g_assert_null (vck_call_sync (ask_call_new (&scene), cancellable, &error));
  support_assert_cancelled (&error);
  g_assert_false (scene.answered);
  g_assert_true (scene.answering == g_thread_self ());
  support_gate_wait (&scene.gate, &scene.freed);
  scene_end (&scene);
}

static void
test_async (void)
{
  Scene scene;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  scene_init (&scene);
  g_main_context_push_thread_default (context);
  vck_call_async (ask_call_new (&scene), NULL, support_result_cb, &slot, test_async);
  support_gate_wait (&scene.gate, &scene.started);
  support_drain (NULL);
  g_assert_null (scene.answering);
  result = support_wait (&slot);
  g_main_context_pop_thread_default (context);
  g_assert_true (vck_call_end (vck_call_finish (result, NULL, test_async, &error)));
  g_assert_no_error (error);
  g_assert_true (scene.answered && !scene.freed);
  g_assert_true (scene.asking != g_thread_self ());
  g_assert_true (scene.answering == g_thread_self ());
  g_clear_object (&result);
  scene_end (&scene);
}

/* Inside the handler, the asking thread goes on and the call is reported as cancelled. */
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
  vck_call_async (ask_call_new (&scene), cancellable, support_result_cb, &slot,
                  test_async_cancelled);
  result = support_wait (&slot);
  g_assert_null (vck_call_finish (result, NULL, test_async_cancelled, &error));
  support_assert_cancelled (&error);
  g_assert_false (scene.answered);
  g_clear_object (&result);
  support_gate_wait (&scene.gate, &scene.freed);
  scene_end (&scene);
}

/* Who quits its main loop and cancels leaves no thread behind, and is not asked any more. */
static void
test_async_abandoned (void)
{
  Scene scene;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  scene_init (&scene);
  vck_call_async (ask_call_new (&scene), cancellable, support_result_cb, &slot,
                  test_async_abandoned);
  support_gate_wait (&scene.gate, &scene.started);
  g_cancellable_cancel (cancellable);
  support_gate_wait (&scene.gate, &scene.asked);
  g_assert_false (scene.answered);

  result = support_wait (&slot);
  support_drain (NULL);
  g_assert_null (vck_call_finish (result, NULL, test_async_abandoned, &error));
  support_assert_cancelled (&error);
  g_assert_null (scene.answering);
  g_assert_true (scene_get (&scene, &scene.freed));
  g_clear_object (&result);
  scene_end (&scene);
}

/* A call that was given up before it asks gets no answer. */
static void
test_too_late (void)
{
  Scene scene;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  scene_init (&scene);
  scene.allowed = FALSE;
  vck_call_async (ask_call_new (&scene), cancellable, support_result_cb, &slot, test_too_late);
  support_gate_wait (&scene.gate, &scene.started);
  g_cancellable_cancel (cancellable);
  result = support_wait (&slot);
  g_assert_null (vck_call_finish (result, NULL, test_too_late, &error));
  support_assert_cancelled (&error);

  support_gate_set (&scene.gate, &scene.allowed);
  support_gate_wait (&scene.gate, &scene.freed);
  support_gate_wait (&scene.gate, &scene.asked);
  g_clear_object (&result);
  support_drain (NULL);
  g_assert_false (scene.answered);
  g_assert_null (scene.answering);
  scene_end (&scene);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/vck/ask/here", test_here);
  g_test_add_func ("/vck/ask/sync", test_sync);
  g_test_add_func ("/vck/ask/sync-cancelled", test_sync_cancelled);
  g_test_add_func ("/vck/ask/async", test_async);
  g_test_add_func ("/vck/ask/async-cancelled", test_async_cancelled);
  g_test_add_func ("/vck/ask/async-abandoned", test_async_abandoned);
  g_test_add_func ("/vck/ask/too-late", test_too_late);

  return g_test_run ();
}
