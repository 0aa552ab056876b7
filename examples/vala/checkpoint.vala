// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Creates a checkpoint of a domain (a virtual machine) and prints what changed since each one.
//
// Run it, write to the disk, and run it again with another name.
//
// Usage: checkpoint URI IMAGE NAME

const string DOMAIN = """
<domain type='qemu'>
  <name>example</name>
  <memory unit='MiB'>256</memory>
  <os><type>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='%s'/>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>
""";
const string CHECKPOINT = "<domaincheckpoint><name>%s</name></domaincheckpoint>";

void print_changes (Vck.Domain domain) throws Error {
  foreach (var checkpoint in domain.list_checkpoints (TOPOLOGICAL)) {
    foreach (var disk in checkpoint.list_disks (SIZE)) {
      print ("%s: %s %s bytes\n", checkpoint.name, disk.name, disk.size.to_string ());
    }
  }
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length != 4) {
    printerr ("usage: %s URI IMAGE NAME\n", args[0]);
    return 1;
  }
  try {
    var connection = Vck.Connection.open (args[1]);
    // Defining a domain that exists already replaces its definition and keeps its checkpoints.
    var image = Filename.canonicalize (args[2]);
    var domain = connection.define_domain_xml (DOMAIN.printf (Markup.escape_text (image)));
    domain.create_checkpoint_xml (CHECKPOINT.printf (Markup.escape_text (args[3])));
    print_changes (domain);
  } catch (Vck.Error.BUSY error) {
    printerr ("checkpoint: the image is in use; shut the domain down and try again\n");
    return 1;
  } catch (Error error) {
    printerr ("checkpoint: %s\n", error.message);
    return 1;
  }
  return 0;
}
