/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A peer that listens on a socket as QEMU or a guest's agent would, and answers as a test wants:
 * for what the real ones cannot be made to do. It serves one client at a time.
 */

#pragma once

#include <glib.h>

typedef struct _QmpPeer QmpPeer;

/* Instead of an answer: the peer closes the connection, or says nothing. */
#define QMP_PEER_HANGS_UP "hang up"
#define QMP_PEER_DIES "die" /* and no program listens any more */
#define QMP_PEER_IS_SILENT "silence"
#define QMP_PEER_STALLS "stall" /* and sends no more greetings */
#define QMP_PEER_FLOODS "flood" /* it says much else, until the connection ends, and dies */

typedef struct
{
  const char *command; /* NULL ends the list */
  const char *answer;  /* the value of "return"; or a member "error" */
} QmpPeerAnswer;

/* Listens at `path` and says `greeting` to each client. A command that is in `answers` several
 * times gets one after the other, and the last one from then on. Commands that `answers`, which
 * must live as long, does not have are answered with an empty object, or as by a QEMU that
 * runs and has no disk. */
QmpPeer *qmp_peer_new (const char *path, const char *greeting, const QmpPeerAnswer *answers);
/* An agent, which gets in step with its clients, and first has `stale` left to say. */
QmpPeer *qmp_peer_new_agent (const char *path, const char *stale, const QmpPeerAnswer *answers);
void qmp_peer_free (QmpPeer *peer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QmpPeer, qmp_peer_free)

/* Waits until the commands so far, but those with which a client begins, are these, separated by
 * blanks; fails the test if they are not in the end. */
void qmp_peer_assert_commands (QmpPeer *peer, const char *expected);

#define QMP_PEER_GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\n"
