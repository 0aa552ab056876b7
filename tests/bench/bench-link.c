/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-link.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct _BenchLink
{
  int listener;
  char *from;
  char *to;
  guint milliseconds;
};

/* Bytes on their way; none at the end. */
typedef struct
{
  gint64 due;
  gsize size;
  char bytes[65536];
} Parcel;

/* One direction of one connection. */
typedef struct
{
  int in;
  int out;
  guint milliseconds;
  GAsyncQueue *parcels;
} Lane;

static int
open_socket (const char *path, bool listening)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int result;

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  result = listening ? bind (fd, (struct sockaddr *) &address, sizeof address)
                     : connect (fd, (struct sockaddr *) &address, sizeof address);
  if (result < 0 || (listening && listen (fd, 16) < 0))
    g_error ("bench: socket '%s': %m", path);
  return fd;
}

static gpointer
deliver_cb (gpointer data)
{
  Lane *lane = data;

  for (;;)
    {
      Parcel *parcel = g_async_queue_pop (lane->parcels);
      gint64 early = parcel->due - g_get_monotonic_time ();
      bool sent;

      if (early > 0)
        g_usleep ((gulong) early);
      sent =
          parcel->size > 0
          && send (lane->out, parcel->bytes, parcel->size, MSG_NOSIGNAL) == (gssize) parcel->size;
      g_free (parcel);
      if (!sent)
        break;
    }
  shutdown (lane->out, SHUT_RDWR);
  shutdown (lane->in, SHUT_RDWR);
  return NULL;
}

static gpointer
accept_cb (gpointer data)
{
  Lane *lane = data;
  GThread *deliverer = g_thread_new ("deliver", deliver_cb, lane);
  gssize size;

  do
    {
      Parcel *parcel = g_new (Parcel, 1);

      size = recv (lane->in, parcel->bytes, sizeof parcel->bytes, 0);
      parcel->size = size > 0 ? (gsize) size : 0;
      parcel->due = g_get_monotonic_time () + lane->milliseconds * G_TIME_SPAN_MILLISECOND;
      g_async_queue_push (lane->parcels, parcel);
    }
  while (size > 0);
  g_thread_join (deliverer);
  close (lane->in);
  close (lane->out);
  g_async_queue_unref (lane->parcels);
  g_free (lane);
  return NULL;
}

/* The sockets are doubled, so that each lane closes what is its own. */
static void
open_lane (int in, int out, guint milliseconds)
{
  Lane *lane = g_new0 (Lane, 1);

  lane->in = in;
  lane->out = dup (out);
  lane->milliseconds = milliseconds;
  lane->parcels = g_async_queue_new ();
  g_thread_unref (g_thread_new ("accept", accept_cb, lane));
}

static gpointer
listen_cb (gpointer data)
{
  BenchLink *link = data;
  int near;

  while ((near = accept (link->listener, NULL, NULL)) >= 0)
    {
      int far = open_socket (link->to, false);

      open_lane (near, far, link->milliseconds);
      open_lane (far, near, link->milliseconds);
    }
  return NULL;
}

/* The thread and what it uses live until the program ends. */
BenchLink *
bench_link_new (const char *from, const char *to, guint milliseconds)
{
  BenchLink *link = g_new0 (BenchLink, 1);

  link->from = g_strdup (from);
  link->to = g_strdup (to);
  link->milliseconds = milliseconds;
  link->listener = open_socket (from, true);
  g_thread_unref (g_thread_new ("link", listen_cb, link));
  return link;
}

void
bench_link_free (BenchLink *link)
{
  shutdown (link->listener, SHUT_RDWR);
  unlink (link->from);
}
