/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups are libvirt's, which gets the documents as they are. What it does otherwise than
 * documented ends here: it waits for 30 seconds while the domain has a job, finds no name for the
 * file of a disk that is listed without one, and leaves the checkpoint of a backup that failed.
 */

#include "drivers/libvirt/methods/libvirt-backup.h"

#include <string.h>

#include "drivers/libvirt/cache/libvirt-backup-starts.h"
#include "drivers/libvirt/cache/libvirt-backups.h"
#include "drivers/libvirt/cache/libvirt-cache-update.h"
#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/methods/libvirt-backup-info.h"
#include "drivers/libvirt/methods/libvirt-backup-watch.h"
#include "drivers/libvirt/methods/libvirt-domain.h"
#include "drivers/libvirt/methods/libvirt-pull.h"
#include "drivers/libvirt/methods/libvirt-taken.h"
#include "drivers/libvirt/probe/libvirt-job-check.h"
#include "drivers/libvirt/probe/libvirt-job.h"
#include "model/backup-xml.h"
#include "model/checkpoint-xml.h"

/* What is asked for. */
typedef struct
{
  const char *backup_xml;
  const char *checkpoint_xml;    /* (nullable) */
  VckcBackupDef *def;            /* owned */
  VckcCheckpointDef *checkpoint; /* (nullable), owned */
  unsigned int flags;
} LibvirtBackupRequest;

static void
libvirt_backup_request_clear (LibvirtBackupRequest *request)
{
  g_clear_pointer (&request->def, vckc_backup_def_free);
  g_clear_pointer (&request->checkpoint, vckc_checkpoint_def_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LibvirtBackupRequest, libvirt_backup_request_clear)

static bool
libvirt_backup_set_error (VckcDomain *domain, const char *what, VckcError **err)
{
  vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                          "cannot %s of domain '%s'", what, domain->name);
  return false;
}

/* --- before --- */

static bool
libvirt_backup_check_driver (VckcDomain *domain, VckcError **err)
{
  if (vckc_libvirt_get_connection (domain->connect)->has_bitmaps)
    return true;
  vckc_set_error (err, VCKC_ERROR_NO_SUPPORT, "libvirt's driver for '%s' has no backups",
                  domain->connect->uri);
  return false;
}

/* Is there a disk that is to be backed up, but has no file to go to? */
static bool
is_incomplete (const VckcBackupDef *def)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcBackupDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->backup && disk->path == NULL)
        return true;
    }
  return false;
}

/* libvirt finds it, too, but does not say what to do. */
static bool
libvirt_backup_check_running (VckcDomain *domain, VckcError **err)
{
  const int active = virDomainIsActive (vckc_libvirt_get_domain (domain));

  if (active < 0)
    return libvirt_backup_set_error (domain, "get the state", err);
  if (active == 0)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "cannot begin the backup of domain '%s': it is off, and libvirt backs up "
                    "running domains only; start it, with 'virsh start --paused %s' if its guest "
                    "shall not run",
                    domain->name, domain->name);
  return active > 0;
}

/* The document that libvirt gets: the one given, or, if libvirt would find no name for a file, one
 * in which the names are filled in as libvirt does for disks that are not listed. */
static char *
libvirt_backup_make_document (VckcDomain *domain,
                              const LibvirtBackupRequest *request,
                              VckcError **err)
{
  const char *name = request->checkpoint != NULL ? request->checkpoint->name : NULL;
  g_autofree char *suffix =
      name != NULL ? g_strdup (name)
                   : g_strdup_printf ("%" G_GINT64_FORMAT, g_get_real_time () / G_USEC_PER_SEC);
  g_autofree char *xml = NULL;
  g_autoptr (VckcDomainDef) def = NULL;

  if (!is_incomplete (request->def))
    return g_strdup (request->backup_xml);
  xml = vckc_libvirt_domain_get_xml_desc (domain, 0, err);
  def = xml != NULL ? vckc_domain_def_parse (xml, err) : NULL;
  return def != NULL && vckc_backup_def_align (request->def, def, suffix, err)
             ? vckc_backup_def_format (request->def)
             : NULL;
}

/* One that this connection has begun has its end still to come. */
static bool
libvirt_backup_check_ended (VckcDomain *domain, VckcError **err)
{
  g_autoptr (VckcJobInfo) result = NULL;
  g_autoptr (VckcLibvirtBackup) backup = vckc_libvirt_backups_find (domain, &result);

  if (backup == NULL || result != NULL)
    return true;
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "domain '%s' has a backup that is not completed yet; wait for its end",
                  domain->name);
  return false;
}

/* --- the checkpoint --- */

/* The names of all checkpoints. */
static GHashTable *
libvirt_backup_list_names (VckcDomain *domain, VckcError **err)
{
  g_autoptr (GPtrArray) checkpoints = vckc_libvirt_list_checkpoints (domain, 0, err);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; checkpoints != NULL && i < checkpoints->len; i++)
    g_hash_table_add (names, g_strdup (virDomainCheckpointGetName (checkpoints->pdata[i])));
  return checkpoints != NULL ? g_steal_pointer (&names) : NULL;
}

/* The one that libvirt has made: it was not there before, and has the name that was asked for or,
 * if libvirt was to choose one, is the only one. NULL if it cannot be found for certain. */
static virDomainCheckpointPtr
libvirt_backup_find_checkpoint (VckcDomain *domain, GHashTable *before, const char *name)
{
  g_autoptr (GPtrArray) checkpoints = vckc_libvirt_list_checkpoints (domain, 0, NULL);
  virDomainCheckpointPtr found = NULL;
  guint n_found = 0;

  for (guint i = 0; checkpoints != NULL && i < checkpoints->len; i++)
    {
      const char *own = virDomainCheckpointGetName (checkpoints->pdata[i]);

      if (g_hash_table_contains (before, own) || (name != NULL && !g_str_equal (name, own)))
        continue;
      found = checkpoints->pdata[i];
      n_found++;
    }
  if (n_found != 1)
    return NULL;
  virDomainCheckpointRef (found);
  return found;
}

/* Announces the checkpoint, and keeps what proves later that it is the same. */
static void
libvirt_backup_take_checkpoint (VckcDomain *domain,
                                GHashTable *before,
                                const char *name,
                                VckcLibvirtBackup *backup)
{
  VCKC_AUTO_CHECKPOINT checkpoint = libvirt_backup_find_checkpoint (domain, before, name);
  VckcCheckpointDef *def =
      checkpoint != NULL
          ? vckc_libvirt_read_checkpoint (checkpoint, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, NULL)
          : NULL;

  if (checkpoint == NULL)
    return;
  if (def != NULL)
    {
      backup->checkpoint = g_strdup (virDomainCheckpointGetName (checkpoint));
      backup->creation_time = def->creation_time;
    }
  vckc_libvirt_cache_add (domain, checkpoint, def, false);
}

/* --- beginning --- */

static void
libvirt_backup_describe (VckcDomain *domain,
                         const LibvirtBackupRequest *request,
                         VckcLibvirtBackup *backup)
{
  backup->mode = request->def->mode;
  if (vckc_libvirt_backup_info_describe (domain, backup, NULL))
    return;
  /* It has ended already, or libvirt cannot be asked. */
  for (guint i = 0; i < request->def->disks->len; i++)
    {
      const VckcBackupDiskDef *disk = g_ptr_array_index (request->def->disks, i);

      if (disk->backup)
        g_ptr_array_add (backup->disks, vckc_job_disk_new (disk->name));
    }
}

/* Announces a backup, which has taken so many milliseconds or -1, and follows it. */
static bool
libvirt_backup_follow (VckcDomain *domain,
                       VckcLibvirtBackup *backup,
                       gint64 time_elapsed,
                       VckcLibvirtJobEnd *end /* (transfer full) (nullable) */,
                       VckcError **err)
{
  g_autoptr (VckcJobInfo) info = NULL;
  const VckcLibvirtJob job = {
    .is_backup = false, .time_elapsed = time_elapsed, .bytes_done = -1, .bytes_total = -1
  };

  info = vckc_libvirt_backup_info_new_running (domain, backup, &job);
  info->state = VCKC_JOB_STATE_RUNNING;
  vckc_libvirt_backups_add (domain, backup);
  if (time_elapsed >= 0)
    vckc_libvirt_backup_starts_add (domain, backup, time_elapsed);
  vckc_event_queue_push_job (domain->connect->events, VCKC_EVENT_JOB_STARTED, domain, info);
  return vckc_libvirt_backup_watch (domain, backup, end, err);
}

/* QEMU's message about a file that cannot be opened; for libvirt that is an internal error. */
#define QEMU_CANNOT_OPEN "Could not open '"

static bool
libvirt_backup_set_begin_error (VckcDomain *domain, const char *checkpoint_xml, VckcError **err)
{
  VckcError *error = NULL;
  const char *said;

  libvirt_backup_set_error (domain, "begin the backup", &error);
  said = vckc_error_get_libvirt_message (error);
  if (vckc_error_get_code (error) == VCKC_ERROR_INTERNAL && said != NULL
      && strstr (said, QEMU_CANNOT_OPEN) != NULL)
    {
      VckcError *better = NULL;

      vckc_set_error (&better, VCKC_ERROR_SYSTEM_ERROR, "%s", vckc_error_get_message (error));
      vckc_error_set_libvirt (better, vckc_error_get_libvirt_code (error),
                              vckc_error_get_libvirt_domain (error), said);
      vckc_error_free (error);
      error = better;
    }
  vckc_libvirt_taken_explain_checkpoint (error, vckc_libvirt_get_domain (domain), checkpoint_xml);
  vckc_propagate_error (err, error);
  return false;
}

static bool
libvirt_backup_begin_at_libvirt (VckcDomain *domain,
                                 const LibvirtBackupRequest *request,
                                 const char *xml,
                                 VckcError **err)
{
  return virDomainBackupBegin (vckc_libvirt_get_domain (domain), xml, request->checkpoint_xml,
                               request->flags & VCKC_BACKUP_BEGIN_REUSE_EXTERNAL)
             == 0
         || libvirt_backup_set_begin_error (domain, request->checkpoint_xml, err);
}

static bool
libvirt_backup_freeze (VckcDomain *domain, VckcError **err)
{
  virDomainPtr pointer = vckc_libvirt_get_domain (domain);

  if (virDomainFSFreeze (pointer, NULL, 0, 0) >= 0)
    return true;
  libvirt_backup_set_error (domain, "freeze the file systems", err);
  /* Of some it may have frozen a few. */
  virDomainFSThaw (pointer, NULL, 0, 0);
  virResetLastError ();
  return false;
}

static bool
libvirt_backup_thaw (VckcDomain *domain, VckcError **err)
{
  return virDomainFSThaw (vckc_libvirt_get_domain (domain), NULL, 0, 0) >= 0
         || libvirt_backup_set_error (domain, "thaw the file systems", err);
}

/* Of a backup that has begun and cannot go on. With the domain lock. */
static bool
libvirt_backup_give_up (VckcDomain *domain, const VckcLibvirtBackup *backup)
{
  vckc_libvirt_job_end_backup (domain, NULL);
  vckc_libvirt_backup_delete_checkpoint (domain, backup, NULL);
  return false;
}

/* With the domain lock. Once frozen, the guest is thawed whatever happens. */
static bool
libvirt_backup_begin_locked (VckcDomain *domain,
                             const LibvirtBackupRequest *request,
                             VckcError **err)
{
  g_autofree char *xml = libvirt_backup_make_document (domain, request, err);
  g_autoptr (GHashTable) before = xml != NULL ? libvirt_backup_list_names (domain, err) : NULL;
  g_autoptr (VckcLibvirtBackup) backup = NULL;
  g_autoptr (VckcLibvirtJobEnd) end = NULL;
  const bool quiesce = (request->flags & VCKC_BACKUP_BEGIN_QUIESCE) != 0;
  bool begun, thawed;

  if (before == NULL)
    return false;
  if (quiesce && !libvirt_backup_freeze (domain, err))
    return false;
  end = vckc_libvirt_job_end_new (domain);
  begun = libvirt_backup_begin_at_libvirt (domain, request, xml, err);
  thawed = !quiesce || libvirt_backup_thaw (domain, begun ? err : NULL);
  if (!begun)
    return false;
  backup = vckc_libvirt_backup_new ();
  libvirt_backup_describe (domain, request, backup);
  if (request->checkpoint != NULL)
    libvirt_backup_take_checkpoint (domain, before, request->checkpoint->name, backup);
  return thawed ? libvirt_backup_follow (domain, backup, 0, g_steal_pointer (&end), err)
                : libvirt_backup_give_up (domain, backup);
}

int
vckc_libvirt_domain_backup_begin (VckcDomain *domain,
                                  const char *backup_xml,
                                  const char *checkpoint_xml,
                                  unsigned int flags,
                                  VckcError **err)
{
  g_auto (LibvirtBackupRequest)
      request = { .backup_xml = backup_xml, .checkpoint_xml = checkpoint_xml, .flags = flags };
  bool begun;

  if (!libvirt_backup_check_driver (domain, err))
    return -1;
  request.def = vckc_backup_def_parse (backup_xml, err);
  if (request.def == NULL)
    return -1;
  if (checkpoint_xml != NULL)
    request.checkpoint = vckc_checkpoint_def_parse (checkpoint_xml, false, err);
  if ((checkpoint_xml != NULL && request.checkpoint == NULL)
      || !vckc_libvirt_domain_lock (domain, err))
    return -1;
  begun = libvirt_backup_check_ended (domain, err) && vckc_libvirt_pull_end_abandoned (domain, err)
          && libvirt_backup_check_running (domain, err) && vckc_libvirt_check_no_job (domain, err)
          && libvirt_backup_begin_locked (domain, &request, err);
  vckc_libvirt_domain_unlock (domain);
  return begun ? 0 : -1;
}

/* --- afterwards --- */

char *
vckc_libvirt_domain_backup_get_xml_desc (VckcDomain *domain, VckcError **err)
{
  char *xml;

  if (!libvirt_backup_check_driver (domain, err) || !vckc_libvirt_cache_check_domain (domain, err))
    return NULL;
  xml = virDomainBackupGetXMLDesc (vckc_libvirt_get_domain (domain), 0);
  if (xml == NULL)
    libvirt_backup_set_error (domain, "describe the backup", err);
  return xml;
}

static bool
libvirt_backup_set_none (VckcDomain *domain, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_NO_BACKUP, "domain '%s' has no backup that is under way",
                  domain->name);
  return false;
}

/* libvirt would abort any job, such as a migration. */
int
vckc_libvirt_domain_abort_job (VckcDomain *domain, VckcError **err)
{
  g_auto (VckcLibvirtJob) job = { 0 };

  if (!libvirt_backup_check_driver (domain, err) || !vckc_libvirt_cache_check_domain (domain, err)
      || !vckc_libvirt_job_query (domain, 0, &job, err)
      || (!job.is_backup && !libvirt_backup_set_none (domain, err)))
    return -1;
  if (virDomainAbortJob (vckc_libvirt_get_domain (domain)) == 0)
    return 0;
  libvirt_backup_set_error (domain, "abort the backup", err);
  return -1;
}

/* A disk whose part has ended has no speed any more. libvirt has no error of its own for that, so
 * it is asked what there is. */
static bool
libvirt_backup_limit_disk (VckcDomain *domain,
                           const char *disk,
                           guint64 speed,
                           bool *ret_limited,
                           VckcError **err)
{
  virDomainPtr pointer = vckc_libvirt_get_domain (domain);
  virDomainBlockJobInfo figures = { 0 };
  g_autoptr (VckcError) error = NULL;

  *ret_limited =
      virDomainBlockJobSetSpeed (pointer, disk, speed, VIR_DOMAIN_BLOCK_JOB_SPEED_BANDWIDTH_BYTES)
      == 0;
  if (*ret_limited)
    return true;
  libvirt_backup_set_error (domain, "limit the backup", &error);
  if (virDomainGetBlockJobInfo (pointer, disk, &figures, 0) == 0)
    return true;
  virResetLastError ();
  vckc_propagate_error (err, g_steal_pointer (&error));
  return false;
}

/* libvirt has a speed for each disk. */
static bool
libvirt_backup_limit_disks (VckcDomain *domain,
                            const VckcLibvirtBackup *backup,
                            guint64 speed,
                            VckcError **err)
{
  bool any_limited = false;

  for (guint i = 0; i < backup->disks->len; i++)
    {
      const VckcJobDisk *disk = g_ptr_array_index (backup->disks, i);
      bool limited;

      if (!libvirt_backup_limit_disk (domain, disk->name, speed, &limited, err))
        return false;
      any_limited = any_limited || limited;
    }
  return any_limited || libvirt_backup_set_none (domain, err);
}

int
vckc_libvirt_domain_set_job_speed (VckcDomain *domain, guint64 speed, VckcError **err)
{
  g_autoptr (VckcLibvirtBackup) backup = vckc_libvirt_backup_new ();
  g_auto (VckcLibvirtJob) job = { 0 };

  if (!libvirt_backup_check_driver (domain, err) || !vckc_libvirt_cache_check_domain (domain, err)
      || !vckc_libvirt_job_query (domain, 0, &job, err)
      || (!job.is_backup && !libvirt_backup_set_none (domain, err))
      || !vckc_libvirt_backup_info_describe (domain, backup, err))
    return -1;
  if (backup->mode == VCKC_BACKUP_MODE_PULL)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "the backup of domain '%s' is in pull mode, in which nothing is copied of its "
                    "own accord; limit the program that reads it",
                    domain->name);
  else if (libvirt_backup_limit_disks (domain, backup, speed, err))
    return 0;
  return -1;
}

/* With the domain lock. libvirt goes on with a backup whose program has ended: it is followed from
 * here, without a checkpoint that could be proven to be its own. */
static bool
libvirt_backup_recover_locked (VckcDomain *domain, VckcError **err)
{
  g_autoptr (VckcJobInfo) result = NULL;
  g_autoptr (VckcLibvirtJobEnd) end = NULL;
  g_autoptr (VckcLibvirtBackup) known = vckc_libvirt_backups_find (domain, &result);
  g_autoptr (VckcLibvirtBackup) backup = NULL;
  g_autoptr (VckcError) error = NULL;
  g_auto (VckcLibvirtJob) job = { 0 };

  if (known != NULL && result == NULL)
    return true;
  if (!vckc_libvirt_pull_end_abandoned (domain, err)
      || !vckc_libvirt_job_query (domain, 0, &job, err))
    return false;
  if (!job.is_backup)
    return true;
  end = vckc_libvirt_job_end_new (domain);
  backup = vckc_libvirt_backup_new ();
  if (vckc_libvirt_backup_info_describe (domain, backup, &error))
    {
      vckc_libvirt_backup_starts_find (domain, backup, job.time_elapsed);
      return libvirt_backup_follow (domain, backup, job.time_elapsed, g_steal_pointer (&end), err);
    }
  if (vckc_error_get_code (error) == VCKC_ERROR_NO_BACKUP)
    return true;
  vckc_propagate_error (err, g_steal_pointer (&error));
  return false;
}

int
vckc_libvirt_domain_recover_backup (VckcDomain *domain, VckcError **err)
{
  bool recovered;

  if (!libvirt_backup_check_driver (domain, err) || !vckc_libvirt_domain_lock (domain, err))
    return -1;
  recovered = libvirt_backup_recover_locked (domain, err);
  vckc_libvirt_domain_unlock (domain);
  return recovered ? 0 : -1;
}
