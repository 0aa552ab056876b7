/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-properties.h"

struct _VckFacts
{
  gint ref_count;           /* atomic */
  GMutex lock;              /* covers what follows; nothing is called with it held */
  char *texts[VCK_N_TEXTS]; /* owned; NULL for none */
  GSList *former_names;     /* who asked for one may still hold it; owned */
  gint64 numbers[VCK_N_NUMBERS];
  guint changes; /* the set of those that nobody was told of */
};

VckFacts *
vck_facts_new (void)
{
  VckFacts *self = g_new0 (VckFacts, 1);

  self->ref_count = 1;
  g_mutex_init (&self->lock);
  return self;
}

VckFacts *
vck_facts_ref (VckFacts *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
vck_facts_unref (VckFacts *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  for (guint i = 0; i < VCK_N_TEXTS; i++)
    g_free (self->texts[i]);
  g_slist_free_full (self->former_names, g_free);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
vck_facts_set_text (VckFacts *self, VckFactText fact, const char *text)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (g_strcmp0 (self->texts[fact], text) == 0)
    return FALSE;
  if (fact == VCK_FACT_NAME && self->texts[fact] != NULL)
    self->former_names = g_slist_prepend (self->former_names, self->texts[fact]);
  else
    g_free (self->texts[fact]);
  self->texts[fact] = g_strdup (text);
  self->changes |= VCK_FACTS_TEXT (fact);
  return TRUE;
}

gboolean
vck_facts_set_number (VckFacts *self, VckFactNumber fact, gint64 number)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->numbers[fact] == number)
    return FALSE;
  self->numbers[fact] = number;
  self->changes |= VCK_FACTS_NUMBER (fact);
  return TRUE;
}

guint
vck_facts_take_changes (VckFacts *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint changes = self->changes;

  self->changes = 0;
  return changes;
}

char *
vck_facts_dup_text (VckFacts *self, VckFactText fact)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_strdup (self->texts[fact]);
}

gint64
vck_facts_get_number (VckFacts *self, VckFactNumber fact)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->numbers[fact];
}

const char *
vck_facts_get_name (VckFacts *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->texts[VCK_FACT_NAME];
}
