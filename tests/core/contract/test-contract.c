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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_target (&target_memory);
  add_target (&target_local);
  add_target (&target_running);
  return g_test_run ();
}
