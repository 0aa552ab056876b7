/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "storage-export.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

struct _StorageExport
{
  GPid pid; /* 0 once it was ended */
  char *pid_file;
};

/* Runs in the child: it does not outlive the test. */
static void
setup_cb (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* It writes this file when everything is set up. */
static void
await_pid_file (StorageExport *storage)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  while (!g_file_test (storage->pid_file, G_FILE_TEST_EXISTS))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_assert_cmpint (waitpid (storage->pid, NULL, WNOHANG), ==, 0);
      g_usleep (1000);
    }
}

StorageExport *
storage_export_new (const char *socket, const char *image, const char *name, const char *bitmap)
{
  StorageExport *storage = g_new0 (StorageExport, 1);
  g_autofree char *node = g_strdup_printf (
      "driver=qcow2,node-name=n,read-only=on,file.driver=file,file.filename=%s", image);
  g_autofree char *server = g_strdup_printf ("addr.type=unix,addr.path=%s", socket);
  g_autofree char *export =
      g_strdup_printf ("type=nbd,id=e,node-name=n,name=%s,bitmaps.0=%s", name, bitmap);
  GError *error = NULL;

  storage->pid_file = g_strconcat (socket, ".pid", NULL);
  const char *const argv[] = {
    "qemu-storage-daemon", "--blockdev",      node, "--nbd-server", server, "--export", export,
    "--pidfile",           storage->pid_file, NULL
  };

  g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                 setup_cb, NULL, &storage->pid, &error);
  g_assert_no_error (error);
  await_pid_file (storage);
  return storage;
}

static void
end (StorageExport *storage, int signal)
{
  if (storage->pid == 0)
    return;
  kill (storage->pid, signal);
  g_assert_cmpint (waitpid (storage->pid, NULL, 0), ==, storage->pid);
  storage->pid = 0;
}

void
storage_export_kill (StorageExport *storage)
{
  end (storage, SIGKILL);
}

void
storage_export_free (StorageExport *storage)
{
  if (storage == NULL)
    return;
  end (storage, SIGTERM);
  g_unlink (storage->pid_file);
  g_free (storage->pid_file);
  g_free (storage);
}
