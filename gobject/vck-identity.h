/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Which object stands for which domain or checkpoint, so that the same checkpoint
 * is the same object as long as that object lives.
 *
 * An identity is one life of a domain or of a checkpoint, from its creation to its
 * removal. Identities form a tree: the connection at the root, below it the domains by
 * UUID, below each the checkpoints by name. A parent knows its children only as long as
 * somebody holds them, and an identity knows its object only as long as the object
 * lives; so the tree keeps nothing alive downwards. Upwards it does: an identity holds
 * its parent.
 *
 * Retiring an identity ends that life: who holds it keeps it, with its object, but the
 * next to ask for its key gets a new one. Safe to use from any thread.
 */

#pragma once

#include <glib-object.h>

typedef struct _VckIdentity VckIdentity;

/* The root of a new tree. */
VckIdentity *vck_identity_new (void);

VckIdentity *vck_identity_ref (VckIdentity *self);
void vck_identity_unref (VckIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckIdentity, vck_identity_unref)

/* The child of that key that lives now; made if nobody holds one. */
VckIdentity *vck_identity_get_child (VckIdentity *self, const char *key);

/* The same, and retires it. */
VckIdentity *vck_identity_retire_child (VckIdentity *self, const char *key);

/* The parent, borrowed; NULL for the root. */
VckIdentity *vck_identity_get_parent (VckIdentity *self);

/* A reference to the object, or NULL if none lives. */
gpointer vck_identity_ref_object (VckIdentity *self);

/* The same for who has news of a change; without an object, notes that news went by. */
gpointer vck_identity_ref_object_for_news (VckIdentity *self);

/* References to all objects that live in the tree below. */
GPtrArray *vck_identity_list_objects (VckIdentity *self);

/* How much news went by so far. */
guint vck_identity_count_news (VckIdentity *self);

/* Makes `object` the object of this identity, unless another one lives, and returns a
 * reference to the one that is. Returns NULL if more news went by than `news`: what the
 * object was made from may be out of date, and has to be read again. */
gpointer vck_identity_settle (VckIdentity *self, gpointer object, guint news);
