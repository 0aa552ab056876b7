/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-cache.h"

#include "base/cancel.h"
#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-error.h"

/* How long a change waits for the domain lock; in milliseconds, as in the managed engine. */
#define LOCK_TIMEOUT 30000

/* A checkpoint that is there, as far as is known. */
typedef struct
{
  virDomainCheckpointPtr checkpoint; /* owned reference */
  VckcCheckpointDef *def;            /* (nullable), owned: NULL until read */
  guint64 incarnation;               /* which life of it is known */
  bool told;                         /* subscribers know of it */
  guint depth;                       /* while sorting: how many are above it, and itself */
} CachedCheckpoint;

/* The checkpoints of one domain. */
typedef struct
{
  bool busy;               /* the domain lock is held */
  bool listed;             /* whether all that there were have been listed once */
  guint64 generation;      /* grows with each change of ours, and when one is found to be gone */
  guint64 incarnation;     /* which life of the domain it is */
  GHashTable *checkpoints; /* name -> CachedCheckpoint; the name is the checkpoint's */
} CachedDomain;

struct _VckcLibvirtCache
{
  VckcMutex mutex;     /* covers all below */
  VckcCond unlocked;   /* signalled when a domain lock is released */
  GHashTable *domains; /* UUID -> CachedDomain, which stays */
};

static void
cached_checkpoint_free (gpointer data)
{
  CachedCheckpoint *known = data;

  virDomainCheckpointFree (known->checkpoint);
  vckc_checkpoint_def_free (known->def);
  g_free (known);
}

static void
cached_domain_free (gpointer data)
{
  CachedDomain *cached = data;

  g_hash_table_unref (cached->checkpoints);
  g_free (cached);
}

VckcLibvirtCache *
vckc_libvirt_cache_new (void)
{
  VckcLibvirtCache *cache = g_new0 (VckcLibvirtCache, 1);

  vckc_mutex_init (&cache->mutex);
  vckc_cond_init (&cache->unlocked);
  cache->domains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, cached_domain_free);
  return cache;
}

void
vckc_libvirt_cache_free (VckcLibvirtCache *cache)
{
  g_hash_table_unref (cache->domains);
  vckc_cond_clear (&cache->unlocked);
  vckc_mutex_clear (&cache->mutex);
  g_free (cache);
}

static VckcLibvirtCache *
libvirt_cache_of (VckcDomain *domain)
{
  return vckc_libvirt_get_connection (domain->connect)->cache;
}

static CachedDomain *
libvirt_cache_find_domain_locked (VckcLibvirtCache *cache, const char *uuid)
{
  CachedDomain *cached = g_hash_table_lookup (cache->domains, uuid);

  if (cached != NULL)
    return cached;
  cached = g_new0 (CachedDomain, 1);
  cached->incarnation = vckc_incarnation_new ();
  cached->checkpoints =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, cached_checkpoint_free);
  g_hash_table_insert (cache->domains, g_strdup (uuid), cached);
  return cached;
}

static CachedDomain *
libvirt_cache_get_domain_locked (VckcLibvirtCache *cache, VckcDomain *domain)
{
  return libvirt_cache_find_domain_locked (cache, domain->uuid);
}

guint64
vckc_libvirt_cache_get_incarnation (VckcConnect *connect, const char *uuid)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_connection (connect)->cache;
  guint64 incarnation;

  vckc_mutex_lock (&cache->mutex);
  incarnation = libvirt_cache_find_domain_locked (cache, uuid)->incarnation;
  vckc_mutex_unlock (&cache->mutex);
  return incarnation;
}

VckcDomain *
vckc_libvirt_domain_new (VckcConnect *connect, virDomainPtr domain)
{
  char uuid[VIR_UUID_STRING_BUFLEN] = "";
  VckcDomain *handle;

  virDomainGetUUIDString (domain, uuid);
  handle = vckc_domain_new (connect, virDomainGetName (domain), uuid);
  handle->driver_data = domain;
  handle->incarnation = vckc_libvirt_cache_get_incarnation (connect, uuid);
  return handle;
}

bool
vckc_libvirt_cache_check_domain (VckcDomain *domain, VckcError **err)
{
  if (domain->incarnation == vckc_libvirt_cache_get_incarnation (domain->connect, domain->uuid))
    return true;
  vckc_set_error (err, VCKC_ERROR_NO_DOMAIN, "domain '%s' does not exist any more", domain->name);
  return false;
}

/* --- turns --- */

bool
vckc_libvirt_domain_lock (VckcDomain *domain, VckcError **err)
{
  VckcLibvirtCache *cache = libvirt_cache_of (domain);
  g_autoptr (VckcCancelWatch) watch = vckc_cancel_watch_open (&cache->unlocked, &cache->mutex);
  const gint64 deadline = g_get_monotonic_time () + LOCK_TIMEOUT * G_TIME_SPAN_MILLISECOND;
  bool in_time = true;
  bool mine;
  CachedDomain *cached;

  if (!vckc_libvirt_cache_check_domain (domain, err))
    return false;
  vckc_mutex_lock (&cache->mutex);
  cached = libvirt_cache_get_domain_locked (cache, domain);
  while (cached->busy && in_time && !vckc_cancel_watch_is_cancelled (watch))
    in_time = vckc_cond_wait_until (&cache->unlocked, &cache->mutex, deadline);
  mine = !cached->busy && !vckc_cancel_watch_is_cancelled (watch);
  if (mine)
    {
      cached->busy = true;
      cached->generation++;
    }
  vckc_mutex_unlock (&cache->mutex);

  if (!mine && !vckc_cancel_check ("another operation on the domain", err))
    vckc_set_error (err, VCKC_ERROR_BUSY,
                    "another operation on domain '%s' is still under way; try again later",
                    domain->name);
  return mine;
}

void
vckc_libvirt_domain_unlock (VckcDomain *domain)
{
  VckcLibvirtCache *cache = libvirt_cache_of (domain);
  CachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = libvirt_cache_get_domain_locked (cache, domain);
  cached->busy = false;
  cached->generation++;
  vckc_cond_broadcast (&cache->unlocked);
  vckc_mutex_unlock (&cache->mutex);
}

guint64
vckc_libvirt_cache_get_generation (VckcDomain *domain)
{
  VckcLibvirtCache *cache = libvirt_cache_of (domain);
  guint64 generation;

  vckc_mutex_lock (&cache->mutex);
  generation = libvirt_cache_get_domain_locked (cache, domain)->generation;
  vckc_mutex_unlock (&cache->mutex);
  return generation;
}

/* --- what changed --- */

static VckcDomainCheckpoint *
new_handle (VckcDomain *domain, const CachedCheckpoint *known)
{
  VckcDomainCheckpoint *handle;

  virDomainCheckpointRef (known->checkpoint);
  handle = vckc_libvirt_checkpoint_new (domain, known->checkpoint);
  handle->incarnation = known->incarnation;
  return handle;
}

static void
tell_locked (VckcDomain *domain, VckcEventType type, const CachedCheckpoint *known)
{
  g_autoptr (VckcDomainCheckpoint) handle = new_handle (domain, known);

  vckc_event_queue_push (domain->connect->events, type, domain, handle, 0);
}

static void
tell_changed_locked (VckcDomain *domain, const CachedCheckpoint *known)
{
  g_autoptr (VckcDomainCheckpoint) handle = new_handle (domain, known);

  vckc_event_queue_push_changed (domain->connect->events, handle->domain, handle,
                                 known->def->description, known->def->parent_name,
                                 known->def->creation_time);
}

static CachedCheckpoint *
add_locked (CachedDomain *cached, virDomainCheckpointPtr checkpoint)
{
  CachedCheckpoint *known = g_new0 (CachedCheckpoint, 1);

  virDomainCheckpointRef (checkpoint);
  known->checkpoint = checkpoint;
  known->incarnation = vckc_incarnation_new ();
  g_hash_table_replace (cached->checkpoints, (gpointer) virDomainCheckpointGetName (checkpoint),
                        known);
  return known;
}

/* Finds or adds one that is there. All that there were when they were first listed count as told. */
static CachedCheckpoint *
note_locked (VckcDomain *domain, CachedDomain *cached, virDomainCheckpointPtr checkpoint)
{
  CachedCheckpoint *known =
      g_hash_table_lookup (cached->checkpoints, virDomainCheckpointGetName (checkpoint));

  if (known == NULL)
    known = add_locked (cached, checkpoint);
  if (cached->listed && !known->told)
    tell_locked (domain, VCKC_EVENT_CHECKPOINT_ADDED, known);
  known->told = true;
  return known;
}

static void
remove_locked (VckcDomain *domain, CachedDomain *cached, const char *name)
{
  CachedCheckpoint *known = g_hash_table_lookup (cached->checkpoints, name);

  if (known->told)
    tell_locked (domain, VCKC_EVENT_CHECKPOINT_REMOVED, known);
  g_hash_table_remove (cached->checkpoints, name);
  cached->generation++;
}

static CachedCheckpoint *
get_parent_locked (CachedDomain *cached, const CachedCheckpoint *known)
{
  return known->def != NULL && known->def->parent_name != NULL
             ? g_hash_table_lookup (cached->checkpoints, known->def->parent_name)
             : NULL;
}

/* Sets the depth of one and of those above it that have none yet. A circle ends where it began. */
static void
measure_depth_locked (CachedDomain *cached, CachedCheckpoint *known)
{
  g_autoptr (GPtrArray) path = g_ptr_array_new ();
  guint depth;

  while (known != NULL && known->depth == 0)
    {
      known->depth = 1;
      g_ptr_array_add (path, known);
      known = get_parent_locked (cached, known);
    }
  depth = known != NULL ? known->depth : 0;
  for (guint i = path->len; i > 0; i--)
    ((CachedCheckpoint *) path->pdata[i - 1])->depth = ++depth;
}

/* Children before their parents. */
static gint
compare_depth (gconstpointer a, gconstpointer b)
{
  const guint one = (*(CachedCheckpoint *const *) a)->depth;
  const guint other = (*(CachedCheckpoint *const *) b)->depth;

  return one > other ? -1 : one < other ? 1 : 0;
}

/* Those that are known and not in the list, children first as far as they have been read. */
static GPtrArray *
find_vanished_locked (CachedDomain *cached, GPtrArray *checkpoints /* (nullable) */)
{
  g_autoptr (GHashTable) listed = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *vanished = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;
  gpointer known;

  for (guint i = 0; checkpoints != NULL && i < checkpoints->len; i++)
    g_hash_table_add (listed, (gpointer) virDomainCheckpointGetName (checkpoints->pdata[i]));
  g_hash_table_iter_init (&iter, cached->checkpoints);
  while (g_hash_table_iter_next (&iter, &name, &known))
    {
      ((CachedCheckpoint *) known)->depth = 0;
      if (!g_hash_table_contains (listed, name))
        g_ptr_array_add (vanished, known);
    }
  for (guint i = 0; i < vanished->len; i++)
    measure_depth_locked (cached, vanished->pdata[i]);
  g_ptr_array_sort (vanished, compare_depth);
  return vanished;
}

static void
remove_vanished_locked (VckcDomain *domain,
                        CachedDomain *cached,
                        GPtrArray *checkpoints /* (nullable) */)
{
  g_autoptr (GPtrArray) vanished = find_vanished_locked (cached, checkpoints);

  for (guint i = 0; i < vanished->len; i++)
    {
      CachedCheckpoint *gone = g_ptr_array_index (vanished, i);

      remove_locked (domain, cached, virDomainCheckpointGetName (gone->checkpoint));
    }
}

/* Is it the checkpoint that it was, or another one of that name? */
static bool
is_same (const VckcCheckpointDef *before, const VckcCheckpointDef *now)
{
  return before->creation_time == now->creation_time;
}

static bool
is_unchanged (const VckcCheckpointDef *before, const VckcCheckpointDef *now)
{
  return g_strcmp0 (before->parent_name, now->parent_name) == 0
         && g_strcmp0 (before->description, now->description) == 0;
}

/* Keeps what was read, and tells what it says that is new. */
static void
keep_locked (VckcDomain *domain,
                    CachedDomain *cached,
                    virDomainCheckpointPtr checkpoint,
                    VckcCheckpointDef *def /* (transfer full) */)
{
  const char *name = virDomainCheckpointGetName (checkpoint);
  CachedCheckpoint *known = g_hash_table_lookup (cached->checkpoints, name);

  g_autoptr (VckcCheckpointDef) before = NULL;

  if (known != NULL && known->def != NULL && !is_same (known->def, def))
    remove_locked (domain, cached, name);
  known = note_locked (domain, cached, checkpoint);
  before = g_steal_pointer (&known->def);
  known->def = def;
  if (before != NULL && !is_unchanged (before, def))
    tell_changed_locked (domain, known);
}

/* --- looking --- */

static void
compare_locked (VckcDomain *domain, CachedDomain *cached, GPtrArray *checkpoints)
{
  remove_vanished_locked (domain, cached, checkpoints);
  for (guint i = 0; i < checkpoints->len; i++)
    note_locked (domain, cached, checkpoints->pdata[i]);
  cached->listed = true;
}

/* Handles of the lives that are known. What nobody has seen yet is told of when all are listed. */
static GPtrArray *
wrap_locked (VckcDomain *domain, CachedDomain *cached, GPtrArray *checkpoints)
{
  GPtrArray *handles = g_ptr_array_new_full (checkpoints->len, vckc_object_unref);

  for (guint i = 0; i < checkpoints->len; i++)
    {
      virDomainCheckpointPtr checkpoint = g_ptr_array_index (checkpoints, i);
      CachedCheckpoint *known =
          g_hash_table_lookup (cached->checkpoints, virDomainCheckpointGetName (checkpoint));

      if (known == NULL)
        known = add_locked (cached, checkpoint);
      g_ptr_array_add (handles, new_handle (domain, known));
    }
  return handles;
}

GPtrArray *
vckc_libvirt_cache_wrap (VckcDomain *domain,
                         guint64 generation,
                         GPtrArray *checkpoints,
                         VckcLibvirtAnswer answer)
{
  VckcLibvirtCache *cache = libvirt_cache_of (domain);
  GPtrArray *handles = NULL;
  bool current;
  CachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = libvirt_cache_get_domain_locked (cache, domain);
  current = cached->generation == generation;
  if (current && !cached->busy && (answer & VCKC_LIBVIRT_ANSWER_COMPLETE) != 0)
    compare_locked (domain, cached, checkpoints);
  if (current || (answer & VCKC_LIBVIRT_ANSWER_FINAL) != 0)
    handles = wrap_locked (domain, cached, checkpoints);
  vckc_mutex_unlock (&cache->mutex);
  return handles;
}

VckcDomainCheckpoint *
vckc_libvirt_cache_wrap_one (VckcDomain *domain,
                             guint64 generation,
                             virDomainCheckpointPtr checkpoint,
                             VckcLibvirtAnswer answer)
{
  g_autoptr (GPtrArray) checkpoints = g_ptr_array_new ();
  g_autoptr (GPtrArray) handles = NULL;

  g_ptr_array_add (checkpoints, checkpoint);
  handles = vckc_libvirt_cache_wrap (domain, generation, checkpoints, answer);
  return handles != NULL ? g_ptr_array_steal_index (handles, 0) : NULL;
}

/* Sets what to say of one that is known to be gone. */
static void
explain_gone (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VckcDomain *domain = checkpoint->domain;
  VCKC_AUTO_CHECKPOINT other =
      virDomainCheckpointLookupByName (vckc_libvirt_get_domain (domain), checkpoint->name, 0);

  if (other == NULL)
    vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                            "checkpoint '%s' of domain '%s' cannot be found", checkpoint->name,
                            domain->name);
  else
    vckc_set_error (err, VCKC_ERROR_NO_DOMAIN_CHECKPOINT,
                    "checkpoint '%s' of domain '%s' was deleted, and another one made under its "
                    "name; look it up again",
                    checkpoint->name, domain->name);
}

bool
vckc_libvirt_cache_check_checkpoint (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VckcLibvirtCache *cache = libvirt_cache_of (checkpoint->domain);
  const CachedCheckpoint *known;
  bool alive;

  vckc_mutex_lock (&cache->mutex);
  known = g_hash_table_lookup (
      libvirt_cache_get_domain_locked (cache, checkpoint->domain)->checkpoints, checkpoint->name);
  alive = known != NULL && known->incarnation == checkpoint->incarnation;
  vckc_mutex_unlock (&cache->mutex);
  if (!alive)
    explain_gone (checkpoint, err);
  return alive;
}

static void
keep_all (VckcDomain *domain, GPtrArray *checkpoints, GPtrArray *defs)
{
  VckcLibvirtCache *cache = libvirt_cache_of (domain);
  CachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = libvirt_cache_get_domain_locked (cache, domain);
  for (guint i = 0; i < defs->len; i++)
    if (defs->pdata[i] != NULL)
      keep_locked (domain, cached, checkpoints->pdata[i], g_steal_pointer (&defs->pdata[i]));
  cached->listed = true;
  vckc_mutex_unlock (&cache->mutex);
}

/* With the domain lock. Parents are told of before their children. */
static bool
refresh (VckcDomain *domain, VckcError **err)
{
  VckcLibvirtCache *cache = libvirt_cache_of (domain);
  g_autoptr (GPtrArray) checkpoints =
      vckc_libvirt_list_checkpoints (domain, VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL, err);
  g_autoptr (GPtrArray) defs = NULL;

  if (checkpoints == NULL)
    return false;
  defs = vckc_libvirt_read_checkpoints (checkpoints, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err);
  if (defs == NULL)
    return false;
  vckc_mutex_lock (&cache->mutex);
  remove_vanished_locked (domain, libvirt_cache_get_domain_locked (cache, domain), checkpoints);
  vckc_mutex_unlock (&cache->mutex);
  keep_all (domain, checkpoints, defs);
  return true;
}

bool
vckc_libvirt_cache_refresh (VckcDomain *domain, VckcError **err)
{
  bool refreshed;

  if (!vckc_libvirt_domain_lock (domain, err))
    return false;
  refreshed = refresh (domain, err);
  vckc_libvirt_domain_unlock (domain);
  return refreshed;
}

/* --- our own changes --- */

void
vckc_libvirt_cache_add (VckcDomain *domain,
                        virDomainCheckpointPtr checkpoint,
                        VckcCheckpointDef *def,
                        bool was_there)
{
  const char *name = virDomainCheckpointGetName (checkpoint);
  VckcLibvirtCache *cache = libvirt_cache_of (domain);
  CachedCheckpoint *known;
  CachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = libvirt_cache_get_domain_locked (cache, domain);
  known = g_hash_table_lookup (cached->checkpoints, name);
  /* Somebody else deleted it before we made it. */
  if (known != NULL && known->told && !was_there)
    remove_locked (domain, cached, name);
  known = g_hash_table_lookup (cached->checkpoints, name);
  if (known == NULL)
    known = add_locked (cached, checkpoint);
  vckc_checkpoint_def_free (known->def);
  known->def = def;
  known->told = true;
  if (!was_there)
    tell_locked (domain, VCKC_EVENT_CHECKPOINT_ADDED, known);
  else if (def != NULL)
    tell_changed_locked (domain, known);
  vckc_mutex_unlock (&cache->mutex);
}

void
vckc_libvirt_cache_remove (VckcDomain *domain, virDomainCheckpointPtr checkpoint)
{
  VckcLibvirtCache *cache = libvirt_cache_of (domain);
  const char *name = virDomainCheckpointGetName (checkpoint);
  CachedCheckpoint *known;
  CachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = libvirt_cache_get_domain_locked (cache, domain);
  known = g_hash_table_lookup (cached->checkpoints, name);
  if (known == NULL)
    known = add_locked (cached, checkpoint);
  known->told = true;
  remove_locked (domain, cached, name);
  vckc_mutex_unlock (&cache->mutex);
}

void
vckc_libvirt_cache_forget_domain (VckcDomain *domain)
{
  VckcLibvirtCache *cache = libvirt_cache_of (domain);
  CachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = libvirt_cache_get_domain_locked (cache, domain);
  if (cached->incarnation == domain->incarnation)
    {
      remove_vanished_locked (domain, cached, NULL);
      cached->incarnation = vckc_incarnation_new ();
      cached->generation++;
    }
  vckc_mutex_unlock (&cache->mutex);
}

void
vckc_libvirt_cache_domain_undefined (VckcDomain *domain)
{
  const int active = virDomainIsActive (vckc_libvirt_get_domain (domain));

  if (active < 0)
    virResetLastError ();
  if (active != 1)
    vckc_libvirt_cache_forget_domain (domain);
}

/* --- questions --- */

/* The def of the checkpoint, or else the pointers of all that are to be read with it. */
static VckcCheckpointDef *
find_locked (CachedDomain *cached, const char *name, GPtrArray *unread)
{
  const CachedCheckpoint *known = g_hash_table_lookup (cached->checkpoints, name);
  GHashTableIter iter;
  gpointer other;

  if (known != NULL && known->def != NULL)
    return vckc_checkpoint_def_copy (known->def);
  if (known == NULL)
    return NULL;
  g_hash_table_iter_init (&iter, cached->checkpoints);
  while (g_hash_table_iter_next (&iter, NULL, &other))
    if (((const CachedCheckpoint *) other)->def == NULL)
      {
        virDomainCheckpointRef (((const CachedCheckpoint *) other)->checkpoint);
        g_ptr_array_add (unread, ((const CachedCheckpoint *) other)->checkpoint);
      }
  return NULL;
}

/* Keeps what nobody has read meanwhile. */
static void
fill_in (VckcDomain *domain, guint64 generation, GPtrArray *defs)
{
  VckcLibvirtCache *cache = libvirt_cache_of (domain);
  CachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = libvirt_cache_get_domain_locked (cache, domain);
  for (guint i = 0; i < defs->len && cached->generation == generation; i++)
    {
      VckcCheckpointDef *def = g_ptr_array_index (defs, i);
      CachedCheckpoint *known =
          def != NULL ? g_hash_table_lookup (cached->checkpoints, def->name) : NULL;

      if (known != NULL && known->def == NULL)
        known->def = g_steal_pointer (&defs->pdata[i]);
    }
  vckc_mutex_unlock (&cache->mutex);
}

VckcCheckpointDef *
vckc_libvirt_cache_get_def (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VckcDomain *domain = checkpoint->domain;
  VckcLibvirtCache *cache = libvirt_cache_of (domain);
  g_autoptr (GPtrArray) unread =
      g_ptr_array_new_with_free_func (vckc_libvirt_checkpoint_ptr_destroy);
  g_autoptr (GPtrArray) defs = NULL;
  VckcCheckpointDef *def;
  guint64 generation;
  CachedDomain *cached;

  if (!vckc_libvirt_cache_check_checkpoint (checkpoint, err))
    return NULL;
  vckc_mutex_lock (&cache->mutex);
  cached = libvirt_cache_get_domain_locked (cache, domain);
  generation = cached->generation;
  def = find_locked (cached, checkpoint->name, unread);
  vckc_mutex_unlock (&cache->mutex);
  if (def != NULL)
    return def;

  if (unread->len > 0)
    {
      defs = vckc_libvirt_read_checkpoints (unread, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err);
      if (defs == NULL)
        return NULL;
      for (guint i = 0; i < defs->len && def == NULL; i++)
        {
          const VckcCheckpointDef *read = g_ptr_array_index (defs, i);

          if (read != NULL && g_str_equal (read->name, checkpoint->name))
            def = vckc_checkpoint_def_copy (read);
        }
      fill_in (domain, generation, defs);
    }
  /* Not listed, or gone. */
  return def != NULL ? def
                     : vckc_libvirt_read_checkpoint (vckc_libvirt_get_checkpoint (checkpoint),
                                                     VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err);
}
