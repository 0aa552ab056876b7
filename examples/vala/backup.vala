// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Backs up all domains (virtual machines) of a host or folder into a repository.
//
// Run it every night: a backup copies what was written since the one before. Where a domain cannot
// be backed up, the others are nevertheless.

void print_backup (Vck.Backup backup) throws Error {
  foreach (var disk in backup.list_disks ()) {
    var kind = disk.base == null ? "full" : "incremental";
    print ("%s: %s %s bytes, %s\n", backup.domain_name, disk.target, disk.bytes.to_string (), kind);
  }
}

bool back_up (Vck.Repository repository, Vck.Domain domain) {
  try {
    print_backup (repository.backup (domain));
    return true;
  } catch (Error error) {
    printerr ("backup: %s: %s\n", domain.name, error.message);
    return false;
  }
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length == 2 && args[1] == "--help") {
    print ("usage: %s URI FOLDER\n", args[0]);
    return 0;
  }
  if (args.length != 3) {
    printerr ("usage: %s URI FOLDER\n", args[0]);
    return 1;
  }
  var failed = false;
  try {
    var repository = Vck.Repository.open (args[2], CREATE);
    var connection = Vck.Connection.open (args[1]);
    foreach (var domain in connection.list_domains ()) {
      failed = !back_up (repository, domain) || failed;
    }
  } catch (Error error) {
    printerr ("backup: %s\n", error.message);
    failed = true;
  }
  return failed ? 1 : 0;
}
