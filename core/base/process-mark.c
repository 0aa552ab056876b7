/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/process-mark.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number of the field of /proc/PID/stat that says when the process began, counted from the
 * one behind its name. */
#define FIELD_START 19

/* When a process began, in the kernel's own unit; 0 if there is none. */
static guint64
process_mark_get_start (long pid)
{
  g_autofree char *file = g_strdup_printf ("/proc/%ld/stat", pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const char *end;

  if (!g_file_get_contents (file, &text, NULL, NULL))
    return 0;
  /* The name of the program stands in brackets, and may have brackets. */
  end = strrchr (text, ')');
  if (end == NULL || strlen (end) < 3)
    return 0;
  fields = g_strsplit (end + 2, " ", -1);
  return g_strv_length (fields) > FIELD_START ? g_ascii_strtoull (fields[FIELD_START], NULL, 10)
                                              : 0;
}

static char *
process_mark_get_boot (void)
{
  char *text = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
    return g_strdup ("");
  return g_strchomp (text);
}

static char *
process_mark_format (long pid, guint64 start)
{
  g_autofree char *boot = process_mark_get_boot ();

  return g_strdup_printf ("%ld-%" G_GUINT64_FORMAT "-%s", pid, start, boot);
}

char *
vckc_process_mark_new (void)
{
  return process_mark_format (getpid (), process_mark_get_start (getpid ()));
}

bool
vckc_process_mark_is_other_alive (const char *mark)
{
  long pid = mark != NULL ? strtol (mark, NULL, 10) : 0;
  guint64 start = pid > 0 && pid != getpid () ? process_mark_get_start (pid) : 0;
  g_autofree char *now = start != 0 ? process_mark_format (pid, start) : NULL;

  return now != NULL && strcmp (now, mark) == 0;
}
