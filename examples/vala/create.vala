// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Creates a checkpoint of a domain (a virtual machine) with one disk, and prints what was written since each one.
//
// Run it, write to the disk, and run it again with another name.

// Defining a domain that exists already replaces its definition and keeps its checkpoints.
Vck.Domain define_domain (Vck.Connection connection, string image) throws Vck.Error, IOError {
  var config = new Vck.DomainConfig.from_images ({ image });
  config.name = "example";
  return connection.define_domain (config);
}

void run (string uri, string image, string name) throws Vck.Error, IOError {
  var domain = define_domain (Vck.Connection.open (uri), image);
  domain.create_checkpoint (new Vck.CheckpointConfig () { name = name });
  foreach (var checkpoint in domain.list_checkpoints (TOPOLOGICAL))
    foreach (var disk in checkpoint.list_disks (SIZE))
      print ("%s: %s %s bytes\n", checkpoint.name, disk.name, disk.size.to_string ());
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length == 2 && args[1] == "--help") {
    print ("usage: %s URI IMAGE NAME\n", args[0]);
    return 0;
  }
  if (args.length != 4) {
    printerr ("usage: %s URI IMAGE NAME\n", args[0]);
    return 1;
  }
  try {
    run (args[1], args[2], args[3]);
  } catch (Error error) {
    printerr ("create: %s\n", error.message);
    return 1;
  }
  return 0;
}
