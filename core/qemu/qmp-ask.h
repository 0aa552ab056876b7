/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Commands that QEMU must not refuse, and what is found in their answers. */

#pragma once

#include "qemu/qmp-client.h"

/* An answer that must not be a refusal. */
VckcQmpReply *vckc_qmp_ask (VckcQmpClient *client,
                            const char *command,
                            VckcQmpArgs *args /* (transfer full) (nullable) */,
                            VckcError **err);
/* The list of nodes. */
VckcQmpReply *vckc_qmp_ask_nodes (VckcQmpClient *client, bool flat, VckcError **err);

/* The member of a list whose `key` is `name`; NULL if there is none. */
const VckcQmpValue *
vckc_qmp_find_named (const VckcQmpReply *reply, const char *key, const char *name);
