/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A real QEMU without a guest, for tests: emulated, with disks and a QMP socket for Vck. The test
 * talks to it over a connection of its own.
 */

#pragma once

#include <glib.h>

#include "qemu/qmp-client.h"

typedef struct _MachineFixture MachineFixture;

/* A QEMU that does not run. Its socket will be at `qmp_socket`; NULL for none. `arguments` describe
 * its disks and end with NULL. */
MachineFixture *machine_fixture_new (const char *qmp_socket, const char *const *arguments);

/* Returns when QEMU listens. */
void machine_fixture_start (MachineFixture *machine);
/* The same with two images in the format qcow2, as drive `a` and as drive `b` with the node `nb`:
 * what the guest writes to a drive passes what a backup puts below it. */
MachineFixture *machine_fixture_start_drives (const char *qmp_socket, char *const *images);
/* Ends QEMU in order, so that bitmaps are stored, or not. Nothing if it is off. */
void machine_fixture_stop (MachineFixture *machine);
void machine_fixture_kill (MachineFixture *machine);

/* Kills QEMU if it runs. */
void machine_fixture_free (MachineFixture *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MachineFixture, machine_fixture_free)

int machine_fixture_get_pid (const MachineFixture *machine);

/* Runs a command, which must not be refused. */
void machine_fixture_run (MachineFixture *machine,
                          const char *command,
                          VckcQmpArgs *args /* (transfer full) (nullable) */);

/* Begins to serve NBD at a socket, as another program would have it. */
void machine_fixture_serve (MachineFixture *machine, const char *socket);
/* Offers a node there, to be written to, under its own name, and one of its bitmaps, which is busy
 * then. */
void machine_fixture_export (MachineFixture *machine,
                             const char *node,
                             const char *bitmap /* (nullable) */);

/* Writes the state of QEMU away, as for a migration, and returns when that is done. */
void machine_fixture_save (MachineFixture *machine);

/* Writes to a disk as the guest would; `node` is the name of a node or of a drive. */
void
machine_fixture_write (MachineFixture *machine, const char *node, guint64 offset, guint64 length);
void machine_fixture_write_zeroes (MachineFixture *machine,
                                   const char *node,
                                   guint64 offset,
                                   guint64 length);
/* How many jobs it has that have the status; NULL: that have any. */
guint machine_fixture_count_jobs (MachineFixture *machine, const char *status);
/* How many bytes its block jobs have still to copy that are limited to so many a second. */
guint64 machine_fixture_get_limited (MachineFixture *machine, guint64 speed);
/* How many bitmaps a node has. */
guint machine_fixture_count_bitmaps (MachineFixture *machine, const char *node);
/* All bytes are `pattern`. */
void machine_fixture_write_pattern (MachineFixture *machine,
                                    const char *node,
                                    guint pattern,
                                    guint64 offset,
                                    guint64 length);
void machine_fixture_add_bitmap (MachineFixture *machine, const char *node, const char *bitmap);
void machine_fixture_remove_bitmap (MachineFixture *machine, const char *node, const char *bitmap);
