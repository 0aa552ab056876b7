/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a reader of a backup in pull mode sees, by QEMU's own tools; what fails here fails the test.
 * `server` is as in QEMU's options: "server.type=unix,server.path=PATH". */

#pragma once

#include <glib.h>

/* All that is offered, to be freed. */
char *
pull_client_read (const char *folder, const char *server, const char *name, gsize *ret_length);
/* Its SHA-256. */
char *pull_client_hash (const char *folder, const char *server, const char *name);

/* What the bitmap marks: an array of VckcExtent with the flag DIRTY. */
GArray *pull_client_list_dirty (const char *server, const char *name, const char *bitmap);

/* Can it be read? */
gboolean pull_client_can_read (const char *server, const char *name);

/* A reader that stays connected until it is stopped. */
GPid pull_client_hold (const char *server, const char *name);
void pull_client_stop (GPid pid);

/* A port of the loopback interface that is free, and is kept as long as `fd` is open. It is none of
 * those that the kernel gives away: another program could get one of these once it is free. */
guint pull_client_take_port (int *fd);
