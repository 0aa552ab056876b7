/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "in-child.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reached only by a child that hangs. */
#define TIMEOUT_S 120

void
in_child (void (*func) (gpointer data), gpointer data)
{
  pid_t child = fork ();
  int status = 0;

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
