// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Errors, flags and enums, properties and notify, identity, and the death of objects.

using Support;

void catch_by_code () throws Error {
  var backend = new MemoryBackend ();
  var domain = define (Vck.Connection.open (backend.uri), backend);
  var caught = false;
  try {
    domain.lookup_checkpoint ("größer");
  } catch (Vck.Error.NO_DOMAIN_CHECKPOINT error) {
    assert_true ("'größer'" in error.message);
    assert_true (error.domain == Vck.Error.quark ());
    assert_cmpint (Vck.Error.get_libvirt_code (error), EQ, 0);
    assert_cmpint (Vck.Error.get_libvirt_domain (error), EQ, 0);
    assert_null (Vck.Error.get_libvirt_message (error));
    caught = true;
  }
  assert_true (caught);
}

void fail_with_codes () throws Error {
  var backend = new MemoryBackend ();
  assert_fails (Vck.Error.NO_CONNECT, () => Vck.Connection.open ("nosuch:///x"));
  assert_fails (Vck.Error.INVALID_ARG, () => Vck.Connection.open ("not a URI"));
  var connection = Vck.Connection.open (backend.uri);
  var domain = define (connection, backend);
  assert_fails (Vck.Error.NO_DOMAIN, () => connection.lookup_domain_by_name ("nosuch"));
  assert_fails (Vck.Error.INVALID_ARG, () => connection.lookup_domain_by_uuid ("nosuch"));
  assert_fails (Vck.Error.XML_ERROR, () => connection.define_domain_xml ("<domain>"));
  assert_fails (Vck.Error.XML_INVALID_SCHEMA, () => create (domain, "größer"));
  var checkpoint = create (domain, "first");
  assert_fails (Vck.Error.INVALID_ARG, () => checkpoint.delete (CHILDREN | CHILDREN_ONLY));
  checkpoint.delete ();
  assert_fails (Vck.Error.NO_DOMAIN_CHECKPOINT, () => checkpoint.delete ());
  connection.close ();
  assert_false (connection.is_open);
  assert_fails (Vck.Error.NO_CONNECT, () => domain.list_checkpoints ());
}

void refuse_on_read_only () throws Error {
  var backend = new MemoryBackend ();
  var writer = Vck.Connection.open (backend.uri);
  create (define (writer, backend), "first");
  var reader = Vck.Connection.open (backend.uri, READ_ONLY);
  assert_true (reader.read_only);
  var domain = reader.lookup_domain_by_name ("guest");
  var checkpoint = domain.lookup_checkpoint ("first");
  assert_fails (Vck.Error.OPERATION_DENIED, () => create (domain, "second"));
  assert_fails (Vck.Error.OPERATION_DENIED, () => checkpoint.delete ());
  assert_fails (Vck.Error.OPERATION_DENIED, () => domain.undefine ());
}

void survive_bare_objects () throws Error {
  var domain = Object.new (typeof (Vck.Domain)) as Vck.Domain;
  var checkpoint = Object.new (typeof (Vck.Checkpoint)) as Vck.Checkpoint;
  var caught = 0;
  try {
    domain.list_checkpoints ();
  } catch (Vck.Error error) {
    caught++;
  }
  try {
    checkpoint.delete ();
  } catch (Vck.Error error) {
    caught++;
  }
  assert_cmpint (caught, EQ, 2);
  assert_null (domain.connection);
  assert_null (checkpoint.domain);
}

void know_the_types () throws Error {
  assert_cmpint ((int) (Vck.CheckpointListFlags.ROOTS | Vck.CheckpointListFlags.LEAVES), EQ, 5);
  assert_true (Vck.CheckpointListFlags.ROOTS == Vck.CheckpointListFlags.DESCENDANTS);
  assert_cmpint ((int) Vck.CheckpointXmlFlags.SIZE, EQ, 4);
  assert_cmpint ((int) Vck.CheckpointXmlFlags.NONE, EQ, 0);
  assert_cmpint ((int) Vck.DomainState.SHUTOFF, EQ, 5);
  var states = (EnumClass) typeof (Vck.DomainState).class_ref ();
  assert_cmpstr (states.get_value (Vck.DomainState.SHUTOFF).value_nick, EQ, "shutoff");
  assert_true (typeof (Vck.CheckpointXmlFlags).is_flags ());
}

void read_properties () throws Error {
  var backend = new MemoryBackend ();
  var connection = Vck.Connection.open (backend.uri);
  var domain = define (connection, backend, "Bücher");
  assert_cmpstr (domain.name, EQ, "Bücher");
  assert_true (domain.connection == connection);
  assert_true (domain.state == SHUTOFF);
  assert_true (connection.lookup_domain_by_name ("test").state == RUNNING);
  var before = new DateTime.now_utc ().to_unix ();
  var first = create (domain, "first", "Stand – 最初 & <mehr>");
  assert_cmpstr (first.description, EQ, "Stand – 最初 & <mehr>");
  assert_null (first.parent_name);
  assert_true (before <= first.creation_time.to_unix () <= new DateTime.now_utc ().to_unix ());
  var disk = first.list_disks ()[0];
  assert_cmpstr (disk.name, EQ, "vda");
  assert_cmpstr (disk.bitmap, EQ, "first");
  assert_true (disk.tracked && disk.size == -1);
}

void measure_checkpoints () throws Error {
  var backend = new MemoryBackend ();
  var domain = define (Vck.Connection.open (backend.uri), backend);
  create (domain, "first");
  create (domain, "second");
  var disks = domain.measure_checkpoints ();
  assert_cmpint (disks.length, EQ, 4);
  assert_cmpstr (disks[0].checkpoint, EQ, "first");
  assert_cmpstr (disks[3].checkpoint, EQ, "second");
  assert_true (disks[3].size == 0 && disks[3].state == READY);
}

void set_refresh_interval () throws Error {
  var backend = new MemoryBackend ();
  var domain = define (Vck.Connection.open (backend.uri), backend);
  var notified = 0;
  domain.notify["refresh-interval"].connect (() => notified++);
  assert_cmpuint (domain.refresh_interval, EQ, 0);
  domain.refresh_interval = 2000;
  domain.set_refresh_interval (2000);
  assert_cmpuint (domain.get_refresh_interval (), EQ, 2000);
  assert_cmpint (notified, EQ, 1);
}

/* Though no main context has run. */
void know_values_at_once () throws Error {
  var backend = new MemoryBackend ();
  var connection = Vck.Connection.open (backend.uri);
  var domain = define (connection, backend);
  create (domain, "a");
  var middle = create (domain, "b");
  var last = create (domain, "c");
  middle.delete ();
  assert_cmpstr (last.parent_name, EQ, "a");
  assert_cmpstr (last.query_parent ().name, EQ, "a");
  domain.rename ("renamed");
  assert_cmpstr (domain.name, EQ, "renamed");
  assert_true (connection.lookup_domain_by_name ("renamed") == domain);
}

void notify_of_new_parent () throws Error {
  var backend = new MemoryBackend ();
  var connection = Vck.Connection.open (backend.uri);
  var domain = define (connection, backend);
  var first = create (domain, "first");
  var second = create (domain, "second");
  var notified = 0;
  assert_cmpstr (second.parent_name, EQ, "first");
  second.notify["parent-name"].connect (() => {
    assert_null (second.parent_name);
    notified++;
  });
  first.delete ();
  wait_until (() => notified > 0);
  assert_cmpint (notified, EQ, 1);
}

Vck.Driver find_local () {
  foreach (var driver in Vck.list_drivers ()) {
    if (driver.name == "local")
      return driver;
  }
  assert_not_reached ();
}

void list_drivers () throws Error {
  assert_cmpint (Vck.list_drivers ().length, EQ, 3);
  var found = find_local ();
  assert_true (found.available && found.reason == null);
  assert_cmpint (found.schemes.length, EQ, 1);
  assert_cmpstr (found.schemes[0], EQ, "local");
  assert_true (found.tools.length == 1 && found.tools[0].has_suffix ("/qemu-storage-daemon"));
  var path = Environment.get_variable ("PATH");
  Environment.set_variable ("PATH", "/nonexistent", true);
  var lacking = find_local ();
  Environment.set_variable ("PATH", path, true);
  assert_false (lacking.available);
  assert_true ("'qemu-storage-daemon'" in lacking.reason);
  assert_cmpint (lacking.get_tools ().length, EQ, 0);
}

void keep_identity (Backend backend) throws Error {
  var connection = Vck.Connection.open (backend.uri);
  var domain = define (connection, backend);
  assert_true (connection.lookup_domain_by_name ("guest") == domain);
  assert_true (connection.lookup_domain_by_uuid (domain.uuid) == domain);
  assert_true (connection.lookup_domain ("guest") == domain);
  assert_true (connection.lookup_domain (domain.uuid) == domain);
  assert_fails (Vck.Error.NO_DOMAIN, () => connection.lookup_domain ("nosuch"));
  var first = create (domain, "first");
  var second = create (domain, "second");
  assert_true (domain.lookup_checkpoint ("first") == first);
  assert_true (second.query_parent () == first);
  assert_true (first.list_children ()[0] == second);
  var other = Vck.Connection.open (backend.uri);
  assert_true (other.lookup_domain_by_name ("guest") != domain);
}

// Counts the living among the objects it has made, used in every way and dropped.
class Census {
  public int living = 0;

  public void watch (Object object) {
    living++;
    object.weak_ref (() => {
      living--;
    });
  }

  public void use_and_drop (Backend backend) throws Error {
    var connection = Vck.Connection.open (backend.uri);
    watch (connection);
    var domain = define (connection, backend);
    watch (domain);
    domain.checkpoint_added.connect (() => {});
    var checkpoint = create (domain, "first");
    watch (checkpoint);
    domain.list_disks ().foreach (disk => watch (disk));
    checkpoint.list_disks ().foreach (disk => watch (disk));
    assert_cmpint (living, EQ, 7);
  }
}

void die (Backend backend) throws Error {
  var census = new Census ();
  census.use_and_drop (backend);
  wait_until (() => {
    Idle.add (() => Source.REMOVE);
    return census.living == 0;
  });
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add ("errors/by-code", catch_by_code);
  add ("errors/codes", fail_with_codes);
  add ("errors/read-only", refuse_on_read_only);
  add ("errors/bare-objects", survive_bare_objects);
  add ("types", know_the_types);
  add ("properties", read_properties);
  add ("properties/measure", measure_checkpoints);
  add ("properties/refresh-interval", set_refresh_interval);
  add ("properties/at-once", know_values_at_once);
  add ("properties/notify", notify_of_new_parent);
  add ("drivers", list_drivers);
  add_both ("identity", keep_identity);
  add_both ("death", die);
  return Test.run ();
}
