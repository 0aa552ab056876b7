// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Backs up all domains (virtual machines) of a host or folder into a repository.
//
// Run it every night: a backup copies what was written since the one before.
//
// Usage: backup URI FOLDER

void print_backup (Vck.Backup backup) throws Error {
  foreach (var disk in backup.list_disks ()) {
    var kind = disk.base == null ? "full" : "incremental";
    print ("%s: %s %s bytes, %s\n", backup.domain_name, disk.target, disk.bytes.to_string (), kind);
  }
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length != 3) {
    printerr ("usage: %s URI FOLDER\n", args[0]);
    return 1;
  }
  try {
    var repository = Vck.Repository.open (args[2], CREATE);
    var connection = Vck.Connection.open (args[1], 0);
    foreach (var domain in connection.list_domains (0)) {
      print_backup (repository.backup (domain, null, 0, 0, 0));
    }
  } catch (Error error) {
    printerr ("backup: %s\n", error.message);
    return 1;
  }
  return 0;
}
