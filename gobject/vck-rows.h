/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The rows of a list model: objects in the order of their ranks, each object at most once. Of rows
 * with the same rank, the one that was added later is behind.
 *
 * Changes are queued and then made, each run of neighbouring rows with one `items-changed`, which
 * is emitted when the rows are as it says. A handler may read the rows, have changes queued and
 * made, and drop the last reference to the model but one.
 *
 * To be used in one thread at a time.
 */

#pragma once

#include <gio/gio.h>

typedef struct _VckRows VckRows;

/* `model` owns it. */
VckRows *vck_rows_new (GListModel *model);
void vck_rows_free (VckRows *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckRows, vck_rows_free)

guint vck_rows_get_length (VckRows *self);
/* A reference to the row, or NULL. */
gpointer vck_rows_get (VckRows *self, guint position);

/* Queue a change. Rows that are there already are not added, and those that are not are not
 * removed. */
void vck_rows_queue_add (VckRows *self, gpointer row, guint64 rank);
void vck_rows_queue_remove (VckRows *self, gpointer row);
/* The rows will be these: others are removed, and new ones are added, at rank 0. */
void vck_rows_queue_replace (VckRows *self, GPtrArray *rows /* (transfer full) */);
/* The same, and in this order: those with another position leave it and come again. */
void vck_rows_queue_arrange (VckRows *self, GPtrArray *rows /* (transfer full) */);

/* Has the row, if it is there, removed and added by what is reported. */
void vck_rows_announce (VckRows *self, gpointer row, guint64 rank);

/* Makes all changes that are queued. */
void vck_rows_run (VckRows *self);
