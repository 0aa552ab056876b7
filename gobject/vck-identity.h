/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Which object stands for which domain, checkpoint or backup job, so that the same checkpoint
 * is the same object as long as that object lives.
 *
 * An identity is one incarnation of a domain or of a checkpoint, from its creation to its
 * removal. The core numbers the incarnations: what is removed and created again under the same name
 * has another number, and so another identity and another object. Every handle has its number, also
 * one from a list that was made before the removal.
 *
 * Identities form a tree: the connection at the root, below it the domains by UUID and number,
 * below each the checkpoints by name and number, the backup jobs by id, and one that all disks are
 * below, by their targets. References point upwards: an identity holds its parent, a parent does
 * not hold its children, and an identity does not hold its object.
 * Thread-safe.
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

/* Returns a reference to the child of that key and number, which is made if there is none. */
VckIdentity *vck_identity_get_child (VckIdentity *self, const char *key, guint64 incarnation);

/* The same; NULL if there is none. */
VckIdentity *vck_identity_find_child (VckIdentity *self, const char *key, guint64 incarnation);

/* The same of a backup job, in that of its domain; without an id always another one. */
VckIdentity *vck_identity_get_job (VckIdentity *self, const char *id /* (nullable) */);

/* The same of what the disks are below, in that of their domain. */
VckIdentity *vck_identity_get_disks (VckIdentity *self);
VckIdentity *vck_identity_find_disks (VckIdentity *self);

/* The parent, borrowed; NULL for the root. */
VckIdentity *vck_identity_get_parent (VckIdentity *self);

/* Returns a reference to the object, or NULL if there is none. */
gpointer vck_identity_ref_object (VckIdentity *self);

/* Counts a change, and returns a reference to the properties to be updated; NULL if there is no
 * object yet. */
VckProperties *vck_identity_add_change (VckIdentity *self);

/* The number of changes so far. */
guint vck_identity_get_change_count (VckIdentity *self);

/* Whether a handler is connected to that signal of the object. Takes no reference to the object,
 * which might become the last one, in a thread where the object must not be finalized. */
gboolean vck_identity_has_handler (VckIdentity *self, const char *signal);

/* How many lists follow what is below: the domains of the root, the checkpoints of a domain, the
 * disks. */
void vck_identity_count_list (VckIdentity *self, gint change);
gboolean vck_identity_has_list (VckIdentity *self);

/* Makes `object` the object of this identity, unless there is one already, and returns a reference
 * to the object of the identity. Returns NULL if the number of changes is no longer `change_count`:
 * the properties may be out of date and have to be read again. */
gpointer vck_identity_bind_object (VckIdentity *self,
                                   gpointer object,
                                   VckProperties *properties /* (nullable) */,
                                   guint change_count);

/* Called when the object is finalized. */
void vck_identity_unbind_object (VckIdentity *self, gpointer object);

/* Returns references to all objects in the tree below. */
GPtrArray *vck_identity_list_objects (VckIdentity *self);

/* Returns references to the properties of all objects in the tree below, also of some that were
 * finalized. */
GPtrArray *vck_identity_list_properties (VckIdentity *self);
