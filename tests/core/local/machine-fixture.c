/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "machine-fixture.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "qemu/qmp-block.h"

#define PROGRAM "qemu-system-x86_64"
/* The number that the child's end of our own connection has in the child. */
#define CHILD_FD 3

struct _MachineFixture
{
  char *qmp_socket; /* (nullable) */
  char **arguments;
  GPid pid;           /* 0 while it is off */
  VckcQmpClient *qmp; /* our own; NULL while it is off */
};

MachineFixture *
machine_fixture_new (const char *qmp_socket, const char *const *arguments)
{
  MachineFixture *machine = g_new0 (MachineFixture, 1);

  machine->qmp_socket = g_strdup (qmp_socket);
  machine->arguments = g_strdupv ((char **) arguments);
  return machine;
}

/* Runs in the child: it does not outlive the test. */
static void
setup_cb (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GPtrArray *
make_command (MachineFixture *machine)
{
  static const char *const common[] = {
    PROGRAM,
    "-M",
    "none",
    "-accel",
    "tcg",
    "-nodefaults",
    "-no-user-config",
    "-display",
    "none",
    "-chardev",
    ("socket,id=test,fd=" G_STRINGIFY (CHILD_FD)),
    "-mon",
    "chardev=test,mode=control",
  };
  GPtrArray *command = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (common); i++)
    g_ptr_array_add (command, g_strdup (common[i]));
  if (machine->qmp_socket != NULL)
    {
      g_ptr_array_add (command, g_strdup ("-qmp"));
      g_ptr_array_add (command,
                       g_strdup_printf ("unix:%s,server=on,wait=off", machine->qmp_socket));
    }
  for (guint i = 0; machine->arguments[i] != NULL; i++)
    g_ptr_array_add (command, g_strdup (machine->arguments[i]));
  g_ptr_array_add (command, NULL);
  return command;
}

/* QEMU would spend most of the time that it copies on page faults. */
static char **
make_environment (void)
{
  char **environment =
      g_environ_setenv (g_get_environ (), "MALLOC_MMAP_THRESHOLD_", "33554432", TRUE);

  environment = g_environ_setenv (environment, "MALLOC_TRIM_THRESHOLD_", "268435456", TRUE);
  return g_environ_setenv (environment, "MALLOC_TOP_PAD_", "16777216", TRUE);
}

void
machine_fixture_start (MachineFixture *machine)
{
  VckcQmpOptions options = { .peer = PROGRAM, .timeout = 60 * 1000, .cancel_fd = -1 };
  g_autoptr (GPtrArray) command = make_command (machine);
  g_auto (GStrv) environment = make_environment ();
  g_autoptr (GError) error = NULL;
  g_autoptr (VckcError) qmp_error = NULL;
  const int target_fd = CHILD_FD;
  int sockets[2];

  g_assert_cmpint (machine->pid, ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), ==, 0);
  g_spawn_async_with_pipes_and_fds (
      NULL, (const char *const *) command->pdata, (const char *const *) environment,
      G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, setup_cb, NULL, -1, -1, -1, &sockets[1],
      &target_fd, 1, &machine->pid, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_close (sockets[1], NULL);
  /* Its sockets are made before it greets. */
  machine->qmp = vckc_qmp_client_new (sockets[0], &options, &qmp_error);
  g_assert_null (qmp_error);
}

MachineFixture *
machine_fixture_start_drives (const char *qmp_socket, char *const *images)
{
  g_autofree char *a =
      g_strdup_printf ("file=%s,if=none,id=a,format=qcow2,discard=unmap", images[0]);
  g_autofree char *b =
      g_strdup_printf ("file=%s,if=none,id=b,node-name=nb,format=qcow2,discard=unmap", images[1]);
  const char *const arguments[] = { "-drive", a, "-drive", b, NULL };
  MachineFixture *machine = machine_fixture_new (qmp_socket, arguments);

  machine_fixture_start (machine);
  return machine;
}

static void
reap (MachineFixture *machine)
{
  g_assert_cmpint (waitpid (machine->pid, NULL, 0), ==, machine->pid);
  machine->pid = 0;
  g_clear_pointer (&machine->qmp, vckc_qmp_client_free);
}

void
machine_fixture_stop (MachineFixture *machine)
{
  if (machine->pid == 0)
    return;
  machine_fixture_run (machine, "quit", NULL);
  reap (machine);
}

void
machine_fixture_kill (MachineFixture *machine)
{
  if (machine->pid == 0)
    return;
  kill (machine->pid, SIGKILL);
  reap (machine);
}

void
machine_fixture_free (MachineFixture *machine)
{
  if (machine == NULL)
    return;
  machine_fixture_kill (machine);
  g_free (machine->qmp_socket);
  g_strfreev (machine->arguments);
  g_free (machine);
}

int
machine_fixture_get_pid (const MachineFixture *machine)
{
  return machine->pid;
}

void
machine_fixture_run (MachineFixture *machine, const char *command, VckcQmpArgs *args)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (machine->qmp, command, args, &error);

  g_assert_null (error);
  if (vckc_qmp_reply_get_refusal (reply) != NULL)
    g_error ("%s: %s", command, vckc_qmp_reply_get_refusal (reply));
}

void
machine_fixture_serve (MachineFixture *machine, const char *socket)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_begin_object (args, "addr");
  vckc_qmp_args_add_string (args, "type", "unix");
  vckc_qmp_args_begin_object (args, "data");
  vckc_qmp_args_add_string (args, "path", socket);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_object (args);
  machine_fixture_run (machine, "nbd-server-start", args);
}

void
machine_fixture_export (MachineFixture *machine, const char *node, const char *bitmap)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "type", "nbd");
  vckc_qmp_args_add_string (args, "id", node);
  vckc_qmp_args_add_string (args, "node-name", node);
  vckc_qmp_args_add_bool (args, "writable", true);
  if (bitmap != NULL)
    {
      vckc_qmp_args_begin_array (args, "bitmaps");
      vckc_qmp_args_add_string (args, NULL, bitmap);
      vckc_qmp_args_end_array (args);
    }
  machine_fixture_run (machine, "block-export-add", args);
}

guint
machine_fixture_count_jobs (MachineFixture *machine, const char *status)
{
  g_autoptr (VckcQmpReply) reply = vckc_qmp_client_execute (machine->qmp, "query-jobs", NULL, NULL);
  const VckcQmpValue *list =
      vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, NULL);
  guint count = 0;

  for (guint i = 0; i < vckc_qmp_array_get_length (list); i++)
    {
      const VckcQmpValue *job = vckc_qmp_array_get_element (list, i);

      if (status == NULL
          || g_strcmp0 (vckc_qmp_value_get_string (job, "status", NULL), status) == 0)
        count++;
    }
  return count;
}

guint64
machine_fixture_get_limited (MachineFixture *machine, guint64 speed)
{
  g_autoptr (VckcQmpReply) reply =
      vckc_qmp_client_execute (machine->qmp, "query-block-jobs", NULL, NULL);
  const VckcQmpValue *list =
      vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, NULL);
  guint64 left = 0;

  for (guint i = 0; i < vckc_qmp_array_get_length (list); i++)
    {
      const VckcQmpValue *job = vckc_qmp_array_get_element (list, i);
      guint64 limit, total, done;

      g_assert_true (vckc_qmp_value_get_uint (job, "speed", &limit, NULL));
      g_assert_true (vckc_qmp_value_get_uint (job, "len", &total, NULL));
      g_assert_true (vckc_qmp_value_get_uint (job, "offset", &done, NULL));
      if (limit == speed)
        left += total - done;
    }
  return left;
}

static bool
has_status (MachineFixture *machine, const char *status)
{
  g_autoptr (VckcQmpReply) reply =
      vckc_qmp_client_execute (machine->qmp, "query-status", NULL, NULL);

  g_assert_nonnull (reply);
  return g_strcmp0 (vckc_qmp_value_get_string (vckc_qmp_reply_get_value (reply), "status", NULL),
                    status)
         == 0;
}

void
machine_fixture_save (MachineFixture *machine)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "uri", "exec:cat > /dev/null");
  machine_fixture_run (machine, "migrate", args);
  while (!has_status (machine, "postmigrate"))
    g_thread_yield ();
}

/* Runs a command of qemu-io, which returns its error message: an empty text on success. */
static void
run_io (MachineFixture *machine,
        const char *node,
        const char *command,
        guint64 offset,
        guint64 length)
{
  g_autofree char *line =
      g_strdup_printf ("qemu-io %s \"%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\"", node,
                       command, offset, length);
  VckcQmpArgs *args = vckc_qmp_args_new ();
  g_autoptr (VckcQmpReply) reply = NULL;

  vckc_qmp_args_add_string (args, "command-line", line);
  reply = vckc_qmp_client_execute (machine->qmp, "human-monitor-command", args, NULL);
  g_assert_nonnull (reply);
  g_assert_cmpstr (json_node_get_string ((JsonNode *) vckc_qmp_reply_get_value (reply)), ==, "");
}

void
machine_fixture_write (MachineFixture *machine, const char *node, guint64 offset, guint64 length)
{
  run_io (machine, node, "write -q", offset, length);
}

void
machine_fixture_write_pattern (MachineFixture *machine,
                               const char *node,
                               guint pattern,
                               guint64 offset,
                               guint64 length)
{
  g_autofree char *command = g_strdup_printf ("write -q -P %u", pattern);

  run_io (machine, node, command, offset, length);
}

void
machine_fixture_write_zeroes (MachineFixture *machine,
                              const char *node,
                              guint64 offset,
                              guint64 length)
{
  run_io (machine, node, "write -q -z", offset, length);
}

guint
machine_fixture_count_bitmaps (MachineFixture *machine, const char *node)
{
  g_autoptr (VckcQmpReply) reply =
      vckc_qmp_client_execute (machine->qmp, "query-named-block-nodes", NULL, NULL);
  g_autoptr (GHashTable) nodes =
      vckc_qmp_block_index_nodes (vckc_qmp_reply_get_value (reply), NULL);
  g_autoptr (GPtrArray) bitmaps =
      vckc_qmp_block_parse_node (g_hash_table_lookup (nodes, node), NULL);

  return bitmaps->len;
}

static VckcQmpArgs *
name_bitmap (const char *node, const char *bitmap)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "node", node);
  vckc_qmp_args_add_string (args, "name", bitmap);
  return args;
}

void
machine_fixture_add_bitmap (MachineFixture *machine, const char *node, const char *bitmap)
{
  VckcQmpArgs *args = name_bitmap (node, bitmap);

  vckc_qmp_args_add_bool (args, "persistent", true);
  machine_fixture_run (machine, "block-dirty-bitmap-add", args);
}

void
machine_fixture_remove_bitmap (MachineFixture *machine, const char *node, const char *bitmap)
{
  machine_fixture_run (machine, "block-dirty-bitmap-remove", name_bitmap (node, bitmap));
}
