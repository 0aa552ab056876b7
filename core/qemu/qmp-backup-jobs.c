/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qmp-backup-jobs.h"

#include <string.h>

#include "base/log.h"
#include "qemu/qmp-ask.h"
#include "qemu/qmp-backup-names.h"
#include "qemu/qmp-block.h"

/* What QEMU says of a job that was cancelled. */
#define CANCELLED "Operation canceled"

void
vckc_qmp_backup_progress_clear (VckcQmpBackupProgress *progress)
{
  g_free (progress->error);
  *progress = (VckcQmpBackupProgress){ VCKC_QMP_BACKUP_MISSING, 0, 0, NULL, false };
}

static bool
qmp_backup_parse_job (const VckcQmpValue *job, VckcQmpBackupProgress *progress, VckcError **err)
{
  const char *status = vckc_qmp_value_get_string (job, "status", err);
  const char *error = NULL;

  if (status == NULL || !vckc_qmp_value_get_uint (job, "current-progress", &progress->done, err)
      || !vckc_qmp_value_get_uint (job, "total-progress", &progress->total, err))
    return false;
  if (vckc_qmp_value_has (job, "error"))
    error = vckc_qmp_value_get_string (job, "error", NULL);
  progress->error = g_strdup (error);
  progress->cancelled = g_strcmp0 (error, CANCELLED) == 0;
  progress->state = strcmp (status, "concluded") != 0 ? VCKC_QMP_BACKUP_RUNNING
                    : error != NULL                   ? VCKC_QMP_BACKUP_FAILED
                                                      : VCKC_QMP_BACKUP_DONE;
  return true;
}

/* Sends a command about one name. A refusal is passed on in *ret_refusal. */
static bool
qmp_backup_order (VckcQmpClient *client,
                  const char *command,
                  const char *key,
                  const char *name,
                  char **ret_refusal,
                  VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, key, name);
  reply = vckc_qmp_client_execute (client, command, args, err);
  if (reply != NULL)
    *ret_refusal = g_strdup (vckc_qmp_reply_get_refusal (reply));
  return reply != NULL;
}

static VckcQmpReply *
qmp_backup_query_jobs (VckcQmpClient *client, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = vckc_qmp_ask (client, "query-jobs", NULL, err);

  return reply != NULL
                 && vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, err) != NULL
             ? g_steal_pointer (&reply)
             : NULL;
}

/* Ends the jobs that have copied all. */
static bool
qmp_backup_finalize (VckcQmpClient *client,
                     const VckcQmpBackup *backup,
                     const VckcQmpReply *jobs,
                     bool *ret_any,
                     VckcError **err)
{
  *ret_any = false;
  for (guint i = 0; i < backup->n_disks; i++)
    {
      const VckcQmpBackupName name = vckc_qmp_backup_name (backup, 'j', i);
      const VckcQmpValue *job = vckc_qmp_find_named (jobs, "id", name.text);
      const char *status = job != NULL ? vckc_qmp_value_get_string (job, "status", NULL) : NULL;
      g_autofree char *refusal = NULL;

      if (g_strcmp0 (status, "pending") != 0)
        continue;
      /* Refused if another process was faster, which is as good. */
      if (!qmp_backup_order (client, "job-finalize", "id", name.text, &refusal, err))
        return false;
      *ret_any = true;
    }
  return true;
}

bool
vckc_qmp_backup_query (VckcQmpClient *client,
                       const VckcQmpBackup *backup,
                       VckcQmpBackupProgress *progress,
                       VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = qmp_backup_query_jobs (client, err);
  bool any;

  if (reply == NULL || !qmp_backup_finalize (client, backup, reply, &any, err))
    return false;
  if (any)
    {
      vckc_qmp_reply_free (reply);
      reply = qmp_backup_query_jobs (client, err);
    }
  if (reply == NULL)
    return false;
  for (guint i = 0; i < backup->n_disks; i++)
    {
      const VckcQmpValue *job =
          vckc_qmp_find_named (reply, "id", vckc_qmp_backup_name (backup, 'j', i).text);

      vckc_qmp_backup_progress_clear (&progress[i]);
      if (job != NULL && !qmp_backup_parse_job (job, &progress[i], err))
        return false;
    }
  return true;
}

bool
vckc_qmp_backup_cancel (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err)
{
  for (guint i = 0; i < backup->n_disks; i++)
    {
      g_autofree char *refusal = NULL;

      /* Refused if the job is unknown, or has ended: both are as good. */
      if (!qmp_backup_order (client, "job-cancel", "id", vckc_qmp_backup_name (backup, 'j', i).text,
                             &refusal, err))
        return false;
    }
  return true;
}

bool
vckc_qmp_backup_set_speed (VckcQmpClient *client,
                           const VckcQmpBackup *backup,
                           guint64 speed,
                           VckcError **err)
{
  for (guint i = 0; i < backup->n_disks; i++)
    {
      g_autoptr (VckcQmpReply) reply = NULL;
      VckcQmpArgs *args = vckc_qmp_args_new ();

      vckc_qmp_args_add_string (args, "device", vckc_qmp_backup_name (backup, 'j', i).text);
      vckc_qmp_args_add_uint (args, "speed", speed);
      reply = vckc_qmp_client_execute (client, "block-job-set-speed", args, err);
      if (reply == NULL)
        return false;
      if (vckc_qmp_reply_get_refusal (reply) != NULL)
        vckc_log_debug (VCKC_ABOUT (.disk = backup->disks[i].target), "disk '%s': %s",
                        backup->disks[i].target, vckc_qmp_reply_get_refusal (reply));
    }
  return true;
}

/* Does QEMU have that node? */
static bool
qmp_backup_has_node (VckcQmpClient *client, const char *name, bool *ret_has, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = vckc_qmp_ask_nodes (client, true, err);

  if (reply != NULL)
    *ret_has = vckc_qmp_find_named (reply, "node-name", name) != NULL;
  return reply != NULL;
}

bool
vckc_qmp_backup_has_targets (VckcQmpClient *client,
                             const VckcQmpBackup *backup,
                             bool *ret_has,
                             VckcError **err)
{
  *ret_has = false;
  for (guint i = 0; i < backup->n_disks && !*ret_has; i++)
    if (!qmp_backup_has_node (client, vckc_qmp_backup_name (backup, 't', i).text, ret_has, err))
      return false;
  return true;
}

/* Closes a file. *ret_refusal: why it stays open; NULL also if it was closed before. */
static bool
qmp_backup_close (VckcQmpClient *client,
                  const VckcQmpBackup *backup,
                  guint disk,
                  char **ret_refusal,
                  VckcError **err)
{
  VckcQmpBackupName node = vckc_qmp_backup_name (backup, 't', disk);
  bool has = false;

  *ret_refusal = NULL;
  if (!qmp_backup_order (client, "blockdev-del", "node-name", node.text, ret_refusal, err)
      || (*ret_refusal != NULL && !qmp_backup_has_node (client, node.text, &has, err)))
    return false;
  if (!has)
    g_clear_pointer (ret_refusal, g_free);
  return true;
}

bool
vckc_qmp_backup_close_targets (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err)
{
  for (guint i = 0; i < backup->n_disks; i++)
    {
      g_autofree char *refusal = NULL;

      if (!qmp_backup_close (client, backup, i, &refusal, err))
        return false;
      if (refusal == NULL)
        continue;
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                      "QEMU cannot close the backup file '%s' of disk '%s': %s",
                      backup->disks[i].file, backup->disks[i].target, refusal);
      return false;
    }
  return true;
}

/* Does a node have the temporary bitmap of the backup? */
static bool
qmp_backup_has_copy (const VckcQmpValue *node, const char *name, bool *ret_has, VckcError **err)
{
  g_autoptr (GPtrArray) bitmaps = vckc_qmp_block_parse_node (node, err);

  *ret_has = false;
  for (guint i = 0; bitmaps != NULL && i < bitmaps->len; i++)
    {
      const VckcBlockBitmap *bitmap = g_ptr_array_index (bitmaps, i);

      if (strcmp (bitmap->name, name) == 0 && !bitmap->persistent && !bitmap->recording)
        *ret_has = true;
    }
  return bitmaps != NULL;
}

/* The names of the nodes that have its temporary bitmap. */
static GPtrArray *
qmp_backup_find_copies (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err)
{
  const VckcQmpBackupName name = vckc_qmp_backup_bitmap_name (backup);
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (VckcQmpReply) reply = vckc_qmp_ask_nodes (client, true, err);
  const VckcQmpValue *list =
      reply != NULL ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, err) : NULL;

  if (list == NULL)
    return NULL;
  for (guint i = 0; i < vckc_qmp_array_get_length (list); i++)
    {
      const VckcQmpValue *node = vckc_qmp_array_get_element (list, i);
      const char *node_name = vckc_qmp_value_get_string (node, "node-name", err);
      bool has;

      if (node_name == NULL || !qmp_backup_has_copy (node, name.text, &has, err))
        return NULL;
      if (has)
        g_ptr_array_add (nodes, g_strdup (node_name));
    }
  return g_steal_pointer (&nodes);
}

static bool
qmp_backup_remove_copy (VckcQmpClient *client,
                        const VckcQmpBackup *backup,
                        const char *node,
                        char **refusal,
                        VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "node", node);
  vckc_qmp_args_add_string (args, "name", vckc_qmp_backup_bitmap_name (backup).text);
  reply = vckc_qmp_client_execute (client, "block-dirty-bitmap-remove", args, err);
  if (reply != NULL && *refusal == NULL)
    *refusal = g_strdup (vckc_qmp_reply_get_refusal (reply));
  return reply != NULL;
}

/* Removes its temporary bitmaps, also of disks that the domain does not have any more. */
static bool
qmp_backup_remove_copies (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err)
{
  g_autofree char *refusal = NULL;
  g_autoptr (GPtrArray) nodes = qmp_backup_find_copies (client, backup, err);
  g_autoptr (GPtrArray) left = NULL;

  for (guint i = 0; nodes != NULL && i < nodes->len; i++)
    if (!qmp_backup_remove_copy (client, backup, g_ptr_array_index (nodes, i), &refusal, err))
      return false;
  if (nodes == NULL || refusal == NULL)
    return nodes != NULL;
  left = qmp_backup_find_copies (client, backup, err);
  if (left != NULL && left->len > 0)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                    "QEMU cannot remove the temporary bitmap '%s' of a backup: %s",
                    vckc_qmp_backup_bitmap_name (backup).text, refusal);
  return left != NULL && left->len == 0;
}

static bool
is_with_copies (const VckcQmpBackup *backup)
{
  for (guint i = 0; i < backup->n_disks; i++)
    if (backup->disks[i].base != NULL && backup->exports == NULL)
      return true;
  return false;
}

/* By its jobs another program finds what is left of a backup if this one dies, so they go last. */
bool
vckc_qmp_backup_dismiss (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err)
{
  if (is_with_copies (backup) && !qmp_backup_remove_copies (client, backup, err))
    return false;
  for (guint i = 0; i < backup->n_disks; i++)
    {
      g_autofree char *refusal = NULL;

      if (!qmp_backup_order (client, "job-dismiss", "id",
                             vckc_qmp_backup_name (backup, 'j', i).text, &refusal, err))
        return false;
    }
  return true;
}

/* Is it a job of that backup that has ended? */
static bool
qmp_backup_is_ended (const VckcQmpValue *job, const VckcQmpBackup *earlier, guint *ret_disk)
{
  const char *name = vckc_qmp_value_get_string (job, "id", NULL);
  const char *status = vckc_qmp_value_get_string (job, "status", NULL);

  return name != NULL && g_strcmp0 (status, "concluded") == 0
         && vckc_qmp_backup_parse_name (earlier, 'j', name, ret_disk);
}

static bool
qmp_backup_drop_disk (VckcQmpClient *client,
                      const VckcQmpBackup *earlier,
                      guint disk,
                      VckcError **err)
{
  g_autofree char *refusal = NULL;
  g_autofree char *ignored = NULL;

  if (!qmp_backup_close (client, earlier, disk, &refusal, err))
    return false;
  if (refusal == NULL)
    return qmp_backup_order (client, "job-dismiss", "id",
                             vckc_qmp_backup_name (earlier, 'j', disk).text, &ignored, err);
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                  "QEMU cannot close a file of the backup before: %s", refusal);
  return false;
}

bool
vckc_qmp_backup_drop_earlier (VckcQmpClient *client, const char *id, VckcError **err)
{
  const VckcQmpBackup earlier = { .id = id };
  g_autoptr (VckcQmpReply) reply = vckc_qmp_ask (client, "query-jobs", NULL, err);
  const VckcQmpValue *jobs =
      reply != NULL ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, err) : NULL;
  bool cleared = false;

  for (guint i = 0; jobs != NULL && i < vckc_qmp_array_get_length (jobs); i++)
    {
      guint disk;

      if (!qmp_backup_is_ended (vckc_qmp_array_get_element (jobs, i), &earlier, &disk))
        continue;
      if ((!cleared && !qmp_backup_remove_copies (client, &earlier, err))
          || !qmp_backup_drop_disk (client, &earlier, disk, err))
        return false;
      cleared = true;
    }
  return jobs != NULL;
}
