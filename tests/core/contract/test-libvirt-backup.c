/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups with libvirt's QEMU driver, which runs in this process. */

#include "cases-libvirt.h"
#include "embed-root.h"

int
main (int argc, char **argv)
{
  int result;

  embed_root_init ();
  g_test_init (&argc, &argv, NULL);
  add_libvirt_backup_cases (&target_libvirt_embed);
  add_libvirt_quiesce_cases (&target_libvirt_embed);
#ifdef VCK_HAVE_NBD
  add_libvirt_extents_cases (&target_libvirt_embed);
  add_libvirt_pull_cases (&target_libvirt_embed);
#endif
  result = g_test_run ();
  embed_root_done ();
  return result;
}
