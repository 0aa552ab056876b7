/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vckc-error.h"
#include "vckc-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcConnectionFlags:
 * @VCKC_CONNECTION_READ_ONLY: refuse every call that would change something,
 *   and keep secrets out of XML. (libvirt: `VIR_CONNECT_RO`)
 *
 * How to open a connection.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_CONNECTION_READ_ONLY = 1 << 0,
} VckcConnectionFlags;

/**
 * VckcCloseReason:
 * @VCKC_CLOSE_REASON_ERROR: the network connection or socket failed
 * @VCKC_CLOSE_REASON_EOF: the other side closed it: its daemon was stopped or died
 * @VCKC_CLOSE_REASON_KEEPALIVE: the other side did not answer for too long
 * @VCKC_CLOSE_REASON_CLIENT: this program closed the connection
 *
 * Why a connection is closed. The values are those of libvirt's `virConnectCloseReason`.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_CLOSE_REASON_ERROR = 0,
  VCKC_CLOSE_REASON_EOF = 1,
  VCKC_CLOSE_REASON_KEEPALIVE = 2,
  VCKC_CLOSE_REASON_CLIENT = 3,
} VckcCloseReason;

/**
 * VckcCredential:
 * @VCKC_CREDENTIAL_USERNAME: the name of the user to act as
 * @VCKC_CREDENTIAL_AUTHNAME: the name of the user that logs in
 * @VCKC_CREDENTIAL_LANGUAGE: languages for the dialogue, separated by commas
 * @VCKC_CREDENTIAL_CNONCE: a nonce of the client
 * @VCKC_CREDENTIAL_PASSPHRASE: a password; not to be shown
 * @VCKC_CREDENTIAL_ECHOPROMPT: an answer to a question, which may be shown
 * @VCKC_CREDENTIAL_NOECHOPROMPT: an answer to a question; not to be shown
 * @VCKC_CREDENTIAL_REALM: the realm of the user
 * @VCKC_CREDENTIAL_EXTERNAL: nothing to be typed: another program authenticates the user; when it
 *   has, the answer is an empty text
 *
 * What a host requests to authenticate a user. The values are those of libvirt's
 * `virConnectCredentialType`.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_CREDENTIAL_USERNAME = 1,
  VCKC_CREDENTIAL_AUTHNAME = 2,
  VCKC_CREDENTIAL_LANGUAGE = 3,
  VCKC_CREDENTIAL_CNONCE = 4,
  VCKC_CREDENTIAL_PASSPHRASE = 5,
  VCKC_CREDENTIAL_ECHOPROMPT = 6,
  VCKC_CREDENTIAL_NOECHOPROMPT = 7,
  VCKC_CREDENTIAL_REALM = 8,
  VCKC_CREDENTIAL_EXTERNAL = 9,
} VckcCredential;

/**
 * VckcAuthenticateCallback: (attributes bindgen.plumbing=1)
 * @credential: what is requested
 * @prompt: the question, human-readable
 * @suggestion: (nullable): the default if the answer is empty, or %NULL if there is none
 * @opaque: what was passed to vckc_connect_open_auth()
 *
 * Called once per credential that the host requires, in the thread that opens the connection.
 *
 * Returns: (transfer full) (nullable): the answer, which is freed with free(), or %NULL to give
 * up
 *
 * Since: 1.0
 */
typedef char *(*VckcAuthenticateCallback) (VckcCredential credential,
                                           const char *prompt,
                                           const char *suggestion,
                                           void *opaque);

/**
 * VckcDomainListFlags:
 * @VCKC_DOMAIN_LIST_ACTIVE: only domains that are running or paused
 * @VCKC_DOMAIN_LIST_INACTIVE: only domains that are shut off
 * @VCKC_DOMAIN_LIST_HAS_CHECKPOINT: only domains with at least one checkpoint
 * @VCKC_DOMAIN_LIST_NO_CHECKPOINT: only domains without a checkpoint
 *
 * Which domains to list. Flags of the same group widen the list (active or inactive), others
 * narrow it (active with a checkpoint). The bits are those of libvirt's
 * `virConnectListAllDomainsFlags`.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_DOMAIN_LIST_ACTIVE = 1 << 0,
  VCKC_DOMAIN_LIST_INACTIVE = 1 << 1,
  VCKC_DOMAIN_LIST_HAS_CHECKPOINT = 1 << 14,
  VCKC_DOMAIN_LIST_NO_CHECKPOINT = 1 << 15,
} VckcDomainListFlags;

/**
 * vckc_connect_open: (attributes bindgen.hand=vck_connection_open)
 * @uri: (nullable): where to connect, or %NULL for the value of the environment
 *   variable `VCK_URI` and, without that, `local:`
 * @flags: (type VckcConnectionFlags): how to open the connection
 * @err: return location for an error
 *
 * Opens a connection.
 *
 * The scheme of @uri selects the driver:
 *
 * - `local:` – domains defined in the user's data folder (`$XDG_DATA_HOME/vck/domains`), with
 *   their checkpoints as persistent dirty bitmaps in qcow2 files; no daemon is needed.
 *   `local:///any/folder` uses that folder, which is created when the first domain is defined.
 * - `memory:///default` – nothing is written to disk; it has a domain `test`. All connections of
 *   a process to the same `memory:` URI see the same domains as long as one of them is open. For
 *   tests.
 * - every other URI – a host that libvirt manages: `qemu:///system`, `qemu:///session`,
 *   `qemu+ssh://host/system`, `test:///default` and so on.
 *
 * The connection belongs to this process. In a child that is forked and does not execute another
 * program, calls on it and on its handles fail with %VCKC_ERROR_NO_CONNECT, except for those that
 * return what the handle holds, such as names; closing and freeing them there does not affect the
 * parent. The child opens a connection of its own.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @uri is not a URI or @flags are unknown, with
 * %VCKC_ERROR_NO_CONNECT when @uri cannot be reached or this build of Vck has no driver for it,
 * with %VCKC_ERROR_OPERATION_DENIED when the host rejects the user, and with the error of the
 * driver otherwise.
 *
 * Returns: (transfer full): a new connection
 *
 * Since: 1.0
 */
VckcConnect *vckc_connect_open (const char *uri, unsigned int flags, VckcError **err);

/**
 * vckc_connect_open_auth: (attributes bindgen.plumbing=1)
 * @uri: (nullable): where to connect, as for vckc_connect_open()
 * @flags: (type VckcConnectionFlags): how to open the connection
 * @callback: (scope call) (nullable): asks the user for names and passwords, or %NULL for a
 *   connection that cannot ask
 * @opaque: (closure callback): passed to @callback
 * @err: return location for an error
 *
 * Opens a connection to a host that may require authentication.
 *
 * Fails as vckc_connect_open() does.
 *
 * Returns: (transfer full): a new connection
 *
 * Since: 1.0
 */
VckcConnect *vckc_connect_open_auth (const char *uri,
                                     unsigned int flags,
                                     VckcAuthenticateCallback callback,
                                     void *opaque,
                                     VckcError **err);

/**
 * vckc_connect_close: (attributes bindgen.hand=vck_connection_close)
 * @connect: a connection
 * @err: return location for an error
 *
 * Closes a connection now, while handles of it are still in use: calls that reach the driver fail
 * with %VCKC_ERROR_NO_CONNECT from here on; calls in progress are completed. Subscribers receive
 * a last event, %VCKC_EVENT_CLOSED. Closing a closed connection does nothing.
 *
 * Fails with %VCKC_ERROR_INVALID_CONNECT when @connect is not a connection.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_connect_close (VckcConnect *connect, VckcError **err);

/**
 * vckc_connect_ref: (attributes bindgen.plumbing=1)
 * @connect: a connection
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_connect_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_CONNECT when @connect is not a connection.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_connect_ref (VckcConnect *connect, VckcError **err);

/**
 * vckc_connect_unref: (attributes bindgen.plumbing=1)
 * @connect: (transfer full): a connection
 * @err: return location for an error
 *
 * Drops a reference. The last one closes the connection.
 *
 * Fails with %VCKC_ERROR_INVALID_CONNECT when @connect is %NULL or not a connection.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_connect_unref (VckcConnect *connect, VckcError **err);

/**
 * vckc_connect_get_uri: (attributes bindgen.hand=vck_connection_get_uri)
 * @connect: a connection
 * @err: return location for an error
 *
 * Gets the URI of the connection, as it was resolved when it was opened.
 *
 * Fails with %VCKC_ERROR_INVALID_CONNECT when @connect is not a connection.
 *
 * Returns: (transfer none): the URI, which lives as long as @connect
 *
 * Since: 1.0
 */
const char *vckc_connect_get_uri (VckcConnect *connect, VckcError **err);

/**
 * vckc_connect_is_read_only: (attributes bindgen.local=1)
 * @connect: a connection
 * @err: return location for an error
 *
 * Gets whether the connection was opened with %VCKC_CONNECTION_READ_ONLY.
 *
 * Fails with %VCKC_ERROR_INVALID_CONNECT when @connect is not a connection.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_connect_is_read_only (VckcConnect *connect, VckcError **err);

/**
 * vckc_connect_is_open: (attributes bindgen.local=1)
 * @connect: a connection
 * @err: return location for an error
 *
 * Gets whether the connection can still be used.
 *
 * Fails with %VCKC_ERROR_INVALID_CONNECT when @connect is not a connection.
 *
 * Returns: `false` once it was closed or lost
 *
 * Since: 1.0
 */
bool vckc_connect_is_open (VckcConnect *connect, VckcError **err);

/**
 * vckc_connect_list_all_domains: (attributes bindgen.name=list_domains bindgen.return=count)
 * @connect: a connection
 * @ret_domains: (out) (optional) (array zero-terminated=1) (transfer full): return
 *   location for the domains, in the order of their names
 * @flags: (type VckcDomainListFlags): which domains to list; 0 for all
 * @err: return location for an error
 *
 * Lists domains. With `local:`, a domain that cannot be read is listed too, whatever the @flags;
 * its name is its UUID if it could never be read, and each call on it fails with the reason.
 *
 * Fails with %VCKC_ERROR_INVALID_CONNECT when @connect is not a connection, with
 * %VCKC_ERROR_NO_CONNECT when it is closed, with %VCKC_ERROR_INVALID_ARG when
 * @flags are unknown, and with %VCKC_ERROR_SYSTEM_ERROR when the folder of `local:` cannot be read.
 *
 * Returns: how many domains there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_connect_list_all_domains (VckcConnect *connect,
                                   VckcDomain ***ret_domains,
                                   unsigned int flags,
                                   VckcError **err);

#ifdef __cplusplus
}
#endif
