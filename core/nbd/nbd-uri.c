/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "nbd/nbd-uri.h"

char *
vckc_nbd_make_unix_uri (const char *socket, const char *export_name)
{
  g_autofree char *path = g_uri_escape_string (socket, "/", FALSE);
  g_autofree char *name = g_uri_escape_string (export_name, NULL, FALSE);

  return g_strdup_printf ("nbd+unix:///%s?socket=%s", name, path);
}
