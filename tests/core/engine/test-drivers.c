/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which drivers there are, and whether they can be used. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "../refusal.h"
#include "handles/handles.h"

#define DAEMON "qemu-storage-daemon"
#define DAEMON_VARIABLE "VCK_QEMU_STORAGE_DAEMON"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDriverInfo, vckc_object_unref)

static VckcDriverInfo *
find_driver (const char *name)
{
  g_autoptr (VckcError) error = NULL;
  VckcDriverInfo *found = NULL;
  VckcDriverInfo **list = NULL;
  const int count = vckc_list_drivers (&list, &error);

  g_assert_null (error);
  g_assert_cmpint (count, ==, 3);
  for (int i = 0; i < count; i++)
    {
      if (g_str_equal (vckc_driver_info_get_name (list[i], NULL), name))
        {
          g_assert_null (found);
          found = vckc_object_ref (list[i]);
        }
      vckc_driver_info_unref (list[i], NULL);
    }
  free (list);
  g_assert_nonnull (found);
  return found;
}

static void
assert_texts (const char *const *texts, const char *only)
{
  g_assert_nonnull (texts);
  g_assert_cmpstr (texts[0], ==, only);
  if (only != NULL)
    g_assert_null (texts[1]);
}

static void
assert_available (VckcDriverInfo *driver, const char *scheme, const char *tool)
{
  g_assert_cmpstr (vckc_driver_info_get_reason (driver, NULL), ==, NULL);
  g_assert_true (vckc_driver_info_is_available (driver, NULL));
  assert_texts (vckc_driver_info_get_schemes (driver, NULL), scheme);
  assert_texts (vckc_driver_info_get_tools (driver, NULL), tool);
}

/* A folder with a program that must not be started. */
typedef struct
{
  char *folder;
  char *program;
  char *trace; /* which it makes when it is started */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *script = NULL;

  fixture->folder = g_dir_make_tmp ("vck-drivers-XXXXXX", NULL);
  fixture->program = g_build_filename (fixture->folder, DAEMON, NULL);
  fixture->trace = g_build_filename (fixture->folder, "started", NULL);
  script = g_strdup_printf ("#!/bin/sh\n: >'%s'\n", fixture->trace);
  g_assert_true (g_file_set_contents (fixture->program, script, -1, NULL));
  g_assert_cmpint (g_chmod (fixture->program, 0700), ==, 0);
  g_unsetenv (DAEMON_VARIABLE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_false (g_file_test (fixture->trace, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_unlink (fixture->program), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->program);
  g_free (fixture->trace);
  g_unsetenv (DAEMON_VARIABLE);
}

static void
test_found (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcDriverInfo) memory = find_driver ("memory");
  g_autoptr (VckcDriverInfo) on_path = NULL;
  g_autoptr (VckcDriverInfo) named = NULL;

  assert_available (memory, "memory", NULL);
  g_setenv ("PATH", fixture->folder, TRUE);
  on_path = find_driver ("local");
  assert_available (on_path, "local", fixture->program);
  g_setenv ("PATH", "/nonexistent", TRUE);
  g_setenv (DAEMON_VARIABLE, fixture->program, TRUE);
  named = find_driver ("local");
  assert_available (named, "local", fixture->program);
}

static void
assert_local_lacks (const char *program)
{
  g_autoptr (VckcDriverInfo) driver = find_driver ("local");
  g_autofree char *begin = g_strdup_printf ("cannot find the program '%s'", program);
  const char *reason = vckc_driver_info_get_reason (driver, NULL);

  g_assert_false (vckc_driver_info_is_available (driver, NULL));
  assert_texts (vckc_driver_info_get_tools (driver, NULL), NULL);
  g_assert_true (g_str_has_prefix (reason, begin));
  g_assert_nonnull (strstr (reason, "install the Debian package qemu-system-common"));
  g_assert_nonnull (strstr (reason, DAEMON_VARIABLE));
}

static void
test_missing (Fixture *fixture, gconstpointer data)
{
  g_setenv ("PATH", "/nonexistent", TRUE);
  assert_local_lacks (DAEMON);

  /* It is there, and is no program. */
  g_setenv ("PATH", fixture->folder, TRUE);
  g_assert_cmpint (g_chmod (fixture->program, 0600), ==, 0);
  assert_local_lacks (DAEMON);

  g_setenv (DAEMON_VARIABLE, "/nonexistent/daemon", TRUE);
  assert_local_lacks ("/nonexistent/daemon");
}

static void
test_libvirt (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcDriverInfo) driver = find_driver ("libvirt");

#ifdef VCK_HAVE_LIBVIRT
  assert_available (driver, NULL, NULL);
#else
  g_assert_false (vckc_driver_info_is_available (driver, NULL));
  g_assert_nonnull (strstr (vckc_driver_info_get_reason (driver, NULL), "-Dlibvirt=enabled"));
#endif
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcConnect) connect = vckc_connect_open ("memory:///drivers", 0, NULL);
  VckcDriverInfo *other = (VckcDriverInfo *) connect;
  g_autoptr (VckcError) error = NULL;

  g_assert_cmpint (vckc_list_drivers (NULL, &error), ==, -1);
  assert_refused (error, VCKC_ERROR_INVALID_ARG);
  g_assert_null (vckc_driver_info_get_name (other, NULL));
  g_assert_null (vckc_driver_info_get_schemes (other, NULL));
  g_assert_null (vckc_driver_info_get_tools (other, NULL));
  g_assert_null (vckc_driver_info_get_reason (other, NULL));
  g_assert_false (vckc_driver_info_is_available (other, NULL));
  g_assert_cmpint (vckc_driver_info_ref (other, NULL), ==, -1);
  g_assert_cmpint (vckc_driver_info_unref (NULL, NULL), ==, -1);
}

#define ADD(name, test) g_test_add ("/vck/drivers/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("found", test_found);
  ADD ("missing", test_missing);
  ADD ("libvirt", test_libvirt);
  ADD ("refused", test_refused);
  return g_test_run ();
}
