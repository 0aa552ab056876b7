/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A client for QEMU's machine protocol (QMP) on a connected stream socket. It blocks, needs no main
 * loop and works in any thread, but in one at a time. The guest's agent speaks nearly the same: it
 * sends no greeting, and its answers have no numbers.
 *
 * The peer is not trusted: an answer is bounded in size, depth and number of values, must be UTF-8
 * and JSON and belong to a command that was sent, and must come in time and without too much else.
 * After any breach of this the client is broken, and every further call fails at once.
 *
 * Errors: SYSTEM_ERROR if the connection ends, fails or stays silent for too long, CANCELLED if
 * waiting was cancelled, INTERNAL if a message makes no sense. A refusal by QEMU is not an error
 * here but a reply, which says so: see vckc_qmp_reply_get_refusal().
 */

#pragma once

#include "qemu/qmp-args.h"
#include "qemu/qmp-reply.h"

/* How many messages that are no answer to it may come while one answer is waited for. */
#define VCKC_QMP_MAX_OTHERS 4096

typedef struct _VckcQmpClient VckcQmpClient;

typedef struct
{
  bool agent;       /* the peer is a guest's agent */
  const char *peer; /* names the other side in messages, such as "qemu-storage-daemon" */
  guint timeout;    /* milliseconds that each answer may take */
  gint64 deadline;  /* of g_get_monotonic_time(), for all answers together; 0: none */
  int cancel_fd;    /* waiting ends with CANCELLED once this is readable; -1: none */
  /* Number of the first command; 0 for a random one. QEMU may send the answer to a command of a
   * client that is gone to the next one, so numbers must distinguish clients. */
  guint64 first_id;
  /* Called for each event that comes while waiting for an answer; NULL to ignore them. */
  void (*event_cb) (const char *name, const VckcQmpValue *event, gpointer opaque);
  gpointer event_opaque;
} VckcQmpOptions;

/* Negotiates capabilities, or synchronizes with the agent, past answers that earlier clients
 * have left unread. Takes ownership of `fd`, also on failure. */
VckcQmpClient *vckc_qmp_client_new (int fd, const VckcQmpOptions *options, VckcError **err);
void vckc_qmp_client_free (VckcQmpClient *client);

/* The commands that follow change something: they have so long, all in all, and are not
 * cancelled. */
void vckc_qmp_client_begin_change (VckcQmpClient *client, guint milliseconds);

/* Sends a command and waits for the reply; NULL if none comes that can be used. */
VckcQmpReply *vckc_qmp_client_execute (VckcQmpClient *client,
                                       const char *command,
                                       VckcQmpArgs *args /* (transfer full) (nullable) */,
                                       VckcError **err);

/* The same in two steps, so that several commands can be under way, but not with an agent: 0 on
 * failure, else a number to wait for, once each. */
guint64 vckc_qmp_client_send (VckcQmpClient *client,
                              const char *command,
                              VckcQmpArgs *args /* (transfer full) (nullable) */,
                              VckcError **err);
VckcQmpReply *vckc_qmp_client_wait (VckcQmpClient *client, guint64 id, VckcError **err);

/* Gives QEMU a descriptor of its own for the file that `fd` is, under a name that the commands of
 * this connection know. Only over a Unix socket. */
VckcQmpReply *
vckc_qmp_client_pass_fd (VckcQmpClient *client, const char *name, int fd, VckcError **err);

/* The same in a new set of descriptors, which the reply names: QEMU opens /dev/fdset/NUMBER. */
VckcQmpReply *vckc_qmp_client_add_fd (VckcQmpClient *client, int fd, VckcError **err);

/* Waits so long for an event, for which the callback is called. True if one came or the time has
 * passed, false if the connection is of no more use or waiting was cancelled. */
bool vckc_qmp_client_listen (VckcQmpClient *client, guint milliseconds, VckcError **err);

/* The process that listens at the other end of a Unix socket; 0 if unknown. */
int vckc_qmp_client_get_pid (const VckcQmpClient *client);

/* The version that QEMU has said it has, such as "7.2.22"; NULL if it has said none. */
const char *vckc_qmp_client_get_version (const VckcQmpClient *client);

bool vckc_qmp_client_is_broken (const VckcQmpClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQmpClient, vckc_qmp_client_free)
