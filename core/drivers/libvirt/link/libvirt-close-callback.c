/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/link/libvirt-close-callback.h"

/* How long the daemon may be silent: a ping every 5 seconds, the connection is lost at the
 * sixth. */
#define KEEPALIVE_INTERVAL 5
#define KEEPALIVE_COUNT 5

static void
libvirt_closed_cb (virConnectPtr conn, int reason, void *opaque)
{
  VckcLibvirtConnection *connection = opaque;
  g_autoptr (VckcConnect) connect = vckc_libvirt_connection_ref_connect (connection);

  if (connect == NULL || !g_atomic_int_compare_and_exchange (&connect->open, 1, 0))
    return;
  vckc_event_queue_push (connect->events, VCKC_EVENT_CLOSED, NULL, NULL, reason);
  vckc_event_queue_deliver (connect->events);
}

/* libvirt calls this when it drops the close callback; drivers inside this process, which have
 * none, do not. */
static void
libvirt_closed_callback_free_cb (void *opaque)
{
  VckcLibvirtConnection *connection = opaque;

  if (g_atomic_int_compare_and_exchange (&connection->has_close_callback, 1, 0))
    vckc_libvirt_connection_unref (connection);
}

void
vckc_libvirt_close_callback_register (VckcLibvirtConnection *connection)
{
  /* Drivers inside this process have neither: their connection cannot be lost. */
  g_atomic_int_set (&connection->has_close_callback, 1);
  if (virConnectRegisterCloseCallback (connection->conn, libvirt_closed_cb,
                                       vckc_libvirt_connection_ref (connection),
                                       libvirt_closed_callback_free_cb)
      < 0)
    libvirt_closed_callback_free_cb (connection);
  virConnectSetKeepAlive (connection->conn, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT);
}

void
vckc_libvirt_close_callback_unregister (VckcLibvirtConnection *connection)
{
  virConnectUnregisterCloseCallback (connection->conn, libvirt_closed_cb);
  libvirt_closed_callback_free_cb (connection);
}
