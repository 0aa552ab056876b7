// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Backs up all domains (virtual machines) of a host or folder into a repository.
//
// Run it every night: a backup copies what was written since the one before. Where a domain cannot
// be backed up, the others are nevertheless.

import System from 'system';
import Vck from 'gi://Vck?version=1';

function printBackup(backup) {
  for (const disk of backup.list_disks()) {
    const kind = disk.base === null ? 'full' : 'incremental';
    print(`${backup.domain_name}: ${disk.target} ${disk.bytes} bytes, ${kind}`);
  }
}

function backUp(repository, domain) {
  try {
    printBackup(repository.backup(domain));
    return true;
  } catch (error) {
    printerr(`backup: ${domain.name}: ${error.message}`);
    return false;
  }
}

const help = System.programArgs.length === 1 && System.programArgs[0] === '--help';
if (help || System.programArgs.length !== 2) {
  (help ? print : printerr)('usage: gjs -m backup.js URI FOLDER');
  System.exit(help ? 0 : 1);
}

let failed = false;
try {
  const [uri, folder] = System.programArgs;
  const repository = Vck.Repository.open(folder, Vck.RepositoryFlags.CREATE);
  const connection = Vck.Connection.open(uri);
  for (const domain of connection.list_domains())
    failed = !backUp(repository, domain) || failed;
} catch (error) {
  printerr(`backup: ${error.message}`);
  failed = true;
}
System.exit(failed ? 1 : 0);
