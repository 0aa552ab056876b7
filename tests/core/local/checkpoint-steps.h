/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What tests do with checkpoints by name; what fails here fails the test. */

#pragma once

#include "vckc.h"

/* Of all disks. */
void create_checkpoint (VckcDomain *domain, const char *name);
void delete_checkpoint (VckcDomain *domain, const char *name);
