// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Async pairs with yield, and cancellation.

using Support;

async Vck.Domain open_and_define (Backend backend, string name = "guest") throws Error {
  var connection = yield Vck.Connection.open_async (backend.uri);
  string[] paths = { backend.disk ("vda"), backend.disk ("vdb") };
  var xml = domain_xml (name, { "vda", "vdb" }, paths);
  return yield connection.define_domain_xml_async (xml);
}

async void follow_checkpoints (Backend backend) throws Error {
  var domain = yield open_and_define (backend);
  var first = yield domain.create_checkpoint_xml_async (checkpoint_xml ("first"));
  var second = yield domain.create_checkpoint_xml_async (checkpoint_xml ("second"));
  var all = yield domain.list_checkpoints_async (TOPOLOGICAL);
  assert_cmpstr (names (all), EQ, "first second");
  assert_cmpint (yield domain.count_checkpoints_async (), EQ, 2);
  var found = yield domain.lookup_checkpoint_async ("second");
  assert_true (found == second);
  var parent = yield second.query_parent_async ();
  assert_true (parent == first);
  var children = yield first.list_children_async ();
  assert_true (children.length == 1 && children[0] == second);
  var xml = yield second.get_xml_desc_async (NO_DOMAIN);
  assert_true ("<name>second</name>" in xml);
  var disks = yield second.list_disks_async (SIZE);
  assert_true (disks.length == 2 && disks[0].size == 0);
  assert_true (yield first.delete_async ());
  assert_cmpstr (names (domain.list_checkpoints ()), EQ, "second");
}

async void follow_domains (Backend backend) throws Error {
  var domain = yield open_and_define (backend, "Bücher");
  var connection = domain.connection;
  var domains = yield connection.list_domains_async ();
  assert_true (domains.length >= 1);
  assert_cmpint (yield connection.count_domains_async (), EQ, domains.length);
  var named = yield connection.lookup_domain_by_name_async ("Bücher");
  assert_true (named == domain);
  var identified = yield connection.lookup_domain_by_uuid_async (domain.uuid);
  assert_true (identified == domain);
  var called = yield connection.lookup_domain_async ("Bücher");
  assert_true (called == domain);
  called = yield connection.lookup_domain_async (domain.uuid);
  assert_true (called == domain);
  var state = yield domain.query_state_async ();
  assert_true (state == SHUTOFF);
  var disks = yield domain.list_disks_async ();
  assert_cmpint (disks.length, EQ, 2);
  assert_true (yield domain.undefine_async ());
}

async void catch_errors (Backend backend) throws Error {
  var domain = yield open_and_define (backend);
  var caught = 0;
  try {
    yield domain.lookup_checkpoint_async ("nosuch");
  } catch (Vck.Error.NO_DOMAIN_CHECKPOINT error) {
    assert_true ("'nosuch'" in error.message);
    caught++;
  }
  try {
    yield domain.create_checkpoint_xml_async ("<domaincheckpoint>");
  } catch (Vck.Error error) {
    assert_true (error is Vck.Error.XML_ERROR);
    caught++;
  }
  assert_cmpint (caught, EQ, 2);
}

async void cancel_before (Backend backend) throws Error {
  var domain = yield open_and_define (backend);
  var cancellable = new Cancellable ();
  var caught = 0;
  cancellable.cancel ();
  try {
    yield domain.count_checkpoints_async (0, cancellable);
  } catch (IOError.CANCELLED error) {
    caught++;
  }
  try {
    yield domain.create_checkpoint_xml_async (checkpoint_xml ("first"), 0, cancellable);
  } catch (IOError.CANCELLED error) {
    caught++;
  }
  try {
    yield Vck.Connection.open_async (backend.uri, 0, cancellable);
  } catch (IOError.CANCELLED error) {
    caught++;
  }
  assert_cmpint (caught, EQ, 3);
  assert_cmpint (domain.count_checkpoints (), EQ, 0);
}

async void cancel_on_the_way (Backend backend) throws Error {
  var domain = yield open_and_define (backend);
  var cancellable = new Cancellable ();
  var expected = "first";
  Idle.add (() => {
    cancellable.cancel ();
    return Source.REMOVE;
  });
  try {
    yield domain.create_checkpoint_xml_async (checkpoint_xml ("first"), 0, cancellable);
  } catch (IOError.CANCELLED error) {
    expected = "";
  }
  assert_cmpstr (names (domain.list_checkpoints ()), EQ, expected);
}

// Cancels once the call, or what it waits for, has connected to QEMU.
void cancel_when_connected (SilentQemu qemu, Cancellable cancellable) {
  var before = qemu.n_clients;
  Timeout.add (1, () => {
    if (qemu.n_clients == before) {
      return Source.CONTINUE;
    }
    cancellable.cancel ();
    return Source.REMOVE;
  });
}

// The part "cancel" of scenario.md: a QEMU that does not answer makes calls wait.
async void cancel_waiting (Backend backend) throws Error {
  var path = ((LocalBackend) backend).path ("qmp");
  var connection = yield Vck.Connection.open_async (backend.uri);
  string[] paths = { backend.disk ("vda") };
  var domain = connection.define_domain_xml (domain_xml ("silent", { "vda" }, paths, UUID, path));
  var qemu = new SilentQemu (path);
  var xml = checkpoint_xml ("first");
  var caught = 0;
  var cancellable = new Cancellable ();
  cancel_when_connected (qemu, cancellable);
  try {
    yield domain.create_checkpoint_xml_async (xml, 0, cancellable);
  } catch (IOError.CANCELLED error) {
    caught++;
  }
  assert_cmpint (domain.count_checkpoints (), EQ, 0);
  cancellable.reset ();
  cancel_when_connected (qemu, cancellable);
  try {
    yield domain.query_state_async (cancellable);
  } catch (IOError.CANCELLED error) {
    caught++;
  }
  assert_cmpint (caught, EQ, 2);
  qemu.close ();
  var created = domain.create_checkpoint_xml (xml);
  var all = domain.list_checkpoints ();
  assert_true (all.length == 1 && all[0] == created);
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add_both ("async/checkpoints", backend => {
    complete (backend, (p, c) => follow_checkpoints.begin (p, c), r => follow_checkpoints.end (r));
  });
  add_both ("async/domains", backend => {
    complete (backend, (p, c) => follow_domains.begin (p, c), r => follow_domains.end (r));
  });
  add_both ("async/errors", backend => {
    complete (backend, (p, c) => catch_errors.begin (p, c), r => catch_errors.end (r));
  });
  add_both ("async/cancelled-before", backend => {
    complete (backend, (p, c) => cancel_before.begin (p, c), r => cancel_before.end (r));
  });
  add_both ("async/cancelled-on-the-way", backend => {
    complete (backend, (p, c) => cancel_on_the_way.begin (p, c), r => cancel_on_the_way.end (r));
  });
  add ("async/cancelled-while-waiting", () => {
    complete (new LocalBackend (), (p, c) => cancel_waiting.begin (p, c), r => cancel_waiting.end (r));
  });
  return Test.run ();
}
