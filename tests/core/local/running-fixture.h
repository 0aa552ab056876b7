/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A `local:` connection with a domain whose QEMU a test starts and stops, or plays. */

#pragma once

#include "assert-error.h"
#include "base/lock.h"
#include "handles/handles.h"
#include "machine-fixture.h"

typedef struct
{
  char *folder;
  char *qmp; /* sockets */
  char *agent;
  char *images[2];
  guint n_files; /* open before the test */
  VckcConnect *connect;
  VckcDomain *domain;
  MachineFixture *machine; /* off at first */

  VckcMutex mutex; /* covers: */
  VckcCond changed;
  int state; /* of the last event */

  int forbidden_state; /* must not be reported */
} RunningFixture;

static const char *const running_plain_b[] = { "-blockdev",
                                               "driver=qcow2,node-name=b,file.driver=file,"
                                               "file.filename=@/b.qcow2" };

VckcDomain *running_define_from_disk (RunningFixture *fixture, const char *metadata, guint first);
VckcDomain *running_define (RunningFixture *fixture, const char *metadata);
char *running_make_metadata (RunningFixture *fixture);

/* For QEMU and the agent, in milliseconds. */
void running_set_timeout (RunningFixture *fixture, guint timeout);

/* With `data`, the agent is not part of the definition. */
void running_set_up (RunningFixture *fixture, gconstpointer data);
void running_tear_down (RunningFixture *fixture, gconstpointer data);
bool
running_try_create (RunningFixture *fixture, const char *name, unsigned int flags, VckcError **err);
void running_create_of_disks (RunningFixture *fixture, const char *name, const char *disks);
void running_create (RunningFixture *fixture, const char *name);
bool running_try_delete (RunningFixture *fixture, const char *name, VckcError **err);

/* What verifying finds: the kinds, in order, each as a digit. */
void running_assert_findings (RunningFixture *fixture, const char *expected);

/* The sizes of all disks that the checkpoint tracks, added up. */
gint64 running_get_size (RunningFixture *fixture, const char *name);
/* The number of checkpoints. */
int running_count (RunningFixture *fixture);
int running_get_state (RunningFixture *fixture);

/* Starts QEMU with these disks instead of the usual ones; `%s` stands for the folder. */
void running_start_with (RunningFixture *fixture, const char *const *arguments);

/* A node for each image, with or without the bitmap 'a'. */
char *running_make_nodes (RunningFixture *fixture, bool with_bitmaps);
