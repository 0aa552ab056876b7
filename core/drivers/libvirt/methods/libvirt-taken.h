/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* libvirt has no number of its own for a name that is taken: the number that it reports is also
 * that of other failures. So a failed call asks afterwards if the name is there. */

#pragma once

#include <libvirt/libvirt.h>

#include "base/error-private.h"

/* Does the domain have the checkpoint that the document names? */
bool vckc_libvirt_taken_has_checkpoint (virDomainPtr domain, const char *xml);

/* Each gives the error another code if that is why the call failed: CHECKPOINT_EXISTS or
 * DOMAIN_EXISTS. `error` (nullable). */
void vckc_libvirt_taken_explain_checkpoint (VckcError *error, virDomainPtr domain, const char *xml);
void vckc_libvirt_taken_explain_definition (VckcError *error, virConnectPtr conn, const char *xml);
void vckc_libvirt_taken_explain_rename (VckcError *error, virConnectPtr conn, const char *new_name);
