/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "nbd/nbd-uri.h"

#include <stdbool.h>
#include <string.h>

char *
vckc_nbd_make_unix_uri (const char *socket, const char *export_name)
{
  g_autofree char *path = g_uri_escape_string (socket, "/", FALSE);
  g_autofree char *name = g_uri_escape_string (export_name, NULL, FALSE);

  return g_strdup_printf ("nbd+unix:///%s?socket=%s", name, path);
}

char *
vckc_nbd_make_tcp_uri (const char *host, guint port, const char *export_name)
{
  g_autofree char *name = g_uri_escape_string (export_name, NULL, FALSE);
  const bool is_ipv6 = strchr (host, ':') != NULL;

  return g_strdup_printf ("nbd://%s%s%s:%u/%s", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", port,
                          name);
}
