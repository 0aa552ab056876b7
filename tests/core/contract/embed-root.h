/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Roots for libvirt's embedded QEMU driver: folders with its configuration and all that it writes.
 * A process can have one such driver, and open it some twenty times; so each case has a process of
 * its own, and with it a fresh root.
 */

#pragma once

#include <glib.h>
#include <stdbool.h>

/* Before all else. The process gives up the rights of root: with them libvirt would run QEMU as
 * a user that only an installed daemon has. */
void embed_root_init (void);
/* Nothing is left of the roots. */
void embed_root_done (void);

/* Runs a case in a child. When it has ended, however it ended, its QEMUs have, too. True if
 * all went well. */
bool embed_root_run (void (*run) (gpointer data), gpointer data);

/* In the child: the folder. */
const char *embed_root_get_path (void);
