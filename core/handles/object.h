/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What all handles have in common: a class and a reference count. The class distinguishes a handle
 * from one of another class and from one that was freed.
 */

#pragma once

#include <stdbool.h>

#include <glib.h>

#include "vckc-error.h"

typedef struct _VckcObjectClass VckcObjectClass;

struct _VckcObjectClass
{
  const char *name;                        /* in messages, such as "domain" */
  VckcErrorCode invalid;                   /* the error of a call that is given no such handle */
  const VckcObjectClass *owner_class;      /* (nullable): of its owner */
  gpointer (*get_owner) (gpointer object); /* the handle it holds a reference to */
  void (*free) (gpointer object);          /* frees what the handle owns, not the handle itself */
};

/* The first member of each handle. */
typedef struct
{
  const VckcObjectClass *klass; /* overwritten at the end of life */
  gint ref_count;               /* atomic */
} VckcObject;

/* A zeroed handle of `size` bytes with one reference. */
gpointer vckc_object_new (const VckcObjectClass *klass, gsize size);

/* Is `object` a live handle of that class, and its owner alive? False for NULL. */
bool vckc_object_is (gpointer object, const VckcObjectClass *klass);

/* Reference counting without checks, for internal use. NULL-tolerant unref. */
gpointer vckc_object_ref (gpointer object);
void vckc_object_unref (gpointer object);
/* Takes a reference unless the count is already 0 (then NULL). The memory must be valid. */
gpointer vckc_object_try_ref (gpointer object);
/* Drops a reference unless it is the last one (then false): for holders of a lock that freeing the
 * object would take. */
bool vckc_object_try_unref (gpointer object);

/* Converts an array of handles (which frees them with vckc_object_unref) into what a list call
 * returns: a NULL-terminated array in *ret (if ret is given), to be freed with free() after its
 * elements, and the count as result. */
int vckc_object_array_return (GPtrArray *array /* (transfer full) */, gpointer **ret);
/* The same with references of its own, for handles that an object keeps. */
int vckc_object_array_return_refs (const GPtrArray *array, gpointer **ret);
