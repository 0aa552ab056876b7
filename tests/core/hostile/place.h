/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Places to try hostile things in: in memory, and in a folder with real images. */

#pragma once

#include "handles/handles.h"

/* A machine `t` with the disks vda and vdb. */
typedef struct
{
  char *folder; /* with the images, and of a local place its domains */
  char *images[2];
  char *uri;
  VckcConnect *connect;
  VckcDomain *domain; /* NULL if it cannot be used, and then: */
  VckcError *error;   /* why */
} Place;

#define PLACE_UUID "8a6e0f4e-0000-4000-8000-000000000001"

/* Each test that gets a Place runs in both kinds of them. */
typedef void (*PlaceTest) (Place *place, gconstpointer data);
void place_add_test (const char *path, PlaceTest test, gconstpointer data);
/* Only with real images. */
void place_add_local_test (const char *path, PlaceTest test, gconstpointer data);

/* Closes and opens again, as another process would. */
void place_close (Place *place);
void place_open (Place *place);

/* The checkpoint's document: of this name, with both disks tracked. */
char *place_checkpoint_xml (const char *name);
/* Creates a checkpoint, which must work. */
void place_create (Place *place, const char *name);

/* Names of the domain's checkpoints, parents first: "a b". */
char *place_list (VckcDomain *domain);

/* What verifying finds: "kind:checkpoint:disk …". */
char *place_verify (VckcDomain *domain);

/* There is an error of one of these codes (the other may be 0) that can be shown to people: one
 * line of UTF-8 that is not too long. `part` (NULL for none) is in it. Frees it. */
void assert_refused (VckcError *error /* (transfer full) */,
                     VckcErrorCode code,
                     VckcErrorCode other,
                     const char *part);
