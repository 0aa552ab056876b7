/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/methods/libvirt-route.h"

#include <gio/gio.h>
#include <unistd.h>

#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/methods/libvirt-domain.h"
#include "drivers/libvirt/methods/libvirt-pull.h"
#include "drivers/libvirt/probe/libvirt-reach.h"

/* The TCP ports that QEMU listens on, on another host: from that of NBD on. */
#define FIRST_PORT 10809
#define LAST_PORT 10840
/* Seconds that a host may take to say whether a port is in use. */
#define PORT_TIMEOUT 5

static VckcDomainDef *
libvirt_route_get_def (VckcDomain *domain, VckcError **err)
{
  g_autofree char *xml = vckc_libvirt_domain_get_xml_desc (domain, 0, err);

  return xml != NULL ? vckc_domain_def_parse (xml, err) : NULL;
}

/* Folders of a store are for their owner alone. Where it is not known which user QEMU is, it may
 * be the same one. */
bool
vckc_libvirt_domain_choose_backup_mode (VckcDomain *domain,
                                        VckcBackupMode *ret_mode,
                                        char **ret_why,
                                        VckcError **err)
{
  g_autofree char *host = vckc_libvirt_find_host (domain);
  g_autoptr (VckcDomainDef) def = libvirt_route_get_def (domain, err);
  gint64 user;

  if (def == NULL)
    return false;
  user = vckc_libvirt_find_user (def, NULL);
  *ret_mode = VCKC_BACKUP_MODE_PULL;
  if (host != NULL)
    *ret_why = g_strdup_printf ("the domain is on another host, '%s'", host);
  else if (user >= 0 && user != (gint64) geteuid ())
    *ret_why =
        g_strdup_printf ("QEMU runs as the user %u, who cannot write to the store", (guint) user);
  else
    *ret_mode = VCKC_BACKUP_MODE_PUSH;
  return true;
}

/* --- where QEMU listens --- */

static VckcPullServer *
libvirt_route_make_local (VckcDomain *domain, VckcError **err)
{
  g_autoptr (VckcDomainDef) def = libvirt_route_get_def (domain, err);
  g_autoptr (VckcPullServer) server =
      def != NULL ? vckc_pull_server_new_unix (VCKC_LIBVIRT_BACKUP_PREFIX, err) : NULL;

  if (server == NULL
      || !vckc_libvirt_share_folder (domain, server->folder, vckc_libvirt_find_user (def, NULL),
                                     "the disks cannot be read", err))
    return NULL;
  server->watch_room = true;
  return g_steal_pointer (&server);
}

/* The address that the host has here. It must be one that the host knows for its own. */
static char *
libvirt_route_find_address (const char *host, VckcError **err)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GError *error = NULL;
  GList *addresses =
      g_resolver_lookup_by_name (resolver, host, g_cancellable_get_current (), &error);
  char *address;

  if (addresses == NULL)
    {
      vckc_set_error_from_gerror (err, VCKC_ERROR_OPERATION_UNSUPPORTED, error,
                                  "the address of host '%s', from which the disks would be read, "
                                  "is not known here",
                                  host);
      return NULL;
    }
  address = g_inet_address_to_string (addresses->data);
  g_resolver_free_addresses (addresses);
  return address;
}

/* Whether nothing listens on the port, and the host can be reached there. */
static bool
libvirt_route_is_port_free (const char *address, guint16 port, bool *ret_free, VckcError **err)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnectable) endpoint =
      G_SOCKET_CONNECTABLE (g_inet_socket_address_new_from_string (address, port));
  g_autoptr (GSocketConnection) connection = NULL;
  GError *error = NULL;

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, PORT_TIMEOUT);
  connection = g_socket_client_connect (client, endpoint, g_cancellable_get_current (), &error);
  *ret_free = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  if (connection != NULL || *ret_free)
    {
      g_clear_error (&error);
      return true;
    }
  vckc_set_error_from_gerror (err,
                              g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                                  ? VCKC_ERROR_CANCELLED
                                  : VCKC_ERROR_SYSTEM_ERROR,
                              error,
                              "the disks cannot be read from TCP port %u of '%s': a firewall has "
                              "to let the ports from %d to %d pass",
                              port, address, FIRST_PORT, LAST_PORT);
  return false;
}

static VckcPullServer *
libvirt_route_make_remote (const char *host, VckcError **err)
{
  g_autofree char *address = libvirt_route_find_address (host, err);

  for (guint16 port = FIRST_PORT; address != NULL && port <= LAST_PORT; port++)
    {
      bool is_free;

      if (!libvirt_route_is_port_free (address, port, &is_free, err))
        return NULL;
      if (is_free)
        return vckc_pull_server_new_tcp (address, port);
    }
  if (address != NULL)
    vckc_set_error (err, VCKC_ERROR_BUSY, "all TCP ports from %d to %d of '%s' are in use",
                    FIRST_PORT, LAST_PORT, host);
  return NULL;
}

VckcPullServer *
vckc_libvirt_domain_make_pull_server (VckcDomain *domain, bool unencrypted, VckcError **err)
{
  g_autofree char *host = vckc_libvirt_find_host (domain);

  if (host == NULL)
    return libvirt_route_make_local (domain, err);
  if (unencrypted)
    return libvirt_route_make_remote (host, err);
  vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                  "domain '%s' is on another host, '%s', whose QEMU can offer its disks on a TCP "
                  "port only, unencrypted and to everyone who reaches that; make the backup on "
                  "that host, or allow it with the flag UNENCRYPTED",
                  domain->name, host);
  return NULL;
}

/* --- disks --- */

/* A full copy can be as large as the disk. The allocation that libvirt reports of a running domain
 * is what was written since it started, and the size of the file is no limit either: clusters may
 * be compressed, or in another file. */
bool
vckc_libvirt_domain_measure_disk (VckcDomain *domain,
                                  const char *target,
                                  guint64 *ret_virtual_size,
                                  guint64 *ret_allocated,
                                  VckcError **err)
{
  virDomainBlockInfo info = { 0 };

  if (virDomainGetBlockInfo (vckc_libvirt_get_domain (domain), target, &info, 0) < 0)
    {
      vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                              "cannot get the size of disk '%s' of domain '%s'", target,
                              domain->name);
      return false;
    }
  *ret_virtual_size = info.capacity;
  *ret_allocated = info.capacity;
  return true;
}
