// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Domains that are defined from a configuration instead of XML.

using Support;

const string UUID = "5a0b6a3e-6b1c-4c86-9d6b-b7f0a3b0d2c1";

void use_images (Backend backend) throws Error {
  string[] images = { backend.disk ("vda"), backend.disk ("vdb") };
  var connection = Vck.Connection.open (backend.uri);
  var domain = connection.define_domain (new Vck.DomainConfig.from_images (images));
  assert_cmpstr (domain.name, EQ, "vda");
  var disks = domain.list_disks ();
  assert_cmpint (disks.length, EQ, 2);
  assert_cmpstr (disks[1].source, EQ, images[1]);
  assert_true (domain.create_checkpoint ().domain == domain);
}

void add_disks (Backend backend) throws Error {
  var connection = Vck.Connection.open (backend.uri);
  var config = new Vck.DomainConfig ("guest") { uuid = UUID };
  config.add_disk ("vda", backend.disk ("vda"));
  config.add_disk ("vdb", "/nonexistent/b", "raw");
  var domain = connection.define_domain (config);
  assert_cmpstr (domain.uuid, EQ, UUID);
  var disks = domain.list_disks ();
  assert_true (disks[0].trackable && !disks[1].trackable);
}

async Vck.Domain change_later (Vck.Connection connection) throws Error {
  var config = new Vck.DomainConfig ("first");
  Idle.add (() => {
    config.name = "later";
    return Source.REMOVE;
  });
  return yield connection.define_domain_async (config);
}

void define_asynchronously (Backend backend) throws Error {
  var connection = Vck.Connection.open (backend.uri);
  AsyncResult? result = null;
  change_later.begin (connection, (_, it) => result = it);
  wait_until (() => result != null);
  assert_cmpstr (change_later.end (result).name, EQ, "first");
}

void list_disks () throws Error {
  var config = new Vck.DomainConfig.from_images ({ "/a.qcow2" });
  config.add_disk ("sda", "/dev/b", "raw");
  assert_cmpuint (config.disks.get_n_items (), EQ, 2);
  var disk = (Vck.DomainDiskConfig) config.disks.get_item (1);
  assert_cmpstr (disk.target, EQ, "sda");
  assert_cmpstr (disk.source, EQ, "/dev/b");
}

void use_xml () throws Error {
  var config = new Vck.DomainConfig ("a") { qmp_socket = "/q" };
  var again = new Vck.DomainConfig.from_xml (config.to_xml ());
  assert_cmpstr (again.qmp_socket, EQ, "/q");
  assert_true (again.agent_socket == null);
  var connection = Vck.Connection.open (new MemoryBackend ().uri);
  assert_cmpstr (connection.define_domain_xml (config.to_xml ()).name, EQ, "a");
}

void fail () throws Error {
  var connection = Vck.Connection.open (new MemoryBackend ().uri);
  assert_fails (Vck.Error.XML_ERROR, () => new Vck.DomainConfig.from_xml ("<domain>"));
  assert_fails (Vck.Error.XML_INVALID_SCHEMA, () => new Vck.DomainConfig ().to_xml ());
  connection.define_domain (new Vck.DomainConfig ("a") { uuid = UUID });
  assert_fails (Vck.Error.DOMAIN_EXISTS, () => connection.define_domain (new Vck.DomainConfig ("b") { uuid = UUID }));
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add_both ("images", use_images);
  add_both ("disks", add_disks);
  add_both ("async", define_asynchronously);
  add ("list", list_disks);
  add ("xml", use_xml);
  add ("errors", fail);
  return Test.run ();
}
