/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What `items-changed` alone has reported of a list of checkpoints, domains or disks. */

#pragma once

#include <gio/gio.h>

typedef struct
{
  GListModel *model; /* owned reference */
  GPtrArray *rows;   /* of owned references */
  GString *log;      /* "position-removed+added" */
} ListMirror;

/* From what the list has now. */
void list_mirror_start (ListMirror *self, gpointer model);
void list_mirror_clear (ListMirror *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ListMirror, list_mirror_clear)

/* The list is what its signals have reported. */
void list_mirror_assert_exact (const ListMirror *self);

/* The same, and the rows have these names or targets; the log is this, and is cleared. */
void list_mirror_assert (ListMirror *self, const char *names, const char *log);
