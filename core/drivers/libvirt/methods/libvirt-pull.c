/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/methods/libvirt-pull.h"

#include "base/private-folder.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/probe/libvirt-job.h"
#include "drivers/libvirt/probe/libvirt-reach.h"
#include "model/backup-xml.h"
#include "nbd/nbd-uri.h"

#define FOLDER_PREFIX "vck-extents-"
#define SOCKET_NAME "nbd"
#define SCRATCH_NAME "scratch.qcow2"

/* What the guest writes meanwhile saves the old data to the scratch file, and fails if there is no
 * room for that. */
#define ROOM_NEEDED (G_GUINT64_CONSTANT (64) * 1024 * 1024)

struct _VckcLibvirtPull
{
  VckcDomain *domain;        /* owned reference */
  VckcPrivateFolder *folder; /* owned */
  char *uri;
};

static bool
libvirt_pull_check_host (VckcDomain *domain, VckcError **err)
{
  g_autofree char *host = vckc_libvirt_find_host (domain);

  if (host != NULL)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "the changed blocks of domain '%s' can be listed on its own host only, and "
                    "'%s' is another one",
                    domain->name, domain->connect->uri);
  return host == NULL;
}

static bool
libvirt_pull_prepare_folder (VckcLibvirtPull *pull, gint64 user, VckcError **err)
{
  if (vckc_private_folder_get_room (pull->folder) < ROOM_NEEDED)
    {
      vckc_set_error (err, VCKC_ERROR_NO_SPACE,
                      "'%s' has less than %d MiB of room, which the guest's writes may need "
                      "meanwhile; make room, or set TMPDIR to another folder",
                      g_get_tmp_dir (), (int) (ROOM_NEEDED / 1024 / 1024));
      return false;
    }
  return vckc_libvirt_share_folder (pull->domain, pull->folder, user,
                                    "the changed blocks cannot be listed", err);
}

static char *
libvirt_pull_make_path (const VckcLibvirtPull *pull, const char *name)
{
  return g_build_filename (vckc_private_folder_get_path (pull->folder), name, NULL);
}

/* The description of the backup: one disk, and nothing else. */
static char *
libvirt_pull_make_xml (const VckcLibvirtPull *pull, const char *disk, const char *checkpoint)
{
  g_autoptr (VckcBackupDef) def = vckc_backup_def_new ();
  VckcBackupDiskDef *own = vckc_backup_disk_def_new (disk);

  def->mode = VCKC_BACKUP_MODE_PULL;
  def->server = g_new0 (VckcBackupServer, 1);
  def->server->transport = VCKC_BACKUP_TRANSPORT_UNIX;
  def->server->socket = libvirt_pull_make_path (pull, SOCKET_NAME);
  def->has_disks = true;
  own->backup = true;
  own->type = VCKC_BACKUP_STORE_FILE;
  own->path = libvirt_pull_make_path (pull, SCRATCH_NAME);
  own->format = g_strdup ("qcow2");
  own->mode = VCKC_BACKUP_DISK_INCREMENTAL;
  own->incremental = g_strdup (checkpoint);
  own->export_name = g_strdup (disk);
  own->export_bitmap = g_strdup (VCKC_LIBVIRT_PULL_BITMAP);
  g_ptr_array_add (def->disks, own);
  return vckc_backup_def_format (def);
}

static void
libvirt_pull_free (VckcLibvirtPull *pull)
{
  g_clear_pointer (&pull->folder, vckc_private_folder_free);
  vckc_object_unref (pull->domain);
  g_free (pull->uri);
  g_free (pull);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcLibvirtPull, libvirt_pull_free)

/* The backup under way; NULL if there is none, or libvirt cannot say. */
static VckcBackupDef *
libvirt_pull_describe (VckcDomain *domain)
{
  g_autofree char *xml = virDomainBackupGetXMLDesc (vckc_libvirt_get_domain (domain), 0);

  if (xml != NULL)
    return vckc_backup_def_parse (xml, NULL);
  virResetLastError ();
  return NULL;
}

/* The folder that the backup has its socket in; NULL if it has none. */
static char *
libvirt_pull_find_folder (const VckcBackupDef *def)
{
  return def->server != NULL && def->server->socket != NULL
             ? g_path_get_dirname (def->server->socket)
             : NULL;
}

/* After an answer of libvirt that failed or was lost: is the job there, for all that is known? */
static bool
libvirt_pull_may_run (const VckcLibvirtPull *pull)
{
  g_auto (VckcLibvirtJob) job = { 0 };
  g_autoptr (VckcBackupDef) def = NULL;
  g_autoptr (VckcError) error = NULL;
  g_autofree char *folder = NULL;

  if (!vckc_libvirt_job_query (pull->domain, 0, &job, &error))
    return vckc_error_get_code (error) != VCKC_ERROR_NO_DOMAIN;
  def = job.is_backup ? libvirt_pull_describe (pull->domain) : NULL;
  if (def == NULL)
    return job.is_backup;
  folder = libvirt_pull_find_folder (def);
  return g_strcmp0 (folder, vckc_private_folder_get_path (pull->folder)) == 0;
}

/* By its folder the job is known as abandoned when libvirt can be asked again. */
static void
libvirt_pull_leave_running (VckcLibvirtPull *pull)
{
  if (libvirt_pull_may_run (pull))
    vckc_private_folder_leave (g_steal_pointer (&pull->folder));
}

VckcLibvirtPull *
vckc_libvirt_pull_begin (VckcDomain *domain,
                         const VckcDomainDef *def,
                         const char *disk,
                         const char *checkpoint,
                         VckcError **err)
{
  g_autoptr (VckcLibvirtPull) pull = NULL;
  g_autofree char *socket = NULL;
  g_autofree char *xml = NULL;

  if (!libvirt_pull_check_host (domain, err))
    return NULL;
  pull = g_new0 (VckcLibvirtPull, 1);
  pull->domain = vckc_object_ref (domain);
  pull->folder = vckc_private_folder_new (FOLDER_PREFIX, err);
  if (pull->folder == NULL
      || !libvirt_pull_prepare_folder (pull, vckc_libvirt_find_user (def, disk), err))
    return NULL;
  socket = libvirt_pull_make_path (pull, SOCKET_NAME);
  pull->uri = vckc_nbd_make_unix_uri (socket, disk);
  xml = libvirt_pull_make_xml (pull, disk, checkpoint);
  if (virDomainBackupBegin (vckc_libvirt_get_domain (domain), xml, NULL, 0) == 0)
    return g_steal_pointer (&pull);
  vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                          "cannot list the changed blocks of disk '%s' of domain '%s'", disk,
                          domain->name);
  libvirt_pull_leave_running (pull);
  return NULL;
}

bool
vckc_libvirt_pull_end (VckcLibvirtPull *pull, VckcError **err)
{
  g_auto (VckcLibvirtJob) result = { 0 };
  const bool ended = vckc_libvirt_job_end_backup (pull->domain, err);

  /* It was no backup of anything: libvirt is to forget that it was. */
  if (ended)
    vckc_libvirt_job_query (pull->domain, VIR_DOMAIN_JOB_STATS_COMPLETED, &result, NULL);
  else
    libvirt_pull_leave_running (pull);
  libvirt_pull_free (pull);
  return ended;
}

const char *
vckc_libvirt_pull_get_uri (const VckcLibvirtPull *pull)
{
  return pull->uri;
}

/* The prefix of folders whose sockets are for a process alone, so that a backup has no purpose
 * without it; NULL if that is none. */
static const char *
libvirt_pull_find_prefix (const char *folder)
{
  static const char *const prefixes[] = { FOLDER_PREFIX, VCKC_LIBVIRT_BACKUP_PREFIX };

  for (guint i = 0; folder != NULL && i < G_N_ELEMENTS (prefixes); i++)
    if (vckc_private_folder_is_abandoned (folder, prefixes[i]))
      return prefixes[i];
  return NULL;
}

bool
vckc_libvirt_pull_end_abandoned (VckcDomain *domain, VckcError **err)
{
  g_auto (VckcLibvirtJob) job = { 0 };
  g_autoptr (VckcBackupDef) def = NULL;
  g_autofree char *folder = NULL;
  const char *prefix;

  if (!vckc_libvirt_job_query (domain, 0, &job, NULL) || !job.is_backup)
    return true;
  def = libvirt_pull_describe (domain);
  folder = def != NULL ? libvirt_pull_find_folder (def) : NULL;
  prefix = libvirt_pull_find_prefix (folder);
  if (prefix == NULL)
    return true;
  if (!vckc_libvirt_job_end_backup (domain, err))
    return false;
  vckc_private_folder_remove_abandoned (folder, prefix);
  return true;
}
