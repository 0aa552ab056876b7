// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The eleven-step scenario of tests/languages/scenario.md, in Vala.

using Support;

const string NAME = "Bücher";
const string DESCRIPTION = "Erster Stand – 最初";
const int64 MIB = 1024 * 1024;

// Each step builds on the one before.
class Scenario {
  private Backend backend;
  private Vck.Connection connection;
  private Vck.Domain domain;
  private Vck.Checkpoint first;
  private Vck.Checkpoint second;
  private Vck.Checkpoint third;

  public Scenario (Backend backend) {
    this.backend = backend;
  }

  public void run () throws Error {
    step_1_open ();
    step_2_define ();
    step_3_create ();
    step_4_list ();
    step_5_look_up ();
    step_6_parent ();
    step_7_children ();
    step_8_xml ();
    step_9_changed_blocks ();
    step_10_delete ();
    step_11_error ();
    connection.close ();
  }

  private void step_1_open () throws Error {
    connection = Vck.Connection.open (backend.uri);
    assert_true (connection.is_open);
    assert_false (connection.read_only);
    assert_cmpstr (connection.uri, EQ, backend.uri);
  }

  private void step_2_define () throws Error {
    domain = define (connection, backend, NAME);
    assert_cmpstr (domain.name, EQ, NAME);
    assert_cmpstr (domain.uuid, EQ, UUID);
    assert_true (domain.query_state () == SHUTOFF);
    var disks = domain.list_disks ();
    assert_cmpint (disks.length, EQ, 2);
    assert_cmpstr (disks[0].target, EQ, "vda");
    assert_cmpstr (disks[1].target, EQ, "vdb");
    assert_true (disks[0].trackable && disks[1].trackable);
    assert_null (disks[0].reason);
    assert_cmpint (domain.count_checkpoints (), EQ, 0);
  }

  private void step_3_create () throws Error {
    first = create (domain, "first", DESCRIPTION);
    backend.write ("vda", 0, MIB);
    second = create (domain, "second");
    backend.write ("vdb", 5 * MIB + 17, 1);
    third = create (domain, "third");
    backend.write ("vda", 8 * MIB, 3 * GRANULARITY);
    assert_cmpstr (first.name, EQ, "first");
    assert_cmpstr (first.description, EQ, DESCRIPTION);
    assert_null (second.description);
    assert_true (third.domain == domain);
    assert_true (third.connection == connection);
  }

  private void step_4_list () throws Error {
    var all = domain.list_checkpoints (TOPOLOGICAL);
    assert_cmpstr (names (all), EQ, "first second third");
    assert_true (all[0] == first && all[1] == second && all[2] == third);
    assert_cmpstr (names (domain.list_checkpoints (ROOTS)), EQ, "first");
    assert_cmpstr (names (domain.list_checkpoints (LEAVES)), EQ, "third");
    assert_cmpint (domain.count_checkpoints (), EQ, 3);
    assert_cmpint (domain.count_checkpoints (NO_LEAVES), EQ, 2);
  }

  private void step_5_look_up () throws Error {
    assert_true (domain.lookup_checkpoint ("second") == second);
  }

  private void step_6_parent () throws Error {
    assert_true (third.query_parent () == second);
    assert_cmpstr (third.parent_name, EQ, "second");
    assert_fails (Vck.Error.NO_DOMAIN_CHECKPOINT, () => first.query_parent ());
    assert_null (first.parent_name);
  }

  private void step_7_children () throws Error {
    var children = first.list_children ();
    assert_cmpint (children.length, EQ, 1);
    assert_true (children[0] == second);
    assert_cmpstr (names (first.list_children (DESCENDANTS | TOPOLOGICAL)), EQ, "second third");
    assert_cmpint (first.count_children (DESCENDANTS), EQ, 2);
    assert_cmpint (third.list_children ().length, EQ, 0);
  }

  private void step_8_xml () throws Error {
    var whole = third.get_xml_desc ();
    assert_true ("<name>third</name>" in whole);
    assert_true ("<name>second</name>" in whole);
    assert_true ("<name>%s</name>".printf (NAME) in whole);
    assert_false ("size=" in whole);
    var brief = third.get_xml_desc (SIZE | NO_DOMAIN);
    assert_false (NAME in brief);
    assert_true ("size='%s'".printf (backend.has_images ? "196608" : "0") in brief);
  }

  private string describe (GenericArray<Vck.Extent> extents) {
    var text = "";
    foreach (var extent in extents)
      text += "%s+%s:%u ".printf (extent.offset.to_string (), extent.length.to_string (), (uint) extent.flags);
    return text;
  }

  private void step_9_changed_blocks () throws Error {
    var early = backend.has_images ? "0+1048576:5 " : "";
    var late = backend.has_images ? "8388608+196608:5 " : "";
    assert_cmpstr (describe (first.list_extents ("vda")), EQ, early + late);
    GenericArray<Vck.Extent>? listed = null;
    first.list_extents_async.begin ("vda", 0, null, (object, result) => {
      try {
        listed = first.list_extents_async.end (result);
      } catch (Error error) {
        assert_no_error (error);
      }
    });
    wait_until (() => listed != null);
    assert_cmpstr (describe (listed), EQ, early + late);
    assert_cmpstr (describe (third.list_extents ("vda")), EQ, late);
    assert_cmpint (third.list_extents ("vdb").length, EQ, 0);
    assert_cmpstr (describe (third.list_extents ("vda", NO_ZERO)), EQ, late.replace (":5", ":1"));
    var cursor = first.open_extents ("vda");
    var read = "";
    for (var part = cursor.read (1); part.length > 0; part = cursor.read (1))
      read += describe (part);
    assert_cmpstr (read, EQ, early + late);
    assert_true (cursor.dirty_bytes == (backend.has_images ? 1245184 : 0));
    assert_true (cursor.zero_bytes == 0);
    assert_fails (Vck.Error.INVALID_ARG, () => first.list_extents ("vdz"));
  }

  private void step_10_delete () throws Error {
    assert_true (second.delete ());
    assert_cmpint (domain.count_checkpoints (), EQ, 2);
    assert_true (first.list_children ()[0] == third);
    assert_true (third.query_parent () == first);
    wait_until (() => third.parent_name == "first");
    assert_cmpstr (sizes (first), EQ, backend.has_images ? "1245184 65536" : "0 0");
    assert_cmpstr (sizes (third), EQ, backend.has_images ? "196608 0" : "0 0");
  }

  private void step_11_error () throws Error {
    string message;
    message = assert_fails (Vck.Error.NO_DOMAIN_CHECKPOINT, () => domain.lookup_checkpoint ("second"));
    assert_true ("'second'" in message);
    message = assert_fails (Vck.Error.CHECKPOINT_EXISTS, () => create (domain, "first"));
    assert_true ("'first'" in message);
    message = assert_fails (Vck.Error.OPERATION_INVALID, () => domain.undefine ());
    assert_true (NAME in message);
    assert_true (domain.undefine (CHECKPOINTS_METADATA));
    assert_fails (Vck.Error.NO_DOMAIN, () => connection.lookup_domain_by_name (NAME));
  }
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add_both ("scenario", backend => new Scenario (backend).run ());
  return Test.run ();
}
