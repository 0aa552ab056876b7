/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "embed-root.h"

#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "../run-program.h"

static char *base; /* of all roots, with what libvirt found out about QEMU */
static char *root; /* of the case */

const char *
embed_root_get_path (void)
{
  return root;
}

/* --- once --- */

static void
become_unprivileged (void)
{
  const struct passwd *user = getpwnam ("nobody");

  g_assert_nonnull (user);
  g_assert_cmpint (setgroups (0, NULL), ==, 0);
  g_assert_cmpint (setgid (user->pw_gid), ==, 0);
  g_assert_cmpint (setuid (user->pw_uid), ==, 0);
}

/* What libvirt keeps for a user, and what it logs, goes below the root as well. */
static void
set_environment (void)
{
  static const char *const folders[] = { "HOME",           "TMPDIR",
                                         "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
                                         "XDG_DATA_HOME",  "XDG_RUNTIME_DIR" };
  g_autofree char *log = g_strdup_printf ("3:file:%s/libvirt.log", base);

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    g_setenv (folders[i], root, TRUE);
  g_setenv ("LIBVIRT_LOG_OUTPUTS", log, TRUE);
}

void
embed_root_init (void)
{
  if (geteuid () == 0)
    become_unprivileged ();
  /* Not g_dir_make_tmp(): GLib would remember the folder, and TMPDIR is set after this. */
  base = g_mkdtemp (g_strdup ("/tmp/vck-embed-XXXXXX"));
  g_assert_nonnull (base);
  root = g_build_filename (base, "root", NULL);
  set_environment ();
  /* QEMU leaves its parent, and libvirt waits until its end was collected. */
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1), ==, 0);
}

void
embed_root_done (void)
{
  run_program ("rm|-rf|%s", base);
  g_clear_pointer (&root, g_free);
  g_clear_pointer (&base, g_free);
}

/* --- for each case --- */

/* No confinement, and no daemon that keeps the logs. */
static const char configuration[] = "security_driver = \"none\"\n"
                                    "stdio_handler = \"file\"\n";

static void
make_root (void)
{
  g_autofree char *etc = g_build_filename (root, "etc", NULL);
  g_autofree char *path = g_build_filename (etc, "qemu.conf", NULL);
  g_autofree char *cache = g_build_filename (root, "cache", NULL);
  g_autofree char *common_cache = g_build_filename (base, "cache", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (etc, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (common_cache, 0700), ==, 0);
  g_assert_cmpint (symlink (common_cache, cache), ==, 0);
  g_file_set_contents (path, configuration, -1, &error);
  g_assert_no_error (error);
}

static void
kill_qemu (const char *pid_file)
{
  g_autofree char *text = NULL;
  gint64 pid;

  if (!g_file_get_contents (pid_file, &text, NULL, NULL))
    return;
  pid = g_ascii_strtoll (text, NULL, 10);
  if (pid > 1 && kill ((pid_t) pid, SIGKILL) == 0)
    waitpid ((pid_t) pid, NULL, 0);
}

/* A case that failed left its QEMU running. */
static void
kill_all_qemu (void)
{
  g_autofree char *folder = g_build_filename (root, "run", "qemu", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".pid") && !g_str_equal (name, "driver.pid"))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);

        kill_qemu (path);
      }
}

/* Reaps each QEMU that ended, too. */
static int
wait_for (pid_t child)
{
  int status = 0;

  while (waitpid (-1, &status, 0) != child)
    ;
  return status;
}

bool
embed_root_run (void (*run) (gpointer data), gpointer data)
{
  pid_t child;
  int status;

  make_root ();
  fflush (NULL);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      run (data);
      exit (EXIT_SUCCESS);
    }
  status = wait_for (child);
  kill_all_qemu ();
  run_program ("rm|-rf|%s", root);
  return status == 0;
}
