/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/block-backup.h"

void
vckc_block_backup_progress_clear (VckcBlockBackupProgress *progress)
{
  g_free (progress->error);
  *progress = (VckcBlockBackupProgress){ .state = VCKC_BLOCK_BACKUP_COPYING };
}

void
vckc_block_backup_progress_set_error (VckcBlockBackupProgress *progress, const VckcError *error)
{
  g_free (progress->error);
  progress->error = g_strdup (vckc_error_get_message (error));
  progress->no_space = vckc_error_get_code (error) == VCKC_ERROR_NO_SPACE;
}

bool
vckc_block_has_backups (const VckcBlockBackend *backend)
{
  return backend->klass->session_open_backup != NULL;
}

bool
vckc_block_session_needs_scratch (VckcBlockSession *session)
{
  return session->backend->klass->session_needs_scratch (session);
}

bool
vckc_block_make_backup_file (VckcBlockBackend *backend,
                             const VckcBlockBackupFile *file,
                             int *ret_fd,
                             VckcBlockImage *ret_made_as,
                             VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backend->klass->make_backup_file (backend, file, ret_fd, ret_made_as, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_name_backup_file (VckcBlockBackend *backend,
                             const VckcBlockBackupFile *file,
                             int fd,
                             VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backend->klass->name_backup_file (backend, file, fd, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_open_backup_file (VckcBlockBackend *backend,
                             const char *path,
                             const VckcBlockImage *made_as,
                             int *ret_fd,
                             VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backend->klass->open_backup_file (backend, path, made_as, ret_fd, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_make_backup_socket (VckcBlockBackend *backend,
                               const char *path,
                               int *ret_fd,
                               VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backend->klass->make_backup_socket (backend, path, ret_fd, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_remove_backup_file (VckcBlockBackend *backend,
                               const char *path,
                               const VckcBlockImage *made_as,
                               VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backend->klass->remove_backup_file (backend, path, made_as, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_session_drop_backup (VckcBlockSession *session, const char *id, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = session->backend->klass->session_drop_backup == NULL
            || session->backend->klass->session_drop_backup (session, id, &error);

  return vckc_pass_result (ok, error, err);
}

VckcBlockBackup *
vckc_block_session_open_backup (VckcBlockSession *session,
                                const VckcBlockBackupPlan *plan,
                                VckcError **err)
{
  VckcError *error = NULL;
  VckcBlockBackup *backup = session->backend->klass->session_open_backup (session, plan, &error);

  vckc_pass_result (backup != NULL, error, err);
  return backup;
}

bool
vckc_block_session_attach_backup (VckcBlockSession *session,
                                  const VckcBlockBackupPlan *plan,
                                  VckcBlockBackup **ret_backup,
                                  VckcError **err)
{
  VckcError *error = NULL;
  bool ok = session->backend->klass->session_attach_backup (session, plan, ret_backup, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_backup_start (VckcBlockBackup *backup, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backup->klass->start (backup, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_backup_wait (VckcBlockBackup *backup,
                        guint milliseconds,
                        VckcBlockBackupProgress *progress,
                        VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backup->klass->wait (backup, milliseconds, progress, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_backup_cancel (VckcBlockBackup *backup, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backup->klass->cancel (backup, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_backup_set_speed (VckcBlockBackup *backup, guint64 speed, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backup->klass->set_speed == NULL || backup->klass->set_speed (backup, speed, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_backup_finish (VckcBlockBackup *backup, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backup->klass->finish (backup, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_backup_forget (VckcBlockBackup *backup, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backup->klass->forget (backup, &error);

  return vckc_pass_result (ok, error, err);
}

const char *
vckc_block_backup_get_note (VckcBlockBackup *backup, guint disk)
{
  return backup->klass->get_note != NULL ? backup->klass->get_note (backup, disk) : NULL;
}

void
vckc_block_backup_free (VckcBlockBackup *backup)
{
  if (backup != NULL)
    backup->klass->free (backup);
}
