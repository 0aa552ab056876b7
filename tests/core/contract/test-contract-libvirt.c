/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The contract with libvirt behind. */

#include "contract.h"
#include "embed-root.h"

/* test-contract-libvirt [TARGET]: the contract of one target, or of each. */
int
main (int argc, char **argv)
{
  const bool embed = argc < 2 || !g_str_equal (argv[1], target_libvirt_test.name);
  int result;

  if (embed)
    embed_root_init ();
  g_test_init (&argc, &argv, NULL);
  if (embed)
    add_target (&target_libvirt_embed);
  if (argc < 2 || !embed)
    add_target (&target_libvirt_test);
  result = g_test_run ();
  if (embed)
    embed_root_done ();
  return result;
}
