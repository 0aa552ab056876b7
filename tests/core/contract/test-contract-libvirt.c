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
  const Target *const targets[] = { &target_libvirt_test, &target_libvirt_embed };
  int result;

  embed_root_init ();
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    if (argc < 2 || g_str_equal (argv[1], targets[i]->name))
      add_target (targets[i]);
  result = g_test_run ();
  embed_root_done ();
  return result;
}
