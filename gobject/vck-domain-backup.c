/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The backup jobs of a domain: to begin one, and to find it again. */

#include "vck-call.h"
#include "vck-job-look.h"
#include "vck-private.h"

static VckBackupJob *
domain_find_job (VckDomain *self, GError **error)
{
  VckcError *err = NULL;
  VckcJobInfo *info = vck_job_find_info (vck_domain_get_handle (self), &err);

  if (info != NULL)
    return vck_backup_job_wrap (self, info);
  g_propagate_error (error, vck_error_take (err));
  return NULL;
}

static void
domain_hold (gpointer handle)
{
  vckc_domain_ref (handle, NULL);
}

static void
domain_drop (gpointer handle)
{
  vckc_domain_unref (handle, NULL);
}

typedef struct
{
  VckCall base;
  char *backup_xml;
  char *checkpoint_xml;
  VckBackupBeginFlags flags;
  VckBackupJob *result;
} JobCall;

static void
job_call_clear (VckCall *base)
{
  JobCall *call = (JobCall *) base;

  g_clear_pointer (&call->backup_xml, g_free);
  g_clear_pointer (&call->checkpoint_xml, g_free);
  g_clear_object (&call->result);
}

/* The job of a call that has ended, or NULL. */
static VckBackupJob *
job_call_take (VckCall *base)
{
  JobCall *call = (JobCall *) base;
  VckBackupJob *result = NULL;

  if (base == NULL)
    return NULL;
  result = g_steal_pointer (&call->result);
  vck_call_free (base);
  return result;
}

static gboolean
begin_run (VckCall *base, GError **error)
{
  JobCall *call = (JobCall *) base;
  VckcError *err = NULL;

  if (vckc_domain_backup_begin (base->handle, call->backup_xml, call->checkpoint_xml,
                                (unsigned int) call->flags, &err)
      < 0)
    return vck_call_fail (base, vck_error_take (err), error);
  call->result = domain_find_job (VCK_DOMAIN (base->self), error);
  if (call->result == NULL)
    g_prefix_error (error, "the backup of '%s' has begun, but is not followed: ",
                    vck_domain_get_name (VCK_DOMAIN (base->self)));
  return call->result != NULL;
}

static const VckCallInfo begin_info = {
  .name = "vck_domain_begin_backup",
  .size = sizeof (JobCall),
  .kind = VCK_CALL_MUTATOR,
  .hold = domain_hold,
  .drop = domain_drop,
  .run = begin_run,
  .clear = job_call_clear,
};

static VckCall *
begin_new (VckDomain *self,
           const char *backup_xml,
           const char *checkpoint_xml,
           VckBackupBeginFlags flags)
{
  JobCall *call = vck_call_new (&begin_info, self, vck_domain_get_handle (self));

  call->backup_xml = g_strdup (backup_xml);
  call->checkpoint_xml = g_strdup (checkpoint_xml);
  call->flags = flags;
  return &call->base;
}

/**
 * vck_domain_begin_backup:
 * @self: a domain, running or not
 * @backup_xml: a `<domainbackup>` document: what is copied where
 * @checkpoint_xml: (nullable): a `<domaincheckpoint>` document: the checkpoint that is created at
 *   the point in time of the backup, or %NULL for none
 * @flags: how to begin it
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @error: return location for an error
 *
 * Begins to back up disks of the domain, all at the same point in time. Returns as soon as the
 * point in time is fixed; the copying goes on, and the object follows it: see
 * [method@BackupJob.wait].
 *
 * The backup and its checkpoint exist together or not at all: when the job does not end with
 * [enum@JobState] `DONE`, the checkpoint is deleted again, and earlier checkpoints are as they
 * were.
 *
 * While a domain that is off is backed up, its images are held, so that it cannot be started; see
 * [method@BackupJob.cancel].
 *
 * In pull mode the disks are offered over NBD, read-only, and what the base of an incremental
 * backup has marked as a dirty bitmap. A Unix socket is made for that, where nothing may be yet,
 * and only this user can reach it; a TCP port can be reached by all who can reach the host. There
 * is no TLS. All ends with [method@BackupJob.cancel]. When the program ends before, the backup of a
 * domain that is off is cancelled or lost, since it is not known what was read; that of a running
 * domain goes on.
 *
 * Fails with %VCK_ERROR_INVALID_ARG when @flags are unknown, or when a file that should be made
 * exists, with %VCK_ERROR_OPERATION_DENIED on a read-only connection, with %VCK_ERROR_XML_ERROR or
 * %VCK_ERROR_XML_INVALID_SCHEMA when a document is not what it should be, with
 * %VCK_ERROR_CONFIG_UNSUPPORTED when a document asks for what the disks cannot do, with
 * %VCK_ERROR_NO_DOMAIN when the domain no longer exists, with %VCK_ERROR_NO_DOMAIN_CHECKPOINT when
 * the checkpoint that an incremental backup is based on does not exist, with
 * %VCK_ERROR_CHECKPOINT_INCONSISTENT when its bitmaps cannot be relied on, with
 * %VCK_ERROR_CHECKPOINT_EXISTS when the name of the new checkpoint is taken, with
 * %VCK_ERROR_OPERATION_UNSUPPORTED when the domain, in its state, cannot be backed up in this way,
 * with %VCK_ERROR_NO_SPACE when the room that a file may need cannot be reserved, with
 * %VCK_ERROR_SYSTEM_ERROR when a file cannot be made or opened, with %VCK_ERROR_BUSY when another
 * job or operation, or another program, holds the domain or one of its images, and with
 * %VCK_ERROR_NO_SUPPORT when the driver has no backups. An error that begins with "the backup of …
 * has begun" says that the job goes on, but could not be asked for its state;
 * [method@Domain.get_backup_job] finds it.
 *
 * Returns: (transfer full): the job
 *
 * Since: 1.0
 */
VckBackupJob *
vck_domain_begin_backup (VckDomain *self,
                         const char *backup_xml,
                         const char *checkpoint_xml,
                         VckBackupBeginFlags flags,
                         GCancellable *cancellable,
                         GError **error)
{
  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);
  g_return_val_if_fail (backup_xml != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return job_call_take (
      vck_call_sync (begin_new (self, backup_xml, checkpoint_xml, flags), cancellable, error));
}

/**
 * vck_domain_begin_backup_async:
 * @self: a domain, running or not
 * @backup_xml: a `<domainbackup>` document: what is copied where
 * @checkpoint_xml: (nullable): a `<domaincheckpoint>` document: the checkpoint that is created at
 *   the point in time of the backup, or %NULL for none
 * @flags: how to begin it
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @callback: (scope async): called when it is done
 * @user_data: given to @callback
 *
 * Does what [method@Domain.begin_backup] does, in another thread, and then calls @callback in the
 * thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
vck_domain_begin_backup_async (VckDomain *self,
                               const char *backup_xml,
                               const char *checkpoint_xml,
                               VckBackupBeginFlags flags,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (VCK_IS_DOMAIN (self));
  g_return_if_fail (backup_xml != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  vck_call_async (begin_new (self, backup_xml, checkpoint_xml, flags), cancellable, callback,
                  user_data, vck_domain_begin_backup_async);
}

/**
 * vck_domain_begin_backup_finish:
 * @self: a domain
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@Domain.begin_backup_async].
 *
 * Returns: (transfer full): the job
 *
 * Since: 1.0
 */
VckBackupJob *
vck_domain_begin_backup_finish (VckDomain *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);

  return job_call_take (vck_call_finish (result, self, vck_domain_begin_backup_async, error));
}

static gboolean
is_writable (VckDomain *domain)
{
  VckConnection *connection = vck_domain_get_connection (domain);

  return connection == NULL
         || (vck_connection_get_flags (connection) & VCK_CONNECTION_READ_ONLY) == 0;
}

static gboolean
get_run (VckCall *base, GError **error)
{
  JobCall *call = (JobCall *) base;
  VckDomain *domain = VCK_DOMAIN (base->self);
  VckcError *err = NULL;

  if (is_writable (domain) && vckc_domain_recover_backup (base->handle, &err) < 0)
    return vck_call_fail (base, vck_error_take (err), error);
  call->result = domain_find_job (domain, error);
  return call->result != NULL;
}

static const VckCallInfo get_info = {
  .name = "vck_domain_get_backup_job",
  .size = sizeof (JobCall),
  .kind = VCK_CALL_MUTATOR,
  .hold = domain_hold,
  .drop = domain_drop,
  .run = get_run,
  .clear = job_call_clear,
};

static VckCall *
get_new (VckDomain *self)
{
  return vck_call_new (&get_info, self, vck_domain_get_handle (self));
}

/**
 * vck_domain_get_backup_job:
 * @self: a domain
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @error: return location for an error
 *
 * Gets the backup of the domain that is under way, whatever program began it, or, if none is, the
 * last one whose result is kept.
 *
 * Unless the connection is read-only, a backup whose program ended before it did is taken up first:
 * if QEMU goes on with it, it is followed from now on; if it has ended, it is completed; if it was
 * lost with the program or with QEMU, what is left of it is removed.
 *
 * Fails with %VCK_ERROR_NO_BACKUP when no backup is under way and none has left a result, with
 * %VCK_ERROR_NO_DOMAIN when the domain no longer exists, with %VCK_ERROR_BUSY when another
 * operation holds the domain, with %VCK_ERROR_SYSTEM_ERROR when QEMU or a file cannot be reached,
 * and with %VCK_ERROR_NO_SUPPORT when the driver has no backups.
 *
 * Returns: (transfer full): the job
 *
 * Since: 1.0
 */
VckBackupJob *
vck_domain_get_backup_job (VckDomain *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return job_call_take (vck_call_sync (get_new (self), cancellable, error));
}

/**
 * vck_domain_get_backup_job_async:
 * @self: a domain
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @callback: (scope async): called when it is done
 * @user_data: given to @callback
 *
 * Does what [method@Domain.get_backup_job] does, in another thread, and then calls @callback in
 * the thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
vck_domain_get_backup_job_async (VckDomain *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_return_if_fail (VCK_IS_DOMAIN (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  vck_call_async (get_new (self), cancellable, callback, user_data,
                  vck_domain_get_backup_job_async);
}

/**
 * vck_domain_get_backup_job_finish:
 * @self: a domain
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@Domain.get_backup_job_async].
 *
 * Returns: (transfer full): the job
 *
 * Since: 1.0
 */
VckBackupJob *
vck_domain_get_backup_job_finish (VckDomain *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_DOMAIN (self), NULL);

  return job_call_take (vck_call_finish (result, self, vck_domain_get_backup_job_async, error));
}
