// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Real qcow2 images: what changed, what can be tracked, and what stays on disk.

using Support;

void measure_in_blocks () throws Error {
  var place = new LocalPlace ();
  var domain = define (Vck.Connection.open (place.uri, 0), place);
  var first = create (domain, "first");
  place.write ("vda", GRANULARITY - 1, 2);
  var second = create (domain, "second");
  place.write ("vda", 0, GRANULARITY);
  assert_cmpstr (sizes (first), EQ, "131072 0");
  assert_cmpstr (sizes (second), EQ, "65536 0");
}

void keep_bitmaps () throws Error {
  var place = new LocalPlace ();
  var domain = define (Vck.Connection.open (place.uri, 0), place);
  create (domain, "first");
  var second = create (domain, "second");
  assert_true ("name: first" in place.describe ("vdb"));
  assert_true ("name: second" in place.describe ("vdb"));
  second.delete (0);
  assert_true ("name: first" in place.describe ("vdb"));
  assert_false ("name: second" in place.describe ("vdb"));
}

void give_reasons () throws Error {
  var place = new LocalPlace ();
  var xml = domain_xml ("machine", { "vda" }, { place.disk ("vda") });
  var raw = xml.replace ("type='qcow2'", "type='raw'");
  var domain = Vck.Connection.open (place.uri, 0).define_domain_xml (raw);
  var disk = domain.list_disks ()[0];
  assert_false (disk.trackable);
  assert_true ("raw" in disk.reason);
  assert_fails (Vck.Error.CONFIG_UNSUPPORTED, () => create (domain, "first"));
}

void outlive_the_connection () throws Error {
  var place = new LocalPlace ();
  var connection = Vck.Connection.open (place.uri, 0);
  create (define (connection, place, "Bücher"), "first", "Stand – 最初");
  connection.close ();
  var domain = Vck.Connection.open (place.uri, 0).lookup_domain_by_name ("Bücher");
  var checkpoints = domain.list_checkpoints (0);
  assert_cmpstr (names (checkpoints), EQ, "first");
  assert_cmpstr (checkpoints[0].description, EQ, "Stand – 最初");
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add ("local/sizes", measure_in_blocks);
  add ("local/bitmaps", keep_bitmaps);
  add ("local/reasons", give_reasons);
  add ("local/outlive", outlive_the_connection);
  return Test.run ();
}
