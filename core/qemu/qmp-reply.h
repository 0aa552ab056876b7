/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What comes back for a command: a value, or a refusal with its reason. */

#pragma once

#include "qemu/qmp-value.h"

/* The longest reason for a refusal that is passed on, in characters. */
#define VCKC_QMP_MAX_REASON 1000

typedef struct _VckcQmpReply VckcQmpReply;

/* Takes an answer apart. INTERNAL if it has neither 'return' nor 'error'. */
VckcQmpReply *vckc_qmp_reply_new (VckcQmpValue *answer /* (transfer full) */, VckcError **err);
/* Parses a JSON object that comes as a text and not as an answer; its value is the object. */
VckcQmpReply *vckc_qmp_reply_new_from_text (const char *text, VckcError **err);
void vckc_qmp_reply_free (VckcQmpReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQmpReply, vckc_qmp_reply_free)

/* Why QEMU refused, as it says itself, but shortened; NULL if it did not refuse. */
const char *vckc_qmp_reply_get_refusal (const VckcQmpReply *reply);

/* Was it refused since there is no such command, or none in the present mode of the monitor? */
bool vckc_qmp_reply_is_not_found (const VckcQmpReply *reply);
/* What the command returned; NULL if QEMU refused it. */
const VckcQmpValue *vckc_qmp_reply_get_value (const VckcQmpReply *reply);
