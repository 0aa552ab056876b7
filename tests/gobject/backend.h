/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A fixture for tests that run on memory: and, with real images, on local:. */

#pragma once

#include "support.h"

typedef struct
{
  char *folder;    /* of the images; NULL on memory:, where nothing is written */
  char *uri;       /* of the connection */
  char *images[2]; /* of vda and vdb */
  VckConnection *connection;
  VckDomain *domain; /* "guest", which has both */
} Backend;

void backend_set_up (Backend *self, gconstpointer with_images);
void backend_tear_down (Backend *self, gconstpointer with_images);

/* Adds a test for each backend: `path` must end with "/". */
#define ADD_BOTH(path, name, function)                                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_test_add (path name "/memory", Backend, NULL, backend_set_up, function, backend_tear_down);  \
    g_test_add (path name "/local", Backend, "images", backend_set_up, function,                   \
                backend_tear_down);                                                                \
  }                                                                                                \
  G_STMT_END

/* Writes to vda. */
void backend_write (Backend *self, guint64 length);

/* A file for a backup, not made yet; `number` makes it another one. */
char *backend_new_file (Backend *self, const char *target, guint number);
