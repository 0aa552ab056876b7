/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/pull-server.h"

#define SOCKET_NAME "nbd"

static VckcPullServer *
pull_server_new (VckcBackupTransport transport)
{
  VckcPullServer *server = g_new0 (VckcPullServer, 1);

  server->server = g_new0 (VckcBackupServer, 1);
  server->server->transport = transport;
  return server;
}

VckcPullServer *
vckc_pull_server_new_unix (const char *prefix, VckcError **err)
{
  g_autoptr (VckcPullServer) server = pull_server_new (VCKC_BACKUP_TRANSPORT_UNIX);

  server->folder = vckc_private_folder_new (prefix, err);
  if (server->folder == NULL)
    return NULL;
  server->server->socket =
      g_build_filename (vckc_private_folder_get_path (server->folder), SOCKET_NAME, NULL);
  return g_steal_pointer (&server);
}

VckcPullServer *
vckc_pull_server_new_tcp (const char *address, guint port)
{
  VckcPullServer *server = pull_server_new (VCKC_BACKUP_TRANSPORT_TCP);

  server->server->name = g_strdup (address);
  server->server->port = port;
  return server;
}

void
vckc_pull_server_free (VckcPullServer *server)
{
  if (server == NULL)
    return;
  vckc_backup_server_free (server->server);
  g_clear_pointer (&server->folder, vckc_private_folder_free);
  g_free (server);
}
