// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Prints which blocks of each disk of a domain (a virtual machine) were written since a checkpoint.

import System from 'system';
import Vck from 'gi://Vck?version=1';

const help = System.programArgs.length === 1 && System.programArgs[0] === '--help';
if (help || System.programArgs.length !== 3) {
  (help ? print : printerr)('usage: gjs -m changed.js URI DOMAIN CHECKPOINT');
  System.exit(help ? 0 : 1);
}

try {
  const [uri, name, since] = System.programArgs;
  const connection = Vck.Connection.open(uri, 'READ_ONLY');
  const checkpoint = connection.lookup_domain_by_name(name).lookup_checkpoint(since);
  for (const disk of checkpoint.list_disks()) {
    // One piece after the other: there may be millions of them.
    for (const extent of checkpoint.open_extents(disk.name)) {
      const kind = extent.flags & Vck.ExtentFlags.ZERO ? 'zero' : 'data';
      print(`${disk.name}: ${extent.length} bytes at ${extent.offset}, ${kind}`);
    }
  }
} catch (error) {
  printerr(`changed: ${error.message}`);
  System.exit(1);
}
