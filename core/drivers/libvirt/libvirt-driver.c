/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Every URI that no other driver claims: libvirt does the work. */

#include "drivers/libvirt/libvirt-driver.h"

#include <libxml/xmlerror.h>

#include "drivers/libvirt/cache/libvirt-announce.h"
#include "drivers/libvirt/cache/libvirt-backups.h"
#include "drivers/libvirt/cache/libvirt-cache-table.h"
#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/cache/libvirt-domain-events.h"
#include "drivers/libvirt/link/libvirt-auth.h"
#include "drivers/libvirt/link/libvirt-close-callback.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/link/libvirt-login.h"
#include "drivers/libvirt/link/libvirt-loop.h"
#include "drivers/libvirt/link/libvirt-scheme.h"
#include "drivers/libvirt/link/libvirt-signals.h"
#include "drivers/libvirt/link/libvirt-threads.h"
#include "drivers/libvirt/methods/libvirt-backup-info.h"
#include "drivers/libvirt/methods/libvirt-backup.h"
#include "drivers/libvirt/methods/libvirt-bitmap-list.h"
#include "drivers/libvirt/methods/libvirt-checkpoint.h"
#include "drivers/libvirt/methods/libvirt-create.h"
#include "drivers/libvirt/methods/libvirt-delete.h"
#include "drivers/libvirt/methods/libvirt-domain.h"
#include "drivers/libvirt/methods/libvirt-extents.h"
#include "drivers/libvirt/methods/libvirt-repair.h"
#include "drivers/libvirt/methods/libvirt-route.h"
#include "drivers/libvirt/methods/libvirt-taken.h"
#include "drivers/libvirt/methods/libvirt-transfer.h"
#include "drivers/libvirt/methods/libvirt-undefine.h"
#include "drivers/libvirt/methods/libvirt-verify.h"
#include "drivers/libvirt/probe/libvirt-files.h"
#include "handles/handles.h"

/* --- connections --- */

static void
libvirt_ignore_text_cb (void *context, const char *format, ...)
{
}

/* libvirt's test driver lets libxml2 print an error if a file is missing. The handler is set for
 * this thread only. */
static virConnectPtr
libvirt_open_quietly (const char *uri, virConnectAuthPtr auth, unsigned int flags)
{
  const xmlGenericErrorFunc function = xmlGenericError;
  void *context = xmlGenericErrorContext;
  virConnectPtr conn;

  xmlSetGenericErrorFunc (NULL, libvirt_ignore_text_cb);
  conn = virConnectOpenAuth (uri, auth, flags);
  xmlSetGenericErrorFunc (context, function);
  return conn;
}

static virConnectPtr
libvirt_open_conn (VckcConnect *connect, const VckcAuthenticator *authenticator, VckcError **err)
{
  virConnectAuth auth = vckc_libvirt_auth (authenticator);
  const bool read_only = (connect->flags & VCKC_CONNECTION_READ_ONLY) != 0;
  VckcError *error = NULL;
  virConnectPtr conn;

  vckc_libvirt_error_be_quiet ();
  vckc_libvirt_ignore_broken_links ();
  if (!vckc_libvirt_loop_ensure (err))
    return NULL;
  conn = libvirt_open_quietly (connect->uri, &auth, read_only ? VIR_CONNECT_RO : 0);
  if (conn == NULL)
    {
      vckc_libvirt_set_error (&error, NULL, "cannot connect to '%s'", connect->uri);
      error = vckc_libvirt_login_explain (error, connect->uri, authenticator != NULL);
      vckc_propagate_error (err, vckc_libvirt_scheme_explain (error, connect->uri));
    }
  else
    vckc_libvirt_error_keep_from_others (conn);
  return conn;
}

static bool
libvirt_connect_open (VckcConnect *connect,
                      const VckcUri *uri,
                      const VckcAuthenticator *authenticator,
                      VckcError **err)
{
  virConnectPtr conn = libvirt_open_conn (connect, authenticator, err);
  VckcLibvirtConnection *connection;

  if (conn == NULL)
    return false;
  connection = g_new0 (VckcLibvirtConnection, 1);
  connection->ref_count = 1;
  connection->conn = conn;
  connection->has_bitmaps = g_strcmp0 (virConnectGetType (conn), "QEMU") == 0;
  connection->cache = vckc_libvirt_cache_new ();
  connection->backups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                               (GDestroyNotify) vckc_libvirt_backup_unref);
  connection->connect = connect;
  connection->event_id = -1;
  vckc_mutex_init (&connection->mutex);
  vckc_cond_init (&connection->changed);
  g_queue_init (&connection->queued_events);
  connect->driver_data = connection;
  vckc_libvirt_close_callback_register (connection);
  return true;
}

/* libvirt's own connection stays open while handles use it; connect->open stops the events.
 * Unsubscribing takes a round trip, for which closing must not wait. */
static void
libvirt_connect_close (VckcConnect *connect)
{
  vckc_libvirt_threads_end (vckc_libvirt_get_connection (connect));
}

static void
libvirt_connect_free (VckcConnect *connect)
{
  VckcLibvirtConnection *connection = vckc_libvirt_get_connection (connect);

  vckc_mutex_lock (&connection->mutex);
  connection->connect = NULL;
  vckc_mutex_unlock (&connection->mutex);
  vckc_libvirt_threads_end (connection);
  vckc_libvirt_domain_events_unwatch (connection);
  vckc_libvirt_close_callback_unregister (connection);
  vckc_libvirt_domain_events_clear (connection);
  g_clear_pointer (&connection->cache, vckc_libvirt_cache_free);
  g_clear_pointer (&connection->backups, g_hash_table_unref);
  virConnectClose (connection->conn);
  vckc_libvirt_connection_unref (connection);
}

static void
libvirt_connect_watch (VckcConnect *connect)
{
  vckc_libvirt_domain_events_watch (vckc_libvirt_get_connection (connect));
}

/* --- domains of a connection --- */

static gint
compare_names_cb (gconstpointer a, gconstpointer b)
{
  const VckcDomain *one = *(VckcDomain *const *) a;
  const VckcDomain *other = *(VckcDomain *const *) b;

  return strcmp (one->name, other->name);
}

static int
libvirt_connect_list_all_domains (VckcConnect *connect,
                                  VckcDomain ***ret_domains,
                                  unsigned int flags,
                                  VckcError **err)
{
  virConnectPtr conn = vckc_libvirt_get_connection (connect)->conn;
  g_autofree virDomainPtr *list = NULL;
  GPtrArray *domains;
  int count = virConnectListAllDomains (conn, ret_domains != NULL ? &list : NULL, flags);

  if (count < 0)
    {
      vckc_libvirt_set_error (err, conn, "the domains of '%s' cannot be listed", connect->uri);
      return -1;
    }
  if (ret_domains == NULL)
    return count;

  domains = g_ptr_array_new_with_free_func (vckc_object_unref);
  for (int i = 0; i < count; i++)
    g_ptr_array_add (domains, vckc_libvirt_domain_new (connect, list[i]));
  g_ptr_array_sort (domains, compare_names_cb);
  return vckc_object_array_return (domains, (gpointer **) ret_domains);
}

static VckcDomain *
libvirt_domain_lookup_by_name (VckcConnect *connect, const char *name, VckcError **err)
{
  virConnectPtr conn = vckc_libvirt_get_connection (connect)->conn;
  virDomainPtr domain = virDomainLookupByName (conn, name);

  if (domain != NULL)
    return vckc_libvirt_domain_new (connect, domain);
  vckc_libvirt_set_error (err, conn, "domain '%s' cannot be found at '%s'", name, connect->uri);
  return NULL;
}

static VckcDomain *
libvirt_domain_lookup_by_uuid (VckcConnect *connect, const char *uuid, VckcError **err)
{
  virConnectPtr conn = vckc_libvirt_get_connection (connect)->conn;
  virDomainPtr domain = virDomainLookupByUUIDString (conn, uuid);

  if (domain != NULL)
    return vckc_libvirt_domain_new (connect, domain);
  vckc_libvirt_set_error (err, conn, "a domain with UUID '%s' cannot be found at '%s'", uuid,
                          connect->uri);
  return NULL;
}

static VckcDomain *
libvirt_domain_define_xml (VckcConnect *connect, const char *xml, VckcError **err)
{
  virConnectPtr conn = vckc_libvirt_get_connection (connect)->conn;
  virDomainPtr domain = virDomainDefineXML (conn, xml);
  VckcError *error = NULL;

  if (domain != NULL)
    return vckc_libvirt_domain_new (connect, domain);
  vckc_libvirt_set_error (&error, conn, "the domain cannot be defined at '%s'", connect->uri);
  vckc_libvirt_taken_explain_definition (error, conn, xml);
  vckc_propagate_error (err, error);
  return NULL;
}

static VckcSupportTable libvirt_support = {
  [VCKC_SUPPORT_URI] = "all others: `qemu:///system`, `qemu+ssh://host/system`, …",
  [VCKC_SUPPORT_DAEMON] = "libvirt's",
  [VCKC_SUPPORT_OTHER_HOSTS] = "yes",
  [VCKC_SUPPORT_AUTHENTICATE] = "yes",
  [VCKC_SUPPORT_DOMAINS] = "yes",
  [VCKC_SUPPORT_STATE] = "yes",
  [VCKC_SUPPORT_CREATE_RUNNING] = "yes",
  [VCKC_SUPPORT_CREATE_OFF] = "no; only `REDEFINE`",
  [VCKC_SUPPORT_DELETE_RUNNING] = "yes; refused before anything is changed if a bitmap is missing",
  [VCKC_SUPPORT_DELETE_OFF] = "only the metadata, with `METADATA_ONLY`",
  [VCKC_SUPPORT_SIZE_RUNNING] = "yes",
  [VCKC_SUPPORT_SIZE_OFF] = "no",
  [VCKC_SUPPORT_EXTENTS_RUNNING] = "on its own host, with libnbd (`-Dnbd`)",
  [VCKC_SUPPORT_EXTENTS_OFF] = "no",
  [VCKC_SUPPORT_BACKUP_RUNNING] = "push and pull",
  [VCKC_SUPPORT_BACKUP_OFF] = "no",
  [VCKC_SUPPORT_REPOSITORY] = "domain running; on another host unencrypted (`UNENCRYPTED`)",
  [VCKC_SUPPORT_QUIESCE] = "no: libvirt's QEMU driver refuses the flag",
  [VCKC_SUPPORT_VALIDATE] = "while the domain runs",
  [VCKC_SUPPORT_BITMAPS] = "yes; if off only where its files are, and not below its images",
  [VCKC_SUPPORT_VERIFY] = "yes; of a domain that is off only where its files are",
  [VCKC_SUPPORT_REPAIR] = "yes; bitmaps are removed only while the domain runs",
  [VCKC_SUPPORT_TRANSFER] = "yes",
  [VCKC_SUPPORT_OWN_SIGNALS] = "at once",
  [VCKC_SUPPORT_OTHER_SIGNALS] = "of domains at once, of checkpoints with `refresh`",
  [VCKC_SUPPORT_INTERRUPTED] = "is libvirt's; verify reports what is left",
};

const VckcDriver vckc_libvirt_driver = {
  .name = "libvirt",
  .schemes = NULL,
  .support = &libvirt_support,
  .connect_open = libvirt_connect_open,
  .connect_close = libvirt_connect_close,
  .connect_free = libvirt_connect_free,
  .connect_watch = libvirt_connect_watch,
  .connect_list_all_domains = libvirt_connect_list_all_domains,
  .connect_announce_domains = vckc_libvirt_connect_announce_domains,
  .connect_find_volume = vckc_libvirt_connect_find_volume,
  .domain_free = vckc_libvirt_domain_free,
  .domain_lookup_by_name = libvirt_domain_lookup_by_name,
  .domain_lookup_by_uuid = libvirt_domain_lookup_by_uuid,
  .domain_define_xml = libvirt_domain_define_xml,
  .domain_rename = vckc_libvirt_domain_rename,
  .domain_undefine = vckc_libvirt_domain_undefine,
  .domain_get_xml_desc = vckc_libvirt_domain_get_xml_desc,
  .domain_get_next_xml_desc = vckc_libvirt_domain_get_next_xml_desc,
  .domain_get_state = vckc_libvirt_domain_get_state,
  .domain_peek_state = vckc_libvirt_domain_peek_state,
  .domain_has_managed_save = vckc_libvirt_domain_has_managed_save,
  .domain_refresh = vckc_libvirt_domain_refresh,
  .domain_list_disks = vckc_libvirt_domain_list_disks,
  .domain_checkpoint_free = vckc_libvirt_checkpoint_free,
  .domain_checkpoint_create_xml = vckc_libvirt_checkpoint_create_xml,
  .domain_plan_checkpoint_xml = vckc_libvirt_plan_checkpoint_xml,
  .domain_checkpoint_lookup_by_name = vckc_libvirt_checkpoint_lookup_by_name,
  .domain_list_all_checkpoints = vckc_libvirt_domain_list_all_checkpoints,
  .domain_announce_checkpoints = vckc_libvirt_domain_announce_checkpoints,
  .domain_checkpoint_list_all_children = vckc_libvirt_checkpoint_list_all_children,
  .domain_checkpoint_get_parent = vckc_libvirt_checkpoint_get_parent,
  .domain_checkpoint_get_xml_desc = vckc_libvirt_checkpoint_get_xml_desc,
  .domain_checkpoint_delete = vckc_libvirt_checkpoint_delete,
  .domain_checkpoint_plan_delete = vckc_libvirt_checkpoint_plan_delete,
  .domain_checkpoint_get_details = vckc_libvirt_checkpoint_get_details,
  .domain_checkpoint_list_disks = vckc_libvirt_checkpoint_list_disks,
  .domain_checkpoint_open_extents = vckc_libvirt_checkpoint_open_extents,
  .domain_measure_checkpoints = vckc_libvirt_domain_measure_checkpoints,
  .domain_list_bitmaps = vckc_libvirt_domain_list_bitmaps,
  .domain_verify_checkpoints = vckc_libvirt_domain_verify_checkpoints,
  .domain_repair_checkpoints = vckc_libvirt_domain_repair_checkpoints,
  .domain_backup_begin = vckc_libvirt_domain_backup_begin,
  .domain_backup_get_xml_desc = vckc_libvirt_domain_backup_get_xml_desc,
  .domain_get_job_info = vckc_libvirt_domain_get_job_info,
  .domain_abort_job = vckc_libvirt_domain_abort_job,
  .domain_set_job_speed = vckc_libvirt_domain_set_job_speed,
  .domain_recover_backup = vckc_libvirt_domain_recover_backup,
  .domain_choose_backup_mode = vckc_libvirt_domain_choose_backup_mode,
  .domain_make_pull_server = vckc_libvirt_domain_make_pull_server,
  .domain_measure_disk = vckc_libvirt_domain_measure_disk,
  .domain_export_checkpoints = vckc_libvirt_domain_export_checkpoints,
  .domain_hand_over_checkpoints = vckc_libvirt_domain_hand_over_checkpoints,
  .domain_import_checkpoints = vckc_libvirt_domain_import_checkpoints,
};
