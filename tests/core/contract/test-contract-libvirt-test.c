/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The contract with libvirt's test driver behind. */

#include "contract.h"

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_target (&target_libvirt_test);
  return g_test_run ();
}
