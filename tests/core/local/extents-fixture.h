/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A domain with one disk, in an image that the test has made, to list its changed blocks. */

#pragma once

#include <stdlib.h>

#include "assert-error.h"
#include "image-fixture.h"
#include "vckc.h"

typedef struct
{
  char *folder;
  char *image; /* of vda */
  VckcConnect *connect;
  VckcDomain *domain;
  guint n_files; /* open before the test */
} ExtentsFixture;

/* Makes the folder and names the image, which has to be made then. */
void extents_fixture_begin (ExtentsFixture *fixture);
/* Defines the domain. */
void extents_fixture_define (ExtentsFixture *fixture);
void extents_fixture_end (ExtentsFixture *fixture);

VckcDomainCheckpoint *extents_fixture_create (ExtentsFixture *fixture, const char *name);
