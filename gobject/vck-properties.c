/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-properties.h"

struct _VckProperties
{
  gint ref_count;           /* atomic */
  VckJobProgress *job;      /* owned reference; NULL if it is not of a job; immutable */
  GMutex lock;              /* covers what follows; nothing is called with it held */
  char *texts[VCK_N_TEXTS]; /* owned; NULL for none */
  GSList *former_names;     /* owned; callers may still use one */
  gint64 numbers[VCK_N_NUMBERS];
  VckcDomainCheckpoint *parent; /* (nullable), owned reference */
  guint changes;                /* set; not notified yet */
};

VckProperties *
vck_properties_new (void)
{
  VckProperties *self = g_new0 (VckProperties, 1);

  self->ref_count = 1;
  self->numbers[VCK_PROPERTY_SIZE] = -1;
  g_mutex_init (&self->lock);
  return self;
}

VckProperties *
vck_properties_new_of_job (VckcJobInfo *info)
{
  VckProperties *self = vck_properties_new ();

  self->job = vck_job_progress_new (info);
  return self;
}

VckProperties *
vck_properties_ref (VckProperties *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
vck_properties_unref (VckProperties *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_clear_pointer (&self->job, vck_job_progress_unref);
  for (guint i = 0; i < VCK_N_TEXTS; i++)
    g_free (self->texts[i]);
  g_slist_free_full (self->former_names, g_free);
  if (self->parent != NULL)
    vckc_domain_checkpoint_unref (self->parent, NULL);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
vck_properties_set_text (VckProperties *self, VckTextProperty property, const char *text)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (g_strcmp0 (self->texts[property], text) == 0)
    return FALSE;
  if (property == VCK_PROPERTY_NAME && self->texts[property] != NULL)
    self->former_names = g_slist_prepend (self->former_names, self->texts[property]);
  else
    g_free (self->texts[property]);
  self->texts[property] = g_strdup (text);
  self->changes |= VCK_PROPERTIES_TEXT (property);
  return TRUE;
}

static gboolean
properties_set_number_locked (VckProperties *self, VckNumberProperty property, gint64 number)
{
  if (self->numbers[property] == number)
    return FALSE;
  self->numbers[property] = number;
  self->changes |= VCK_PROPERTIES_NUMBER (property);
  return TRUE;
}

static gboolean
is_same_checkpoint (VckcDomainCheckpoint *one, VckcDomainCheckpoint *other)
{
  if (one == NULL || other == NULL)
    return one == other;
  return vckc_domain_checkpoint_get_incarnation (one, NULL)
             == vckc_domain_checkpoint_get_incarnation (other, NULL)
         && g_str_equal (vckc_domain_checkpoint_get_name (one, NULL),
                         vckc_domain_checkpoint_get_name (other, NULL));
}

gboolean
vck_properties_set_parent (VckProperties *self, VckcDomainCheckpoint *parent)
{
  VckcDomainCheckpoint *unneeded = NULL;
  gboolean changed;

  g_mutex_lock (&self->lock);
  changed = !is_same_checkpoint (self->parent, parent);
  if (changed)
    {
      unneeded = self->parent;
      self->parent =
          parent != NULL && vckc_domain_checkpoint_ref (parent, NULL) == 0 ? parent : NULL;
      self->changes |= VCK_PROPERTIES_PARENT;
    }
  g_mutex_unlock (&self->lock);
  if (unneeded != NULL)
    vckc_domain_checkpoint_unref (unneeded, NULL);
  return changed;
}

gboolean
vck_properties_set_number (VckProperties *self, VckNumberProperty property, gint64 number)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return properties_set_number_locked (self, property, number);
}

gboolean
vck_properties_set_measured (VckProperties *self,
                             gint64 size,
                             VckcCheckpointState state,
                             gint64 measured_at)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gboolean changed = properties_set_number_locked (self, VCK_PROPERTY_SIZE, size);

  changed |= properties_set_number_locked (self, VCK_PROPERTY_STATE, (gint64) state);
  changed |= properties_set_number_locked (self, VCK_PROPERTY_MEASURED_AT, measured_at);
  return changed;
}

guint
vck_properties_take_changes (VckProperties *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  guint changes = self->changes;

  self->changes = 0;
  return changes;
}

char *
vck_properties_dup_text (VckProperties *self, VckTextProperty property)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_strdup (self->texts[property]);
}

gint64
vck_properties_get_number (VckProperties *self, VckNumberProperty property)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->numbers[property];
}

VckcDomainCheckpoint *
vck_properties_ref_parent (VckProperties *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->parent != NULL && vckc_domain_checkpoint_ref (self->parent, NULL) == 0 ? self->parent
                                                                                      : NULL;
}

VckJobProgress *
vck_properties_get_job (VckProperties *self)
{
  return self->job;
}

const char *
vck_properties_get_name (VckProperties *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->texts[VCK_PROPERTY_NAME];
}
