/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/memory-store.h"

#include "drivers/memory/memory-text.h"

typedef struct
{
  char *xml;
  GHashTable *checkpoints; /* name -> VckcMemoryText */
  VckcMemoryText *last;    /* (nullable), borrowed: the one of them that was written last */
  char *current;
  char *notes;
  char *backup;
  VckcJournal *journal; /* (nullable) */
  guint64 generation;
} Domain;

typedef struct
{
  VckcStore store;
  VckcMemoryFault *fault; /* borrowed */
  VckcMutex mutex;        /* covers all below */
  GHashTable *domains;    /* UUID -> Domain */
  guint64 last_generation;
} MemoryStore;

static void
memory_domain_free (gpointer data)
{
  Domain *domain = data;

  g_free (domain->xml);
  g_hash_table_unref (domain->checkpoints);
  g_free (domain->current);
  g_free (domain->notes);
  g_free (domain->backup);
  vckc_journal_unref (domain->journal);
  g_free (domain);
}

static bool
memory_list_domains (VckcStore *store, bool tidy, GPtrArray **ret_uuids, VckcError **err)
{
  MemoryStore *self = (MemoryStore *) store;
  GHashTableIter iter;
  gpointer uuid;

  *ret_uuids = g_ptr_array_new_with_free_func (g_free);
  vckc_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->domains);
  while (g_hash_table_iter_next (&iter, &uuid, NULL))
    g_ptr_array_add (*ret_uuids, g_strdup (uuid));
  vckc_mutex_unlock (&self->mutex);
  return true;
}

/* No other process can reach this store: the engine's job is lock enough. */
static bool
memory_lock (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err)
{
  return true;
}

static void
memory_unlock (VckcStore *store, const char *uuid)
{
}

static bool
memory_generation (VckcStore *store, const char *uuid, guint64 *ret_generation, VckcError **err)
{
  MemoryStore *self = (MemoryStore *) store;
  Domain *domain;

  vckc_mutex_lock (&self->mutex);
  domain = g_hash_table_lookup (self->domains, uuid);
  *ret_generation = domain != NULL ? domain->generation : 0;
  vckc_mutex_unlock (&self->mutex);
  return true;
}

static bool
memory_domain_load (VckcStore *store,
                    const char *uuid,
                    VckcStoredDomain **ret_stored,
                    VckcError **err)
{
  MemoryStore *self = (MemoryStore *) store;
  VckcStoredDomain *stored;
  GHashTableIter iter;
  Domain *domain;
  gpointer name, text;

  if (!vckc_memory_fault_pass (self->fault, G_STRFUNC, err))
    return false;

  stored = vckc_stored_domain_new ();
  vckc_mutex_lock (&self->mutex);
  domain = g_hash_table_lookup (self->domains, uuid);
  g_assert (domain != NULL);
  stored->domain_xml = g_strdup (domain->xml);
  g_hash_table_iter_init (&iter, domain->checkpoints);
  while (g_hash_table_iter_next (&iter, &name, &text))
    {
      g_ptr_array_add (stored->checkpoint_names, g_strdup (name));
      g_ptr_array_add (stored->checkpoint_xml, vckc_memory_text_copy (text));
    }
  stored->current = g_strdup (domain->current);
  stored->notes = g_strdup (domain->notes);
  stored->backup = g_strdup (domain->backup);
  if (domain->journal != NULL)
    stored->journal = vckc_journal_ref (domain->journal);
  vckc_mutex_unlock (&self->mutex);
  *ret_stored = stored;
  return true;
}

static bool
memory_domain_save (VckcStore *store, const char *uuid, const char *xml, VckcError **err)
{
  MemoryStore *self = (MemoryStore *) store;
  Domain *domain;

  if (!vckc_memory_fault_pass (self->fault, G_STRFUNC, err))
    return false;

  vckc_mutex_lock (&self->mutex);
  domain = g_hash_table_lookup (self->domains, uuid);
  if (domain == NULL)
    {
      domain = g_new0 (Domain, 1);
      domain->checkpoints =
          g_hash_table_new_full (g_str_hash, g_str_equal, g_free, vckc_memory_text_free);
      g_hash_table_insert (self->domains, g_strdup (uuid), domain);
    }
  g_free (domain->xml);
  domain->xml = g_strdup (xml);
  domain->generation = ++self->last_generation;
  vckc_mutex_unlock (&self->mutex);
  return true;
}

static bool
memory_domain_remove (VckcStore *store, const char *uuid, VckcError **err)
{
  MemoryStore *self = (MemoryStore *) store;

  if (!vckc_memory_fault_pass (self->fault, G_STRFUNC, err))
    return false;

  vckc_mutex_lock (&self->mutex);
  g_hash_table_remove (self->domains, uuid);
  vckc_mutex_unlock (&self->mutex);
  return true;
}

static bool
memory_write_journal (VckcStore *store, const char *uuid, VckcJournal *journal, VckcError **err)
{
  MemoryStore *self = (MemoryStore *) store;
  Domain *domain;

  if (!vckc_memory_fault_pass (self->fault, G_STRFUNC, err))
    return false;

  vckc_mutex_lock (&self->mutex);
  domain = g_hash_table_lookup (self->domains, uuid);
  g_assert (domain != NULL && domain->journal == NULL);
  domain->journal = vckc_journal_ref (journal);
  domain->generation = ++self->last_generation;
  vckc_mutex_unlock (&self->mutex);
  return true;
}

static void
memory_write_checkpoint (Domain *domain, const char *name, const char *xml)
{
  VckcMemoryText *text = vckc_memory_text_new (xml, domain->last);

  g_hash_table_insert (domain->checkpoints, g_strdup (name), text);
  domain->last = text;
}

static void
memory_remove_checkpoint (Domain *domain, const char *name)
{
  if (g_hash_table_lookup (domain->checkpoints, name) == domain->last)
    domain->last = NULL;
  g_hash_table_remove (domain->checkpoints, name);
}

static bool
memory_apply (VckcStore *store, const char *uuid, const VckcJournal *change, VckcError **err)
{
  MemoryStore *self = (MemoryStore *) store;
  GHashTableIter iter;
  gpointer name, xml;
  Domain *domain;

  if (!vckc_memory_fault_pass (self->fault, G_STRFUNC, err))
    return false;

  vckc_mutex_lock (&self->mutex);
  domain = g_hash_table_lookup (self->domains, uuid);
  g_assert (domain != NULL);
  g_hash_table_iter_init (&iter, change->write);
  while (g_hash_table_iter_next (&iter, &name, &xml))
    memory_write_checkpoint (domain, name, xml);
  for (guint i = 0; i < change->remove->len; i++)
    memory_remove_checkpoint (domain, g_ptr_array_index (change->remove, i));
  if (change->set_current)
    {
      g_free (domain->current);
      domain->current = g_strdup (change->current);
    }
  if (change->set_notes)
    {
      g_free (domain->notes);
      domain->notes = g_strdup (change->notes);
    }
  if (change->set_backup)
    {
      g_free (domain->backup);
      domain->backup = g_strdup (change->backup);
    }
  domain->generation = ++self->last_generation;
  vckc_mutex_unlock (&self->mutex);
  return true;
}

static bool
memory_clear_journal (VckcStore *store, const char *uuid, VckcError **err)
{
  MemoryStore *self = (MemoryStore *) store;
  Domain *domain;

  if (!vckc_memory_fault_pass (self->fault, G_STRFUNC, err))
    return false;

  vckc_mutex_lock (&self->mutex);
  domain = g_hash_table_lookup (self->domains, uuid);
  g_assert (domain != NULL);
  g_clear_pointer (&domain->journal, vckc_journal_unref);
  domain->generation = ++self->last_generation;
  vckc_mutex_unlock (&self->mutex);
  return true;
}

static void
memory_free (VckcStore *store)
{
  MemoryStore *self = (MemoryStore *) store;

  g_hash_table_unref (self->domains);
  vckc_mutex_clear (&self->mutex);
  g_free (self);
}

static const VckcStoreClass memory_store_class = {
  .list_domains = memory_list_domains,
  .lock = memory_lock,
  .lock_shared = memory_lock,
  .unlock = memory_unlock,
  .generation = memory_generation,
  .domain_load = memory_domain_load,
  .domain_save = memory_domain_save,
  .domain_remove = memory_domain_remove,
  .write_journal = memory_write_journal,
  .apply = memory_apply,
  .clear_journal = memory_clear_journal,
  .free = memory_free,
};

VckcStore *
vckc_memory_store_new (VckcMemoryFault *fault)
{
  MemoryStore *self = g_new0 (MemoryStore, 1);

  self->store.klass = &memory_store_class;
  self->fault = fault;
  vckc_mutex_init (&self->mutex);
  self->domains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, memory_domain_free);
  return &self->store;
}
