/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "handles/object.h"

#include <stdlib.h>
#include <string.h>

/* The class of handles that were freed, so that stale use is noticed. */
static const VckcObjectClass freed_class = { .name = "freed handle" };

gpointer
vckc_object_new (const VckcObjectClass *klass, gsize size)
{
  VckcObject *self = g_malloc0 (size);

  self->klass = klass;
  self->ref_count = 1;
  return self;
}

bool
vckc_object_is (gpointer object, const VckcObjectClass *klass)
{
  for (; klass != NULL; klass = klass->owner_class)
    {
      const VckcObject *self = object;

      if (self == NULL || self->klass != klass)
        return false;
      if (klass->owner_class != NULL)
        object = klass->get_owner (object);
    }
  return true;
}

gpointer
vckc_object_ref (gpointer object)
{
  VckcObject *self = object;

  g_atomic_int_inc (&self->ref_count);
  return object;
}

void
vckc_object_unref (gpointer object)
{
  VckcObject *self = object;

  if (self == NULL || !g_atomic_int_dec_and_test (&self->ref_count))
    return;
  self->klass->free (object);
  self->klass = &freed_class;
  g_free (object);
}

gpointer
vckc_object_try_ref (gpointer object)
{
  VckcObject *self = object;
  gint count = g_atomic_int_get (&self->ref_count);

  while (count > 0)
    {
      if (g_atomic_int_compare_and_exchange (&self->ref_count, count, count + 1))
        return object;
      count = g_atomic_int_get (&self->ref_count);
    }
  return NULL;
}

bool
vckc_object_try_unref (gpointer object)
{
  VckcObject *self = object;
  gint count = g_atomic_int_get (&self->ref_count);

  while (count > 1)
    {
      if (g_atomic_int_compare_and_exchange (&self->ref_count, count, count - 1))
        return true;
      count = g_atomic_int_get (&self->ref_count);
    }
  return false;
}

int
vckc_object_array_return (GPtrArray *array, gpointer **ret)
{
  guint count = array->len;

  if (ret != NULL)
    {
      /* Callers free the array with free(), as with libvirt: no GLib allocator. */
      *ret = calloc (count + 1, sizeof (gpointer));
      if (*ret == NULL)
        g_error ("out of memory for a list of %u handles", count);
      if (count > 0)
        memcpy (*ret, array->pdata, count * sizeof (gpointer));
      g_ptr_array_set_free_func (array, NULL);
    }
  g_ptr_array_unref (array);
  return (int) count;
}

int
vckc_object_array_return_refs (const GPtrArray *array, gpointer **ret)
{
  GPtrArray *refs = g_ptr_array_new_full (array->len, vckc_object_unref);

  for (guint i = 0; i < array->len; i++)
    g_ptr_array_add (refs, vckc_object_ref (g_ptr_array_index (array, i)));
  return vckc_object_array_return (refs, ret);
}
