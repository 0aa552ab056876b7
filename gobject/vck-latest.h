/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The handle of an object that is looked at again and again: the core returns a new handle each
 * time, and the object stands for the latest one.
 *
 * Texts belong to handles, and callers may still use one of an earlier handle: those stay as long
 * as the object. A handle that says nothing new is not kept. Thread-safe.
 */

#pragma once

#include <glib.h>

typedef struct
{
  guint64 (*get_look) (gpointer handle);           /* the later it was looked at, the greater */
  guint (*compare) (gpointer one, gpointer other); /* a set of the properties that differ */
  void (*drop) (gpointer handle);
} VckLatestInfo;

typedef struct
{
  const VckLatestInfo *info; /* immutable */
  GMutex lock;               /* covers what follows; nothing but `info` is called with it held */
  GPtrArray *handles;        /* owned references, the latest one last; NULL if there is none */
  guint64 look;              /* of the latest, also if it was not kept */
  guint changes;             /* of properties; not taken yet */
} VckLatest;

void vck_latest_init (VckLatest *self, const VckLatestInfo *info);
void vck_latest_clear (VckLatest *self);

/* Borrowed; NULL if there is none. */
gpointer vck_latest_get (VckLatest *self);

/* Returns whether something changed: not if it is the first one, or an older one. */
gboolean vck_latest_take (VckLatest *self, gpointer handle /* (transfer full) */);

/* The set of properties that changed since the last call. */
guint vck_latest_take_changes (VckLatest *self);
