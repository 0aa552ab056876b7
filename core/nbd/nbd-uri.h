/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

/* The URI of an export of a server that listens on a Unix socket. */
char *vckc_nbd_make_unix_uri (const char *socket, const char *export_name);

/* The same of one that listens on a TCP port of a host: a name, or an address without brackets. */
char *vckc_nbd_make_tcp_uri (const char *host, guint port, const char *export_name);
