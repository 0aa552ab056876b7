/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* libvirt lets a change of a domain wait for 30 seconds while a long job, such as a migration,
 * holds it. So the job is queried first. */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

/* BUSY if a job or a long command is under way that a change of checkpoints would have to wait
 * for. */
bool vckc_libvirt_check_not_busy (VckcDomain *domain, VckcError **err);

/* The same for a backup, which is in the way of another one, but not of checkpoints. */
bool vckc_libvirt_check_no_job (VckcDomain *domain, VckcError **err);
