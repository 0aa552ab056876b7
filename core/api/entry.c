/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "api/entry.h"

#include "base/log.h"

bool
vckc_check_handle (gpointer handle, const VckcObjectClass *klass, VckcError **err)
{
  if (vckc_object_is (handle, klass))
    return true;

  vckc_set_error (
      err, klass->invalid,
      "not a valid %s; pass one that is not NULL, not of another type and not freed yet",
      klass->name);
  return false;
}

bool
vckc_check_not_null (const void *value, const char *argument, VckcError **err)
{
  if (value != NULL)
    return true;

  vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "argument '%s' must not be NULL", argument);
  return false;
}

bool
vckc_check_writable (VckcConnect *connect, const char *action, VckcError **err)
{
  if ((connect->flags & VCKC_CONNECTION_READ_ONLY) == 0)
    return true;

  vckc_set_error (err, VCKC_ERROR_OPERATION_DENIED,
                  "the connection to '%s' is read-only and cannot %s; open it without READ_ONLY",
                  connect->uri, action);
  return false;
}

bool
vckc_check_secure (VckcConnect *connect,
                   unsigned int flags,
                   unsigned int secure_flag,
                   VckcError **err)
{
  if ((connect->flags & VCKC_CONNECTION_READ_ONLY) == 0 || (flags & secure_flag) == 0)
    return true;

  vckc_set_error (err, VCKC_ERROR_OPERATION_DENIED,
                  "the connection to '%s' is read-only and cannot return secrets; leave the SECURE "
                  "flag out, or open it without READ_ONLY",
                  connect->uri);
  return false;
}

bool
vckc_check_exclusive_flags (unsigned int flags,
                            VckcFlagName one,
                            VckcFlagName other,
                            VckcError **err)
{
  if ((flags & one.flag) == 0 || (flags & other.flag) == 0)
    return true;

  vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "flags %s and %s exclude each other", one.name,
                  other.name);
  return false;
}

bool
vckc_check_required_flag (unsigned int flags,
                          VckcFlagName flag,
                          VckcFlagName required,
                          VckcError **err)
{
  if ((flags & flag.flag) == 0 || (flags & required.flag) != 0)
    return true;

  vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "flag %s requires flag %s", flag.name,
                  required.name);
  return false;
}

bool
vckc_check_own (VckcConnect *connect, VckcError **err)
{
  if (!vckc_connect_is_inherited (connect))
    return true;

  vckc_set_error (err, VCKC_ERROR_NO_CONNECT,
                  "the connection to '%s' belongs to the parent process, which opened it; open one "
                  "in this process",
                  connect->uri);
  return false;
}

bool
vckc_check_open (VckcConnect *connect, VckcError **err)
{
  if (!vckc_check_own (connect, err))
    return false;
  if (g_atomic_int_get (&connect->open) != 0)
    return true;

  vckc_set_error (err, VCKC_ERROR_NO_CONNECT, "the connection to '%s' is closed; open a new one",
                  connect->uri);
  return false;
}

bool
vckc_check_callable (VckcConnect *connect, bool has_method, const char *action, VckcError **err)
{
  if (!vckc_check_open (connect, err))
    return false;
  if (has_method)
    return true;

  vckc_set_error (err, VCKC_ERROR_NO_SUPPORT,
                  "the connection to '%s' cannot %s; its driver '%s' does not support it",
                  connect->uri, action, connect->driver->name);
  return false;
}

bool
vckc_driver_returned (VckcConnect *connect,
                      bool succeeded,
                      VckcError *error,
                      const char *function,
                      VckcError **err)
{
  vckc_event_queue_flush (connect->events);

  if (succeeded)
    {
      if (error != NULL)
        g_critical ("driver '%s' set an error in '%s' but succeeded: %s", connect->driver->name,
                    function, vckc_error_get_message (error));
      vckc_error_free (error);
      return true;
    }

  if (error == NULL)
    vckc_set_error (&error, VCKC_ERROR_INTERNAL,
                    "driver '%s' failed without a reason; this is a bug of Vck",
                    connect->driver->name);
  vckc_log_debug (VCKC_ABOUT (.uri = connect->uri, .error = error), "%s: failed: %s", function,
                  vckc_error_get_message (error));
  vckc_propagate_error (err, error);
  return false;
}
