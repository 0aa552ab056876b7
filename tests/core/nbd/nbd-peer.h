/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * An NBD server that answers as a test wants, rightly or not: for what a real one cannot be made to
 * do. It serves one client at a time, and exports nothing but the status of its blocks.
 */

#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct _NbdPeer NbdPeer;

/* How it answers a request for the status. */
typedef enum
{
  NBD_PEER_RIGHTLY,   /* every other block of 64 KiB is dirty, and the second half is zero */
  NBD_PEER_SHORTLY,   /* the same, but only 3 blocks in one context, and 5 in the other */
  NBD_PEER_TINILY,    /* the same, one sector at a time */
  NBD_PEER_EMPTILY,   /* an extent without length */
  NBD_PEER_BEYOND,    /* an extent beyond the end */
  NBD_PEER_CROOKEDLY, /* extents that end inside sectors */
  NBD_PEER_PARTLY,    /* in one context only */
  NBD_PEER_TWICE,     /* in one context twice */
  NBD_PEER_REFUSES,
  NBD_PEER_IS_SILENT,
  NBD_PEER_HANGS_UP,
  NBD_PEER_GARBLES, /* bytes that are no answer */
  NBD_PEER_FLOODS,  /* one part after the other, without an end */
} NbdPeerManner;

/* Listens at `path` and exports `size` bytes, with the bitmap 'a' if `has_bitmap`. */
NbdPeer *nbd_peer_new (const char *path, guint64 size, bool has_bitmap, NbdPeerManner manner);
void nbd_peer_free (NbdPeer *peer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NbdPeer, nbd_peer_free)

/* How many requests for the status came. */
guint nbd_peer_count_requests (NbdPeer *peer);
