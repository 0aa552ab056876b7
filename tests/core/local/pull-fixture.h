/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups in pull mode of a domain with two disks; what fails here fails the test. */

#pragma once

#include "backup-fixture.h"

/* FOLDER/nbd, where the backups of the fixture are offered, and the same for a client. */
char *pull_fixture_get_socket (BackupFixture *fixture);
char *pull_fixture_get_server (BackupFixture *fixture);

/* Begins one of all disks with default names, and a checkpoint `name`; `base` NULL for a full one.
 */
bool pull_fixture_try_begin (BackupFixture *fixture,
                             const char *name,
                             const char *base,
                             VckcError **err);
void pull_fixture_begin (BackupFixture *fixture, const char *name, const char *base);

/* The same in another process, which is killed then; the fixture is not connected meanwhile. */
void pull_fixture_begin_and_die (BackupFixture *fixture, const char *name, const char *base);

/* Begins what a document says, with a checkpoint "one". */
bool pull_fixture_begin_xml (BackupFixture *fixture,
                             const char *xml,
                             unsigned int flags,
                             VckcError **err);

/* Ends it well: nothing is left of it but its checkpoint. */
void pull_fixture_end (BackupFixture *fixture);

/* Fails the test if there is a socket or a scratch file. */
void pull_fixture_assert_no_files (BackupFixture *fixture);
