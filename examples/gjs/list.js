// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Lists the domains (virtual machines) of a connection: state, disks and how many checkpoints each has.
//
// Usage: gjs -m list.js [URI]

import System from 'system';
import Vck from 'gi://Vck?version=1';

if (System.programArgs.length > 1 || System.programArgs[0]?.startsWith('-')) {
  printerr('usage: gjs -m list.js [URI]');
  System.exit(1);
}

try {
  const connection = Vck.Connection.open(System.programArgs[0], 'READ_ONLY');
  for (const domain of connection.list_domains()) {
    const state = Vck.DomainState[domain.state].toLowerCase();
    const disks = domain.list_disks().map(disk => disk.target).join(' ') || 'none';
    print(`${domain.name}: ${state}, disks: ${disks}, checkpoints: ${domain.count_checkpoints()}`);
  }
} catch (error) {
  printerr(`list: ${error.message}`);
  System.exit(1);
}
