/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the classes of configurations share. */

#pragma once

#include <vck/vck.h>

#include "vckc.h"

/* What the configuration says now, or that of a new one for NULL. */
VckcCheckpointConfig *vck_checkpoint_config_make_plain (VckCheckpointConfig *self /* (nullable) */);

VckcDomainConfig *vck_domain_config_make_plain (VckDomainConfig *self);

VckCheckpointDiskConfig *
vck_checkpoint_disk_config_new (const char *target, gboolean tracked, const char *bitmap);

VckDomainDiskConfig *
vck_domain_disk_config_new (const char *target, const char *source, const char *format);
