/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The event loop that is given to libvirt, used as libvirt uses it. */

#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <poll.h>
#include <unistd.h>

#include "../in-child.h"
#include "base/lock.h"
#include "drivers/libvirt/link/libvirt-loop.h"

#define LATER 1000000 /* a timer that does not fire during a test, in milliseconds */

/* What the loop reported of one watch. */
typedef struct
{
  VckcMutex mutex;
  VckcCond changed;
  int fds[2];
  int watch;
  guint n_calls;
  int events; /* of the last call */
  guint n_freed;
  bool removes_itself;
  GThread *thread; /* that the last call came from */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_assert_true (vckc_libvirt_loop_ensure (NULL));
  vckc_mutex_init (&fixture->mutex);
  vckc_cond_init (&fixture->changed);
  g_assert_cmpint (pipe (fixture->fds), ==, 0);
  fixture->watch = -1;
}

static void
count_call (Fixture *fixture, int events)
{
  vckc_mutex_lock (&fixture->mutex);
  fixture->n_calls++;
  fixture->events = events;
  fixture->thread = g_thread_self ();
  vckc_cond_broadcast (&fixture->changed);
  vckc_mutex_unlock (&fixture->mutex);
}

/* Waits until there were so many calls, or until it was freed so many times. */
static void
wait_for (Fixture *fixture, const guint *counter, guint count)
{
  vckc_mutex_lock (&fixture->mutex);
  while (*counter < count)
    vckc_cond_wait (&fixture->changed, &fixture->mutex);
  vckc_mutex_unlock (&fixture->mutex);
}

/* It is not freed while its callback runs. */
static void
assert_own_watch (Fixture *fixture, int watch)
{
  vckc_mutex_lock (&fixture->mutex);
  g_assert_cmpint (watch, ==, fixture->watch);
  g_assert_cmpuint (fixture->n_freed, ==, 0);
  vckc_mutex_unlock (&fixture->mutex);
}

static void
ready_cb (int watch, int fd, int events, void *opaque)
{
  Fixture *fixture = opaque;
  char byte;

  assert_own_watch (fixture, watch);
  g_assert_cmpint (fd, ==, fixture->fds[0]);
  if ((events & VIR_EVENT_HANDLE_READABLE) != 0)
    g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  else
    virEventUpdateHandle (watch, 0);
  if (fixture->removes_itself)
    g_assert_cmpint (virEventRemoveHandle (watch), ==, 0);
  assert_own_watch (fixture, watch);
  count_call (fixture, events);
}

static void
time_cb (int watch, void *opaque)
{
  Fixture *fixture = opaque;

  if (fixture->removes_itself)
    virEventRemoveTimeout (watch);
  count_call (fixture, 0);
}

static void
freed_cb (void *opaque)
{
  Fixture *fixture = opaque;

  vckc_mutex_lock (&fixture->mutex);
  fixture->n_freed++;
  g_assert_true (fixture->thread == NULL || fixture->thread == g_thread_self ());
  vckc_cond_broadcast (&fixture->changed);
  vckc_mutex_unlock (&fixture->mutex);
}

static void
add_handle (Fixture *fixture, int events)
{
  vckc_mutex_lock (&fixture->mutex);
  fixture->watch = virEventAddHandle (fixture->fds[0], events, ready_cb, fixture, freed_cb);
  vckc_mutex_unlock (&fixture->mutex);
  g_assert_cmpint (fixture->watch, >=, 0);
}

static void
send_byte (Fixture *fixture)
{
  g_assert_cmpint (write (fixture->fds[1], "x", 1), ==, 1);
}

/* The loop has handled all that was there when this was called. */
static void
let_loop_run (void)
{
  Fixture other = { 0 };

  set_up (&other, NULL);
  add_handle (&other, VIR_EVENT_HANDLE_READABLE);
  send_byte (&other);
  wait_for (&other, &other.n_calls, 1);
  virEventRemoveHandle (other.watch);
  wait_for (&other, &other.n_freed, 1);
  close (other.fds[0]);
  close (other.fds[1]);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  let_loop_run ();
  close (fixture->fds[0]);
  if (fixture->fds[1] >= 0)
    close (fixture->fds[1]);
  vckc_cond_clear (&fixture->changed);
  vckc_mutex_clear (&fixture->mutex);
}

static void
remove_handle (Fixture *fixture)
{
  g_assert_cmpint (virEventRemoveHandle (fixture->watch), ==, 0);
  g_assert_cmpint (virEventRemoveHandle (fixture->watch), ==, -1);
  wait_for (fixture, &fixture->n_freed, 1);
}

/* What comes while it is not waited for is reported as soon as it is again. */
static void
test_handle (Fixture *fixture, gconstpointer data)
{
  add_handle (fixture, VIR_EVENT_HANDLE_READABLE);
  send_byte (fixture);
  wait_for (fixture, &fixture->n_calls, 1);
  g_assert_cmpint (fixture->events, ==, VIR_EVENT_HANDLE_READABLE);
  virEventUpdateHandle (fixture->watch, 0);
  send_byte (fixture);
  let_loop_run ();
  g_assert_cmpuint (fixture->n_calls, ==, 1);
  virEventUpdateHandle (fixture->watch, VIR_EVENT_HANDLE_READABLE);
  wait_for (fixture, &fixture->n_calls, 2);
  remove_handle (fixture);
}

/* That the other end is closed is reported while it is waited for, only. */
static void
test_hang_up (Fixture *fixture, gconstpointer data)
{
  add_handle (fixture, 0);
  close (fixture->fds[1]);
  fixture->fds[1] = -1;
  let_loop_run ();
  g_assert_cmpuint (fixture->n_calls, ==, 0);
  virEventUpdateHandle (fixture->watch, VIR_EVENT_HANDLE_HANGUP);
  wait_for (fixture, &fixture->n_calls, 1);
  g_assert_cmpint (fixture->events, ==, VIR_EVENT_HANDLE_HANGUP);
  let_loop_run ();
  g_assert_cmpuint (fixture->n_calls, ==, 1);
  remove_handle (fixture);
}

static void
other_ready_cb (int watch, int fd, int events, void *opaque)
{
  virEventUpdateHandle (watch, 0);
  count_call (opaque, events);
}

/* One descriptor can be waited for twice. */
static void
test_twice (Fixture *fixture, gconstpointer data)
{
  Fixture other = { 0 };

  set_up (&other, NULL);
  other.watch = virEventAddHandle (fixture->fds[0], VIR_EVENT_HANDLE_READABLE, other_ready_cb,
                                   &other, freed_cb);
  g_assert_cmpint (other.watch, >=, 0);
  add_handle (fixture, 0);
  send_byte (fixture);
  wait_for (&other, &other.n_calls, 1);
  virEventUpdateHandle (fixture->watch, VIR_EVENT_HANDLE_READABLE);
  wait_for (fixture, &fixture->n_calls, 1);
  remove_handle (&other);
  remove_handle (fixture);
  tear_down (&other, NULL);
}

/* Once it is removed, the loop keeps nothing open. */
static void
test_closes (Fixture *fixture, gconstpointer data)
{
  struct pollfd writer = { .fd = fixture->fds[1] };

  add_handle (fixture, VIR_EVENT_HANDLE_READABLE);
  close (fixture->fds[0]);
  g_assert_cmpint (virEventRemoveHandle (fixture->watch), ==, 0);
  g_assert_cmpint (poll (&writer, 1, 0), ==, 1);
  g_assert_cmpint (writer.revents, ==, POLLERR);
  wait_for (fixture, &fixture->n_freed, 1);
  fixture->fds[0] = dup (fixture->fds[1]);
}

static void
test_removes_itself (Fixture *fixture, gconstpointer data)
{
  fixture->removes_itself = true;
  add_handle (fixture, VIR_EVENT_HANDLE_READABLE);
  send_byte (fixture);
  wait_for (fixture, &fixture->n_freed, 1);
  g_assert_cmpuint (fixture->n_calls, ==, 1);
}

static void
test_bad_handle (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (virEventAddHandle (-1, VIR_EVENT_HANDLE_READABLE, ready_cb, fixture, freed_cb),
                   ==, -1);
  g_assert_cmpint (virEventRemoveHandle (12345), ==, -1);
  virEventUpdateHandle (12345, VIR_EVENT_HANDLE_READABLE);
  virEventUpdateTimeout (12345, 0);
  g_assert_cmpuint (fixture->n_freed, ==, 0);
}

static void
add_timeout (Fixture *fixture, int milliseconds)
{
  fixture->watch = virEventAddTimeout (milliseconds, time_cb, fixture, freed_cb);
  g_assert_cmpint (fixture->watch, >=, 0);
}

static void
test_timer (Fixture *fixture, gconstpointer data)
{
  const int milliseconds = GPOINTER_TO_INT (data);
  guint n_calls;

  add_timeout (fixture, milliseconds);
  wait_for (fixture, &fixture->n_calls, 3);
  virEventUpdateTimeout (fixture->watch, -1);
  let_loop_run ();
  n_calls = fixture->n_calls;
  g_usleep (10000);
  let_loop_run ();
  g_assert_cmpuint (fixture->n_calls, ==, n_calls);
  virEventUpdateTimeout (fixture->watch, milliseconds);
  wait_for (fixture, &fixture->n_calls, n_calls + 3);
  g_assert_cmpint (virEventRemoveTimeout (fixture->watch), ==, 0);
  wait_for (fixture, &fixture->n_freed, 1);
}

/* It can be made to wait longer, and less long. */
static void
test_timer_moved (Fixture *fixture, gconstpointer data)
{
  add_timeout (fixture, -1);
  virEventUpdateTimeout (fixture->watch, LATER);
  let_loop_run ();
  g_assert_cmpuint (fixture->n_calls, ==, 0);
  fixture->removes_itself = true;
  virEventUpdateTimeout (fixture->watch, 1);
  wait_for (fixture, &fixture->n_freed, 1);
  g_assert_cmpuint (fixture->n_calls, ==, 1);
}

/* How many times the thread of the loop went to sleep. */
static guint64
count_sleeps (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *task;

  while ((task = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_strdup_printf ("/proc/self/task/%s/status", task);
      g_autofree char *status = NULL;

      g_assert_true (g_file_get_contents (path, &status, NULL, NULL));
      if (g_str_has_prefix (status, "Name:\tvck-libvirt\n"))
        return g_ascii_strtoull (strstr (status, "\nvoluntary_ctxt_switches:") + 25, NULL, 10);
    }
  g_assert_not_reached ();
}

/* What libvirt does for each of its calls does not wake the thread up. */
static void
test_undisturbed (Fixture *fixture, gconstpointer data)
{
  Fixture timer = { 0 };
  guint64 before;

  set_up (&timer, NULL);
  add_handle (fixture, VIR_EVENT_HANDLE_READABLE);
  add_timeout (&timer, LATER);
  let_loop_run ();
  g_usleep (10000);
  before = count_sleeps ();
  for (guint i = 0; i < 1000; i++)
    {
      virEventUpdateHandle (fixture->watch, 0);
      virEventUpdateTimeout (timer.watch, LATER);
      virEventUpdateHandle (fixture->watch, VIR_EVENT_HANDLE_READABLE);
    }
  g_assert_cmpuint (count_sleeps () - before, <=, 1);
  virEventRemoveTimeout (timer.watch);
  wait_for (&timer, &timer.n_freed, 1);
  remove_handle (fixture);
  tear_down (&timer, NULL);
}

/* In a child of the child. */
static void
check_open (gpointer data)
{
  const int *fds = data;

  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (fcntl (fds[i], F_GETFD), >=, 0);
}

/* In a child, whose new descriptors have the numbers that the loop's had. */
static void
open_and_fork (gpointer data)
{
  int fds[4];

  g_assert_cmpint (pipe (fds), ==, 0);
  g_assert_cmpint (pipe (fds + 2), ==, 0);
  in_child (check_open, fds);
}

static void
test_grandchild (Fixture *fixture, gconstpointer data)
{
  in_child (open_and_fork, NULL);
}

#define ADD(name, data, function)                                                                  \
  g_test_add ("/vck/libvirt-loop/" name, Fixture, data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("handle", NULL, test_handle);
  ADD ("hang-up", NULL, test_hang_up);
  ADD ("twice", NULL, test_twice);
  ADD ("closes", NULL, test_closes);
  ADD ("removes-itself", NULL, test_removes_itself);
  ADD ("bad-handle", NULL, test_bad_handle);
  ADD ("timer", GINT_TO_POINTER (1), test_timer);
  ADD ("timer-at-once", GINT_TO_POINTER (0), test_timer);
  ADD ("timer-moved", NULL, test_timer_moved);
  ADD ("undisturbed", NULL, test_undisturbed);
  ADD ("grandchild", NULL, test_grandchild);
  return g_test_run ();
}
