/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/find-domain.h"

static VckcManagedDomain *
find_domain_in_table (VckcEngine *engine, const char *uuid, const char *name)
{
  VckcManagedDomain *domain = NULL;
  GHashTableIter iter;
  gpointer value;

  vckc_mutex_lock (&engine->mutex);
  if (uuid != NULL)
    domain = g_hash_table_lookup (engine->domains, uuid);
  else
    {
      g_hash_table_iter_init (&iter, engine->domains);
      while (domain == NULL && g_hash_table_iter_next (&iter, NULL, &value))
        {
          VckcManagedDomain *candidate = value;

          if (candidate->loaded && g_str_equal (candidate->def->name, name))
            domain = candidate;
        }
    }
  if (domain != NULL && domain->loaded)
    vckc_managed_domain_ref (domain);
  else
    domain = NULL;
  vckc_mutex_unlock (&engine->mutex);
  return domain;
}

/* The store has the domain, but it could not be loaded: why? */
static void
find_domain_explain_unreadable (VckcEngine *engine, const char *uuid, VckcError **err)
{
  g_autoptr (VckcManagedDomain) domain = NULL;
  VckcError *error = NULL;

  vckc_mutex_lock (&engine->mutex);
  domain = g_hash_table_lookup (engine->domains, uuid);
  if (domain != NULL)
    vckc_managed_domain_ref (domain);
  vckc_mutex_unlock (&engine->mutex);
  if (domain != NULL && !vckc_engine_refresh_domain (engine, domain, VCKC_LOOK_ONLY, &error))
    vckc_propagate_error (err, error);
}

static GPtrArray *
find_domain_list_unreadable (VckcEngine *engine)
{
  GPtrArray *uuids = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer value;

  vckc_mutex_lock (&engine->mutex);
  g_hash_table_iter_init (&iter, engine->domains);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((VckcManagedDomain *) value)->unreadable)
      g_ptr_array_add (uuids, g_strdup (((VckcManagedDomain *) value)->uuid));
  vckc_mutex_unlock (&engine->mutex);
  return uuids;
}

/* A domain that cannot be read may have any name. Those of other users are theirs. */
static void
find_domain_explain_missing_name (VckcEngine *engine, const char *name, VckcError **err)
{
  g_autoptr (GPtrArray) uuids = find_domain_list_unreadable (engine);

  for (guint i = 0; i < uuids->len; i++)
    {
      g_autoptr (VckcError) error = NULL;

      find_domain_explain_unreadable (engine, g_ptr_array_index (uuids, i), &error);
      if (error == NULL || vckc_error_get_code (error) == VCKC_ERROR_NO_DOMAIN
          || vckc_error_get_code (error) == VCKC_ERROR_OPERATION_DENIED)
        continue;
      vckc_set_error (err, vckc_error_get_code (error),
                      "it is not known whether there is a domain named '%s': %s", name,
                      vckc_error_get_message (error));
      return;
    }
}

/* A domain we know is brought up to date alone; only one we do not know makes us look at
 * everything the store has. */
static VckcManagedDomain *
find_domain_refreshed (VckcEngine *engine,
                       const char *uuid,
                       const char *name,
                       VckcLook look,
                       VckcError **err)
{
  g_autoptr (VckcManagedDomain) domain = find_domain_in_table (engine, uuid, name);

  if (domain != NULL)
    {
      g_autoptr (VckcError) error = NULL;

      /* Only its name can have changed. */
      if (vckc_engine_refresh_domain (engine, domain, look, &error))
        return uuid != NULL ? g_steal_pointer (&domain) : find_domain_in_table (engine, uuid, name);
      if (vckc_error_get_code (error) != VCKC_ERROR_NO_DOMAIN)
        {
          vckc_propagate_error (err, g_steal_pointer (&error));
          return NULL;
        }
    }
  if (!vckc_engine_refresh (engine, look, err))
    return NULL;
  g_clear_pointer (&domain, vckc_managed_domain_unref);
  domain = find_domain_in_table (engine, uuid, name);
  if (domain == NULL && uuid != NULL)
    find_domain_explain_unreadable (engine, uuid, err);
  else if (domain == NULL)
    find_domain_explain_missing_name (engine, name, err);
  return g_steal_pointer (&domain);
}

VckcManagedDomain *
vckc_engine_find_by_uuid (VckcEngine *engine, const char *uuid, VckcLook look, VckcError **err)
{
  VckcError *error = NULL;
  VckcManagedDomain *domain = find_domain_refreshed (engine, uuid, NULL, look, &error);

  if (domain == NULL && error == NULL)
    vckc_set_no_domain (&error, uuid);
  if (error != NULL)
    vckc_propagate_error (err, error);
  return domain;
}

VckcManagedDomain *
vckc_engine_find_by_name (VckcEngine *engine, const char *name, VckcLook look, VckcError **err)
{
  VckcError *error = NULL;
  VckcManagedDomain *domain = find_domain_refreshed (engine, NULL, name, look, &error);

  if (domain == NULL && error == NULL)
    vckc_set_error (&error, VCKC_ERROR_NO_DOMAIN, "there is no domain named '%s'", name);
  if (error != NULL)
    vckc_propagate_error (err, error);
  return domain;
}

VckcManagedDomain *
vckc_engine_get_domain (VckcDomain *domain, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (domain->connect);
  VckcError *error = NULL;
  VckcManagedDomain *managed =
      vckc_engine_find_by_uuid (engine, domain->uuid, vckc_look_of (domain->connect), &error);

  if (managed == NULL && vckc_error_get_code (error) == VCKC_ERROR_NO_DOMAIN)
    {
      vckc_error_free (g_steal_pointer (&error));
      vckc_set_error (&error, VCKC_ERROR_NO_DOMAIN, "domain '%s' (%s) does not exist any more",
                      domain->name, domain->uuid);
    }
  else if (managed != NULL && domain->incarnation != 0
           && domain->incarnation != managed->incarnation)
    {
      g_clear_pointer (&managed, vckc_managed_domain_unref);
      vckc_set_error (&error, VCKC_ERROR_NO_DOMAIN,
                      "domain '%s' was undefined, and defined again since; look it up again",
                      domain->name);
    }
  if (error != NULL)
    vckc_propagate_error (err, error);
  return managed;
}
