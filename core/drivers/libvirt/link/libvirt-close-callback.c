/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/link/libvirt-close-callback.h"

/* How long the other side may be silent: asked every 5 seconds, lost at the sixth question. */
#define KEEPALIVE_INTERVAL 5
#define KEEPALIVE_COUNT 5

static void
closed_cb (virConnectPtr conn, int reason, void *opaque)
{
  VckcLibvirt *libvirt = opaque;
  g_autoptr (VckcConnect) connect = vckc_libvirt_get_connect (libvirt);

  if (connect == NULL || !g_atomic_int_compare_and_exchange (&connect->open, 1, 0))
    return;
  vckc_event_queue_push (connect->events, VCKC_EVENT_CLOSED, NULL, NULL, reason);
  vckc_event_queue_deliver (connect->events);
}

/* libvirt calls this when it forgets closed_cb(); drivers inside this process, which never knew of
 * it, do not. */
static void
forget_closed_cb (void *opaque)
{
  VckcLibvirt *libvirt = opaque;

  if (g_atomic_int_compare_and_exchange (&libvirt->may_be_lost, 1, 0))
    vckc_libvirt_unref (libvirt);
}

void
vckc_libvirt_close_callback_register (VckcLibvirt *libvirt)
{
  /* Drivers inside this process have neither: nothing can be lost. */
  g_atomic_int_set (&libvirt->may_be_lost, 1);
  if (virConnectRegisterCloseCallback (libvirt->conn, closed_cb, vckc_libvirt_ref (libvirt),
                                       forget_closed_cb)
      < 0)
    forget_closed_cb (libvirt);
  virConnectSetKeepAlive (libvirt->conn, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT);
}

void
vckc_libvirt_close_callback_unregister (VckcLibvirt *libvirt)
{
  virConnectUnregisterCloseCallback (libvirt->conn, closed_cb);
  forget_closed_cb (libvirt);
}
