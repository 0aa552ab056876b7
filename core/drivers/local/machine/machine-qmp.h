/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Talking to the QEMU of a machine through the socket that its definition names.
 *
 * QEMU serves one client of such a socket at a time, and lets others wait in the order in which
 * they came. Who waits in vain gets BUSY.
 *
 * There is one time limit for all that is asked of QEMU, from connecting on: who does not answer is
 * not asked again. A change has as long again, since it cannot be given up.
 */

#pragma once

#include "qemu/qmp-client.h"
#include "vckc-domain.h"

/* How long QEMU is usually waited for, in milliseconds. */
#define VCKC_MACHINE_TIMEOUT (10 * 1000)

/* What is wanted of a connection. */
typedef struct
{
  guint timeout;   /* milliseconds, until `deadline`: for messages */
  gint64 deadline; /* of g_get_monotonic_time(): for connecting and all answers together */
  int cancel_fd;   /* as in VckcQmpOptions */
  void (*event_cb) (const char *name, const VckcQmpValue *event, gpointer opaque);
  gpointer event_opaque;
} VckcMachineOptions;

/* Connects; *ret_client is NULL if the machine is off. */
bool vckc_machine_connect (const char *socket,
                           const VckcMachineOptions *options,
                           VckcQmpClient **ret_client,
                           VckcError **err);

/* Options with a limit that is counted from `since`; 0: from now. */
VckcMachineOptions vckc_machine_options (gint64 since, guint timeout, int cancel_fd);

/* What the machine is doing, whether it runs or not. */
bool vckc_machine_get_state (const char *socket,
                             const VckcMachineOptions *options,
                             VckcDomainState *ret_state,
                             VckcError **err);

bool vckc_machine_query_state (VckcQmpClient *client, VckcDomainState *ret_state, VckcError **err);

/* Does the machine have its images for itself, so that it knows their bitmaps? While it is saved or
 * migrated it has stored and forgotten them, or not loaded them yet: OPERATION_INVALID then. */
bool vckc_machine_check_images (VckcQmpClient *client, VckcError **err);

/* Will it have them for as long as a change takes? OPERATION_INVALID if it is being migrated. */
bool vckc_machine_check_no_migration (VckcQmpClient *client, VckcError **err);
