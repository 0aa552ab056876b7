/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "nbd-peer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Numbers of the NBD protocol (https://github.com/NetworkBlockDevice/nbd, doc/proto.md). */
#define NBD_MAGIC G_GUINT64_CONSTANT (0x4e42444d41474943)
#define OPTION_MAGIC G_GUINT64_CONSTANT (0x49484156454f5054)
#define OPTION_REPLY_MAGIC G_GUINT64_CONSTANT (0x3e889045565a9)
#define STRUCTURED_REPLY_MAGIC 0x668e33ef
#define FLAG_FIXED_NEWSTYLE 1
#define FLAG_NO_ZEROES 2
#define OPTION_GO 7
#define OPTION_STRUCTURED_REPLY 8
#define OPTION_SET_META_CONTEXT 10
#define REPLY_ACK 1
#define REPLY_INFO 3
#define REPLY_META_CONTEXT 4
#define REPLY_UNSUPPORTED ((1u << 31) + 1)
#define INFO_EXPORT 0
#define FLAG_HAS_FLAGS 1
#define FLAG_READ_ONLY 2
#define COMMAND_BLOCK_STATUS 7
#define CHUNK_DONE 1
#define CHUNK_BLOCK_STATUS 5
#define CHUNK_ERROR ((1 << 15) + 1)

#define BLOCK 65536
#define BITMAP_ID 1
#define MAP_ID 2

struct _NbdPeer
{
  char *path;
  guint64 size;
  bool has_bitmap;
  NbdPeerManner manner;
  int listen_fd;
  int stop_fd; /* readable when the thread is to end */
  GThread *thread;
  gint n_requests; /* atomic */
};

static void
put16 (GByteArray *out, guint16 value)
{
  value = GUINT16_TO_BE (value);
  g_byte_array_append (out, (guint8 *) &value, sizeof value);
}

static void
put32 (GByteArray *out, guint32 value)
{
  value = GUINT32_TO_BE (value);
  g_byte_array_append (out, (guint8 *) &value, sizeof value);
}

static void
put64 (GByteArray *out, guint64 value)
{
  value = GUINT64_TO_BE (value);
  g_byte_array_append (out, (guint8 *) &value, sizeof value);
}

/* False if the client is gone or it is time to end. */
static bool
nbd_peer_receive (NbdPeer *peer, int fd, gpointer bytes, gsize length)
{
  for (gsize done = 0; done < length;)
    {
      struct pollfd fds[] = { { fd, POLLIN, 0 }, { peer->stop_fd, POLLIN, 0 } };
      gssize n;

      while (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
        g_assert_cmpint (errno, ==, EINTR);
      n = fds[1].revents == 0 ? recv (fd, (guint8 *) bytes + done, length - done, 0) : 0;
      if (n <= 0)
        return false;
      done += (gsize) n;
    }
  return true;
}

static bool
nbd_peer_receive32 (NbdPeer *peer, int fd, guint32 *ret)
{
  bool received = nbd_peer_receive (peer, fd, ret, sizeof *ret);

  *ret = GUINT32_FROM_BE (*ret);
  return received;
}

/* Sends what is in `out`, and empties that. */
static bool
nbd_peer_send (NbdPeer *peer, int fd, GByteArray *out)
{
  for (gsize done = 0; done < out->len;)
    {
      struct pollfd fds[] = { { fd, POLLOUT, 0 }, { peer->stop_fd, POLLIN, 0 } };
      gssize n;

      while (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
        g_assert_cmpint (errno, ==, EINTR);
      n = fds[1].revents == 0
              ? send (fd, out->data + done, out->len - done, MSG_NOSIGNAL | MSG_DONTWAIT)
              : 0;
      if (n <= 0)
        return false;
      done += (gsize) n;
    }
  g_byte_array_set_size (out, 0);
  return true;
}

static void
put_option_reply (GByteArray *out, guint32 option, guint32 type, const GByteArray *payload)
{
  put64 (out, OPTION_REPLY_MAGIC);
  put32 (out, option);
  put32 (out, type);
  put32 (out, payload != NULL ? payload->len : 0);
  if (payload != NULL)
    g_byte_array_append (out, payload->data, payload->len);
}

static void
put_context (GByteArray *out, guint32 id, const char *name)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();

  put32 (payload, id);
  g_byte_array_append (payload, (const guint8 *) name, (guint) strlen (name));
  put_option_reply (out, OPTION_SET_META_CONTEXT, REPLY_META_CONTEXT, payload);
}

static void
put_export (GByteArray *out, guint64 size)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();

  put16 (payload, INFO_EXPORT);
  put64 (payload, size);
  put16 (payload, FLAG_HAS_FLAGS | FLAG_READ_ONLY);
  put_option_reply (out, OPTION_GO, REPLY_INFO, payload);
}

static void
answer_option (NbdPeer *peer, GByteArray *out, guint32 option)
{
  if (option == OPTION_SET_META_CONTEXT)
    {
      if (peer->has_bitmap)
        put_context (out, BITMAP_ID, "qemu:dirty-bitmap:a");
      put_context (out, MAP_ID, "base:allocation");
    }
  if (option == OPTION_GO)
    put_export (out, peer->size);
  put_option_reply (out, option,
                    option == OPTION_GO || option == OPTION_STRUCTURED_REPLY
                            || option == OPTION_SET_META_CONTEXT
                        ? REPLY_ACK
                        : REPLY_UNSUPPORTED,
                    NULL);
}

/* Until the client has what it wants to begin. */
static bool
nbd_peer_negotiate (NbdPeer *peer, int fd, GByteArray *out)
{
  guint32 client_flags, option = 0, length;
  guint64 magic;

  put64 (out, NBD_MAGIC);
  put64 (out, OPTION_MAGIC);
  put16 (out, FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES);
  if (!nbd_peer_send (peer, fd, out) || !nbd_peer_receive32 (peer, fd, &client_flags))
    return false;
  while (option != OPTION_GO)
    {
      g_autofree char *data = NULL;

      if (!nbd_peer_receive (peer, fd, &magic, sizeof magic)
          || !nbd_peer_receive32 (peer, fd, &option) || !nbd_peer_receive32 (peer, fd, &length))
        return false;
      data = g_malloc (length);
      if (!nbd_peer_receive (peer, fd, data, length))
        return false;
      answer_option (peer, out, option);
      if (!nbd_peer_send (peer, fd, out))
        return false;
    }
  return true;
}

static void
put_chunk (GByteArray *out, guint16 flags, guint16 type, guint64 handle, const GByteArray *payload)
{
  put32 (out, STRUCTURED_REPLY_MAGIC);
  put16 (out, flags);
  put16 (out, type);
  put64 (out, handle);
  put32 (out, payload->len);
  g_byte_array_append (out, payload->data, payload->len);
}

/* The status of a part in one context, rightly. */
static void
put_status (GByteArray *payload, guint32 id, guint64 size, guint64 offset, guint64 end)
{
  put32 (payload, id);
  while (offset < end)
    {
      guint64 next = MIN (end, (offset / BLOCK + 1) * BLOCK);
      bool set;

      if (offset < size / 2)
        next = MIN (next, size / 2);
      set = id == BITMAP_ID ? offset / BLOCK % 2 == 0 : offset >= size / 2;

      put32 (payload, (guint32) (next - offset));
      put32 (payload, !set ? 0 : id == BITMAP_ID ? 1 : 3);
      offset = next;
    }
}

static void
put_extent (GByteArray *payload, guint32 id, guint32 length)
{
  put32 (payload, id);
  put32 (payload, length);
  put32 (payload, 1);
}

/* One chunk as the peer's manner is. */
static void
put_answer (NbdPeer *peer, GByteArray *payload, guint32 id, guint64 offset, guint64 end)
{
  guint64 limit = end;

  if (peer->manner == NBD_PEER_SHORTLY)
    limit = offset + (id == BITMAP_ID ? 3 : 5) * BLOCK;
  if (peer->manner == NBD_PEER_TINILY)
    limit = offset + 512;
  if (peer->manner == NBD_PEER_EMPTILY)
    put_extent (payload, id, 0);
  else if (peer->manner == NBD_PEER_BEYOND)
    put_extent (payload, id, (guint32) (peer->size - offset + 512));
  else if (peer->manner == NBD_PEER_CROOKEDLY)
    put_extent (payload, id, 100);
  else
    put_status (payload, id, peer->size, offset, MIN (end, limit));
}

static void
put_status_chunk (NbdPeer *peer,
                  GByteArray *out,
                  guint32 id,
                  guint64 handle,
                  guint64 offset,
                  guint64 end)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();

  put_answer (peer, payload, id, offset, end);
  put_chunk (out, 0, CHUNK_BLOCK_STATUS, handle, payload);
}

static bool
nbd_peer_flood (NbdPeer *peer, int fd, GByteArray *out, guint64 handle, guint64 offset)
{
  for (;;)
    {
      put_status_chunk (peer, out, BITMAP_ID, handle, offset, offset + BLOCK);
      if (!nbd_peer_send (peer, fd, out))
        return false;
    }
}

static void
put_refusal (GByteArray *out, guint64 handle)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();

  put32 (payload, EIO);
  put16 (payload, 0);
  put_chunk (out, CHUNK_DONE, CHUNK_ERROR, handle, payload);
}

/* False if the connection is to end. */
static bool
nbd_peer_answer (NbdPeer *peer,
                 int fd,
                 GByteArray *out,
                 guint64 handle,
                 guint64 offset,
                 guint64 end)
{
  g_autoptr (GByteArray) nothing = g_byte_array_new ();

  g_atomic_int_inc (&peer->n_requests);
  if (peer->manner == NBD_PEER_IS_SILENT)
    return true;
  if (peer->manner == NBD_PEER_HANGS_UP)
    return false;
  if (peer->manner == NBD_PEER_FLOODS)
    return nbd_peer_flood (peer, fd, out, handle, offset);
  if (peer->manner == NBD_PEER_GARBLES)
    put64 (out, G_MAXUINT64);
  else if (peer->manner == NBD_PEER_REFUSES)
    put_refusal (out, handle);
  else
    {
      put_status_chunk (peer, out, BITMAP_ID, handle, offset, end);
      if (peer->manner == NBD_PEER_TWICE)
        put_status_chunk (peer, out, BITMAP_ID, handle, offset, end);
      if (peer->manner != NBD_PEER_PARTLY)
        put_status_chunk (peer, out, MAP_ID, handle, offset, end);
      put_chunk (out, CHUNK_DONE, 0, handle, nothing);
    }
  return nbd_peer_send (peer, fd, out);
}

static void
nbd_peer_serve (NbdPeer *peer, int fd)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  struct
  {
    guint32 magic;
    guint16 flags, type;
    guint64 handle, offset;
    guint32 length;
  } __attribute__ ((packed)) request;

  if (!nbd_peer_negotiate (peer, fd, out))
    return;
  while (nbd_peer_receive (peer, fd, &request, sizeof request))
    {
      guint64 offset = GUINT64_FROM_BE (request.offset);

      if (GUINT16_FROM_BE (request.type) != COMMAND_BLOCK_STATUS
          || !nbd_peer_answer (peer, fd, out, GUINT64_FROM_BE (request.handle), offset,
                               offset + GUINT32_FROM_BE (request.length)))
        return;
    }
}

static gpointer
nbd_peer_run_cb (gpointer data)
{
  NbdPeer *peer = data;

  for (;;)
    {
      struct pollfd fds[] = { { peer->listen_fd, POLLIN, 0 }, { peer->stop_fd, POLLIN, 0 } };
      int fd;

      while (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
        g_assert_cmpint (errno, ==, EINTR);
      if (fds[1].revents != 0)
        return NULL;
      fd = accept (peer->listen_fd, NULL, NULL);
      g_assert_cmpint (fd, >=, 0);
      nbd_peer_serve (peer, fd);
      close (fd);
    }
}

NbdPeer *
nbd_peer_new (const char *path, guint64 size, bool has_bitmap, NbdPeerManner manner)
{
  NbdPeer *peer = g_new0 (NbdPeer, 1);
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  peer->path = g_strdup (path);
  peer->size = size;
  peer->has_bitmap = has_bitmap;
  peer->manner = manner;
  peer->stop_fd = eventfd (0, EFD_CLOEXEC);
  peer->listen_fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpuint (strlen (path), <, sizeof address.sun_path);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (bind (peer->listen_fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (peer->listen_fd, 1), ==, 0);
  peer->thread = g_thread_new ("nbd-peer", nbd_peer_run_cb, peer);
  return peer;
}

void
nbd_peer_free (NbdPeer *peer)
{
  if (peer == NULL)
    return;
  eventfd_write (peer->stop_fd, 1);
  g_thread_join (peer->thread);
  close (peer->listen_fd);
  close (peer->stop_fd);
  unlink (peer->path);
  g_free (peer->path);
  g_free (peer);
}

guint
nbd_peer_count_requests (NbdPeer *peer)
{
  return (guint) g_atomic_int_get (&peer->n_requests);
}
