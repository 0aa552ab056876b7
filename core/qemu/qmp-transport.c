/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* struct ucred */

#include "qemu/qmp-transport.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE (64 * 1024)

struct _VckcQmpTransport
{
  int fd;     /* owned */
  char *peer; /* owned */
  VckcQmpLimits limits;
  GByteArray *input; /* owned: received; used up until `start` */
  gsize start;
  gsize scanned; /* from `start` to here there is no newline */
};

VckcQmpTransport *
vckc_qmp_transport_new (int fd, const char *peer, const VckcQmpLimits *limits)
{
  VckcQmpTransport *self = g_new0 (VckcQmpTransport, 1);

  self->fd = fd;
  self->peer = g_strdup (peer);
  self->limits = *limits;
  self->input = g_byte_array_new ();
  return self;
}

void
vckc_qmp_transport_free (VckcQmpTransport *self)
{
  if (self == NULL)
    return;
  close (self->fd);
  g_byte_array_unref (self->input);
  g_free (self->peer);
  g_free (self);
}

const char *
vckc_qmp_transport_get_peer (const VckcQmpTransport *self)
{
  return self->peer;
}

int
vckc_qmp_transport_get_pid (const VckcQmpTransport *self)
{
  struct ucred peer = { 0 };
  socklen_t size = sizeof peer;

  return getsockopt (self->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

void
vckc_qmp_transport_set_limits (VckcQmpTransport *self, const VckcQmpLimits *limits)
{
  self->limits = *limits;
}

void
vckc_qmp_transport_set_late (VckcQmpTransport *self, const char *what, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "%s did not answer %s within %u ms", self->peer,
                  what, self->limits.timeout);
}

gint64
vckc_qmp_transport_get_deadline (const VckcQmpTransport *self)
{
  gint64 deadline = g_get_monotonic_time () + self->limits.timeout * G_GINT64_CONSTANT (1000);

  return self->limits.deadline != 0 ? MIN (deadline, self->limits.deadline) : deadline;
}

/* Waits to read or to write, or to be cancelled. Returns what poll() does. What can be done at
 * once is never too late. */
static int
qmp_transport_poll (VckcQmpTransport *self, short events, gint64 deadline, bool *ret_cancelled)
{
  struct pollfd fds[] = { { self->fd, events, 0 }, { self->limits.cancel_fd, POLLIN, 0 } };
  int n;

  do
    {
      gint64 left = MAX (deadline - g_get_monotonic_time (), 0);

      n = poll (fds, G_N_ELEMENTS (fds), (int) MIN ((left + 999) / 1000, G_MAXINT));
    }
  while (n < 0 && errno == EINTR);
  *ret_cancelled = n > 0 && fds[1].revents != 0;
  return n;
}

static bool
qmp_transport_wait (VckcQmpTransport *self,
                    short events,
                    gint64 deadline,
                    const char *what,
                    VckcError **err)
{
  bool cancelled;
  int n = qmp_transport_poll (self, events, deadline, &cancelled);

  if (n < 0)
    vckc_set_error_errno (err, errno, "cannot wait for %s to answer %s", self->peer, what);
  else if (n == 0)
    vckc_qmp_transport_set_late (self, what, err);
  else if (cancelled)
    vckc_set_error (err, VCKC_ERROR_CANCELLED,
                    "cancelled while waiting for %s to answer %s; nothing was changed", self->peer,
                    what);
  return n > 0 && !cancelled;
}

/* Sends what can be sent at once, and a descriptor with it unless that is -1. */
static gssize
qmp_transport_send (VckcQmpTransport *self, const char *text, gsize length, int passed_fd)
{
  union
  {
    struct cmsghdr header; /* for its alignment */
    char bytes[CMSG_SPACE (sizeof (int))];
  } control = { 0 };
  struct iovec part = { .iov_base = (char *) text, .iov_len = length };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

  if (passed_fd >= 0)
    {
      control.header.cmsg_len = CMSG_LEN (sizeof passed_fd);
      control.header.cmsg_level = SOL_SOCKET;
      control.header.cmsg_type = SCM_RIGHTS;
      memcpy (CMSG_DATA (&control.header), &passed_fd, sizeof passed_fd);
      message.msg_control = &control;
      message.msg_controllen = sizeof control.bytes;
    }
  return sendmsg (self->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool
vckc_qmp_transport_write (VckcQmpTransport *self,
                          const char *text,
                          int passed_fd,
                          const char *what,
                          VckcError **err)
{
  gint64 deadline = vckc_qmp_transport_get_deadline (self);
  gsize left = strlen (text);

  while (left > 0)
    {
      gssize n;

      if (!qmp_transport_wait (self, POLLOUT, deadline, what, err))
        return false;
      n = qmp_transport_send (self, text, left, passed_fd);
      if (n < 0 && errno != EINTR && errno != EAGAIN)
        {
          vckc_set_error_errno (err, errno, "cannot send %s to %s", what, self->peer);
          return false;
        }
      if (n > 0)
        passed_fd = -1;
      text += MAX (n, 0);
      left -= (gsize) MAX (n, 0);
    }
  return true;
}

char *
vckc_qmp_transport_take_line (VckcQmpTransport *self, gsize *ret_length)
{
  const guint8 *data = self->input->data;
  const guint8 *newline = NULL;
  char *line;

  if (self->scanned < self->input->len)
    newline = memchr (data + self->scanned, '\n', self->input->len - self->scanned);
  if (newline == NULL)
    {
      self->scanned = self->input->len;
      return NULL;
    }
  *ret_length = (gsize) (newline - data) - self->start;
  line = g_strndup ((const char *) data + self->start, *ret_length);
  self->start = self->scanned = (gsize) (newline - data) + 1;
  return line;
}

bool
vckc_qmp_transport_await (VckcQmpTransport *self, gint64 deadline)
{
  bool cancelled;

  return qmp_transport_poll (self, POLLIN, deadline, &cancelled) != 0;
}

bool
vckc_qmp_transport_receive (VckcQmpTransport *self,
                            gint64 deadline,
                            const char *what,
                            VckcError **err)
{
  guint8 chunk[READ_SIZE];
  gssize n;

  if (!qmp_transport_wait (self, POLLIN, deadline, what, err))
    return false;
  n = recv (self->fd, chunk, sizeof chunk, MSG_DONTWAIT);
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return true;
  if (n < 0)
    {
      vckc_set_error_errno (err, errno, "cannot read the answer of %s to %s", self->peer, what);
      return false;
    }
  if (n == 0)
    {
      vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR,
                      "%s closed the connection without an answer to %s", self->peer, what);
      return false;
    }
  g_byte_array_remove_range (self->input, 0, self->start);
  self->scanned -= self->start;
  self->start = 0;
  g_byte_array_append (self->input, chunk, (guint) n);
  if (self->input->len > VCKC_QMP_MAX_ANSWER)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "the answer of %s to %s is longer than %d bytes",
                      self->peer, what, VCKC_QMP_MAX_ANSWER);
      return false;
    }
  return true;
}
