// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Creates a checkpoint of a domain (a virtual machine) with one disk, and prints what was written since each one.
//
// Run it, write to the disk, and run it again with another name.

import System from 'system';
import Vck from 'gi://Vck?version=1';

const USAGE = 'usage: gjs -m create.js URI IMAGE NAME';

// Defining a domain that exists already replaces its definition and keeps its checkpoints.
function defineDomain(connection, image) {
  const config = Vck.DomainConfig.new_from_images([image]);
  config.name = 'example';
  return connection.define_domain(config);
}

function main(uri, image, name) {
  const domain = defineDomain(Vck.Connection.open(uri), image);
  domain.create_checkpoint(new Vck.CheckpointConfig({name}));
  for (const checkpoint of domain.list_checkpoints('TOPOLOGICAL')) {
    for (const disk of checkpoint.list_disks('SIZE'))
      print(`${checkpoint.name}: ${disk.name} ${disk.size} bytes`);
  }
}

const help = System.programArgs.length === 1 && System.programArgs[0] === '--help';
if (help || System.programArgs.length !== 3) {
  (help ? print : printerr)(USAGE);
  System.exit(help ? 0 : 1);
}

try {
  main(...System.programArgs);
} catch (error) {
  printerr(`create: ${error.message}`);
  System.exit(1);
}
