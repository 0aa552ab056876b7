// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Prints which blocks of each disk of a domain (a virtual machine) were written since a checkpoint.

const uint PIECE = 1000;

void print_changes (Vck.Checkpoint checkpoint, string disk) throws Vck.Error, IOError {
  var cursor = checkpoint.open_extents (disk);
  // One piece after the other: there may be millions of extents.
  for (;;) {
    var extents = cursor.read (PIECE);
    if (extents.length == 0)
      return;
    foreach (var extent in extents)
      print ("%s: %s bytes at %s, %s\n", disk, extent.length.to_string (), extent.offset.to_string (),
             ZERO in extent.flags ? "zero" : "data");
  }
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length == 2 && args[1] == "--help") {
    print ("usage: %s URI DOMAIN CHECKPOINT\n", args[0]);
    return 0;
  }
  if (args.length != 4) {
    printerr ("usage: %s URI DOMAIN CHECKPOINT\n", args[0]);
    return 1;
  }
  try {
    var connection = Vck.Connection.open (args[1], READ_ONLY);
    var checkpoint = connection.lookup_domain_by_name (args[2]).lookup_checkpoint (args[3]);
    foreach (var disk in checkpoint.list_disks ())
      print_changes (checkpoint, disk.name);
  } catch (Error error) {
    printerr ("changed: %s\n", error.message);
    return 1;
  }
  return 0;
}
