/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* gettid() */
#include "in-child.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reached only by a child that hangs. */
#define TIMEOUT_S 120

#ifdef __SANITIZE_ADDRESS__

/* Does a thread run, other than this one? */
static gboolean
is_busy (void)
{
  g_autofree char *self = g_strdup_printf ("%d", gettid ());
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *thread;

  while ((thread = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", thread, "stat", NULL);
      g_autofree char *text = NULL;
      const char *name_end;

      if (g_str_equal (thread, self) || !g_file_get_contents (path, &text, NULL, NULL))
        continue;
      name_end = strrchr (text, ')');
      if (name_end == NULL || !g_str_has_prefix (name_end, ") S"))
        return TRUE;
    }
  return FALSE;
}

/* The malloc() of the sanitizer has locks that it does not take at a fork: one that another thread
 * holds then is never released in the child, which hangs. */
static void
await_threads (void)
{
  for (guint i = 0; is_busy (); i++)
    {
      g_assert_cmpuint (i, <, 10000);
      g_usleep (1000);
    }
}

#else

static void
await_threads (void)
{
}

#endif

void
in_child (void (*func) (gpointer data), gpointer data)
{
  pid_t child;
  int status = 0;

  await_threads ();
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      alarm (TIMEOUT_S);
      func (data);
      /* At an exit, valgrind would report the memory of those threads that only the parent has. */
      execl ("/bin/true", "true", NULL);
      abort ();
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, EXIT_SUCCESS);
}
