/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Offering nodes over NBD by QMP: the same for a storage daemon and for a running QEMU. Each export
 * can show a bitmap: a copy of what another one marks, on the node that is exported.
 *
 * The names of exports are made from the id of the backup, so that what a backup has left in QEMU
 * can be found and removed, and nothing else is. A QEMU has one NBD server.
 */

#pragma once

#include "qemu/qmp-client.h"

/* A node that is offered. Strings are borrowed. */
typedef struct
{
  const char *target; /* such as "vda": for messages */
  const char *node;   /* that is exported */
  const char *name;   /* by which clients ask for it */
  const char *bitmap; /* (nullable): that clients can ask for */
  /* Of that bitmap: what it is a copy of. */
  const char *base_node;
  const char *base;
  guint64 base_granularity; /* bytes */
} VckcQmpExport;

typedef struct
{
  const char *id;               /* of the backup, see qmp-backup.h */
  const VckcQmpExport *exports; /* their order makes their names: it must not change */
  guint n_exports;
} VckcQmpExports;

/* Adds the copies of bitmaps to a transaction whose "actions" are open. */
void vckc_qmp_exports_add_copies (VckcQmpArgs *args, const VckcQmpExports *exports);
/* Or makes them at once: for nodes that nothing writes to. All or none. */
bool vckc_qmp_exports_copy_bitmaps (VckcQmpClient *client,
                                    const VckcQmpExports *exports,
                                    VckcError **err);

/* Has QEMU listen at a TCP port, or at the socket that it was given under the name `fd_name`. BUSY
 * if QEMU's server serves another program, or if that has the port. */
bool
vckc_qmp_exports_listen_tcp (VckcQmpClient *client, const char *host, guint port, VckcError **err);
bool vckc_qmp_exports_listen_fd (VckcQmpClient *client, const char *fd_name, VckcError **err);
bool vckc_qmp_exports_stop_server (VckcQmpClient *client, VckcError **err);

/* How many of them QEMU offers. */
bool vckc_qmp_exports_count (VckcQmpClient *client,
                             const VckcQmpExports *exports,
                             guint *ret_n,
                             VckcError **err);

/* Offers them, to be read only. On failure some may be offered. */
bool vckc_qmp_exports_add (VckcQmpClient *client, const VckcQmpExports *exports, VckcError **err);
