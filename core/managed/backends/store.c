/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/store.h"

VckcStoredDomain *
vckc_stored_domain_new (void)
{
  VckcStoredDomain *stored = g_new0 (VckcStoredDomain, 1);

  stored->checkpoint_names = g_ptr_array_new_with_free_func (g_free);
  stored->checkpoint_xml = g_ptr_array_new_with_free_func (g_free);
  stored->unreadable = g_ptr_array_new_with_free_func (g_free);
  return stored;
}

void
vckc_stored_domain_free (VckcStoredDomain *stored)
{
  if (stored == NULL)
    return;

  g_free (stored->domain_xml);
  g_clear_pointer (&stored->checkpoint_names, g_ptr_array_unref);
  g_clear_pointer (&stored->checkpoint_xml, g_ptr_array_unref);
  g_clear_pointer (&stored->unreadable, g_ptr_array_unref);
  g_free (stored->current);
  g_free (stored->notes);
  g_free (stored->backup);
  vckc_journal_unref (stored->journal);
  g_free (stored->journal_problem);
  g_free (stored);
}

bool
vckc_store_list_domains (VckcStore *store, bool tidy, GPtrArray **ret_uuids, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = store->klass->list_domains (store, tidy, ret_uuids, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_store_lock (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = store->klass->lock (store, uuid, deadline, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_store_lock_shared (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = store->klass->lock_shared (store, uuid, deadline, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_store_get_generation (VckcStore *store,
                           const char *uuid,
                           guint64 *ret_generation,
                           VckcError **err)
{
  VckcError *error = NULL;
  bool ok = store->klass->generation (store, uuid, ret_generation, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_store_domain_load (VckcStore *store,
                        const char *uuid,
                        VckcStoredDomain **ret_stored,
                        VckcError **err)
{
  VckcError *error = NULL;
  bool ok = store->klass->domain_load (store, uuid, ret_stored, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_store_domain_save (VckcStore *store, const char *uuid, const char *xml, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = store->klass->domain_save (store, uuid, xml, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_store_domain_remove (VckcStore *store, const char *uuid, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = store->klass->domain_remove (store, uuid, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_store_write_journal (VckcStore *store, const char *uuid, VckcJournal *journal, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = store->klass->write_journal (store, uuid, journal, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_store_apply (VckcStore *store, const char *uuid, const VckcJournal *change, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = store->klass->apply (store, uuid, change, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_store_clear_journal (VckcStore *store, const char *uuid, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = store->klass->clear_journal (store, uuid, &error);

  return vckc_pass_result (ok, error, err);
}

void
vckc_store_unlock (VckcStore *store, const char *uuid)
{
  store->klass->unlock (store, uuid);
}

bool
vckc_store_can_be_followed (VckcStore *store)
{
  return store->klass->follow != NULL;
}

void
vckc_store_follow (VckcStore *store, int stop_fd, VckcStoreChangedFunc changed, gpointer data)
{
  store->klass->follow (store, stop_fd, changed, data);
}

void
vckc_store_free (VckcStore *store)
{
  store->klass->free (store);
}
