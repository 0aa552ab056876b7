// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is known of checkpoints: sizes, states, and since when.

using Support;

Vck.Domain open_domain (Backend backend) throws Error {
  return define (Vck.Connection.open (backend.uri), backend);
}

void assert_measured (Vck.Checkpoint checkpoint, int64 size) {
  assert_true (checkpoint.size == size);
  assert_true (checkpoint.state == READY);
  assert_nonnull (checkpoint.measured_at);
}

void know_nothing_at_first (Backend backend) throws Error {
  var first = create (open_domain (backend), "first");
  assert_true (first.size == -1 && first.state == UNKNOWN);
  assert_null (first.measured_at);
}

void measure (Backend backend) throws Error {
  var domain = open_domain (backend);
  var written = backend.has_images ? GRANULARITY : 0;
  var first = create (domain, "first");
  backend.write ("vda", 0, 1);
  var second = create (domain, "second");
  var before = new DateTime.now_utc ();
  domain.measure_checkpoints ();
  assert_measured (first, written);
  assert_measured (second, 0);
  assert_cmpint (before.compare (first.measured_at), LE, 0);
  backend.write ("vdb", 0, 1);
  assert_true (second.query_state () == READY);
  assert_measured (first, written);
  assert_measured (second, written);
  domain.verify_checkpoints ();
  assert_measured (first, 2 * written);
}

void notify_together (Backend backend) throws Error {
  var domain = open_domain (backend);
  var first = create (domain, "first");
  var seen = new GenericSet<string> (str_hash, str_equal);
  var notified = 0;
  first.notify.connect (property => {
    assert_measured (first, 0);
    seen.add (property.name);
    notified++;
  });
  domain.measure_checkpoints_async.begin (null);
  wait_until (() => notified >= 3);
  assert_cmpint (notified, EQ, 3);
  assert_true ("size" in seen && "state" in seen && "measured-at" in seen);
}

void have_identities (Backend backend) throws Error {
  var domain = open_domain (backend);
  var first = create (domain, "first");
  var own = create (domain, "vck.0a1b2c3d.20261127T075307.120667Z-1fae9c02");
  assert_true (Uuid.string_is_valid (first.uuid));
  assert_cmpstr (first.uuid, NE, own.get_uuid ());
  assert_null (first.owner);
  assert_cmpstr (own.owner, EQ, "0a1b2c3d");
  assert_cmpstr (own.get_owner (), EQ, "0a1b2c3d");
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add_both ("unknown", know_nothing_at_first);
  add_both ("measure", measure);
  add_both ("notify", notify_together);
  add_both ("identity", have_identities);
  return Test.run ();
}
