/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The connection of a QMP client: lines over a connected stream socket, within limits of time and
 * size. In messages `what` is the command that is waited for, and the peer is named.
 *
 * Errors: SYSTEM_ERROR if the connection ends, fails or stays silent for too long, CANCELLED if
 * waiting was cancelled, INTERNAL if too much comes.
 */

#pragma once

#include "base/error-private.h"

/* The longest line that is read, in bytes. */
#define VCKC_QMP_MAX_ANSWER (64 * 1024 * 1024)

typedef struct _VckcQmpTransport VckcQmpTransport;

typedef struct
{
  guint timeout;   /* milliseconds that each answer may take */
  gint64 deadline; /* of g_get_monotonic_time(), for all answers together; 0: none */
  int cancel_fd;   /* waiting ends with CANCELLED once this is readable; -1: none */
} VckcQmpLimits;

/* Takes ownership of `fd`. `peer` names the other side in messages. */
VckcQmpTransport *vckc_qmp_transport_new (int fd, const char *peer, const VckcQmpLimits *limits);
void vckc_qmp_transport_free (VckcQmpTransport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQmpTransport, vckc_qmp_transport_free)

const char *vckc_qmp_transport_get_peer (const VckcQmpTransport *self);
/* The process that listens at the other end of a Unix socket; 0 if unknown. */
int vckc_qmp_transport_get_pid (const VckcQmpTransport *self);
void vckc_qmp_transport_set_limits (VckcQmpTransport *self, const VckcQmpLimits *limits);

/* When an answer that is waited for from now on is late. */
gint64 vckc_qmp_transport_get_deadline (const VckcQmpTransport *self);
/* Reports that an answer did not come in time. */
void vckc_qmp_transport_set_late (VckcQmpTransport *self, const char *what, VckcError **err);

/* Sends a text, and with it a descriptor; -1 if there is none. */
bool vckc_qmp_transport_write (VckcQmpTransport *self,
                               const char *text,
                               int passed_fd,
                               const char *what,
                               VckcError **err);

/* Takes the next line out of what was received; NULL if there is none yet. */
char *vckc_qmp_transport_take_line (VckcQmpTransport *self, gsize *ret_length);
/* Waits until more can be received, or the peer has closed the connection. False if nothing
 * happened until the deadline. */
bool vckc_qmp_transport_await (VckcQmpTransport *self, gint64 deadline);
/* Waits for more, and receives it. */
bool vckc_qmp_transport_receive (VckcQmpTransport *self,
                                 gint64 deadline,
                                 const char *what,
                                 VckcError **err);
