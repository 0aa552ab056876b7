/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/machine/machine-process.h"

#include <errno.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

int
vckc_machine_process_open (const VckcQmpClient *client)
{
  int pid = vckc_qmp_client_get_pid (client);

  return pid > 0 ? (int) syscall (SYS_pidfd_open, pid, 0) : -1;
}

bool
vckc_machine_process_has_ended (int process, guint milliseconds)
{
  struct pollfd fd = { process, POLLIN, 0 };
  int n;

  do
    n = poll (&fd, 1, (int) milliseconds);
  while (n < 0 && errno == EINTR);
  return n > 0 && (fd.revents & POLLIN) != 0;
}
