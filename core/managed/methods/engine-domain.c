/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the managed engine does with domains. */

#include <string.h>

#include "managed/methods/engine-methods.h"

#include "base/log.h"
#include "managed/domain-table.h"
#include "managed/find-domain.h"
#include "managed/job.h"
#include "managed/methods/backup-recover.h"

#define STATE_FLAGS (VCKC_DOMAIN_LIST_ACTIVE | VCKC_DOMAIN_LIST_INACTIVE)
#define CHECKPOINT_FLAGS (VCKC_DOMAIN_LIST_HAS_CHECKPOINT | VCKC_DOMAIN_LIST_NO_CHECKPOINT)

static bool
is_active (VckcDomainState state)
{
  return state != VCKC_DOMAIN_STATE_SHUTOFF && state != VCKC_DOMAIN_STATE_CRASHED;
}

/* With the mutex held. Flags of one group widen the list, both groups together narrow it. Of a
 * domain that could never be read nothing is known, so no flag leaves it out. */
static bool
is_listed (const VckcManagedDomain *domain, unsigned int flags)
{
  unsigned int state =
      is_active (domain->state) ? VCKC_DOMAIN_LIST_ACTIVE : VCKC_DOMAIN_LIST_INACTIVE;
  unsigned int checkpoints = vckc_checkpoint_tree_size (domain->tree) > 0
                                 ? VCKC_DOMAIN_LIST_HAS_CHECKPOINT
                                 : VCKC_DOMAIN_LIST_NO_CHECKPOINT;

  if (!domain->loaded)
    return domain->unreadable;
  if ((flags & STATE_FLAGS) != 0 && (flags & state) == 0)
    return false;
  return (flags & CHECKPOINT_FLAGS) == 0 || (flags & checkpoints) != 0;
}

/* Queries the states of all domains; where that fails the last known state counts. */
static void
engine_domain_ask_all (VckcEngine *engine)
{
  g_autoptr (GPtrArray) domains =
      g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_managed_domain_unref);
  GHashTableIter iter;
  gpointer value;

  vckc_mutex_lock (&engine->mutex);
  g_hash_table_iter_init (&iter, engine->domains);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((VckcManagedDomain *) value)->loaded)
      g_ptr_array_add (domains, vckc_managed_domain_ref (value));
  vckc_mutex_unlock (&engine->mutex);
  for (guint i = 0; i < domains->len; i++)
    {
      g_autoptr (VckcError) error = NULL;
      VckcDomainState unused;

      if (!vckc_engine_query_state (engine, g_ptr_array_index (domains, i), &unused, &error))
        vckc_log_info (VCKC_ABOUT (.error = error), "%s", vckc_error_get_message (error));
    }
}

static gint
engine_domain_compare_names_cb (gconstpointer a, gconstpointer b)
{
  const VckcDomain *const *one = a;
  const VckcDomain *const *other = b;

  return strcmp ((*one)->name, (*other)->name);
}

int
vckc_engine_connect_list_all_domains (VckcConnect *connect,
                                      VckcDomain ***ret_domains,
                                      unsigned int flags,
                                      VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (connect);
  GPtrArray *handles;
  GHashTableIter iter;
  gpointer value;

  if (!vckc_engine_refresh (engine, vckc_look_of (connect), err))
    return -1;
  if ((flags & STATE_FLAGS) != 0)
    engine_domain_ask_all (engine);

  handles = g_ptr_array_new_with_free_func (vckc_object_unref);
  vckc_mutex_lock (&engine->mutex);
  g_hash_table_iter_init (&iter, engine->domains);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      VckcManagedDomain *domain = value;

      if (is_listed (domain, flags))
        g_ptr_array_add (handles, vckc_managed_domain_new_handle (connect, domain));
    }
  vckc_mutex_unlock (&engine->mutex);
  g_ptr_array_sort (handles, engine_domain_compare_names_cb);
  return vckc_object_array_return (handles, (gpointer **) ret_domains);
}

/* The definition a domain has now. */
static VckcDomainDef *
engine_domain_get_def (VckcEngine *engine, VckcManagedDomain *domain)
{
  VckcDomainDef *def;

  vckc_mutex_lock (&engine->mutex);
  def = vckc_domain_def_ref (domain->def);
  vckc_mutex_unlock (&engine->mutex);
  return def;
}

static VckcDomain *
engine_domain_new_handle (VckcConnect *connect, VckcManagedDomain *domain)
{
  VckcEngine *engine = vckc_engine_of (connect);
  VckcDomain *handle;

  vckc_mutex_lock (&engine->mutex);
  handle = vckc_managed_domain_new_handle (connect, domain);
  vckc_mutex_unlock (&engine->mutex);
  return handle;
}

VckcDomain *
vckc_engine_domain_lookup_by_name (VckcConnect *connect, const char *name, VckcError **err)
{
  g_autoptr (VckcManagedDomain) domain =
      vckc_engine_find_by_name (vckc_engine_of (connect), name, vckc_look_of (connect), err);

  return domain != NULL ? engine_domain_new_handle (connect, domain) : NULL;
}

VckcDomain *
vckc_engine_domain_lookup_by_uuid (VckcConnect *connect, const char *uuid, VckcError **err)
{
  g_autoptr (VckcManagedDomain) domain =
      vckc_engine_find_by_uuid (vckc_engine_of (connect), uuid, vckc_look_of (connect), err);

  return domain != NULL ? engine_domain_new_handle (connect, domain) : NULL;
}

static char *
engine_domain_format (const VckcDomainDef *def, bool secure)
{
  GString *out = g_string_new (NULL);

  vckc_domain_def_format (def, secure, out);
  return g_string_free (out, FALSE);
}

/* The domain that goes by that name, if there is one. */
static bool
engine_domain_find_namesake (VckcEngine *engine,
                             const char *name,
                             VckcManagedDomain **ret_domain,
                             VckcError **err)
{
  VckcError *error = NULL;

  *ret_domain = vckc_engine_find_by_name (engine, name, VCKC_LOOK_AND_RECOVER, &error);
  if (error == NULL || vckc_error_get_code (error) == VCKC_ERROR_NO_DOMAIN)
    {
      vckc_error_free (error);
      return true;
    }
  vckc_propagate_error (err, error);
  return false;
}

/* Gives a definition that is to be stored its UUID: its own, else that of the domain of the
 * same name, else a new one. Refuses a name or UUID that belongs to another domain. */
static VckcDomainDef *
engine_domain_choose_uuid (VckcEngine *engine, VckcDomainDef *def, VckcError **err)
{
  g_autoptr (VckcManagedDomain) same_name = NULL;
  g_autoptr (VckcManagedDomain) same_uuid = NULL;
  g_autoptr (VckcDomainDef) other = NULL;
  g_autofree char *random = NULL;

  /* With a UUID it is this domain that is meant, be the others readable or not. */
  if (!engine_domain_find_namesake (engine, def->name, &same_name, def->uuid == NULL ? err : NULL)
      && def->uuid == NULL)
    return NULL;
  if (def->uuid == NULL)
    {
      random = g_uuid_string_random ();
      return vckc_domain_def_with_uuid (def, same_name != NULL ? same_name->uuid : random);
    }
  if (same_name != NULL && !g_str_equal (same_name->uuid, def->uuid))
    {
      vckc_set_error (err, VCKC_ERROR_DOMAIN_EXISTS,
                      "domain '%s' exists already with the UUID '%s'; give it that UUID or another "
                      "name",
                      def->name, same_name->uuid);
      return NULL;
    }
  if (same_name == NULL)
    same_uuid = vckc_engine_find_by_uuid (engine, def->uuid, VCKC_LOOK_AND_RECOVER, NULL);
  if (same_uuid != NULL)
    {
      other = engine_domain_get_def (engine, same_uuid);
      vckc_set_error (err, VCKC_ERROR_DOMAIN_EXISTS,
                      "the UUID '%s' belongs to domain '%s'; give domain '%s' another one",
                      def->uuid, other->name, def->name);
      return NULL;
    }
  return vckc_domain_def_ref (def);
}

static bool
engine_domain_replace_definition (VckcEngine *engine,
                                  VckcManagedDomain *domain,
                                  VckcDomainDef *def,
                                  VckcError **err)
{
  g_autofree char *xml = engine_domain_format (def, true);
  bool saved;

  if (!vckc_job_begin (engine, domain, err))
    return false;
  saved = vckc_store_domain_save (engine->store, domain->uuid, xml, err);
  if (saved)
    {
      vckc_mutex_lock (&engine->mutex);
      vckc_managed_domain_set_def_locked (engine, domain, vckc_domain_def_ref (def));
      vckc_mutex_unlock (&engine->mutex);
      vckc_job_stored (engine, domain);
    }
  vckc_job_end (engine, domain);
  return saved;
}

/* With the job held: the domain in memory is what was just saved. What is kept of an earlier
 * domain of that UUID, if anything, is loaded when it is first needed. */
static void
engine_domain_adopt_definition_locked (VckcEngine *engine,
                                       VckcManagedDomain *domain,
                                       VckcDomainDef *def)
{
  bool is_new = !domain->loaded;

  vckc_domain_lock_assert_held (&domain->lock);
  vckc_managed_domain_set_def_locked (engine, domain, vckc_domain_def_ref (def));
  domain->loaded = true;
  domain->generation = 0;
  if (is_new)
    vckc_engine_emit_domain_locked (engine, VCKC_EVENT_DOMAIN_ADDED, domain);
}

static VckcManagedDomain *
engine_domain_add_definition (VckcEngine *engine, VckcDomainDef *def, VckcError **err)
{
  g_autoptr (VckcManagedDomain) domain = vckc_job_begin_new (engine, def->uuid, err);
  g_autofree char *xml = engine_domain_format (def, true);
  bool saved;

  if (domain == NULL)
    return NULL;
  saved = vckc_store_domain_save (engine->store, domain->uuid, xml, err);
  vckc_mutex_lock (&engine->mutex);
  if (saved)
    engine_domain_adopt_definition_locked (engine, domain, def);
  else if (!domain->loaded)
    vckc_engine_remove_domain_locked (engine, domain);
  vckc_mutex_unlock (&engine->mutex);
  vckc_job_end (engine, domain);
  return saved ? g_steal_pointer (&domain) : NULL;
}

/* With the definition mutex held, so that two definitions of one name cannot both be new. */
static VckcManagedDomain *
engine_domain_define (VckcEngine *engine, VckcDomainDef *given, VckcError **err)
{
  g_autoptr (VckcDomainDef) def = engine_domain_choose_uuid (engine, given, err);
  g_autoptr (VckcManagedDomain) domain = NULL;

  if (def == NULL)
    return NULL;
  domain = vckc_engine_find_by_uuid (engine, def->uuid, VCKC_LOOK_AND_RECOVER, NULL);
  if (domain == NULL)
    return engine_domain_add_definition (engine, def, err);
  return engine_domain_replace_definition (engine, domain, def, err) ? g_steal_pointer (&domain)
                                                                     : NULL;
}

VckcDomain *
vckc_engine_domain_define_xml (VckcConnect *connect, const char *xml, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (connect);
  g_autoptr (VckcDomainDef) def = vckc_domain_def_parse (xml, err);
  g_autoptr (VckcManagedDomain) domain = NULL;

  if (def == NULL)
    return NULL;
  vckc_mutex_lock (&engine->define_mutex);
  domain = engine_domain_define (engine, def, err);
  vckc_mutex_unlock (&engine->define_mutex);
  return domain != NULL ? engine_domain_new_handle (connect, domain) : NULL;
}

/* With the definition mutex held, so that the name stays free. */
static bool
engine_domain_rename (VckcEngine *engine,
                      VckcManagedDomain *domain,
                      const char *new_name,
                      VckcError **err)
{
  g_autoptr (VckcDomainDef) old = engine_domain_get_def (engine, domain);
  g_autoptr (VckcDomainDef) def = vckc_domain_def_with_name (old, new_name, err);
  g_autoptr (VckcManagedDomain) other = NULL;
  VckcDomainState state;

  if (def == NULL)
    {
      vckc_prefix_error (err, "domain '%s' cannot be renamed", old->name);
      return false;
    }
  if (!engine_domain_find_namesake (engine, def->name, &other, err))
    return false;
  if (other != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_DOMAIN_EXISTS,
                      "domain '%s' cannot be renamed: there is a domain '%s' already", old->name,
                      def->name);
      return false;
    }
  if (!vckc_engine_query_state (engine, domain, &state, err))
    return false;
  if (is_active (state))
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_INVALID,
                      "domain '%s' cannot be renamed while it runs; shut it off first", old->name);
      return false;
    }
  return engine_domain_replace_definition (engine, domain, def, err);
}

int
vckc_engine_domain_rename (VckcDomain *handle,
                           const char *new_name,
                           unsigned int flags,
                           VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  bool renamed;

  if (!vckc_check_flags (flags, 0, &vckc_flags_rename, err))
    return -1;
  domain = vckc_engine_get_domain (handle, err);
  if (domain == NULL)
    return -1;
  vckc_mutex_lock (&engine->define_mutex);
  renamed = engine_domain_rename (engine, domain, new_name, err);
  vckc_mutex_unlock (&engine->define_mutex);
  return renamed ? 0 : -1;
}

static bool
engine_domain_undefine (VckcEngine *engine,
                        VckcManagedDomain *domain,
                        unsigned int flags,
                        VckcError **err)
{
  guint n_checkpoints = vckc_checkpoint_tree_size (domain->tree);

  vckc_domain_lock_assert_held (&domain->lock);
  if (n_checkpoints > 0 && (flags & VCKC_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA) == 0)
    {
      vckc_set_error (
          err, VCKC_ERROR_OPERATION_INVALID,
          "domain '%s' has %u %s; delete every checkpoint first, or undefine it with the "
          "CHECKPOINTS_METADATA flag, which deletes the metadata and leaves the bitmaps "
          "in the images",
          domain->def->name, n_checkpoints, n_checkpoints == 1 ? "checkpoint" : "checkpoints");
      return false;
    }
  if (!vckc_store_domain_remove (engine->store, domain->uuid, err))
    return false;

  vckc_mutex_lock (&engine->mutex);
  vckc_engine_remove_domain_locked (engine, domain);
  vckc_mutex_unlock (&engine->mutex);
  return true;
}

int
vckc_engine_domain_undefine (VckcDomain *handle, unsigned int flags, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = NULL;
  bool undefined;

  if (!vckc_check_flags (flags, VCKC_UNDEFINE_FLAGS, &vckc_flags_undefine, err))
    return -1;
  domain = vckc_engine_get_domain (handle, err);
  if (domain == NULL || !vckc_job_begin (engine, domain, err))
    return -1;
  undefined = vckc_backup_check_none (engine, domain, err)
              && engine_domain_undefine (engine, domain, flags, err);
  vckc_job_end (engine, domain);
  return undefined ? 0 : -1;
}

char *
vckc_engine_domain_get_xml_desc (VckcDomain *handle, unsigned int flags, VckcError **err)
{
  g_autoptr (VckcManagedDomain) domain = NULL;
  g_autoptr (VckcDomainDef) def = NULL;

  if (!vckc_check_flags (flags, VCKC_DOMAIN_XML_SECURE, &vckc_flags_domain_xml, err))
    return NULL;
  domain = vckc_engine_get_domain (handle, err);
  if (domain == NULL)
    return NULL;
  def = engine_domain_get_def (vckc_engine_of (handle->connect), domain);
  return engine_domain_format (def, (flags & VCKC_DOMAIN_XML_SECURE) != 0);
}

int
vckc_engine_domain_get_state (VckcDomain *handle, VckcDomainState *ret_state, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);

  return domain != NULL && vckc_engine_query_state (engine, domain, ret_state, err) ? 0 : -1;
}

/* Why the disk cannot be tracked, or why that is not known; NULL if it can be. */
static VckcError *
engine_domain_find_problem (VckcEngine *engine,
                            const char *qmp_socket,
                            const VckcDomainDiskDef *def)
{
  VckcBlockDisk disk = { .target = def->target, .path = def->source, .format = def->format };
  VckcError *problem = NULL;
  VckcError *error = NULL;

  if (def->empty)
    vckc_set_error (&problem, VCKC_ERROR_CONFIG_UNSUPPORTED, "the drive is empty");
  else if (def->read_only)
    vckc_set_error (&problem, VCKC_ERROR_CONFIG_UNSUPPORTED, "the disk is read-only");
  else if (def->transient)
    vckc_set_error (&problem, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the disk is transient: what is written to it is not kept");
  else if (!vckc_block_check_disk (engine->backend, qmp_socket, &disk, &problem, &error))
    return error;
  return problem;
}

static VckcDomainDisk *
engine_domain_describe_disk (VckcEngine *engine,
                             const char *qmp_socket,
                             const VckcDomainDiskDef *def)
{
  g_autoptr (VckcError) problem = engine_domain_find_problem (engine, qmp_socket, def);
  const char *reason = problem != NULL ? vckc_error_get_message (problem) : NULL;
  VckcDomainDisk *disk = vckc_domain_disk_new (def->target, def->source, def->format, reason);

  disk->idle = def->empty || def->read_only;
  disk->unknown = problem != NULL && vckc_error_get_code (problem) != VCKC_ERROR_CONFIG_UNSUPPORTED;
  return disk;
}

/* Every look at a domain brings it up to date. */
int
vckc_engine_domain_refresh (VckcDomain *handle, VckcError **err)
{
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);

  return domain != NULL ? 0 : -1;
}

int
vckc_engine_domain_list_disks (VckcDomain *handle, VckcDomainDisk ***ret_disks, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  g_autoptr (VckcDomainDef) def = NULL;
  GPtrArray *disks;

  if (domain == NULL)
    return -1;
  def = engine_domain_get_def (engine, domain);
  disks = g_ptr_array_new_with_free_func (vckc_object_unref);
  for (guint i = 0; i < def->disks->len; i++)
    g_ptr_array_add (disks, engine_domain_describe_disk (engine, def->qmp_socket,
                                                         g_ptr_array_index (def->disks, i)));
  return vckc_object_array_return (disks, (gpointer **) ret_disks);
}
