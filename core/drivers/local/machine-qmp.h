/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Talking to the QEMU of a machine through the socket that its definition names.
 *
 * QEMU serves one client of such a socket at a time, and lets others wait in the order in which
 * they came. Who waits longer than a while in vain gets BUSY.
 */

#pragma once

#include "../../vckc-domain.h"
#include "../../qemu/qmp-client.h"

/* In milliseconds. */
typedef struct
{
  guint turn;   /* until QEMU has time for us, and greets */
  guint answer; /* for each command */
} VckcMachinePatience;

extern const VckcMachinePatience vckc_machine_usual_patience;

/* What is wanted of a connection. */
typedef struct
{
  const VckcMachinePatience *patience;
  int cancel_fd;                       /* as in VckcQmpOptions */
  void (*event_cb) (const char *name, const VckcQmpValue *event, gpointer opaque);
  gpointer event_opaque;
} VckcMachineOptions;

/* Connects; *ret_client is NULL if the machine is off. */
bool vckc_machine_connect (const char               *socket,
                           const VckcMachineOptions *options,
                           VckcQmpClient           **ret_client,
                           VckcError               **err);

/* What the machine is doing, whether it runs or not. */
bool vckc_machine_get_state (const char                *socket,
                             const VckcMachinePatience *patience,
                             VckcDomainState           *ret_state,
                             VckcError                **err);

bool vckc_machine_query_state (VckcQmpClient *client, VckcDomainState *ret_state, VckcError **err);
