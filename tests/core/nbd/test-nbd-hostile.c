/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* NBD servers that answer in an unusual way, do not answer, or mean harm. */

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "../local/assert-error.h"
#include "../local/image-fixture.h"
#include "assert-extents.h"
#include "nbd-peer.h"
#include "nbd/nbd-extents.h"
#include "nbd/nbd-uri.h"

#define BLOCK G_GUINT64_CONSTANT (65536)
/* 41 blocks and a half: neither 3 nor 5 is a divisor of that. */
#define CAPACITY (41 * BLOCK + BLOCK / 2)

typedef struct
{
  const char *name;
  NbdPeerManner manner;
  VckcErrorCode code;
  const char *part; /* of the message */
} PeerCase;

static VckcExtentReader *
read_from (const char *socket, guint64 capacity, guint timeout, VckcError **err)
{
  g_autofree char *uri = vckc_nbd_make_unix_uri (socket, "x");
  const VckcNbdExtents source = { uri, "the server", "a", capacity, true, timeout };

  return vckc_nbd_extents_read (&source, err);
}

static void
assert_peer_fails (NbdPeerManner manner, bool has_bitmap, VckcErrorCode code, const char *part)
{
  char *folder = image_fixture_new ();
  g_autofree char *socket = g_build_filename (folder, "nbd", NULL);
  guint n_files = image_fixture_count_files ();
  NbdPeer *peer = nbd_peer_new (socket, CAPACITY, has_bitmap, manner);
  VckcError *error = NULL;

  g_assert_null (read_from (socket, CAPACITY, 2000, &error));
  assert_error (error, code, part);
  nbd_peer_free (peer);
  g_assert_cmpuint (image_fixture_count_files (), ==, n_files);
  image_fixture_remove (folder);
}

static void
test_fails (gconstpointer data)
{
  const PeerCase *row = data;

  assert_peer_fails (row->manner, true, row->code, row->part);
}

static void
test_not_granted (void)
{
  assert_peer_fails (NBD_PEER_RIGHTLY, false, VCKC_ERROR_OPERATION_FAILED,
                     "the server does not offer 'qemu:dirty-bitmap:a'");
}

/* Every other block is dirty, and the second half of the disk reads as zeros. */
static void
assert_right (VckcExtentReader *reader)
{
  g_autoptr (GArray) extents = read_extents (reader);
  g_autoptr (GArray) expected = vckc_extents_new ();

  for (guint64 offset = 0; offset < CAPACITY; offset += 2 * BLOCK)
    for (guint64 part = offset; part < MIN (offset + BLOCK, CAPACITY); part += 512)
      vckc_extents_add (expected, part, 512,
                        VCKC_EXTENT_DIRTY
                            | (part < CAPACITY / 2 ? VCKC_EXTENT_DATA : VCKC_EXTENT_ZERO));
  assert_extents (extents, expected);
}

/* `data`: the manner. Contexts that end sooner, each elsewhere, lose nothing. */
static void
test_right (gconstpointer data)
{
  char *folder = image_fixture_new ();
  g_autofree char *socket = g_build_filename (folder, "nbd", NULL);
  NbdPeer *peer = nbd_peer_new (socket, CAPACITY, true, GPOINTER_TO_UINT (data));
  VckcError *error = NULL;
  g_autoptr (VckcExtentReader) reader = read_from (socket, CAPACITY, 60 * 1000, &error);

  assert_ok (reader != NULL, error);
  assert_right (reader);
  nbd_peer_free (peer);
  image_fixture_remove (folder);
}

/* A peer that answers for ever, a sector at a time, is given up. */
static void
test_endless (void)
{
  const guint64 capacity = 1024 * 1024 * 1024;
  char *folder = image_fixture_new ();
  g_autofree char *socket = g_build_filename (folder, "nbd", NULL);
  NbdPeer *peer = nbd_peer_new (socket, capacity, true, NBD_PEER_TINILY);
  VckcError *error = NULL;

  g_assert_null (read_from (socket, capacity, 60 * 1000, &error));
  assert_error (error, VCKC_ERROR_INTERNAL, "answers in parts that are too small: 2048 answers");
  g_assert_cmpuint (nbd_peer_count_requests (peer), ==, 2048);
  nbd_peer_free (peer);
  image_fixture_remove (folder);
}

static gpointer
cancel_cb (gpointer data)
{
  gpointer *both = data;

  while (nbd_peer_count_requests (both[0]) == 0)
    g_usleep (1000);
  g_cancellable_cancel (both[1]);
  return NULL;
}

static void
test_cancelled (void)
{
  char *folder = image_fixture_new ();
  g_autofree char *socket = g_build_filename (folder, "nbd", NULL);
  NbdPeer *peer = nbd_peer_new (socket, CAPACITY, true, NBD_PEER_IS_SILENT);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gpointer both[] = { peer, cancellable };
  GThread *thread = g_thread_new ("cancel", cancel_cb, both);
  VckcError *error = NULL;

  g_cancellable_push_current (cancellable);
  g_assert_null (read_from (socket, CAPACITY, 60 * 1000, &error));
  g_cancellable_pop_current (cancellable);
  assert_error (error, VCKC_ERROR_CANCELLED, "cancelled while waiting for the server");
  g_thread_join (thread);
  nbd_peer_free (peer);
  image_fixture_remove (folder);
}

static const PeerCase cases[] = {
  { "empty", NBD_PEER_EMPTILY, VCKC_ERROR_INTERNAL, "an extent without length" },
  { "beyond", NBD_PEER_BEYOND, VCKC_ERROR_INTERNAL, "an extent beyond the end of the disk" },
  { "crooked", NBD_PEER_CROOKEDLY, VCKC_ERROR_INTERNAL, "an extent that ends inside a sector" },
  { "partly", NBD_PEER_PARTLY, VCKC_ERROR_INTERNAL, "an answer without the status" },
  { "twice", NBD_PEER_TWICE, VCKC_ERROR_INTERNAL, "a status that belongs to no request" },
  { "refuses", NBD_PEER_REFUSES, VCKC_ERROR_OPERATION_FAILED, "the server refused a request" },
  { "silent", NBD_PEER_IS_SILENT, VCKC_ERROR_SYSTEM_ERROR, "did not answer within 2000 ms" },
  { "hangs-up", NBD_PEER_HANGS_UP, VCKC_ERROR_SYSTEM_ERROR, "the server ended the connection" },
  { "garbles", NBD_PEER_GARBLES, VCKC_ERROR_SYSTEM_ERROR, "the server" },
  { "floods", NBD_PEER_FLOODS, VCKC_ERROR_SYSTEM_ERROR, "did not answer within 2000 ms" },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/vck/nbd-hostile/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_fails);
    }
  g_test_add_func ("/vck/nbd-hostile/not-granted", test_not_granted);
  g_test_add_data_func ("/vck/nbd-hostile/right", GUINT_TO_POINTER (NBD_PEER_RIGHTLY), test_right);
  g_test_add_data_func ("/vck/nbd-hostile/short", GUINT_TO_POINTER (NBD_PEER_SHORTLY), test_right);
  g_test_add_func ("/vck/nbd-hostile/endless", test_endless);
  g_test_add_func ("/vck/nbd-hostile/cancelled", test_cancelled);
  return g_test_run ();
}
