/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Converts libvirt's errors. */

#pragma once

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "base/error-private.h"

/* Takes the calling thread's last error of libvirt, right after a call failed: any other call, even
 * for a name, makes libvirt forget it. The message is libvirt's, followed by its number and error
 * domain. `conn` (nullable): if its link is gone, the code is NO_CONNECT whatever libvirt says. */
void vckc_libvirt_set_error (VckcError **err, virConnectPtr conn, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* The code for a number of virErrorNumber. OPERATION_FAILED for those of a newer libvirt. */
VckcErrorCode vckc_libvirt_error_code (int number);

/* Is the connection lost? An internal or system error is of the link if it comes from libvirt's RPC
 * code; a refused password is not. */
bool vckc_libvirt_error_is_of_link (int number, int part);

/* Is there a code for that number? */
bool vckc_libvirt_error_is_known (int number);

/* Does libvirt refuse the call as such, on this connection or with that driver? */
bool vckc_libvirt_error_is_refusal (const VckcError *error);

/* The same error with what to do at the end of its message. */
VckcError *vckc_libvirt_error_add_advice (VckcError *error /* (transfer full) */,
                                          const char *advice);

/* By default libvirt prints errors. From here on it does not, in the whole process, unless the
 * program sets another handler later. */
void vckc_libvirt_error_be_quiet (void);

/* Errors of this connection are ours alone, whatever the program does with libvirt's errors. */
void vckc_libvirt_error_keep_from_others (virConnectPtr conn);
