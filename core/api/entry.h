/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What every entry point does before and after the driver: trace, check the
 * handle, check the arguments, call, assert the driver's contract.
 */

#pragma once

#include "handles/handles.h"

/* One line in the log for every call, shown with G_MESSAGES_DEBUG=Vck. Otherwise it is not even
 * put together, which would take longer than many a call. */
#define VCKC_TRACE(format, ...)                                                                    \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!g_log_writer_default_would_drop (G_LOG_LEVEL_DEBUG, G_LOG_DOMAIN))                        \
      g_debug ("%s: " format, G_STRFUNC, __VA_ARGS__);                                             \
  }                                                                                                \
  G_STMT_END

/* What a text argument looks like in the log. */
#define VCKC_TRACE_TEXT(text) ((text) != NULL ? (text) : "(null)")

/* The error of the class, unless the handle and all that it stands on are alive and of their
 * class. */
bool vckc_check_handle (gpointer handle, const VckcObjectClass *klass, VckcError **err);

/* INVALID_ARG if `value` is NULL. */
bool vckc_check_not_null (const void *value, const char *argument, VckcError **err);

/* OPERATION_DENIED on a read-only connection. `action`: what it cannot do, such as "define
 * domains". */
bool vckc_check_writable (VckcConnect *connect, const char *action, VckcError **err);

/* OPERATION_DENIED if secrets are requested on a read-only connection. */
bool vckc_check_secure (VckcConnect *connect,
                        unsigned int flags,
                        unsigned int secure_flag,
                        VckcError **err);

/* INVALID_ARG if both flags are given. */
bool vckc_check_exclusive_flags (unsigned int flags,
                                 VckcFlagName one,
                                 VckcFlagName other,
                                 VckcError **err);

/* INVALID_ARG if `flag` is given without `required`. */
bool vckc_check_required_flag (unsigned int flags,
                               VckcFlagName flag,
                               VckcFlagName required,
                               VckcError **err);

/* NO_CONNECT for a connection that the parent process opened. */
bool vckc_check_own (VckcConnect *connect, VckcError **err);

/* The same, and NO_CONNECT once the connection is closed. */
bool vckc_check_open (VckcConnect *connect, VckcError **err);

/* The same, and NO_SUPPORT if the driver lacks the method. `action`: what it then cannot do. */
bool
vckc_check_callable (VckcConnect *connect, bool has_method, const char *action, VckcError **err);

/* After the driver: delivers the events the call made, and asserts the contract: an
 * error was set if and only if the call failed. `error` is what the driver set. Returns
 * whether the call succeeded. */
bool vckc_driver_returned (VckcConnect *connect,
                           bool succeeded,
                           VckcError *error /* (transfer full) */,
                           const char *function,
                           VckcError **err);
