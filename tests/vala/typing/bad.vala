// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What valac must refuse: each line that ends in a comment "wrong:", with these words, and no other.

namespace Calls {
  public void look_up (Vck.Connection connection, Vck.Domain domain) throws Error {
    connection.lookup_domain_by_title ("web"); // wrong: The name `lookup_domain_by_title' does not exist
    connection.lookup_domain_by_name (); // wrong: missing arguments
    connection.lookup_domain_by_name (5); // wrong: Cannot convert from `int' to `unowned string'
    connection.lookup_domain_by_name (domain.name); // wrong: from `unowned string?' to `unowned string'
    domain.create_checkpoint_xml ("<domaincheckpoint/>", 0, null, null); // wrong: 1 extra arguments
    domain.create_checkpoint_xml (null); // wrong: Cannot pass null to non-null parameter
    new Vck.Checkpoint (); // wrong: Access to non-public constructor `Vck.Checkpoint.new' denied
  }

  public void choose_flags (Vck.Domain domain) throws Error {
    domain.list_checkpoints (SORTED); // wrong: The name `SORTED' does not exist
    domain.list_checkpoints (Vck.DomainListFlags.ACTIVE); // wrong: to `Vck.CheckpointListFlags'
    domain.list_checkpoints ("ROOTS"); // wrong: to `Vck.CheckpointListFlags'
    domain.list_checkpoints (null); // wrong: Cannot pass null to non-null parameter
  }

  public void get_results (Vck.Domain domain) throws Error {
    string count = domain.count_checkpoints (); // wrong: Cannot convert from `int' to `string'
    GenericArray<Vck.Disk> disks = domain.list_checkpoints (); // wrong: to `GLib.GenericArray<Vck.Disk>'
    print ("%s %u\n", count, disks.length);
  }

  public async void wait (Vck.Domain domain) throws Error {
    int count = yield domain.list_checkpoints_async (); // wrong: Cannot convert
    int later = domain.count_checkpoints_async (); // wrong: invocation of void method not allowed
    print ("%d %d\n", count, later);
  }
}

namespace Properties {
  public void use (Vck.Checkpoint checkpoint) {
    print ("%s\n", checkpoint.nmae); // wrong: The name `nmae' does not exist
    checkpoint.name = "other"; // wrong: Property `Vck.Checkpoint.name' is read-only
  }

  public int measure (Vck.Checkpoint checkpoint) {
    return checkpoint.description.length; // wrong: from nullable reference denied
  }

  public string find_parent (Vck.Checkpoint checkpoint) {
    return checkpoint.parent_name; // wrong: Cannot convert from `string?' to `string'
  }

  public int64 find_time (Vck.Checkpoint checkpoint) {
    return checkpoint.creation_time.to_unix (); // wrong: from nullable reference denied
  }

  public Vck.Domain find_domain (Vck.BackupJob job) {
    Vck.Domain domain = job.domain; // wrong: Cannot convert from `Vck.Domain?' to `Vck.Domain'
    return domain;
  }

  public string explain (Vck.Finding finding, Vck.Disk disk, Vck.Backup backup) {
    string reason = disk.reason; // wrong: Cannot convert from `string?' to `string'
    string bitmap = finding.get_bitmap (); // wrong: Cannot convert from `string?' to `string'
    string label = backup.label; // wrong: Cannot convert from `string?' to `string'
    return reason + bitmap + label;
  }
}
