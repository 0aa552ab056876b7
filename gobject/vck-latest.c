/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-latest.h"

void
vck_latest_init (VckLatest *self, const VckLatestInfo *info)
{
  self->info = info;
  g_mutex_init (&self->lock);
}

void
vck_latest_clear (VckLatest *self)
{
  g_clear_pointer (&self->handles, g_ptr_array_unref);
  g_mutex_clear (&self->lock);
}

static gpointer
latest_get_locked (VckLatest *self)
{
  return self->handles != NULL ? g_ptr_array_index (self->handles, self->handles->len - 1) : NULL;
}

gpointer
vck_latest_get (VckLatest *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return latest_get_locked (self);
}

/* Returns what differs from the handle before. */
static guint
latest_add_locked (VckLatest *self, gpointer handle /* (transfer full) */)
{
  const gpointer before = latest_get_locked (self);
  const guint64 look = self->info->get_look (handle);
  const guint changes =
      before != NULL && look >= self->look ? self->info->compare (before, handle) : 0;

  self->look = MAX (self->look, look);
  if (before != NULL && changes == 0)
    {
      self->info->drop (handle);
      return 0;
    }
  if (before == NULL)
    self->handles = g_ptr_array_new_full (1, self->info->drop);
  g_ptr_array_add (self->handles, handle);
  self->changes |= changes;
  return changes;
}

gboolean
vck_latest_take (VckLatest *self, gpointer handle)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return latest_add_locked (self, handle) != 0;
}

guint
vck_latest_take_changes (VckLatest *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const guint changes = self->changes;

  self->changes = 0;
  return changes;
}
