/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The one header of libvck that programs include. */

#pragma once

#define VCK_H_INSIDE

#include <vck/vck-versions.h>

#include <vck/vck-enums.h>
#include <vck/vck-error.h>

#include <vck/vck-backup-disk.h>
#include <vck/vck-backup-finding.h>
#include <vck/vck-backup-job-disk.h>
#include <vck/vck-backup-job.h>
#include <vck/vck-backup-plan-disk.h>
#include <vck/vck-backup-plan.h>
#include <vck/vck-backup.h>
#include <vck/vck-bitmap.h>
#include <vck/vck-checkpoint-config.h>
#include <vck/vck-checkpoint-disk.h>
#include <vck/vck-checkpoint-list.h>
#include <vck/vck-checkpoint-plan-disk.h>
#include <vck/vck-checkpoint-plan.h>
#include <vck/vck-checkpoint.h>
#include <vck/vck-connection.h>
#include <vck/vck-delete-plan-bitmap.h>
#include <vck/vck-delete-plan.h>
#include <vck/vck-disk-list.h>
#include <vck/vck-disk.h>
#include <vck/vck-domain-config.h>
#include <vck/vck-domain-list.h>
#include <vck/vck-domain.h>
#include <vck/vck-driver.h>
#include <vck/vck-extent-cursor.h>
#include <vck/vck-extent.h>
#include <vck/vck-finding.h>
#include <vck/vck-import-result.h>
#include <vck/vck-mount.h>
#include <vck/vck-prune-decision.h>
#include <vck/vck-repository.h>

#include <vck/vck-backup-disk-methods.h>
#include <vck/vck-backup-finding-methods.h>
#include <vck/vck-backup-job-disk-methods.h>
#include <vck/vck-backup-job-methods.h>
#include <vck/vck-backup-methods.h>
#include <vck/vck-backup-plan-disk-methods.h>
#include <vck/vck-backup-plan-methods.h>
#include <vck/vck-bitmap-methods.h>
#include <vck/vck-checkpoint-disk-methods.h>
#include <vck/vck-checkpoint-methods.h>
#include <vck/vck-checkpoint-plan-disk-methods.h>
#include <vck/vck-checkpoint-plan-methods.h>
#include <vck/vck-connection-methods.h>
#include <vck/vck-delete-plan-bitmap-methods.h>
#include <vck/vck-delete-plan-methods.h>
#include <vck/vck-disk-methods.h>
#include <vck/vck-domain-methods.h>
#include <vck/vck-driver-methods.h>
#include <vck/vck-extent-cursor-methods.h>
#include <vck/vck-finding-methods.h>
#include <vck/vck-import-result-methods.h>
#include <vck/vck-mount-methods.h>
#include <vck/vck-prune-decision-methods.h>
#include <vck/vck-repository-methods.h>

#undef VCK_H_INSIDE
