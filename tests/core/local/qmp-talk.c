/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qmp-talk.h"

#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
qmp_talk_start (QmpTalk *talk,
                const char *says,
                gssize length,
                bool hang_up,
                const VckcQmpOptions *options)
{
  VckcQmpOptions usual = { .peer = "the peer",
                           .timeout = hang_up ? QMP_TALK_LONG : QMP_TALK_SHORT,
                           .cancel_fd = -1,
                           .first_id = 1 };
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  length = length < 0 ? (gssize) strlen (says) : length;
  g_assert_cmpint (write (fds[1], says, (gsize) length), ==, length);
  if (hang_up)
    g_assert_cmpint (shutdown (fds[1], SHUT_WR), ==, 0);
  talk->peer = fds[1];
  talk->error = NULL;
  talk->client = vckc_qmp_client_new (fds[0], options != NULL ? options : &usual, &talk->error);
}

void
qmp_talk_end (QmpTalk *talk)
{
  vckc_qmp_client_free (talk->client);
  vckc_error_free (talk->error);
  close (talk->peer);
}
