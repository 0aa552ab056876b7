/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-hypervisor.h"

#include <glib/gstdio.h>
#include <grp.h>
#include <libvirt/virterror.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bench-folder.h"

#define PROGRAM "/usr/sbin/libvirtd"
#define OTHER_USER "nobody"
/* Microseconds that it may take to start. */
#define START_TIMEOUT (60 * G_TIME_SPAN_SECOND)

static void
check (bool succeeded)
{
  if (!succeeded)
    g_error ("libvirt: %s", virGetLastErrorMessage ());
}

void
bench_hypervisor_give (const char *path)
{
  const struct passwd *user = geteuid () == 0 ? getpwnam (OTHER_USER) : NULL;

  if (user != NULL)
    g_assert_cmpint (chown (path, user->pw_uid, user->pw_gid), ==, 0);
}

/* Runs in the child, which does not outlive the measurement. */
static void
setup_cb (gpointer data)
{
  const struct passwd *user = data;

  if (user != NULL
      && (setgroups (0, NULL) < 0 || setgid (user->pw_gid) < 0 || setuid (user->pw_uid) < 0))
    _exit (1);
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static char *
make_folder (const BenchHypervisor *self, const char *name)
{
  char *path = g_build_filename (self->dir, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  bench_hypervisor_give (path);
  return path;
}

static void
write_file (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  bench_hypervisor_give (path);
}

/* No confinement, no daemon that keeps the logs. */
static void
write_configuration (const BenchHypervisor *self)
{
  g_autofree char *config = make_folder (self, "config");
  g_autofree char *folder = make_folder (self, "config/libvirt");
  g_autofree char *qemu = g_build_filename (folder, "qemu.conf", NULL);
  g_autofree char *daemon = g_build_filename (self->dir, "libvirtd.conf", NULL);
  g_autofree char *run = make_folder (self, "run");
  g_autofree char *text = g_strdup_printf ("listen_tls = 0\nauth_unix_ro = \"none\"\n"
                                           "auth_unix_rw = \"none\"\nunix_sock_dir = \"%s\"\n"
                                           "log_outputs = \"3:file:%s/log\"\n",
                                           run, self->dir);

  write_file (qemu, "stdio_handler = \"file\"\nsecurity_driver = \"none\"\nnamespaces = []\n"
                    "cgroup_controllers = []\n");
  write_file (daemon, text);
}

static GSubprocess *
spawn (const BenchHypervisor *self)
{
  static const char *const folders[] = { "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
                                         "XDG_RUNTIME_DIR" };
  static const char *const names[] = { "cache", "config", "data", "run" };
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *configuration = g_build_filename (self->dir, "libvirtd.conf", NULL);
  g_autofree char *pid_file = g_build_filename (self->dir, "pid", NULL);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = make_folder (self, names[i]);

      g_subprocess_launcher_setenv (launcher, folders[i], folder, TRUE);
    }
  g_subprocess_launcher_setenv (launcher, "HOME", self->dir, TRUE);
  g_subprocess_launcher_set_child_setup (launcher, setup_cb,
                                         geteuid () == 0 ? getpwnam (OTHER_USER) : NULL, NULL);
  process = g_subprocess_launcher_spawn (launcher, &error, PROGRAM, "-f", configuration, "-p",
                                         pid_file, NULL);
  if (process == NULL)
    g_printerr ("bench: no libvirt daemon, so no backups of its domains: %s\n", error->message);
  return process;
}

static bool
open_connection (BenchHypervisor *self)
{
  const gint64 deadline = g_get_monotonic_time () + START_TIMEOUT;

  self->uri = g_strdup_printf ("qemu+unix:///session?socket=%s/run/libvirt-sock", self->dir);
  while (self->connect == NULL && g_get_monotonic_time () < deadline)
    {
      self->connect = virConnectOpen (self->uri);
      if (self->connect == NULL)
        g_usleep (50000);
    }
  if (self->connect == NULL)
    g_printerr ("bench: libvirt's daemon does not start, so no backups of its domains: %s\n",
                virGetLastErrorMessage ());
  return self->connect != NULL;
}

bool
bench_hypervisor_start (BenchHypervisor *self, const char *image)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain type='qemu'><name>bench</name><memory unit='MiB'>16</memory>"
      "<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>"
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
      "<target dev='vda' bus='virtio'/></disk><controller type='usb' model='none'/>"
      "<memballoon model='none'/></devices></domain>",
      image);
  g_autofree char *folder = g_path_get_dirname (image);

  *self = (BenchHypervisor){ .dir = g_dir_make_tmp ("vck-bench-XXXXXX", NULL) };
  bench_hypervisor_give (self->dir);
  bench_hypervisor_give (folder);
  bench_hypervisor_give (image);
  write_configuration (self);
  self->process = spawn (self);
  if (self->process == NULL || !open_connection (self))
    return false;
  self->domain = virDomainDefineXML (self->connect, xml);
  check (self->domain != NULL);
  return true;
}

void
bench_hypervisor_power_on (BenchHypervisor *self)
{
  check (virDomainCreateWithFlags (self->domain, VIR_DOMAIN_START_PAUSED) == 0);
}

void
bench_hypervisor_power_off (BenchHypervisor *self)
{
  check (virDomainDestroyFlags (self->domain, VIR_DOMAIN_DESTROY_GRACEFUL) == 0);
}

void
bench_hypervisor_stop (BenchHypervisor *self)
{
  if (self->domain != NULL)
    {
      virDomainDestroy (self->domain);
      virDomainUndefineFlags (self->domain, VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA);
      virDomainFree (self->domain);
    }
  if (self->connect != NULL)
    virConnectClose (self->connect);
  if (self->process != NULL)
    {
      g_subprocess_send_signal (self->process, SIGTERM);
      g_subprocess_wait (self->process, NULL, NULL);
    }
  g_clear_object (&self->process);
  bench_folder_remove (self->dir);
  g_free (self->dir);
  g_free (self->uri);
}
