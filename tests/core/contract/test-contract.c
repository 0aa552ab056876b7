/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "contract.h"

static void
add_target (const Target *target)
{
  add_entry_cases (target);
  add_xml_cases (target);
  add_tree_cases (target);
  add_list_cases (target);
  add_bitmap_cases (target);
  add_verify_cases (target);
}

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
