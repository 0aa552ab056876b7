/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The public face of the core: plain C99, no GLib type. */

#pragma once

#include "vckc-backup.h"
#include "vckc-bitmap.h"
#include "vckc-checkpoint-config.h"
#include "vckc-checkpoint-plan.h"
#include "vckc-connect.h"
#include "vckc-delete-plan.h"
#include "vckc-domain-checkpoint.h"
#include "vckc-domain-config.h"
#include "vckc-domain.h"
#include "vckc-driver-info.h"
#include "vckc-error.h"
#include "vckc-event.h"
#include "vckc-extent.h"
#include "vckc-finding.h"
#include "vckc-repository-backup.h"
#include "vckc-repository.h"
#include "vckc-transfer.h"
#include "vckc-types.h"
