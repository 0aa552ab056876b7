/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A client for one export of an NBD server, with libnbd. It blocks, needs no main loop and works in
 * any thread, but in one at a time. Waiting ends when the current call is cancelled
 * (base/cancel.h), and when an answer takes too long.
 *
 * The server is not trusted. After any failure the client is broken, and every further call fails.
 *
 * Errors: SYSTEM_ERROR if the server cannot be reached, ends, or stays silent for too long,
 * CANCELLED if waiting was cancelled, OPERATION_FAILED if the server refuses something or does not
 * offer what was asked for, INTERNAL if its answers make no sense.
 */

#pragma once

#include "base/error-private.h"

typedef struct _VckcNbdClient VckcNbdClient;

/* Strings are borrowed for the call. */
typedef struct
{
  const char *uri;             /* nbd://, nbd+unix:// or nbds://, with the name of the export */
  const char *peer;            /* names the other side in messages, such as "the NBD server" */
  const char *const *contexts; /* the metadata contexts to ask for; NULL ends them */
  guint timeout;               /* milliseconds that connecting and each answer may take */
} VckcNbdOptions;

/* A part of an answer: pairs of a length and flags, from `offset` on. Only while it is called. */
typedef void (*VckcNbdStatusFunc) (const char *context,
                                   guint64 offset,
                                   const guint32 *entries,
                                   gsize n_entries,
                                   gpointer opaque);

/* Connects. Fails unless all contexts are granted. */
VckcNbdClient *vckc_nbd_client_new (const VckcNbdOptions *options, VckcError **err);
void vckc_nbd_client_free (VckcNbdClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcNbdClient, vckc_nbd_client_free)

/* The size of the export in bytes. */
guint64 vckc_nbd_client_get_size (const VckcNbdClient *client);

/* The status of a part of the export in all contexts, in one request: at most 4 GiB - 64 KiB,
 * which must not be beyond the end. An answer may end sooner than asked for, in each context
 * elsewhere. */
bool vckc_nbd_client_query_status (VckcNbdClient *client,
                                   guint64 offset,
                                   guint32 length,
                                   VckcNbdStatusFunc function,
                                   gpointer opaque,
                                   VckcError **err);

/* Begins to read a part of the export, which must not be beyond the end. The buffer must stay until
 * the read has ended or the client is freed. Several reads can be under way. */
bool vckc_nbd_client_begin_read (VckcNbdClient *client,
                                 guint64 offset,
                                 gsize length,
                                 guint8 *buffer,
                                 gint64 *ret_cookie,
                                 VckcError **err);
/* Waits until that read has ended. */
bool vckc_nbd_client_end_read (VckcNbdClient *client, gint64 cookie, VckcError **err);
