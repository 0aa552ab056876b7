/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What libvirt says of a failure becomes an error of ours. */

#pragma once

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "base/error-private.h"

/* Takes the calling thread's last error of libvirt, right after a call failed: any other call, even
 * for a name, makes libvirt forget it. The message is libvirt's, with its number and part behind
 * it. `conn` (nullable): if its link is gone, the code is NO_CONNECT whatever libvirt says. */
void vckc_libvirt_set_error (VckcError **err, virConnectPtr conn, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* The code for a number of virErrorNumber. OPERATION_FAILED for those of a newer libvirt. */
VckcErrorCode vckc_libvirt_error_code (int number);

/* Is it the link that failed? What libvirt calls an internal or a system error is the link's if the
 * part that speaks to daemons raised it; a password that it does not take is not. */
bool vckc_libvirt_error_is_of_link (int number, int part);

/* Has the table a row for that number? */
bool vckc_libvirt_error_is_known (int number);

/* Does libvirt refuse the call as such, on this connection or with that driver? */
bool vckc_libvirt_error_is_refusal (const VckcError *error);

/* libvirt prints errors unless told not to. From here on it does not, in all of the process, unless
 * the program says otherwise later. */
void vckc_libvirt_error_be_quiet (void);

/* Errors of this connection are ours alone, whatever the program does with libvirt's errors. */
void vckc_libvirt_error_keep_from_others (virConnectPtr conn);
