/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A build without libvirt: this program has a registry of drivers of its own, compiled so. */

#include <stdlib.h>

#include "../refusal.h"
#include "api/driver-features.h"
#include "handles/handles.h"

static void
test_says_what_to_do (void)
{
  g_autoptr (VckcError) error = NULL;

  g_assert_null (vckc_connect_open ("qemu:///system", 0, &error));
  g_assert_nonnull (error);
  assert_refused (error, VCKC_ERROR_NO_CONNECT);
  for (const char *const *word = (const char *const[]){ "'qemu:'", "'memory:'", "'local:'",
                                                        "-Dlibvirt=enabled", "libvirt-dev", NULL };
       *word != NULL; word++)
    g_assert_nonnull (g_strstr_len (vckc_error_get_message (error), -1, *word));
}

static void
test_is_listed (void)
{
  VckcDriverInfo **drivers = NULL;
  const int count = vckc_list_drivers (&drivers, NULL);

  g_assert_cmpint (count, ==, 3);
  g_assert_cmpstr (vckc_driver_info_get_name (drivers[2], NULL), ==, "libvirt");
  g_assert_false (vckc_driver_info_is_available (drivers[2], NULL));
  g_assert_cmpstr (vckc_driver_info_get_reason (drivers[2], NULL), ==,
                   "this build of Vck has no driver for libvirt; build it with -Dlibvirt=enabled, "
                   "which needs Debian's package libvirt-dev");
  g_assert_null (*vckc_driver_info_get_schemes (drivers[2], NULL));
  g_assert_null (*vckc_driver_info_get_tools (drivers[2], NULL));
  for (int i = 0; i < count; i++)
    vckc_driver_info_unref (drivers[i], NULL);
  free (drivers);
}

static void
test_all_else_works (void)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcConnect) connect = vckc_connect_open ("memory:///default", 0, &error);

  g_assert_null (error);
  g_assert_cmpint (vckc_connect_list_all_domains (connect, NULL, 0, NULL), ==, 1);
}

/* What a driver says of itself is complete. */
static void
test_support (void)
{
  g_autofree char *table = vckc_support_format ();

  g_assert_null (g_strstr_len (table, -1, "(null)"));
  g_assert_nonnull (g_strstr_len (table, -1, "`memory:///name`"));
  g_assert_null (g_strstr_len (table, -1, "all others"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/no-libvirt/says-what-to-do", test_says_what_to_do);
  g_test_add_func ("/vck/no-libvirt/is-listed", test_is_listed);
  g_test_add_func ("/vck/no-libvirt/all-else-works", test_all_else_works);
  g_test_add_func ("/vck/no-libvirt/support", test_support);
  return g_test_run ();
}
