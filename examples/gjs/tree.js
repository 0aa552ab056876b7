// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Prints the domains (virtual machines) of a connection and their checkpoints as a tree.
//
// Usage: gjs -m tree.js [URI]

import GObject from 'gi://GObject';
import System from 'system';
import Vck from 'gi://Vck?version=1';

function stateNick(state) {
  const name = GObject.enum_to_string(Vck.DomainState, state);
  return name.replace('VCK_DOMAIN_STATE_', '').toLowerCase();
}

function printCheckpoints(domain) {
  // One list of siblings per level, so that a chain of any length can be printed.
  const levels = [domain.list_checkpoints(Vck.CheckpointListFlags.ROOTS)];
  while (levels.length > 0) {
    const siblings = levels[levels.length - 1];
    if (siblings.length === 0) {
      levels.pop();
      continue;
    }
    const checkpoint = siblings.shift();
    print('  '.repeat(levels.length) + checkpoint.get_name());
    levels.push(checkpoint.list_children());
  }
}

if (System.programArgs.length > 1 || System.programArgs[0]?.startsWith('-')) {
  printerr('usage: gjs -m tree.js [URI]');
  System.exit(1);
}

try {
  const uri = System.programArgs[0] ?? null;
  const connection = Vck.Connection.open(uri, Vck.ConnectionFlags.READ_ONLY);
  for (const domain of connection.list_domains()) {
    print(`${domain.get_name()} (${stateNick(domain.state)})`);
    printCheckpoints(domain);
  }
} catch (error) {
  printerr(`tree: ${error.message}`);
  System.exit(1);
}
