/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-identity.h"

#include "vck-pool.h"

struct _VckIdentity
{
  VckIdentity *root;   /* self or above; alive because parents are held */
  VckIdentity *parent; /* owned reference; NULL for the root */
  char *key;           /* immutable; NULL for the root */
  guint64 incarnation; /* immutable */
  gint n_lists;        /* atomic: lists that follow what is below */
  GWeakRef object;     /* has a lock of its own; set under the root's */
  guint process;       /* that the tree belongs to; immutable */
  GMutex lock;         /* used in the root only: covers what follows, in the whole tree */
  guint ref_count;
  gpointer memory;    /* borrowed: of the object, from when it is bound until it is finalized */
  guint change_count; /* number of changes so far */
  VckProperties *properties; /* owned reference: of the object; NULL if there was none so far */
  GHashTable *children;      /* set of VckIdentity, borrowed: each removes itself when freed; made
                           when needed */
};

static guint
identity_hash (gconstpointer data)
{
  const VckIdentity *self = data;

  return g_str_hash (self->key) ^ g_int64_hash (&self->incarnation);
}

static gboolean
identity_equal (gconstpointer a, gconstpointer b)
{
  const VckIdentity *one = a;
  const VckIdentity *other = b;

  return one->incarnation == other->incarnation && g_str_equal (one->key, other->key);
}

static VckIdentity *
identity_new (VckIdentity *parent, const char *key, guint64 incarnation)
{
  VckIdentity *self = g_new0 (VckIdentity, 1);

  self->root = parent != NULL ? parent->root : self;
  self->parent = parent;
  self->key = g_strdup (key);
  self->incarnation = incarnation;
  self->ref_count = 1;
  self->process = vck_pool_get_process ();
  g_weak_ref_init (&self->object, NULL);
  g_mutex_init (&self->lock);
  return self;
}

static void
identity_free (VckIdentity *self)
{
  g_weak_ref_clear (&self->object);
  g_clear_pointer (&self->children, g_hash_table_unref);
  g_clear_pointer (&self->properties, vck_properties_unref);
  g_mutex_clear (&self->lock);
  g_free (self->key);
  g_free (self);
}

/* In a forked child nothing is freed: a thread that exists only in the parent may hold the lock. */
static gboolean
is_inherited (VckIdentity *self)
{
  return self->process != vck_pool_get_process ();
}

/* Drops a reference and returns whether it was the last one. */
static gboolean
identity_drop_reference (VckIdentity *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (is_inherited (self))
    return FALSE;
  locker = g_mutex_locker_new (&self->root->lock);
  if (--self->ref_count > 0)
    return FALSE;
  if (self->parent != NULL)
    g_hash_table_remove (self->parent->children, self);
  return TRUE;
}

VckIdentity *
vck_identity_new (void)
{
  return identity_new (NULL, NULL, 0);
}

VckIdentity *
vck_identity_ref (VckIdentity *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->root->lock);

  self->ref_count++;
  return self;
}

void
vck_identity_unref (VckIdentity *self)
{
  while (self != NULL && identity_drop_reference (self))
    {
      VckIdentity *parent = self->parent;

      identity_free (self);
      self = parent;
    }
}

static VckIdentity *
identity_find_child_locked (VckIdentity *self, const char *key, guint64 incarnation)
{
  const VckIdentity wanted = { .key = (char *) key, .incarnation = incarnation };
  VckIdentity *child =
      self->children != NULL ? g_hash_table_lookup (self->children, &wanted) : NULL;

  if (child != NULL)
    child->ref_count++;
  return child;
}

VckIdentity *
vck_identity_find_child (VckIdentity *self, const char *key, guint64 incarnation)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->root->lock);

  return identity_find_child_locked (self, key, incarnation);
}

VckIdentity *
vck_identity_get_child (VckIdentity *self, const char *key, guint64 incarnation)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->root->lock);
  VckIdentity *child = identity_find_child_locked (self, key, incarnation);

  if (child != NULL)
    return child;
  if (self->children == NULL)
    self->children = g_hash_table_new (identity_hash, identity_equal);
  self->ref_count++;
  child = identity_new (self, key, incarnation);
  g_hash_table_add (self->children, child);
  return child;
}

/* No checkpoint has a name that begins with a control character. */
#define DISKS_KEY "\003"

VckIdentity *
vck_identity_get_disks (VckIdentity *self)
{
  return vck_identity_get_child (self, DISKS_KEY, 0);
}

VckIdentity *
vck_identity_find_disks (VckIdentity *self)
{
  return vck_identity_find_child (self, DISKS_KEY, 0);
}

VckIdentity *
vck_identity_get_job (VckIdentity *self, const char *id)
{
  static gint n_unnamed; /* atomic */
  g_autofree char *key = id != NULL ? g_strconcat ("\001", id, NULL)
                                    : g_strdup_printf ("\002%d", g_atomic_int_add (&n_unnamed, 1));

  return vck_identity_get_child (self, key, 0);
}

VckIdentity *
vck_identity_get_parent (VckIdentity *self)
{
  return self->parent;
}

gpointer
vck_identity_ref_object (VckIdentity *self)
{
  return g_weak_ref_get (&self->object);
}

gboolean
vck_identity_has_handler (VckIdentity *self, const char *signal)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->root->lock);

  return self->memory != NULL
         && g_signal_has_handler_pending (
             self->memory, g_signal_lookup (signal, G_OBJECT_TYPE (self->memory)), 0, TRUE);
}

void
vck_identity_count_list (VckIdentity *self, gint change)
{
  g_atomic_int_add (&self->n_lists, change);
}

gboolean
vck_identity_has_list (VckIdentity *self)
{
  return g_atomic_int_get (&self->n_lists) > 0;
}

void
vck_identity_unbind_object (VckIdentity *self, gpointer object)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (is_inherited (self))
    return;
  locker = g_mutex_locker_new (&self->root->lock);
  if (self->memory == object)
    self->memory = NULL;
}

/* Adds what `get` returns, unless it is NULL, of each identity below. */
static void
identity_collect_locked (VckIdentity *self, gpointer (*get) (VckIdentity *self), GPtrArray *found)
{
  GHashTableIter iter;
  gpointer child;

  if (self->children == NULL)
    return;
  g_hash_table_iter_init (&iter, self->children);
  while (g_hash_table_iter_next (&iter, NULL, &child))
    {
      gpointer one = get (child);

      if (one != NULL)
        g_ptr_array_add (found, one);
      identity_collect_locked (child, get, found);
    }
}

GPtrArray *
vck_identity_list_objects (VckIdentity *self)
{
  GPtrArray *objects = g_ptr_array_new_with_free_func (g_object_unref);
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->root->lock);

  identity_collect_locked (self, vck_identity_ref_object, objects);
  return objects;
}

static gpointer
identity_ref_properties_locked (VckIdentity *self)
{
  return self->properties != NULL ? vck_properties_ref (self->properties) : NULL;
}

GPtrArray *
vck_identity_list_properties (VckIdentity *self)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) vck_properties_unref);
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->root->lock);

  identity_collect_locked (self, identity_ref_properties_locked, found);
  return found;
}

VckProperties *
vck_identity_add_change (VckIdentity *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->root->lock);

  self->change_count++;
  return self->properties != NULL ? vck_properties_ref (self->properties) : NULL;
}

guint
vck_identity_get_change_count (VckIdentity *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->root->lock);

  return self->change_count;
}

gpointer
vck_identity_bind_object (VckIdentity *self,
                          gpointer object,
                          VckProperties *properties,
                          guint change_count)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->root->lock);
  gpointer bound = g_weak_ref_get (&self->object);

  if (bound != NULL || self->change_count != change_count)
    return bound;
  g_weak_ref_set (&self->object, object);
  self->memory = object;
  g_clear_pointer (&self->properties, vck_properties_unref);
  self->properties = properties != NULL ? vck_properties_ref (properties) : NULL;
  return g_object_ref (object);
}
