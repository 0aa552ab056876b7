/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Asks the program for names and passwords, on behalf of the thread that opens a connection.
 */

#pragma once

#include "vck-call.h"
#include "vck-private.h"

/* A VckcAuthenticateCallback. `call` is the VckCall that opens its connection: the signal is
 * emitted in the caller's context. Returns NULL, too, if the call is abandoned meanwhile. */
char *vck_authenticate_cb (VckcCredential credential,
                           const char *prompt,
                           const char *suggestion,
                           void *call);
