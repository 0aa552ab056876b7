// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Follows a domain (a virtual machine) by its signals, while asynchronous calls change it.

import GLib from 'gi://GLib';
import System from 'system';
import Vck from 'gi://Vck?version=1';

async function watch(uri) {
  const connection = await Vck.Connection.open_async(uri);
  const domain = await connection.lookup_domain_by_name_async('test');
  domain.connect('checkpoint-added', (self, checkpoint) => {
    print(`${self.name}: + ${checkpoint.name}`);
  });
  domain.connect('checkpoint-removed', (self, checkpoint) => {
    print(`${self.name}: - ${checkpoint.name}`);
  });

  const checkpoint = await domain.create_checkpoint_async(new Vck.CheckpointConfig({name: 'first'}));
  await checkpoint.delete_async();

  // Signals are emitted as long as the connection lives; this one is the last.
  const closed = new Promise(resolve => {
    connection.connect('closed', (self, why) => resolve(why));
  });
  connection.close();
  const reason = await closed;
  print(reason === Vck.CloseReason.CLIENT ? 'closed' : 'lost');
}

const help = System.programArgs.length === 1 && System.programArgs[0] === '--help';
if (System.programArgs.length > 1 || System.programArgs[0]?.startsWith('-')) {
  (help ? print : printerr)('usage: gjs -m watch.js [URI]');
  System.exit(help ? 0 : 1);
}

const loop = new GLib.MainLoop(null, false);
let status = 0;
watch(System.programArgs[0] ?? 'memory:///default').catch(error => {
  printerr(`watch: ${error.message}`);
  status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
