// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Prints the domains (virtual machines) of a connection and their checkpoints as a tree.

import System from 'system';
import Vck from 'gi://Vck?version=1';

function printCheckpoints(domain) {
  // One list of siblings per level, so that a chain of any length can be printed.
  const levels = [domain.list_checkpoints('ROOTS')];
  while (levels.length > 0) {
    const siblings = levels[levels.length - 1];
    if (siblings.length === 0) {
      levels.pop();
      continue;
    }
    const checkpoint = siblings.shift();
    print('  '.repeat(levels.length) + checkpoint.name);
    levels.push(checkpoint.list_children());
  }
}

const help = System.programArgs.length === 1 && System.programArgs[0] === '--help';
if (System.programArgs.length > 1 || System.programArgs[0]?.startsWith('-')) {
  (help ? print : printerr)('usage: gjs -m tree.js [URI]');
  System.exit(help ? 0 : 1);
}

try {
  const connection = Vck.Connection.open(System.programArgs[0], 'READ_ONLY');
  for (const domain of connection.list_domains()) {
    print(`${domain.name} (${Vck.DomainState[domain.state].toLowerCase()})`);
    printCheckpoints(domain);
  }
} catch (error) {
  printerr(`tree: ${error.message}`);
  System.exit(1);
}
