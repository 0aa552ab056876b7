/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A connection of `local:` to a folder of its own, with two images for a domain that is off. The
 * test defines the domain. */

#pragma once

#include "vckc.h"

typedef struct
{
  char *folder;
  char *images[2]; /* of vda and vdb */
  VckcConnect *connect;
  VckcDomain *domain; /* of the test; NULL until it is defined */
} StoppedFixture;

void stopped_fixture_init (StoppedFixture *fixture);
void stopped_fixture_clear (StoppedFixture *fixture);
