/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A build without libnbd: this program has that part compiled so. */

#include "../local/assert-error.h"
#include "nbd/nbd-copy.h"

static void
test_says_what_to_do (void)
{
  const VckcNbdExtents source = { "nbd://localhost", "the server", "a", 1024, true, 1000 };
  const VckcNbdCopy copy = { .from = source, .fd = -1, .path = "copy" };
  VckcError *error = NULL;

  g_assert_false (vckc_nbd_extents_check_support (&error));
  assert_error (error, VCKC_ERROR_NO_SUPPORT, "-Dnbd=enabled");
  error = NULL;
  g_assert_null (vckc_nbd_extents_read (&source, &error));
  assert_error (error, VCKC_ERROR_NO_SUPPORT, "libnbd-dev");
  error = NULL;
  g_assert_cmpint (vckc_nbd_copy (&copy, &error), ==, -1);
  assert_error (error, VCKC_ERROR_NO_SUPPORT, "libnbd-dev");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/no-nbd/says-what-to-do", test_says_what_to_do);
  return g_test_run ();
}
