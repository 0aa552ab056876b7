// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the metadata of the binding is for: values that may be null, the errors that are thrown, what
// may be left out, and lists that own their elements. valac looks at this file with all it has, as
// tests/vala/meson.build says, and must find nothing.

const string CHECKPOINT = "<domaincheckpoint><name>%s</name></domaincheckpoint>";

int n_connections = 0;

// Each has a domain of its own.
Vck.Connection connect_anew () throws Vck.Error, IOError {
  return Vck.Connection.open ("memory:///natural-%d".printf (++n_connections));
}

Vck.Domain open_domain () throws Vck.Error, IOError {
  return connect_anew ().lookup_domain_by_name ("test");
}

void handle_null () throws Vck.Error, IOError {
  var first = open_domain ().create_checkpoint_xml (CHECKPOINT.printf ("first"));
  var domain = first.domain;
  assert (first.parent_name == null && first.get_parent_name () == null);
  assert ((first.parent_name ?? "none") == "none");
  string? description = first.description;
  assert ((description == null ? 0 : ((!) description).length) == 0);
  assert (domain != null && ((!) domain).connection != null);
  assert (first.creation_time != null && ((!) first.creation_time).to_unix () > 0);
  foreach (var disk in first.list_disks ())
    assert ((disk.bitmap ?? "") == "first" && disk.checkpoint == "first");
  foreach (var disk in ((!) domain).list_disks ())
    assert (disk.trackable && disk.reason == null && disk.source != null);
}

void handle_null_of_bare_objects () throws Vck.Error, IOError {
  var checkpoint = (Vck.Checkpoint) Object.new (typeof (Vck.Checkpoint));
  var domain = (Vck.Domain) Object.new (typeof (Vck.Domain));
  var nowhere = new Vck.Connection ();
  var unopened = new Vck.Connection ("memory:///x");
  assert (nowhere.uri == null && (unopened.uri ?? "") == "memory:///x");
  assert (checkpoint.domain == null && checkpoint.connection == null);
  assert (checkpoint.description == null && checkpoint.creation_time == null);
  assert (domain.name == null && domain.connection == null);
}

void leave_out () throws Vck.Error, IOError {
  var connection = connect_anew ();
  var domain = connection.lookup_domain_by_name ("test");
  var first = domain.create_checkpoint_xml (CHECKPOINT.printf ("first"));
  assert (connection.list_domains ().length == 1 && connection.count_domains (ACTIVE) == 1);
  assert (domain.list_checkpoints ()[0] == first && domain.count_checkpoints () == 1);
  assert (domain.list_checkpoints (ROOTS, new Cancellable ()).length == 1);
  assert (first.get_xml_desc () != first.get_xml_desc (SIZE));
  assert (first.list_extents ("vda").length == 0);
  assert (first.delete ());
}

// With no cancellable, only Vck.Error can be thrown; with one, IOError.CANCELLED too, and no more.
string name_error (Vck.Connection connection, string domain, Cancellable? cancellable = null) {
  try {
    connection.lookup_domain_by_name (domain, cancellable);
    connection.close ();
    return "none";
  } catch (Vck.Error.NO_DOMAIN error) {
    return "not found";
  } catch (Vck.Error error) {
    return "refused";
  } catch (IOError error) {
    return (error is IOError.CANCELLED) ? "cancelled" : "other";
  }
}

bool close_twice (Vck.Connection connection) {
  try {
    return connection.close () && connection.close ();
  } catch (Vck.Error error) {
    return false;
  }
}

void catch_errors () throws Vck.Error, IOError {
  var connection = connect_anew ();
  var cancelled = new Cancellable ();
  cancelled.cancel ();
  assert (name_error (connection, "test", cancelled) == "cancelled");
  assert (name_error (connection, "nosuch") == "not found");
  assert (name_error (connection, "test") == "none");
  assert (name_error (connection, "test") == "refused");
  assert (close_twice (connect_anew ()));
}

async void follow () throws Vck.Error, IOError {
  var cancelled = new Cancellable ();
  var connection = yield Vck.Connection.open_async ("memory:///natural-async");
  var domain = yield connection.lookup_domain_by_name_async ("test");
  var first = yield domain.create_checkpoint_xml_async (CHECKPOINT.printf ("first"));
  var listed = yield domain.list_checkpoints_async ();
  assert (listed.length == 1 && listed[0] == first);
  assert ((yield domain.list_checkpoints_async (LEAVES)).length == 1);
  assert (yield first.delete_async ());
  cancelled.cancel ();
  try {
    yield domain.count_checkpoints_async (ROOTS, cancelled);
    assert_not_reached ();
  } catch (IOError.CANCELLED error) {
    assert ((yield domain.count_checkpoints_async ()) == 0);
  }
}

void wait () throws Vck.Error, IOError {
  var loop = new MainLoop ();
  AsyncResult? done = null;
  follow.begin ((source, result) => {
    done = result;
    loop.quit ();
  });
  loop.run ();
  follow.end ((!) done);
}

// The elements live as long as a list or a variable has them, and no longer.
void own_elements () throws Vck.Error, IOError {
  var checkpoint = open_domain ().create_checkpoint_xml (CHECKPOINT.printf ("first"));
  var living = 0;
  Vck.CheckpointDisk? kept = null;
  {
    var disks = checkpoint.list_disks ();
    var same = disks;
    disks.foreach (disk => {
      living++;
      disk.weak_ref (() => living--);
    });
    kept = disks[0];
    assert (living == disks.length && same.length == disks.length);
  }
  assert (living == 1 && ((!) kept).name == "vda");
  kept = null;
  assert (living == 0);
  assert (checkpoint.list_disks ().steal_index (0).name == "vda");
}

/* Checkpoints in a list are those that calls return. */
void follow_lists () throws Vck.Error, IOError {
  var connection = Vck.Connection.open ("memory:///lists");
  var domain = connection.lookup_domain_by_name ("test");
  var created = domain.create_checkpoint_xml ("<domaincheckpoint><name>a</name></domaincheckpoint>");
  var checkpoints = domain.checkpoints;
  assert (checkpoints.n_items == 0);
  assert (checkpoints.load ());
  assert (checkpoints.error == null);
  assert (!checkpoints.loading);
  for (uint i = 0; i < checkpoints.n_items; i++)
    assert (checkpoints.get_item (i) == created);
  assert (checkpoints.n_items == 1);
  assert (created.parent == null);
  var second = domain.create_checkpoint_xml ("<domaincheckpoint><name>b</name></domaincheckpoint>");
  assert (second.parent == created);
  var children = created.children;
  assert (children.load ());
  assert (children.n_items == 1 && children.get_item (0) == second);
  assert (children.parent == created);
  assert (domain.root_checkpoints.get_item (0) == created);
  assert (second.children.n_items == 0);
  var domains = connection.domains;
  assert (domains.load ());
  assert (domains.get_item (0) == domain);
}

delegate void Body () throws Vck.Error, IOError;

void add (string path, owned Body body) {
  Test.add_data_func ("/vck/vala/natural/" + path, () => {
    try {
      body ();
    } catch (Vck.Error error) {
      Test.fail_printf ("%s", error.message);
    } catch (IOError error) {
      Test.fail_printf ("%s", error.message);
    }
  });
}

int main (string[] args) {
  Test.init (ref args);
  add ("null", handle_null);
  add ("null/bare-objects", handle_null_of_bare_objects);
  add ("defaults", leave_out);
  add ("errors", catch_errors);
  add ("yield", wait);
  add ("ownership", own_elements);
  add ("lists", follow_lists);
  return Test.run ();
}
