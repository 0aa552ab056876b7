/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qmp-backup.h"

#include <string.h>

#include "qemu/qmp-ask.h"
#include "qemu/qmp-backup-names.h"

/* With more nodes their whole description is not asked for. */
#define MAX_NODES 200

/* QEMU's message with the names of nodes and files replaced by those that the user knows. */
static char *
qmp_backup_translate (const VckcQmpBackup *backup, const char *refusal)
{
  GString *text = g_string_new (refusal);

  for (guint i = 0; i < backup->n_disks; i++)
    {
      const VckcQmpBackupDisk *disk = &backup->disks[i];
      VckcQmpBackupName target = vckc_qmp_backup_name (backup, 't', i);
      VckcQmpBackupName file = vckc_qmp_backup_name (backup, 'f', i);
      g_autofree char *source = g_strdup_printf ("'%s'", disk->node);
      g_autofree char *readable = g_strdup_printf ("'%s'", disk->target);

      g_string_replace (text, target.text, disk->file, 0);
      g_string_replace (text, file.text, disk->file, 0);
      if (disk->name != NULL)
        g_string_replace (text, disk->name, disk->file, 0);
      g_string_replace (text, source, readable, 0);
    }
  return g_string_free (text, FALSE);
}

static bool
is_lock_refusal (const char *refusal)
{
  return strstr (refusal, "Failed to get ") != NULL && g_str_has_suffix (refusal, " lock");
}

static void
qmp_backup_set_open_error (const VckcQmpBackup *backup,
                           const VckcQmpBackupDisk *disk,
                           bool source,
                           const char *refusal,
                           VckcError **err)
{
  g_autofree char *why = qmp_backup_translate (backup, refusal);

  if (is_lock_refusal (refusal))
    vckc_set_error (err, VCKC_ERROR_BUSY,
                    "%s '%s' of disk '%s' is held by another program; let that end first",
                    source ? "the image, or one that it is based on," : "the backup file",
                    source ? disk->path : disk->file, disk->target);
  else
    vckc_set_error (
        err, VCKC_ERROR_OPERATION_FAILED, "QEMU cannot open the %s '%s' of disk '%s': %s",
        source ? "image" : "backup file", source ? disk->path : disk->file, disk->target, why);
}

static const char *
qmp_backup_file_driver (bool block_device)
{
  return block_device ? "host_device" : "file";
}

static VckcQmpArgs *
qmp_backup_make_source (const VckcQmpBackupDisk *disk)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "driver", disk->raw ? "raw" : "qcow2");
  vckc_qmp_args_add_string (args, "node-name", disk->node);
  vckc_qmp_args_add_bool (args, "read-only", true);
  vckc_qmp_args_begin_object (args, "file");
  vckc_qmp_args_add_string (args, "driver", qmp_backup_file_driver (disk->block_device));
  vckc_qmp_args_add_string (args, "filename", disk->path);
  if (disk->locked)
    vckc_qmp_args_add_string (args, "locking", "off");
  vckc_qmp_args_end_object (args);
  return args;
}

/* The file counts for nothing before it is synced, once, after the end: QEMU need not flush it. */
static void
qmp_backup_add_no_flush (VckcQmpArgs *args)
{
  vckc_qmp_args_begin_object (args, "cache");
  vckc_qmp_args_add_bool (args, "no-flush", true);
  vckc_qmp_args_end_object (args);
}

/* The header may name a backing file: what is zero must be written as zero to hide that, so QEMU
 * must not look into it. */
static void
qmp_backup_add_target (VckcQmpArgs *args, const VckcQmpBackup *backup, guint disk, bool read_only)
{
  const VckcQmpBackupDisk *of = &backup->disks[disk];

  vckc_qmp_args_add_string (args, "driver", of->format);
  vckc_qmp_args_add_string (args, "node-name", vckc_qmp_backup_name (backup, 't', disk).text);
  vckc_qmp_args_add_bool (args, "read-only", read_only);
  if (backup->exports != NULL)
    vckc_qmp_args_add_string (args, "backing", of->node);
  else if (strcmp (of->format, "qcow2") == 0)
    vckc_qmp_args_add_null (args, "backing");
  qmp_backup_add_no_flush (args);
}

/* The file below stays open for writing when the node above is made read-only: what passed it to
 * QEMU may be gone by then. */
static VckcQmpArgs *
qmp_backup_make_target (const VckcQmpBackup *backup, guint disk)
{
  const VckcQmpBackupDisk *of = &backup->disks[disk];
  VckcQmpArgs *args = vckc_qmp_args_new ();

  qmp_backup_add_target (args, backup, disk, false);
  vckc_qmp_args_begin_object (args, "file");
  vckc_qmp_args_add_string (args, "driver", qmp_backup_file_driver (of->file_is_device));
  vckc_qmp_args_add_string (args, "node-name", vckc_qmp_backup_name (backup, 'f', disk).text);
  vckc_qmp_args_add_string (args, "filename", of->name);
  vckc_qmp_args_add_bool (args, "read-only", false);
  qmp_backup_add_no_flush (args);
  vckc_qmp_args_end_object (args);
  return args;
}

static bool
qmp_backup_open (VckcQmpClient *client, const VckcQmpBackup *backup, bool source, VckcError **err)
{
  for (guint i = 0; i < backup->n_disks; i++)
    {
      const VckcQmpBackupDisk *disk = &backup->disks[i];
      VckcQmpArgs *args =
          source ? qmp_backup_make_source (disk) : qmp_backup_make_target (backup, i);
      g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (client, "blockdev-add", args, err);

      if (reply == NULL)
        return false;
      if (vckc_qmp_reply_get_refusal (reply) == NULL)
        continue;
      qmp_backup_set_open_error (backup, disk, source, vckc_qmp_reply_get_refusal (reply), err);
      return false;
    }
  return true;
}

bool
vckc_qmp_backup_open_sources (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err)
{
  return qmp_backup_open (client, backup, true, err);
}

bool
vckc_qmp_backup_open_targets (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err)
{
  return qmp_backup_open (client, backup, false, err);
}

/* Are the files read-only? They were opened for writing. */
static bool
qmp_backup_are_targets_flushed (const VckcQmpBackup *backup, const VckcQmpReply *nodes)
{
  bool flushed = true;

  for (guint i = 0; flushed && i < backup->n_disks; i++)
    {
      const VckcQmpValue *node =
          vckc_qmp_find_named (nodes, "node-name", vckc_qmp_backup_name (backup, 't', i).text);

      flushed = node != NULL && vckc_qmp_value_get_bool (node, "ro", &flushed, NULL) && flushed;
    }
  return flushed;
}

bool
vckc_qmp_backup_flush_targets (VckcQmpClient *client,
                               const VckcQmpBackup *backup,
                               bool *ret_refused,
                               VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  g_autofree char *why = NULL;
  g_autoptr (VckcQmpReply) nodes = vckc_qmp_ask_nodes (client, true, err);
  VckcQmpArgs *args = NULL;

  if (nodes == NULL)
    return false;
  if (qmp_backup_are_targets_flushed (backup, nodes))
    return true;
  args = vckc_qmp_args_new ();
  vckc_qmp_args_begin_array (args, "options");
  for (guint i = 0; i < backup->n_disks; i++)
    {
      vckc_qmp_args_begin_object (args, NULL);
      qmp_backup_add_target (args, backup, i, true);
      vckc_qmp_args_add_string (args, "file", vckc_qmp_backup_name (backup, 'f', i).text);
      vckc_qmp_args_end_object (args);
    }
  vckc_qmp_args_end_array (args);
  reply = vckc_qmp_client_execute (client, "blockdev-reopen", args, err);
  if (reply == NULL || vckc_qmp_reply_get_refusal (reply) == NULL)
    return reply != NULL;
  if (ret_refused != NULL)
    *ret_refused = true;
  why = qmp_backup_translate (backup, vckc_qmp_reply_get_refusal (reply));
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "QEMU cannot write the rest of the backup: %s",
                  why);
  return false;
}

/* Is the node based on nothing? An answer that is `flat` shows only what its header says, and
 * another one may have been named. */
static bool
qmp_backup_is_standalone (const VckcQmpReply *nodes, bool flat, const char *name)
{
  const VckcQmpValue *node = vckc_qmp_find_named (nodes, "node-name", name);
  guint64 depth = 1;

  if (node == NULL || vckc_qmp_value_has (node, "backing_file"))
    return false;
  return flat || (vckc_qmp_value_get_uint (node, "backing_file_depth", &depth, NULL) && depth == 0);
}

/* Which disks are certainly based on nothing, so that what their images do not hold is zero. An
 * answer that is not flat grows with the square of the length of chains, so it is only asked for if
 * there are few nodes. */
static bool
qmp_backup_find_standalone (VckcQmpClient *client,
                            const VckcQmpBackup *backup,
                            bool *standalone,
                            VckcError **err)
{
  for (guint flat = 2; flat-- > 0;)
    {
      g_autoptr (VckcQmpReply) nodes = vckc_qmp_ask_nodes (client, flat != 0, err);
      const VckcQmpValue *list =
          nodes != NULL ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (nodes), NULL, err)
                        : NULL;
      bool any = false;

      if (list == NULL)
        return false;
      for (guint i = 0; i < backup->n_disks; i++)
        {
          standalone[i] = (flat != 0 || standalone[i]) && backup->disks[i].base == NULL
                          && vckc_qmp_array_get_length (list) <= MAX_NODES
                          && qmp_backup_is_standalone (nodes, flat != 0, backup->disks[i].node);
          any = any || standalone[i];
        }
      if (!any)
        break;
    }
  return true;
}

/* What the start uses of what only some versions of QEMU have. */
typedef struct
{
  bool perf;
  bool break_snapshot;
} BackupOptions;

static void
qmp_backup_begin_action (VckcQmpArgs *args, const char *type)
{
  vckc_qmp_args_begin_object (args, NULL);
  vckc_qmp_args_add_string (args, "type", type);
  vckc_qmp_args_begin_object (args, "data");
}

static void
qmp_backup_end_action (VckcQmpArgs *args)
{
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_object (args);
}

static void
qmp_backup_add_bitmap (VckcQmpArgs *args, const VckcQmpBackupBitmap *bitmap)
{
  qmp_backup_begin_action (args, "block-dirty-bitmap-add");
  vckc_qmp_args_add_string (args, "node", bitmap->node);
  vckc_qmp_args_add_string (args, "name", bitmap->name);
  vckc_qmp_args_add_bool (args, "persistent", true);
  qmp_backup_end_action (args);
}

/* A copy of the base's bitmap, which is not changed any more. */
static void
qmp_backup_add_copy (VckcQmpArgs *args, const VckcQmpBackup *backup, const VckcQmpBackupDisk *disk)
{
  VckcQmpBackupName copy = vckc_qmp_backup_bitmap_name (backup);

  qmp_backup_begin_action (args, "block-dirty-bitmap-add");
  vckc_qmp_args_add_string (args, "node", disk->node);
  vckc_qmp_args_add_string (args, "name", copy.text);
  vckc_qmp_args_add_bool (args, "persistent", false);
  vckc_qmp_args_add_bool (args, "disabled", true);
  vckc_qmp_args_add_uint (args, "granularity", disk->base_granularity);
  qmp_backup_end_action (args);
  qmp_backup_begin_action (args, "block-dirty-bitmap-merge");
  vckc_qmp_args_add_string (args, "node", disk->node);
  vckc_qmp_args_add_string (args, "target", copy.text);
  vckc_qmp_args_begin_array (args, "bitmaps");
  vckc_qmp_args_add_string (args, NULL, disk->base);
  vckc_qmp_args_end_array (args);
  qmp_backup_end_action (args);
}

static void
qmp_backup_add_sync (VckcQmpArgs *args,
                     const VckcQmpBackup *backup,
                     const VckcQmpBackupDisk *disk,
                     bool standalone)
{
  if (backup->exports != NULL)
    {
      vckc_qmp_args_add_string (args, "sync", "none");
      return;
    }
  if (disk->base == NULL)
    {
      vckc_qmp_args_add_string (args, "sync", standalone ? "top" : "full");
      return;
    }
  vckc_qmp_args_add_string (args, "sync", "bitmap");
  vckc_qmp_args_add_string (args, "bitmap", vckc_qmp_backup_bitmap_name (backup).text);
  vckc_qmp_args_add_string (args, "bitmap-mode", "never");
}

static void
qmp_backup_add_job (VckcQmpArgs *args,
                    const VckcQmpBackup *backup,
                    guint disk,
                    bool standalone,
                    const VckcQmpBackupTuning *tuning,
                    const BackupOptions *options)
{
  qmp_backup_begin_action (args, "blockdev-backup");
  vckc_qmp_args_add_string (args, "job-id", vckc_qmp_backup_name (backup, 'j', disk).text);
  vckc_qmp_args_add_string (args, "device", backup->disks[disk].node);
  vckc_qmp_args_add_string (args, "target", vckc_qmp_backup_name (backup, 't', disk).text);
  /* A job that ends frees nodes. QEMU may run that in the middle of listing its nodes, and crashes
   * then: vckc_qmp_backup_query() says when. */
  vckc_qmp_args_add_bool (args, "auto-finalize", false);
  vckc_qmp_args_add_bool (args, "auto-dismiss", false);
  qmp_backup_add_sync (args, backup, &backup->disks[disk], standalone);
  if (options->break_snapshot)
    vckc_qmp_args_add_string (args, "on-cbw-error", "break-snapshot");
  if (options->perf)
    {
      vckc_qmp_args_begin_object (args, "x-perf");
      vckc_qmp_args_add_bool (args, "use-copy-range", true);
      vckc_qmp_args_add_uint (args, "max-workers", tuning->workers);
      vckc_qmp_args_add_uint (args, "max-chunk",
                              MAX (tuning->max_chunk, backup->disks[disk].cluster_size));
      vckc_qmp_args_end_object (args);
    }
  qmp_backup_end_action (args);
}

static VckcQmpReply *
qmp_backup_transact (VckcQmpClient *client,
                     const VckcQmpBackup *backup,
                     const bool *standalone,
                     const VckcQmpBackupTuning *tuning,
                     const BackupOptions *options,
                     VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_begin_array (args, "actions");
  for (guint i = 0; i < backup->n_bitmaps; i++)
    qmp_backup_add_bitmap (args, &backup->bitmaps[i]);
  if (backup->exports != NULL)
    vckc_qmp_exports_add_copies (args, backup->exports);
  for (guint i = 0; i < backup->n_disks; i++)
    if (backup->disks[i].base != NULL && backup->exports == NULL)
      qmp_backup_add_copy (args, backup, &backup->disks[i]);
  for (guint i = 0; i < backup->n_disks; i++)
    qmp_backup_add_job (args, backup, i, standalone[i], tuning, options);
  vckc_qmp_args_end_array (args);
  return vckc_qmp_client_execute (client, "transaction", args, err);
}

/* A QEMU that does not know an option refuses the transaction as a whole, before it does anything.
 * True if it can be tried again without. */
static bool
qmp_backup_drop_option (BackupOptions *options, const char *refusal)
{
  bool *option = strstr (refusal, "on-cbw-error") != NULL ? &options->break_snapshot
                 : strstr (refusal, "x-perf") != NULL     ? &options->perf
                                                          : NULL;
  bool dropped = option != NULL && *option;

  if (dropped)
    {
      g_info ("QEMU has no option of backups: %s", refusal);
      *option = false;
    }
  return dropped;
}

bool
vckc_qmp_backup_start (VckcQmpClient *client,
                       const VckcQmpBackup *backup,
                       const VckcQmpBackupTuning *tuning,
                       bool *ret_protected,
                       VckcError **err)
{
  BackupOptions options = { .perf = true, .break_snapshot = tuning->protect_guest };
  g_autofree bool *standalone = g_new0 (bool, backup->n_disks);
  g_autofree char *why = NULL;

  if (!qmp_backup_find_standalone (client, backup, standalone, err))
    return false;
  for (;;)
    {
      g_autoptr (VckcQmpReply) reply =
          qmp_backup_transact (client, backup, standalone, tuning, &options, err);
      const char *refusal = reply != NULL ? vckc_qmp_reply_get_refusal (reply) : NULL;

      if (refusal == NULL)
        {
          *ret_protected = options.break_snapshot;
          return reply != NULL;
        }
      if (tuning->must_protect && strstr (refusal, "on-cbw-error") != NULL)
        {
          vckc_set_error (err, VCKC_ERROR_NO_SPACE,
                          "room for the backup cannot be reserved where it is to be written, and "
                          "this QEMU would let writes of the guest fail if that became full; "
                          "use another file system, or stop the domain first");
          return false;
        }
      if (qmp_backup_drop_option (&options, refusal))
        continue;
      why = qmp_backup_translate (backup, refusal);
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "QEMU cannot begin the backup: %s", why);
      return false;
    }
}
