/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-list-slots.h"

void
vck_list_slots_init (VckListSlots *self)
{
  g_mutex_init (&self->lock);
  for (guint i = 0; i < VCK_N_LIST_SLOTS; i++)
    g_weak_ref_init (&self->models[i], NULL);
}

void
vck_list_slots_clear (VckListSlots *self)
{
  for (guint i = 0; i < VCK_N_LIST_SLOTS; i++)
    g_weak_ref_clear (&self->models[i]);
  g_mutex_clear (&self->lock);
}

gpointer
vck_list_slots_ref (VckListSlots *self, VckListSlot slot)
{
  return g_weak_ref_get (&self->models[slot]);
}

gpointer
vck_list_slots_make (VckListSlots *self,
                     VckListSlot slot,
                     gpointer (*make) (gpointer data),
                     gpointer data,
                     gboolean *ret_made)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gpointer model = vck_list_slots_ref (self, slot);

  if (model != NULL)
    return model;
  model = make (data);
  g_weak_ref_set (&self->models[slot], model);
  *ret_made = TRUE;
  return model;
}
