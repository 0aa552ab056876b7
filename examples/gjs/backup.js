// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Backs up all domains (virtual machines) of a host or folder into a repository.
//
// Run it every night: a backup copies what was written since the one before.
//
// Usage: gjs -m backup.js URI FOLDER

import System from 'system';
import Vck from 'gi://Vck?version=1';

function printBackup(backup) {
  for (const disk of backup.list_disks()) {
    const kind = disk.base === null ? 'full' : 'incremental';
    print(`${backup.domain_name}: ${disk.target} ${disk.bytes} bytes, ${kind}`);
  }
}

if (System.programArgs.length !== 2) {
  printerr('usage: gjs -m backup.js URI FOLDER');
  System.exit(1);
}

try {
  const [uri, folder] = System.programArgs;
  const repository = Vck.Repository.open(folder, Vck.RepositoryFlags.CREATE, null);
  const connection = Vck.Connection.open(uri, 0, null);
  for (const domain of connection.list_domains(0, null))
    printBackup(repository.backup(domain, null, 0, 0, 0, null));
} catch (error) {
  printerr(`backup: ${error.message}`);
  System.exit(1);
}
