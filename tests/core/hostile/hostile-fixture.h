/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A domain to try hostile input on: in memory, and in a store folder with real images. */

#pragma once

#include "handles/handles.h"

/* The domain `t` with the disks vda and vdb. */
typedef struct
{
  char *folder; /* with the images and, for `local:`, the domains */
  char *images[2];
  char *uri;
  VckcConnect *connect;
  VckcDomain *domain; /* NULL if it cannot be used, and then: */
  VckcError *error;   /* why */
} HostileFixture;

#define HOSTILE_UUID "8a6e0f4e-0000-4000-8000-000000000001"

/* Adds a test that runs in memory and with real images. */
typedef void (*HostileTest) (HostileFixture *fixture, gconstpointer data);
void hostile_add_test (const char *path, HostileTest test, gconstpointer data);
/* Adds a test that runs with real images only. */
void hostile_add_local_test (const char *path, HostileTest test, gconstpointer data);

/* Closes and opens again, as another process would. */
void hostile_close (HostileFixture *fixture);
void hostile_open (HostileFixture *fixture);

/* The checkpoint's document: of this name, with both disks tracked. */
char *hostile_checkpoint_xml (const char *name);
/* Creates a checkpoint, which must work. */
void hostile_create (HostileFixture *fixture, const char *name);

/* Names of the domain's checkpoints, parents first: "a b". */
char *hostile_list (VckcDomain *domain);

/* What verifying finds: "kind:checkpoint:disk …". */
char *hostile_verify (VckcDomain *domain);

/* There is an error of one of these codes (the other may be 0) that can be shown to users: one
 * line of UTF-8 that is not too long. `part` (NULL for none) is in it. Frees it. */
void assert_refused (VckcError *error /* (transfer full) */,
                     VckcErrorCode code,
                     VckcErrorCode other,
                     const char *part);
