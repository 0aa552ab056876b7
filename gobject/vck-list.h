/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What the live lists have in common: rows that are filled from, and follow, the events of the
 * connection, and how that is going.
 *
 * The core is asked to announce all there is: that becomes an event among the others, so filling
 * and following need no merging. Until it came, other events do not concern the list.
 *
 * Except for vck_list_load() and its asynchronous pair, everything is to be called in the main
 * context of the connection.
 */

#pragma once

#include "vck-call.h"
#include "vck-private.h"
#include "vck-rows.h"

/* A load, begun by vck_call_new(): `self` is what the rows belong to. It makes the objects of the
 * rows in its thread, so that the main context does not have to wait for what is read of each. */
typedef struct
{
  VckCall base;
  GPtrArray *rows; /* owned */
} VckListLoad;

/* For the `clear` of a load, and the `hold` and `drop` of one of what belongs to a domain. */
void vck_list_load_clear (VckCall *base);
void vck_list_load_hold_domain (gpointer handle);
void vck_list_load_drop_domain (gpointer handle);

/* A class of lists. */
typedef struct
{
  VckCallInfo load;                          /* a VckListLoad */
  GType (*get_item_type) (void);             /* of the rows */
  GPtrArray *(*list_parts) (gpointer owner); /* (nullable): references to the models that are
                                              * loaded as the list of that owner is */
  gboolean is_arranged;                      /* all there is comes in the order of the rows */
} VckListInfo;

/* What the rows of a list belong to; `object`, which the model holds, keeps the rest alive. */
typedef struct
{
  gpointer object;
  VckConnection *connection;
  gpointer handle;       /* of the object */
  VckIdentity *identity; /* that of the rows are below it */
} VckListOwner;

/* `model` owns it. Without an owner it stays empty. */
VckList *vck_list_new (const VckListInfo *info, /* static */
                       GListModel *model,
                       const VckListOwner *owner /* (nullable): copied */);
/* Of rows that are some of those of `source`, which `model` holds: it is loaded as that is. */
VckList *vck_list_new_of_part (GListModel *model, VckList *source);
void vck_list_free (VckList *self);

/* In any thread: has the first load begin. */
void vck_list_start (VckList *self);

/* That of an object of a list class, borrowed. */
VckList *vck_list_of (gpointer model);

GType vck_list_get_item_type (VckList *self);
VckRows *vck_list_get_rows (VckList *self);
gboolean vck_list_is_loading (VckList *self);
/* Borrowed; NULL if the last load succeeded and the connection is open. */
GError *vck_list_get_error (VckList *self);

/* Whether all there was has come once. */
gboolean vck_list_is_filled (VckList *self);

/* Events: all there is; one more; one less. They are applied by vck_list_run(). */
void vck_list_take_all (VckList *self, GPtrArray *rows /* (transfer full) */);
void vck_list_take_added (VckList *self, gpointer row);
void vck_list_take_removed (VckList *self, gpointer row);
void vck_list_run (VckList *self);

/* What is known of the rows may be out of date: they are loaded once more, however often that is
 * called meanwhile. */
void vck_list_update (VckList *self);

/* Events were lost, or the connection was closed. */
void vck_list_reload (VckList *self);
void vck_list_close (VckList *self);

/* In any thread. Blocks until the rows are what there is now. */
gboolean vck_list_load (VckList *self, GCancellable *cancellable, GError **error);
void vck_list_load_async (VckList *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean vck_list_load_finish (VckList *self, GAsyncResult *result, GError **error);
