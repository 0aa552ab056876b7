/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What libvirt itself leaks, for the address sanitizer, which asks each program. valgrind's part
 * of it is in valgrind.supp. */

const char *__lsan_default_suppressions (void);

/* Of a document of a checkpoint that it refuses, libvirt 9.0 forgets names. The sanitizer does
 * not see who asked libxml2 for them: libvirt has no frame pointers, and to do without takes
 * minutes. That we forget none is for the tests without libvirt to show.
 *
 * Of a backup that it begins, its QEMU driver forgets a structure of its own; nothing of ours is
 * made from inside it. */
const char *
__lsan_default_suppressions (void)
{
  return "leak:^xmlStrdup$\n"
         "leak:libvirt_driver_qemu.so\n";
}
