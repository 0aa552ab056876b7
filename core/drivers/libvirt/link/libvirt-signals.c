/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/link/libvirt-signals.h"

#include <signal.h>
#include <stddef.h>

void
vckc_libvirt_ignore_broken_links (void)
{
  struct sigaction action;

  if (sigaction (SIGPIPE, NULL, &action) != 0 || (action.sa_flags & SA_SIGINFO) != 0
      || action.sa_handler != SIG_DFL)
    return;
  action.sa_handler = SIG_IGN;
  sigaction (SIGPIPE, &action, NULL);
}
