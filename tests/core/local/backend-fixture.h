/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A backend with two disks in real images, and sessions on them. */

#pragma once

#include "drivers/local/images/local-backend.h"

/* The variable that names the program of the storage daemon. */
#define BACKEND_FIXTURE_DAEMON "VCK_QEMU_STORAGE_DAEMON"

/* How backend_fixture_describe() shows a new bitmap after its name. */
#define BACKEND_FIXTURE_EMPTY "/65536/0+recording+persistent;"

typedef struct
{
  char *folder;
  VckcBlockBackend *backend;
  VckcBlockDisk disks[2]; /* vda and vdb */
  guint n_files;          /* open before the test */
} BackendFixture;

extern const VckcBlockMachine backend_fixture_machine;

/* For g_test_add(). */
void backend_fixture_set_up (BackendFixture *fixture, gconstpointer unused);
void backend_fixture_tear_down (BackendFixture *fixture, gconstpointer unused);

/* A session on both disks. */
VckcBlockSession *backend_fixture_open (BackendFixture *fixture, VckcBlockSessionMode mode);
void backend_fixture_close (VckcBlockSession *session);

/* A session that must not open. */
void backend_fixture_assert_no_session (BackendFixture *fixture,
                                        VckcBlockSessionMode mode,
                                        VckcErrorCode code,
                                        const char *part);

/* Adds a bitmap of that name to one disk, or to both if `disk` is 2. */
bool backend_fixture_add (VckcBlockSession *session, guint disk, const char *name, VckcError **err);
/* The same in a session of its own, without failing. */
void backend_fixture_add_at_once (BackendFixture *fixture, guint disk, const char *name);

/* The bitmaps of a disk as text. */
char *backend_fixture_describe (VckcBlockSession *session, guint disk);
void
backend_fixture_assert_bitmaps (BackendFixture *fixture, const char *on_vda, const char *on_vdb);
