/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-peak.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAEMON "Name:\tqemu-storage-da" /* the kernel cuts names */
#define PAUSE 2000                      /* microseconds */

struct _BenchPeak
{
  GThread *thread;
  int stop;      /* atomic */
  gint64 daemon; /* KiB */
};

/* In KiB; 0 if the process is gone, or is not one whose status begins like that. */
static gint64
read_peak (const char *pid, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/status", pid);
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents (path, &text, NULL, NULL) || !g_str_has_prefix (text, name))
    return 0;
  line = strstr (text, "VmHWM:");
  return line != NULL ? g_ascii_strtoll (line + strlen ("VmHWM:"), NULL, 10) : 0;
}

/* The children of one thread. */
static void
look_at_children (BenchPeak *peak, const char *thread)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%s/children", thread);
  g_autofree char *text = NULL;
  g_auto (GStrv) pids = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  pids = g_strsplit (g_strstrip (text), " ", -1);
  for (guint i = 0; pids[i] != NULL; i++)
    peak->daemon = MAX (peak->daemon, read_peak (pids[i], DAEMON));
}

static gpointer
look_until_stopped (gpointer data)
{
  BenchPeak *peak = data;

  while (!g_atomic_int_get (&peak->stop))
    {
      g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
      const char *thread;

      while (threads != NULL && (thread = g_dir_read_name (threads)) != NULL)
        look_at_children (peak, thread);
      g_usleep (PAUSE);
    }
  return NULL;
}

BenchPeak *
bench_peak_start (void)
{
  BenchPeak *peak = g_new0 (BenchPeak, 1);
  int fd = open ("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, "5", 1), ==, 1); /* sets VmHWM back to what is used now */
  close (fd);
  peak->thread = g_thread_new ("peak", look_until_stopped, peak);
  return peak;
}

void
bench_peak_stop (BenchPeak *peak, double *ret_own, double *ret_daemon)
{
  g_atomic_int_set (&peak->stop, 1);
  g_thread_join (peak->thread);
  *ret_own = (double) read_peak ("self", "Name:") / 1024;
  *ret_daemon = (double) peak->daemon / 1024;
  g_free (peak);
}
