/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Which object stands for which domain or checkpoint, so that the same checkpoint
 * is the same object as long as that object lives.
 *
 * An identity is one life of a domain or of a checkpoint, from its creation to its
 * removal. The core numbers these lives: what is removed and made again under the same name has
 * another number, and so another identity and another object. Every handle knows its number, also a
 * handle from a list that was made before the removal, and whichever is wrapped first.
 *
 * Identities form a tree: the connection at the root, below it the domains by UUID and number, below
 * each the checkpoints by name and number. A parent knows its children only as long as
 * somebody holds them, and an identity knows its object only as long as the object
 * lives; so the tree keeps nothing alive downwards. Upwards it does: an identity holds
 * its parent. Safe to use from any thread.
 */

#pragma once

#include <glib-object.h>

#include "vck-properties.h"

typedef struct _VckIdentity VckIdentity;

/* The root of a new tree. */
VckIdentity *vck_identity_new (void);

VckIdentity *vck_identity_ref (VckIdentity *self);
void vck_identity_unref (VckIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckIdentity, vck_identity_unref)

/* The child of that key and that number; made if nobody holds it. */
VckIdentity *vck_identity_get_child (VckIdentity *self, const char *key, guint64 incarnation);

/* The parent, borrowed; NULL for the root. */
VckIdentity *vck_identity_get_parent (VckIdentity *self);

/* A reference to the object, or NULL if none lives. */
gpointer vck_identity_ref_object (VckIdentity *self);

/* For who has news of a change: notes that there is news, and returns a reference to what is known
 * so far, to be put right; NULL if there is no object. */
VckProperties *vck_identity_take_news (VckIdentity *self);

/* Is a handler connected to that signal of the object? Takes no reference, which could become the last
 * one in a thread that the object is not to end in. */
gboolean vck_identity_is_heard (VckIdentity *self, const char *signal);

/* For the object's end: it is not looked at any more. */
void vck_identity_forget (VckIdentity *self, gpointer object);

/* References to all objects that live in the tree below. */
GPtrArray *vck_identity_list_objects (VckIdentity *self);

/* How much news there was so far. */
guint vck_identity_count_news (VckIdentity *self);

/* Makes `object` the object of this identity, with its `properties`, unless another one lives, and returns
 * a reference to the one that is. Returns NULL if there was more news than `news`: the properties
 * may be out of date, and have to be read again. */
gpointer
vck_identity_settle (VckIdentity *self, gpointer object, VckProperties *properties, guint news);
