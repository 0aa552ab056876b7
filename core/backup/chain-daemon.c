/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/chain-daemon.h"

#include <string.h>

#include "base/cancel.h"

/* Bytes of the tables of each level that are kept in memory. */
#define L2_CACHE_SIZE (128 * 1024)
#define TARGET_NODE "target"
#define TARGET_FILE_NODE "target-file"
#define JOB "copy"
#define COPY_WORKERS 4
/* Milliseconds between two looks at a job, of whose changes events come as well. */
#define JOB_PAUSE 100

struct _VckcChainDaemon
{
  VckcStorageDaemon *daemon;
  VckcQmpClient *qmp; /* borrowed */
  guint n_levels;     /* files of levels, which come before others */
};

void
vckc_chain_daemon_free (VckcChainDaemon *self)
{
  if (self == NULL)
    return;
  vckc_storage_daemon_free (self->daemon);
  g_free (self);
}

char *
vckc_chain_daemon_make_node (guint chain, guint level)
{
  return g_strdup_printf ("chain%u-level%u", chain, level);
}

static char *
chain_daemon_make_fd_name (guint i)
{
  return g_strdup_printf ("/dev/fd/%u", VCKC_STORAGE_DAEMON_FIRST_FD + i);
}

char *
vckc_chain_daemon_make_file (const VckcChainDaemon *self, guint i)
{
  return chain_daemon_make_fd_name (self->n_levels + i);
}

/* The answer; NULL if there is none that is not a refusal. */
static VckcQmpReply *
chain_daemon_execute (VckcChainDaemon *self,
                      const char *what,
                      const char *command,
                      VckcQmpArgs *args,
                      VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (self->qmp, command, args, err);

  if (reply == NULL)
    vckc_storage_daemon_explain (self->daemon, err);
  if (reply == NULL || vckc_qmp_reply_get_refusal (reply) == NULL)
    return g_steal_pointer (&reply);
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "%s: %s", what,
                  vckc_qmp_reply_get_refusal (reply));
  return NULL;
}

bool
vckc_chain_daemon_call (VckcChainDaemon *self,
                        const char *what,
                        const char *command,
                        VckcQmpArgs *args,
                        VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = chain_daemon_execute (self, what, command, args, err);

  return reply != NULL;
}

static bool
chain_daemon_open_level (VckcChainDaemon *self,
                         const VckcChainLevel *level,
                         const char *node,
                         const char *below,
                         guint file,
                         VckcError **err)
{
  g_autofree char *what = g_strdup_printf ("QEMU cannot open the image '%s'", level->path);
  g_autofree char *name = chain_daemon_make_fd_name (file);
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "driver", "qcow2");
  vckc_qmp_args_add_string (args, "node-name", node);
  vckc_qmp_args_add_bool (args, "read-only", true);
  vckc_qmp_args_add_uint (args, "l2-cache-size", L2_CACHE_SIZE);
  if (below != NULL)
    vckc_qmp_args_add_string (args, "backing", below);
  else
    vckc_qmp_args_add_null (args, "backing");
  vckc_qmp_args_begin_object (args, "file");
  vckc_qmp_args_add_string (args, "driver", "file");
  vckc_qmp_args_add_string (args, "filename", name);
  vckc_qmp_args_end_object (args);
  return vckc_chain_daemon_call (self, what, "blockdev-add", args, err);
}

/* From the lowest level upwards. */
static bool
chain_daemon_open_chain (VckcChainDaemon *self,
                         const VckcChain *chain,
                         guint number,
                         guint first_file,
                         VckcError **err)
{
  g_autofree char *below = NULL;

  for (guint i = chain->levels->len; i-- > 0;)
    {
      char *node = vckc_chain_daemon_make_node (number, i);
      bool ok = chain_daemon_open_level (self, g_ptr_array_index (chain->levels, i), node, below,
                                         first_file + i, err);

      g_free (below);
      below = node;
      if (!ok)
        return false;
    }
  return true;
}

VckcChainDaemon *
vckc_chain_daemon_start (VckcChain *const *chains,
                         guint n_chains,
                         const int *fds,
                         guint n_fds,
                         VckcError **err)
{
  g_autoptr (VckcChainDaemon) self = g_new0 (VckcChainDaemon, 1);
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (int));
  guint file = 0;

  for (guint i = 0; i < n_chains; i++)
    for (guint j = 0; j < chains[i]->levels->len; j++)
      {
        const VckcChainLevel *level = g_ptr_array_index (chains[i]->levels, j);

        g_array_append_val (files, level->fd);
      }
  self->n_levels = files->len;
  if (n_fds > 0)
    g_array_append_vals (files, fds, n_fds);
  self->daemon =
      vckc_storage_daemon_start (NULL, (const int *) (void *) files->data, files->len, err);
  if (self->daemon == NULL)
    return NULL;
  self->qmp = vckc_storage_daemon_get_qmp (self->daemon);
  for (guint i = 0; i < n_chains; file += chains[i]->levels->len, i++)
    if (!chain_daemon_open_chain (self, chains[i], i, file, err))
      return NULL;
  return g_steal_pointer (&self);
}

/* The file counts for nothing before it is synced, once, after the end: QEMU need not flush it. */
static void
chain_daemon_add_no_flush (VckcQmpArgs *args)
{
  vckc_qmp_args_begin_object (args, "cache");
  vckc_qmp_args_add_bool (args, "no-flush", true);
  vckc_qmp_args_end_object (args);
}

static VckcQmpArgs *
chain_daemon_make_file_node (const VckcChainTarget *target, bool read_only)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "driver", "file");
  vckc_qmp_args_add_string (args, "node-name", TARGET_FILE_NODE);
  vckc_qmp_args_add_string (args, "filename", target->file);
  vckc_qmp_args_add_string (args, "discard", "unmap");
  vckc_qmp_args_add_bool (args, "read-only", read_only);
  chain_daemon_add_no_flush (args);
  return args;
}

static void
chain_daemon_add_format_node (VckcQmpArgs *args, const VckcChainTarget *target, bool read_only)
{
  vckc_qmp_args_add_string (args, "driver", target->raw ? "raw" : "qcow2");
  vckc_qmp_args_add_string (args, "node-name", TARGET_NODE);
  vckc_qmp_args_add_string (args, "file", TARGET_FILE_NODE);
  vckc_qmp_args_add_string (args, "discard", "unmap");
  vckc_qmp_args_add_bool (args, "read-only", read_only);
  if (!target->raw && target->below != NULL)
    vckc_qmp_args_add_string (args, "backing", target->below);
  else if (!target->raw)
    vckc_qmp_args_add_null (args, "backing");
  chain_daemon_add_no_flush (args);
}

static bool
chain_daemon_resize_target (VckcChainDaemon *self,
                            const VckcChainTarget *target,
                            const char *what,
                            VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "node-name", TARGET_NODE);
  vckc_qmp_args_add_uint (args, "size", target->size);
  return vckc_chain_daemon_call (self, what, "block_resize", args, err);
}

bool
vckc_chain_daemon_open_target (VckcChainDaemon *self,
                               const VckcChainTarget *target,
                               VckcError **err)
{
  g_autofree char *what = g_strdup_printf ("QEMU cannot write the image '%s'", target->path);
  VckcQmpArgs *args;

  if (!vckc_chain_daemon_call (self, what, "blockdev-add",
                               chain_daemon_make_file_node (target, false), err))
    return false;
  args = vckc_qmp_args_new ();
  chain_daemon_add_format_node (args, target, false);
  return vckc_chain_daemon_call (self, what, "blockdev-add", args, err);
}

static VckcQmpArgs *
chain_daemon_make_copy (const VckcChainTarget *target, const char *node, bool top_only, bool tuned)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "job-id", JOB);
  vckc_qmp_args_add_string (args, "device", node);
  vckc_qmp_args_add_string (args, "target", TARGET_NODE);
  vckc_qmp_args_add_string (args, "sync", top_only ? "top" : "full");
  vckc_qmp_args_add_bool (args, "auto-dismiss", false);
  if (tuned)
    {
      vckc_qmp_args_begin_object (args, "x-perf");
      vckc_qmp_args_add_bool (args, "use-copy-range", true);
      vckc_qmp_args_add_uint (args, "max-workers", COPY_WORKERS);
      vckc_qmp_args_add_uint (args, "max-chunk", target->max_chunk);
      vckc_qmp_args_end_object (args);
    }
  return args;
}

/* A QEMU that does not know the options for speed, which are experimental, is asked again without
 * them. */
static bool
chain_daemon_begin_copy (VckcChainDaemon *self,
                         const VckcChainTarget *target,
                         const char *node,
                         bool top_only,
                         const char *what,
                         VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (
      self->qmp, "blockdev-backup", chain_daemon_make_copy (target, node, top_only, true), err);
  const char *refusal = reply != NULL ? vckc_qmp_reply_get_refusal (reply) : NULL;

  if (reply == NULL)
    vckc_storage_daemon_explain (self->daemon, err);
  if (reply == NULL || refusal == NULL)
    return reply != NULL;
  if (strstr (refusal, "x-perf") != NULL)
    return vckc_chain_daemon_call (self, what, "blockdev-backup",
                                   chain_daemon_make_copy (target, node, top_only, false), err);
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "%s: %s", what, refusal);
  return false;
}

/* Looks at the job, of which there is one. */
static bool
chain_daemon_look_at_copy (VckcChainDaemon *self,
                           const char *what,
                           bool *ret_ended,
                           char **ret_why,
                           VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = chain_daemon_execute (self, what, "query-jobs", NULL, err);
  const VckcQmpValue *list =
      reply != NULL ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, err) : NULL;
  const VckcQmpValue *job;
  const char *status;

  if (list == NULL)
    return false;
  if (vckc_qmp_array_get_length (list) != 1)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "%s: QEMU no longer knows the job", what);
      return false;
    }
  job = vckc_qmp_array_get_element (list, 0);
  status = vckc_qmp_value_get_string (job, "status", err);
  if (status != NULL && vckc_qmp_value_has (job, "error"))
    *ret_why = g_strdup (vckc_qmp_value_get_string (job, "error", NULL));
  *ret_ended = status != NULL && g_str_equal (status, "concluded");
  return status != NULL;
}

static bool
chain_daemon_wait_for_copy (VckcChainDaemon *self, const char *what, VckcError **err)
{
  for (;;)
    {
      g_autofree char *why = NULL;
      bool ended;

      if (!chain_daemon_look_at_copy (self, what, &ended, &why, err))
        return false;
      if (ended && why == NULL)
        return true;
      if (ended)
        {
          vckc_set_error (
              err, vckc_text_is_no_space (why) ? VCKC_ERROR_NO_SPACE : VCKC_ERROR_OPERATION_FAILED,
              "%s: %s", what, why);
          return false;
        }
      if (vckc_cancel_check ("the end of a copy", err)
          || !vckc_qmp_client_listen (self->qmp, JOB_PAUSE, err))
        return false;
    }
}

bool
vckc_chain_daemon_copy (VckcChainDaemon *self,
                        const VckcChainTarget *target,
                        const char *node,
                        bool top_only,
                        VckcError **err)
{
  g_autofree char *what = g_strdup_printf ("cannot copy to the image '%s'", target->path);
  VckcQmpArgs *args;

  if (!chain_daemon_resize_target (self, target, what, err)
      || !chain_daemon_begin_copy (self, target, node, top_only, what, err)
      || !chain_daemon_wait_for_copy (self, what, err))
    return false;
  args = vckc_qmp_args_new ();
  vckc_qmp_args_add_string (args, "id", JOB);
  return vckc_chain_daemon_call (self, what, "job-dismiss", args, err);
}

/* QEMU does not report what goes wrong when it closes an image. So it is made read-only first,
 * which writes all that is in memory, and says how that went. */
static bool
chain_daemon_flush_target (VckcChainDaemon *self,
                           const VckcChainTarget *target,
                           const char *what,
                           VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_begin_array (args, "options");
  vckc_qmp_args_begin_object (args, NULL);
  chain_daemon_add_format_node (args, target, true);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_array (args);
  return vckc_chain_daemon_call (self, what, "blockdev-reopen", args, err);
}

static bool
chain_daemon_close_node (VckcChainDaemon *self, const char *node, const char *what, VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "node-name", node);
  return vckc_chain_daemon_call (self, what, "blockdev-del", args, err);
}

bool
vckc_chain_daemon_close_target (VckcChainDaemon *self,
                                const VckcChainTarget *target,
                                VckcError **err)
{
  g_autofree char *what = g_strdup_printf ("QEMU cannot write the image '%s'", target->path);

  return chain_daemon_flush_target (self, target, what, err)
         && chain_daemon_close_node (self, TARGET_NODE, what, err)
         && chain_daemon_close_node (self, TARGET_FILE_NODE, what, err);
}
