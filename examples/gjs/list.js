// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Lists the domains (virtual machines) of a connection: state, disks and how many checkpoints each has.

import System from 'system';
import Vck from 'gi://Vck?version=1';

const help = System.programArgs.length === 1 && System.programArgs[0] === '--help';
if (System.programArgs.length > 1 || System.programArgs[0]?.startsWith('-')) {
  (help ? print : printerr)('usage: gjs -m list.js [URI]');
  System.exit(help ? 0 : 1);
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
