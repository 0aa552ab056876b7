/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Beginning backups and seeing how they end. */

#pragma once

#include "base/lock.h"
#include "contract.h"

#define PUSH(disks) "<domainbackup><disks>" disks "</disks></domainbackup>"
#define PULL(disks)                                                                                \
  "<domainbackup mode='pull'><server transport='unix' socket='@DIR@/nbd'/>" disks "</"             \
  "domainbackup>"
#define PULL_VDA                                                                                   \
  PULL ("<disks><disk name='vda' type='file'><scratch file='@DIR@/scratch'/></disk></disks>")
#define VDA_TO(path) "<disk name='vda' type='file'><target file='" path "'/></disk>"
#define CHECKPOINT(name)                                                                           \
  "<domaincheckpoint><name>" name "</name><disks><disk name='vda'/><disk name='vdb'/></disks>"     \
  "</domaincheckpoint>"

/* The events of jobs. */
typedef struct
{
  VckcMutex mutex;
  VckcCond changed;
  GString *types; /* "started ended:3 " */
  guint n_progress;
} JobEvents;

/* Returns the number to unsubscribe with. */
int job_events_subscribe (JobEvents *events, Fixture *fixture);
/* Waits until all of them have come, and so many of progress. */
void job_events_assert (JobEvents *events, const char *expected, guint n_progress);
void job_events_unsubscribe (JobEvents *events, Fixture *fixture, int id);

/* Documents are expanded with fixture_expand(). */
bool backup_try_begin (Fixture *fixture,
                       const char *backup,
                       const char *checkpoint,
                       unsigned int flags,
                       VckcError **err);
void
backup_begin (Fixture *fixture, const char *backup, const char *checkpoint, unsigned int flags);
void backup_assert_begin_fails (Fixture *fixture,
                                const char *backup,
                                const char *checkpoint,
                                unsigned int flags,
                                int code,
                                const char *part);

/* Waits for the end, which must be this. */
VckcJobInfo *backup_await_end (Fixture *fixture, VckcJobState state);
void backup_assert_ends (Fixture *fixture, VckcJobState state);

/* The code that getting the job fails with, or 0. */
int backup_get_info_code (Fixture *fixture, unsigned int flags);

/* Is there a file of that name beside the images? */
bool backup_has_file (Fixture *fixture, const char *name);
