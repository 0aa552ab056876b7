/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Connecting to the running QEMU of a domain through the socket that the definition names.
 *
 * QEMU serves one client of such a socket at a time, and lets others wait in the order in which
 * they came. Waiting in vain ends with BUSY.
 *
 * There is one time limit for all that is asked of QEMU, from connecting on: a QEMU that does not
 * answer is not asked again. A change has as long again, since it cannot be given up.
 */

#pragma once

#include "qemu/qmp-client.h"
#include "vckc-domain.h"

/* How long QEMU is waited for by default, in milliseconds. */
#define VCKC_MACHINE_TIMEOUT (10 * 1000)

/* The limits of a connection, and its events. */
typedef struct
{
  guint timeout;   /* milliseconds, until `deadline`: for messages */
  gint64 deadline; /* of g_get_monotonic_time(): for connecting and all answers together */
  int cancel_fd;   /* as in VckcQmpOptions */
  void (*event_cb) (const char *name, const VckcQmpValue *event, gpointer opaque);
  gpointer event_opaque;
} VckcMachineOptions;

/* Connects; *ret_client is NULL if the domain is off. */
bool vckc_machine_connect (const char *socket,
                           const VckcMachineOptions *options,
                           VckcQmpClient **ret_client,
                           VckcError **err);

/* Options with a limit that is counted from `since`; 0: from now. */
VckcMachineOptions vckc_machine_options (gint64 since, guint timeout, int cancel_fd);

/* The state of the domain, whether QEMU runs or not. */
bool vckc_machine_get_state (const char *socket,
                             const VckcMachineOptions *options,
                             VckcDomainState *ret_state,
                             VckcError **err);

bool vckc_machine_query_state (VckcQmpClient *client, VckcDomainState *ret_state, VckcError **err);

/* Does QEMU have its images for itself, so that it has their bitmaps? While the domain is saved
 * or migrated it has stored and dropped them, or not loaded them yet: OPERATION_INVALID then. */
bool vckc_machine_check_images (VckcQmpClient *client, VckcError **err);

/* Will it have them for as long as a change takes? OPERATION_INVALID if the domain is being
 * migrated. */
bool vckc_machine_check_no_migration (VckcQmpClient *client, VckcError **err);
