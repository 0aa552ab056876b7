/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/machine/machine-process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How often a process is looked for without a descriptor, in microseconds. */
#define BETWEEN_LOOKS 10000

void
vckc_machine_process_init (VckcMachineProcess *self, const VckcQmpClient *client)
{
  self->pid = MAX (vckc_qmp_client_get_pid (client), 0);
  self->fd = self->pid > 0 ? (int) syscall (SYS_pidfd_open, self->pid, 0) : -1;
}

void
vckc_machine_process_clear (VckcMachineProcess *self)
{
  if (self->pid > 0 && self->fd >= 0)
    close (self->fd);
  self->pid = 0;
}

bool
vckc_machine_process_is_other (const VckcMachineProcess *self, const VckcQmpClient *client)
{
  return self->pid > 0 && vckc_qmp_client_get_pid (client) != self->pid;
}

static bool
machine_process_await (int fd, guint milliseconds)
{
  struct pollfd ended = { fd, POLLIN, 0 };
  int n;

  do
    n = poll (&ended, 1, (int) milliseconds);
  while (n < 0 && errno == EINTR);
  return n > 0 && (ended.revents & POLLIN) != 0;
}

bool
vckc_machine_process_has_ended (const VckcMachineProcess *self, guint milliseconds)
{
  const gint64 end = g_get_monotonic_time () + (gint64) milliseconds * 1000;
  bool ended = false;

  if (self->fd >= 0)
    return machine_process_await (self->fd, milliseconds);
  /* Another process that has got its number since keeps it from being taken for ended. */
  while (!(ended = kill (self->pid, 0) < 0 && errno == ESRCH) && g_get_monotonic_time () < end)
    g_usleep (BETWEEN_LOOKS);
  return ended;
}
