/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The contract with libvirt's QEMU driver behind, which runs in this process. */

#include "contract.h"
#include "embed-root.h"

int
main (int argc, char **argv)
{
  int result;

  embed_root_init ();
  g_test_init (&argc, &argv, NULL);
  add_target (&target_libvirt_embed);
  result = g_test_run ();
  embed_root_done ();
  return result;
}
