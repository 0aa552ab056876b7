/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reading all checkpoints of a domain of a libvirt daemon: name, parent, creation time and
 * disks. By Vck, by a loop in C over libvirt, and by the same loop in Python. */

#include "bench.h"

#include <gio/gio.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <signal.h>
#include <stdlib.h>

#include "bench-checkpoints.h"
#include "bench-folder.h"
#include "bench-link.h"
#include "handles/handles.h"

#define PYTHON "/usr/bin/python3"
#define ROUNDS 5
/* Microseconds that the daemon may take to start. */
#define START_TIMEOUT (60 * G_TIME_SPAN_SECOND)

static const guint counts[] = { 10, 100, 500 };

/* A daemon that serves libvirt's test driver, and nothing of this host. */
typedef struct
{
  char *dir;
  GSubprocess *process;
  char *uri;     /* by a socket of this host */
  char *far_uri; /* by a link on which every byte takes a millisecond */
  BenchLink *link;
  virConnect *keeper; /* what the test driver holds is gone with the last connection */
} Daemon;

static char *
daemon_path (const Daemon *daemon, const char *name)
{
  return g_build_filename (daemon->dir, name, NULL);
}

static char *
make_uri (const char *socket)
{
  return g_strdup_printf ("test+unix:///default?socket=%s", socket);
}

static void
write_configuration (const Daemon *daemon, const char *path)
{
  g_autofree char *text = g_strdup_printf ("unix_sock_dir = \"%s\"\nauth_unix_ro = \"none\"\n"
                                           "auth_unix_rw = \"none\"\n",
                                           daemon->dir);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* Without drivers the daemon looks for nothing on this host. */
static GSubprocess *
spawn (const Daemon *daemon)
{
  g_autofree char *configuration = daemon_path (daemon, "libvirtd.conf");
  g_autofree char *pid_file = daemon_path (daemon, "pid");
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  write_configuration (daemon, configuration);
  g_subprocess_launcher_setenv (launcher, "LIBVIRT_DRIVER_DIR", daemon->dir, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", daemon->dir, TRUE);
  g_subprocess_launcher_setenv (launcher, "HOME", daemon->dir, TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, "/usr/sbin/libvirtd", "-f",
                                         configuration, "-p", pid_file, NULL);
  if (process == NULL)
    g_printerr ("bench: no libvirt daemon, so no figures of one: %s\n", error->message);
  return process;
}

static void
ignore_error (void *data, virError *error)
{
}

/* Its socket is there a little before it listens. */
static virConnect *
connect_when_it_listens (const char *uri)
{
  const gint64 deadline = g_get_monotonic_time () + START_TIMEOUT;
  virConnect *connect = NULL;

  virSetErrorFunc (NULL, ignore_error);
  while (connect == NULL && g_get_monotonic_time () < deadline)
    {
      g_usleep (1000);
      connect = virConnectOpen (uri);
    }
  virSetErrorFunc (NULL, NULL);
  if (connect == NULL)
    g_error ("libvirt: %s", virGetLastErrorMessage ());
  return connect;
}

static bool
daemon_start (Daemon *daemon)
{
  g_autofree char *socket = NULL;
  g_autofree char *far_socket = NULL;

  daemon->dir = g_dir_make_tmp ("vck-bench-XXXXXX", NULL);
  daemon->process = spawn (daemon);
  if (daemon->process == NULL)
    return false;
  socket = daemon_path (daemon, "libvirt-sock");
  far_socket = daemon_path (daemon, "far-sock");
  daemon->uri = make_uri (socket);
  daemon->far_uri = make_uri (far_socket);
  daemon->keeper = connect_when_it_listens (daemon->uri);
  daemon->link = bench_link_new (far_socket, socket, 1);
  return true;
}

static void
daemon_stop (Daemon *daemon)
{
  if (daemon->process != NULL)
    {
      virConnectClose (daemon->keeper);
      g_subprocess_send_signal (daemon->process, SIGTERM);
      g_subprocess_wait (daemon->process, NULL, NULL);
      bench_link_free (daemon->link);
    }
  bench_folder_remove (daemon->dir);
}

/* --- three ways --- */

static void
read_with_vck (const char *uri, gint64 *ret_took)
{
  VckcError *error = NULL;
  VckcConnect *connect = vckc_connect_open (uri, 0, &error);
  VckcDomain *domain = vckc_domain_lookup_by_name (connect, "test", &error);
  VckcDomainCheckpoint **list = NULL;
  gint64 started = g_get_monotonic_time ();
  int count = vckc_domain_list_all_checkpoints (domain, &list, 0, &error);

  bench_check (error);
  for (int i = 0; i < count; i++)
    {
      VckcDomainCheckpointDisk **disks = NULL;
      int n_disks = vckc_domain_checkpoint_list_disks (list[i], &disks, 0, &error);

      free (vckc_domain_checkpoint_get_parent_name (list[i], &error));
      vckc_domain_checkpoint_get_creation_time (list[i], &error);
      bench_check (error);
      for (int j = 0; j < n_disks; j++)
        vckc_object_unref (disks[j]);
      free (disks);
    }
  *ret_took = g_get_monotonic_time () - started;
  for (int i = 0; i < count; i++)
    vckc_object_unref (list[i]);
  free (list);
  vckc_object_unref (domain);
  vckc_object_unref (connect);
}

/* The least there is to do: one XML for each, which is not even read. */
static void
read_with_c (const char *uri, gint64 *ret_took)
{
  virConnect *connect = virConnectOpen (uri);
  virDomain *domain = virDomainLookupByName (connect, "test");
  virDomainCheckpoint **list = NULL;
  gint64 started = g_get_monotonic_time ();
  int count = virDomainListAllCheckpoints (domain, &list, 0);

  for (int i = 0; i < count; i++)
    {
      free (virDomainCheckpointGetXMLDesc (list[i], VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN));
      virDomainCheckpointFree (list[i]);
    }
  *ret_took = g_get_monotonic_time () - started;
  free (list);
  virDomainFree (domain);
  virConnectClose (connect);
}

static const char python_program[] =
    "import sys, time, libvirt\n"
    "from xml.etree import ElementTree\n"
    "domain = libvirt.open(sys.argv[1]).lookupByName('test')\n"
    "started = time.monotonic()\n"
    "for checkpoint in domain.listAllCheckpoints():\n"
    "    xml = checkpoint.getXMLDesc(libvirt.VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN)\n"
    "    root = ElementTree.fromstring(xml)\n"
    "    checkpoint.getName(), root.findtext('parent/name'), int(root.findtext('creationTime'))\n"
    "    [disk.get('name') for disk in root.iterfind('disks/disk')]\n"
    "print(int(1e6 * (time.monotonic() - started)))\n";

static void
read_with_python (const char *uri, gint64 *ret_took)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                        PYTHON, "-c", python_program, uri, NULL);
  g_autofree char *output = NULL;

  *ret_took = -1;
  if (process != NULL && g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, NULL)
      && g_subprocess_get_successful (process))
    *ret_took = g_ascii_strtoll (output, NULL, 10);
}

static const struct
{
  const char *name;
  void (*read) (const char *uri, gint64 *ret_took);
} ways[] = { { "Vck", read_with_vck }, { "C", read_with_c }, { "Python", read_with_python } };

/* --- what is measured --- */

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  const gint64 one = *(const gint64 *) a;
  const gint64 other = *(const gint64 *) b;

  return one < other ? -1 : one > other ? 1 : 0;
}

/* Alternating, and the median of each. */
static void
read_all_ways (Bench *bench, const char *where, const char *uri, guint count)
{
  gint64 times[G_N_ELEMENTS (ways)][ROUNDS];

  for (guint round = 0; round < ROUNDS; round++)
    for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
      ways[i].read (uri, &times[i][round]);
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *operation = g_strdup_printf ("read all, %s", ways[i].name);

      qsort (times[i], ROUNDS, sizeof times[i][0], compare_times);
      bench_note (bench, where, operation, count, (double) times[i][ROUNDS / 2] / 1000, "ms");
    }
}

static void
add_checkpoints (const Daemon *daemon, guint from, guint to)
{
  virConnect *connect = virConnectOpen (daemon->uri);
  virDomain *domain = virDomainLookupByName (connect, "test");

  for (guint i = from; i < to; i++)
    {
      g_autofree char *xml =
          g_strdup_printf ("<domaincheckpoint><name>c%u</name></domaincheckpoint>", i);
      virDomainCheckpoint *checkpoint = virDomainCheckpointCreateXML (domain, xml, 0);

      if (checkpoint == NULL)
        g_error ("libvirt: %s", virGetLastErrorMessage ());
      virDomainCheckpointFree (checkpoint);
    }
  virDomainFree (domain);
  virConnectClose (connect);
}

/* One call that is passed on as it is, many times. */
static void
look_up (Bench *bench, const Daemon *daemon, guint count)
{
  VckcError *error = NULL;
  VckcConnect *connect = vckc_connect_open (daemon->uri, 0, &error);
  VckcDomain *domain = vckc_domain_lookup_by_name (connect, "test", &error);
  virConnect *bare_connect = virConnectOpen (daemon->uri);
  virDomain *bare = virDomainLookupByName (bare_connect, "test");
  double best_vck = 0;
  double best_c = 0;

  for (guint round = 0; round < ROUNDS; round++)
    {
      bench_start (bench);
      for (guint i = 0; i < count; i++)
        vckc_object_unref (vckc_domain_checkpoint_lookup_by_name (domain, "c0", 0, &error));
      bench_lap (bench, &best_vck, count);
      bench_start (bench);
      for (guint i = 0; i < count; i++)
        virDomainCheckpointFree (virDomainCheckpointLookupByName (bare, "c0", 0));
      bench_lap (bench, &best_c, count);
    }
  bench_check (error);
  bench_note (bench, "near", "look up, Vck", count, best_vck, "us");
  bench_note (bench, "near", "look up, C", count, best_c, "us");
  virDomainFree (bare);
  virConnectClose (bare_connect);
  vckc_object_unref (domain);
  vckc_object_unref (connect);
}

void
bench_run_remote (Bench *bench)
{
  Daemon daemon = { NULL };
  guint n_there = 0;

  if (daemon_start (&daemon))
    for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
      {
        add_checkpoints (&daemon, n_there, counts[i]);
        n_there = counts[i];
        read_all_ways (bench, "near", daemon.uri, n_there);
        read_all_ways (bench, "1 ms", daemon.far_uri, n_there);
      }
  if (daemon.process != NULL)
    look_up (bench, &daemon, 1000);
  daemon_stop (&daemon);
}
