/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of connections. */

#include "api/driver-registry.h"
#include "api/entry.h"

#define LIST_FLAGS                                                                                 \
  (VCKC_DOMAIN_LIST_ACTIVE | VCKC_DOMAIN_LIST_INACTIVE | VCKC_DOMAIN_LIST_HAS_CHECKPOINT           \
   | VCKC_DOMAIN_LIST_NO_CHECKPOINT)

static const char *
default_uri (void)
{
  const char *uri = g_getenv ("VCK_URI");

  return uri != NULL && *uri != '\0' ? uri : "local:";
}

static VckcConnect *
open_connection (const char *uri,
                 unsigned int flags,
                 const VckcAuthenticator *authenticator,
                 const char *function,
                 VckcError **err)
{
  g_auto (VckcUri) parsed = { NULL };
  g_autoptr (VckcConnect) connect = NULL;
  VckcError *error = NULL;
  const VckcDriver *driver;
  bool opened;

  if (!vckc_check_flags (flags, VCKC_CONNECTION_READ_ONLY, &vckc_flags_open, err)
      || !vckc_uri_parse (uri != NULL ? uri : default_uri (), &parsed, err))
    return NULL;
  driver = vckc_driver_find (parsed.scheme, err);
  if (driver == NULL)
    return NULL;

  connect = vckc_connect_new (driver, parsed.text, flags);
  /* Open before the driver begins: the link may be lost as soon as it is there. */
  g_atomic_int_set (&connect->open, 1);
  opened = driver->connect_open (connect, &parsed, authenticator, &error);
  if (!opened)
    g_atomic_int_set (&connect->open, 0);
  if (!vckc_driver_returned (connect, opened, error, function, err))
    return NULL;
  return g_steal_pointer (&connect);
}

VckcConnect *
vckc_connect_open (const char *uri, unsigned int flags, VckcError **err)
{
  VCKC_TRACE ("uri=%s flags=0x%x", VCKC_TRACE_TEXT (uri), flags);

  return open_connection (uri, flags, NULL, G_STRFUNC, err);
}

VckcConnect *
vckc_connect_open_auth (const char *uri,
                        unsigned int flags,
                        VckcAuthenticateCallback callback,
                        void *opaque,
                        VckcError **err)
{
  const VckcAuthenticator authenticator = { callback, opaque };

  VCKC_TRACE ("uri=%s flags=0x%x", VCKC_TRACE_TEXT (uri), flags);

  return open_connection (uri, flags, callback != NULL ? &authenticator : NULL, G_STRFUNC, err);
}

int
vckc_connect_close (VckcConnect *connect, VckcError **err)
{
  VCKC_TRACE ("connect=%p", (void *) connect);

  if (!vckc_check_handle (connect, &vckc_connect_class, err))
    return -1;

  if (g_atomic_int_compare_and_exchange (&connect->open, 1, 0)
      && !vckc_connect_is_inherited (connect))
    {
      connect->driver->connect_close (connect);
      vckc_event_queue_push (connect->events, VCKC_EVENT_CLOSED, NULL, NULL,
                             VCKC_CLOSE_REASON_CLIENT);
      vckc_event_queue_flush (connect->events);
    }
  return 0;
}

int
vckc_connect_ref (VckcConnect *connect, VckcError **err)
{
  VCKC_TRACE ("connect=%p", (void *) connect);

  if (!vckc_check_handle (connect, &vckc_connect_class, err))
    return -1;
  vckc_object_ref (connect);
  return 0;
}

int
vckc_connect_unref (VckcConnect *connect, VckcError **err)
{
  VCKC_TRACE ("connect=%p", (void *) connect);

  if (!vckc_check_handle (connect, &vckc_connect_class, err))
    return -1;
  vckc_object_unref (connect);
  return 0;
}

const char *
vckc_connect_get_uri (VckcConnect *connect, VckcError **err)
{
  return vckc_check_handle (connect, &vckc_connect_class, err) ? connect->uri : NULL;
}

bool
vckc_connect_is_read_only (VckcConnect *connect, VckcError **err)
{
  return vckc_check_handle (connect, &vckc_connect_class, err)
         && (connect->flags & VCKC_CONNECTION_READ_ONLY) != 0;
}

bool
vckc_connect_is_open (VckcConnect *connect, VckcError **err)
{
  return vckc_check_handle (connect, &vckc_connect_class, err)
         && g_atomic_int_get (&connect->open) != 0 && !vckc_connect_is_inherited (connect);
}

int
vckc_connect_list_all_domains (VckcConnect *connect,
                               VckcDomain ***ret_domains,
                               unsigned int flags,
                               VckcError **err)
{
  VckcError *error = NULL;
  int count;

  VCKC_TRACE ("connect=%p ret_domains=%p flags=0x%x", (void *) connect, (void *) ret_domains,
              flags);

  if (ret_domains != NULL)
    *ret_domains = NULL;
  if (!vckc_check_handle (connect, &vckc_connect_class, err) || !vckc_check_open (connect, err)
      || !vckc_check_flags (flags, LIST_FLAGS, &vckc_flags_list_domains, err))
    return -1;

  count = connect->driver->connect_list_all_domains (connect, ret_domains, flags, &error);
  return vckc_driver_returned (connect, count >= 0, error, G_STRFUNC, err) ? count : -1;
}

int
vckc_connect_subscribe (VckcConnect *connect,
                        VckcEventCallback callback,
                        void *opaque,
                        void (*free_opaque) (void *opaque),
                        VckcError **err)
{
  int id;

  VCKC_TRACE ("connect=%p opaque=%p", (void *) connect, opaque);

  if (!vckc_check_handle (connect, &vckc_connect_class, err) || !vckc_check_own (connect, err))
    return -1;
  if (callback == NULL)
    {
      vckc_check_not_null (NULL, "callback", err);
      return -1;
    }
  id = vckc_event_queue_subscribe (connect->events, callback, opaque, free_opaque);
  if (connect->driver->connect_watch != NULL)
    connect->driver->connect_watch (connect);
  return id;
}

int
vckc_connect_unsubscribe (VckcConnect *connect, int id, VckcError **err)
{
  VCKC_TRACE ("connect=%p id=%d", (void *) connect, id);

  if (!vckc_check_handle (connect, &vckc_connect_class, err))
    return -1;
  if (vckc_connect_is_inherited (connect))
    return 0;
  if (!vckc_event_queue_unsubscribe (connect->events, id))
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "the connection to '%s' has no subscription %d",
                      connect->uri, id);
      return -1;
    }
  if (connect->driver->connect_unwatch != NULL)
    connect->driver->connect_unwatch (connect);
  return 0;
}
