// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The disks of domains, as lists that follow what happens.

using Support;

Vck.Domain open_domain (Backend backend) throws Error {
  return define (Vck.Connection.open (backend.uri), backend);
}

void redefine (Vck.Domain domain, Backend backend, string first, string format = "qcow2") throws Error {
  string[] paths = { backend.disk (first), backend.disk ("vdb") };
  var xml = domain_xml ("guest", { first, "vdb" }, paths);
  var at = xml.last_index_of ("type='qcow2'") + 6;
  assert_true (domain.connection.define_domain_xml (xml.splice (at, at + 5, format)) == domain);
}

string targets (Vck.DiskList disks) {
  var text = "";
  for (uint i = 0; i < disks.n_items; i++) {
    text += ((Vck.Disk) disks.get_item (i)).target + " ";
  }
  return text;
}

void follow (Backend backend) throws Error {
  var domain = open_domain (backend);
  var disks = domain.disks;
  assert_true (disks.load ());
  assert_cmpstr (targets (disks), EQ, "vda vdb ");
  var last = disks.get_item (1);
  assert_true (last == domain.list_disks ()[1]);
  assert_true (domain.disks == disks && disks.domain == domain);
  redefine (domain, backend, "vdc");
  wait_until (() => targets (disks) == "vdc vdb ");
  assert_true (disks.get_item (1) == last);
  assert_true (disks.load ());
  assert_true (disks.get_item (0) == domain.list_disks ()[0]);
}

void change (Backend backend) throws Error {
  var domain = open_domain (backend);
  var disks = domain.disks;
  assert_true (disks.load ());
  var disk = (Vck.Disk) disks.get_item (1);
  var notified = 0;
  disk.notify.connect (() => notified++);
  redefine (domain, backend, "vda", "raw");
  domain.list_disks ();
  assert_false (disk.trackable);
  assert_cmpstr (disk.format, EQ, "raw");
  assert_nonnull (disk.reason);
  assert_cmpint (notified, EQ, 0);
  wait_until (() => notified == 3);
  assert_true (disks.get_item (1) == disk);
}

void track (Backend backend) throws Error {
  var domain = open_domain (backend);
  var config = new Vck.CheckpointConfig ();
  config.skip ("vdb");
  var first = domain.create_checkpoint (config);
  assert_true (first.list_disks ()[0].state == UNKNOWN);
  foreach (var disks in new GenericArray<Vck.CheckpointDisk>[] { first.list_disks (), first.list_disks (SIZE) }) {
    assert_true (disks[0].capacity > 0 && disks[0].granularity == GRANULARITY);
    assert_true (disks[1].state == UNTRACKED && disks[1].bitmap == null);
    assert_true (disks[1].capacity == -1 && disks[1].granularity == -1);
  }
  assert_true (first.state == READY);
  assert_cmpint (domain.measure_checkpoints ().length, EQ, 1);
}

void stay (Backend backend) throws Error {
  var domain = open_domain (backend);
  var disks = domain.disks;
  assert_true (disks.load ());
  domain.connection.close ();
  assert_fails (Vck.Error.NO_CONNECT, () => disks.load ());
  wait_until (() => disks.error != null);
  assert_cmpuint (disks.n_items, EQ, 2);
}

int main (string[] args) {
  Test.init (ref args);
  add_both ("disks/follow", follow);
  add_both ("disks/change", change);
  add_both ("disks/checkpoint", track);
  add_both ("disks/close", stay);
  return Test.run ();
}
