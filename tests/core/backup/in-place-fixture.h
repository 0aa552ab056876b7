/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Restoring the disks of a RunFixture in place. What fails here fails the test. */

#pragma once

#include "run-fixture.h"

/* The first store. */
VckcRepository *in_place_open_repository (RunFixture *fixture);

/* Restores a disk or, with NULL, all, as they were at that backup. The first one may fail. */
int in_place_try_restore (RunFixture *fixture,
                          const char *id,
                          const char *disk,
                          unsigned int flags,
                          VckcError **err);
void in_place_restore (RunFixture *fixture, const char *id, const char *disk, unsigned int flags);

/* The disk of that number holds what it held at that backup, in a sound image. */
void in_place_assert_holds (RunFixture *fixture, guint disk, const char *id);
/* No new image is left beside an old one. */
void in_place_assert_no_temporary (RunFixture *fixture);

/* Makes so many backups, each after changes; `ids` gets their ids, to be freed. */
void in_place_back_up_rounds (RunFixture *fixture, char **ids, guint n);
void in_place_free_ids (char **ids, guint n);

/* Methods of a driver: each domain has a saved state, or that is not known. */
bool in_place_has_save_cb (VckcDomain *domain, bool *ret_saved, VckcError **err);
bool in_place_fail_save_cb (VckcDomain *domain, bool *ret_saved, VckcError **err);
