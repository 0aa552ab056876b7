/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "contract.h"

/* test-contract [TARGET]: the contract of one target, or of each. */
int
main (int argc, char **argv)
{
  const Target *const targets[] = { &target_memory, &target_local, &target_running };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    if (argc < 2 || g_str_equal (argv[1], targets[i]->name))
      add_target (targets[i]);
  return g_test_run ();
}
