// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Calls that no other scenario of tests/languages/scenario.md has.

using Support;

void open_and_close (Backend backend) throws Error {
  var connection = new Vck.Connection (backend.uri);
  assert_false (connection.is_open);
  assert_fails (Vck.Error.INVALID_CONNECT, () => connection.count_domains ());
  assert_true (connection.init ());
  assert_true (connection.is_open);
  connection.close ();
  connection.close ();
  assert_false (connection.is_open);
  assert_fails (Vck.Error.NO_CONNECT, () => connection.count_domains ());
}

bool is_listed (Vck.Connection connection, Vck.Domain domain, Vck.DomainListFlags flags) throws Error {
  var domains = connection.list_domains (flags);
  assert_cmpint (connection.count_domains (flags), EQ, domains.length);
  foreach (var each in domains) {
    if (each == domain)
      return true;
  }
  return false;
}

void find_domains (Backend backend) throws Error {
  var connection = Vck.Connection.open (backend.uri);
  var domain = define (connection, backend);
  assert_true (connection.lookup_domain_by_name ("guest") == domain);
  assert_true (connection.lookup_domain_by_uuid (domain.uuid) == domain);
  assert_true (is_listed (connection, domain, 0));
  assert_true (is_listed (connection, domain, INACTIVE));
  assert_false (is_listed (connection, domain, ACTIVE));
  assert_fails (Vck.Error.INVALID_ARG, () => connection.lookup_domain_by_uuid ("x"));
}

void count (Backend backend) throws Error {
  var connection = Vck.Connection.open (backend.uri);
  var domain = define (connection, backend);
  var first = domain.create_checkpoint_xml (checkpoint_xml ("first"));
  var second = domain.create_checkpoint_xml (checkpoint_xml ("second"));
  assert_cmpint (domain.count_disks (), EQ, 2);
  assert_cmpint (first.count_disks (), EQ, 2);
  assert_cmpint (first.count_children (), EQ, 1);
  assert_cmpint (second.count_children (), EQ, 0);
}

void read_documents (Backend backend) throws Error {
  var domain = define (Vck.Connection.open (backend.uri), backend);
  assert_true ("<name>guest</name>" in domain.get_xml_desc ());
  assert_fails (Vck.Error.NO_BACKUP, () => domain.get_backup_xml ());
}

void measure (Backend backend) throws Error {
  var domain = define (Vck.Connection.open (backend.uri), backend);
  domain.create_checkpoint_xml (checkpoint_xml ("first"));
  backend.write ("vda", 0, 1);
  var disks = domain.measure_checkpoints ();
  assert_cmpint (disks.length, EQ, 2);
  assert_cmpstr (disks[0].checkpoint, EQ, "first");
  assert_true (disks[0].size == (backend.has_images ? GRANULARITY : 0));
  assert_true (disks[1].size == 0);
  assert_true (domain.refresh ());
}

void list_bitmaps (Backend backend) throws Error {
  var connection = Vck.Connection.open (backend.uri);
  var domain = define (connection, backend);
  domain.create_checkpoint_xml (checkpoint_xml ("first")).delete (METADATA_ONLY);
  domain.create_checkpoint_xml (checkpoint_xml ("second"));
  backend.write ("vda", 0, 1);
  var bitmaps = domain.list_bitmaps (BACKING);
  assert_cmpint (bitmaps.length, EQ, 4);
  for (var i = 0; i < 4; i++) {
    var bitmap = bitmaps[i];
    assert_cmpstr (bitmap.disk, EQ, i < 2 ? "vda" : "vdb");
    assert_cmpstr (bitmap.name, EQ, i % 2 == 0 ? "first" : "second");
    assert_cmpstr (bitmap.checkpoint, EQ, i % 2 == 0 ? null : "second");
    assert_true (bitmap.owner == (i % 2 == 0 ? Vck.BitmapOwner.ORPHAN : Vck.BitmapOwner.CHECKPOINT));
    assert_true (bitmap.size == (i < 2 && backend.has_images ? GRANULARITY : 0));
    assert_true (bitmap.granularity == GRANULARITY);
    assert_true (bitmap.recording && bitmap.persistent && !bitmap.inconsistent && !bitmap.busy);
  }
  assert_cmpstr (bitmaps[0].image, EQ, domain.list_disks ()[0].source);
  connection.close ();
  assert_fails (Vck.Error.NO_CONNECT, () => domain.list_bitmaps ());
}

void list_foreign_bitmap () throws Error {
  var backend = new LocalBackend ();
  var domain = define (Vck.Connection.open (backend.uri), backend);
  var image = backend.image ("vdb");
  LocalBackend.run_program ({ "qemu-img", "bitmap", "--add", image, "other" });
  var bitmaps = domain.list_bitmaps ();
  assert_cmpint (bitmaps.length, EQ, 1);
  assert_cmpstr (bitmaps[0].name, EQ, "other");
  assert_true (bitmaps[0].owner == FOREIGN);
  assert_null (bitmaps[0].checkpoint);
  LocalBackend.run_program ({ "sh", "-c", "qemu-io -f qcow2 -c abort \"$0\" || true", image });
  var broken = domain.list_bitmaps ()[0];
  assert_true (broken.inconsistent);
  assert_true (broken.size == -1);
  assert_cmpint (FileUtils.unlink (image), EQ, 0);
  var message = assert_fails (Vck.Error.OPERATION_FAILED, () => domain.list_bitmaps ());
  assert_true ("disk 'vdb'" in message);
}

void load_lists (Backend backend) throws Error {
  var connection = Vck.Connection.open (backend.uri);
  var domain = define (connection, backend);
  var first = domain.create_checkpoint_xml (checkpoint_xml ("first"));
  var second = domain.create_checkpoint_xml (checkpoint_xml ("second"));
  var checkpoints = domain.checkpoints;
  var domains = connection.domains;
  assert_true (checkpoints.load ());
  assert_cmpuint (checkpoints.get_n_items (), EQ, 2);
  assert_true (checkpoints.get_item (0) == first && checkpoints.get_item (1) == second);
  first.delete ();
  assert_true (checkpoints.load ());
  assert_cmpuint (checkpoints.get_n_items (), EQ, 1);
  assert_true (domains.load ());
  assert_cmpuint (domains.get_n_items (), EQ, connection.list_domains ().length);
  var n_domains = domains.get_n_items ();
  connection.close ();
  assert_fails (Vck.Error.NO_CONNECT, () => domains.load ());
  assert_cmpuint (domains.get_n_items (), EQ, n_domains);
}

void keep_store () throws Error {
  var backend = new LocalBackend ();
  var domain = define (Vck.Connection.open (backend.uri), backend);
  var store = Vck.Repository.open (backend.path ("store"), CREATE);
  var plan = store.plan_backup (domain);
  assert_true (plan.mode == PUSH);
  assert_null (plan.why_pull);
  var backup = store.backup (domain);
  assert_cmpint (store.count_backups (domain.uuid), EQ, 1);
  assert_cmpint (store.verify ().length, EQ, 0);
  assert_true (store.recover (domain));
  var socket = backend.path ("socket");
  var mount = store.mount (backup, socket);
  assert_cmpstr (mount.socket, EQ, socket);
  assert_true (FileUtils.test (socket, EXISTS));
  assert_true (mount.close ());
  assert_false (FileUtils.test (socket, EXISTS));
}

int main (string[] args) {
  Test.init (ref args);
  add_both ("other-calls/open", open_and_close);
  add_both ("other-calls/domains", find_domains);
  add_both ("other-calls/counts", count);
  add_both ("other-calls/documents", read_documents);
  add_both ("other-calls/measure", measure);
  add_both ("other-calls/bitmaps", list_bitmaps);
  add ("other-calls/foreign-bitmap", list_foreign_bitmap);
  add_both ("other-calls/lists", load_lists);
  add ("other-calls/store", keep_store);
  return Test.run ();
}
