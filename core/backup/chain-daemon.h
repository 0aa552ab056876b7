/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A storage daemon that reads chains of a store. It is given open files and no name of any, so it
 * opens nothing else, whatever the headers say and whatever becomes of the store meanwhile.
 */

#pragma once

#include "backup/chain.h"
#include "qemu/storage-daemon.h"

typedef struct _VckcChainDaemon VckcChainDaemon;

/* Starts a daemon and opens the chains, whose files must be open; they are not needed any more
 * afterwards. The daemon also gets the files `fds`. The thread must stay until it is freed. */
VckcChainDaemon *vckc_chain_daemon_start (VckcChain *const *chains,
                                          guint n_chains,
                                          const int *fds,
                                          guint n_fds,
                                          VckcError **err);
void vckc_chain_daemon_free (VckcChainDaemon *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcChainDaemon, vckc_chain_daemon_free)

/* The node of a level of a chain; level 0 is the content of the disk. */
char *vckc_chain_daemon_make_node (guint chain, guint level);
/* The name by which the daemon opens the i-th of `fds`. */
char *vckc_chain_daemon_make_file (const VckcChainDaemon *self, guint i);

/* Has the daemon do it; OPERATION_FAILED if it refuses. `what` begins the message. */
bool vckc_chain_daemon_call (VckcChainDaemon *self,
                             const char *what,
                             const char *command,
                             VckcQmpArgs *args /* (transfer full) */,
                             VckcError **err);

/* A file that is written. */
typedef struct
{
  const char *file;  /* from vckc_chain_daemon_make_file() */
  const char *path;  /* for messages */
  bool raw;          /* else in format qcow2 */
  const char *below; /* (nullable): the node of what it is based on */
  guint64 size;      /* bytes of the disk that is copied: it gets that size */
  guint64 max_chunk; /* bytes that are copied at once: a cluster at least */
} VckcChainTarget;

/* Opens the target for writing; one at a time. */
bool vckc_chain_daemon_open_target (VckcChainDaemon *self,
                                    const VckcChainTarget *target,
                                    VckcError **err);
/* Copies a node to it: all of its content, or with `top_only` what that level alone holds. NO_SPACE
 * if there is no room left. Can be cancelled. */
bool vckc_chain_daemon_copy (VckcChainDaemon *self,
                             const VckcChainTarget *target,
                             const char *node,
                             bool top_only,
                             VckcError **err);
/* Closes the target. Nothing is certain to be written before that. */
bool vckc_chain_daemon_close_target (VckcChainDaemon *self,
                                     const VckcChainTarget *target,
                                     VckcError **err);
