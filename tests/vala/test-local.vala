// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Real qcow2 images: what changed, what can be tracked, and what stays on disk.

using Support;

void measure_in_blocks () throws Error {
  var backend = new LocalBackend ();
  var domain = define (Vck.Connection.open (backend.uri), backend);
  var first = create (domain, "first");
  backend.write ("vda", GRANULARITY - 1, 2);
  var second = create (domain, "second");
  backend.write ("vda", 0, GRANULARITY);
  assert_cmpstr (sizes (first), EQ, "131072 0");
  assert_cmpstr (sizes (second), EQ, "65536 0");
}

void keep_bitmaps () throws Error {
  var backend = new LocalBackend ();
  var domain = define (Vck.Connection.open (backend.uri), backend);
  create (domain, "first");
  var second = create (domain, "second");
  assert_true ("name: first" in backend.describe ("vdb"));
  assert_true ("name: second" in backend.describe ("vdb"));
  second.delete ();
  assert_true ("name: first" in backend.describe ("vdb"));
  assert_false ("name: second" in backend.describe ("vdb"));
}

void give_reasons () throws Error {
  var backend = new LocalBackend ();
  var xml = domain_xml ("guest", { "vda" }, { backend.disk ("vda") });
  var raw = xml.replace ("type='qcow2'", "type='raw'");
  var domain = Vck.Connection.open (backend.uri).define_domain_xml (raw);
  var disk = domain.list_disks ()[0];
  assert_false (disk.trackable);
  assert_true ("raw" in disk.reason);
  assert_fails (Vck.Error.CONFIG_UNSUPPORTED, () => create (domain, "first"));
}

// What another program does: it makes a checkpoint, then a domain.
void act (string uri) throws Error {
  var connection = Vck.Connection.open (uri);
  create (connection.lookup_domain_by_name ("guest"), "theirs");
  connection.define_domain_xml ("<domain><name>other</name></domain>");
}

string program;

void hear_others () throws Error {
  var backend = new LocalBackend ();
  var connection = Vck.Connection.open (backend.uri);
  var domain = define (connection, backend);
  var heard = "";
  connection.domain_added.connect (each => { heard += each.name + " "; });
  domain.checkpoint_added.connect (each => { heard += each.name + " "; });
  var other = new Subprocess (SubprocessFlags.NONE, program, backend.uri);
  wait_until (() => heard.has_suffix ("other "));
  other.wait_check ();
  assert_true (heard.has_suffix ("theirs other "));
}

void outlive_the_connection () throws Error {
  var backend = new LocalBackend ();
  var connection = Vck.Connection.open (backend.uri);
  create (define (connection, backend, "Bücher"), "first", "Stand – 最初");
  connection.close ();
  var domain = Vck.Connection.open (backend.uri).lookup_domain_by_name ("Bücher");
  var checkpoints = domain.list_checkpoints ();
  assert_cmpstr (names (checkpoints), EQ, "first");
  assert_cmpstr (checkpoints[0].description, EQ, "Stand – 最初");
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  program = args[0];
  if (args.length == 2) {
    try {
      act (args[1]);
    } catch (Error error) {
      GLib.error ("%s", error.message);
    }
    return 0;
  }
  add ("local/others", hear_others);
  add ("local/sizes", measure_in_blocks);
  add ("local/bitmaps", keep_bitmaps);
  add ("local/reasons", give_reasons);
  add ("local/outlive", outlive_the_connection);
  return Test.run ();
}
