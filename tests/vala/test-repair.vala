// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The second scenario of tests/languages/scenario.md: metadata and images drift apart.

using Support;

const string DESCRIPTION = "Erster Stand – 最初";

// A domain with two checkpoints.
class Story {
  public LocalBackend backend;
  public Vck.Connection connection;
  public Vck.Domain domain;
  public Vck.Checkpoint first;
  public Vck.Checkpoint second;

  public Story () throws Error {
    backend = new LocalBackend ();
    connection = Vck.Connection.open (backend.uri);
    domain = define (connection, backend);
    first = create (domain, "first", DESCRIPTION);
    second = create (domain, "second");
  }

  // A bitmap is removed, a checkpoint forgotten.
  public void drift () throws Error {
    backend.remove_bitmap ("vda", "first");
    second.delete (METADATA_ONLY);
  }
}

// "kind checkpoint disk bitmap", one a line.
string found (GenericArray<Vck.Finding> findings) {
  var text = new StringBuilder ();
  foreach (var each in findings) {
    text.append_printf ("%s %s %s %s\n", nick_of (each.kind), each.checkpoint ?? "-",
                        each.disk ?? "-", each.bitmap ?? "-");
  }
  return text.str;
}

string nick_of (Vck.FindingKind kind) {
  var values = (EnumClass) typeof (Vck.FindingKind).class_ref ();
  return values.get_value (kind).value_nick;
}

// "would left done", one word for each finding.
string outcomes (GenericArray<Vck.Finding> findings) {
  var values = (EnumClass) typeof (Vck.FindingOutcome).class_ref ();
  string[] words = {};
  foreach (var each in findings) {
    words += values.get_value (each.outcome).value_nick;
  }
  return string.joinv (" ", words);
}

const string LOST = "bitmap-missing first vda first\n";
const string LEFT = "bitmap-orphan - vda second\nbitmap-orphan - vdb second\n";

// "checkpoint yes" or "checkpoint no", with commas between.
string results (GenericArray<Vck.ImportResult> imported) {
  var text = new StringBuilder ();
  foreach (var each in imported) {
    text.append_printf ("%s%s %s", text.len == 0 ? "" : ", ", each.checkpoint,
                        each.imported ? "yes" : "no");
  }
  return text.str;
}

void find_them_healthy () throws Error {
  var story = new Story ();
  assert_cmpint (story.domain.verify_checkpoints ().length, EQ, 0);
  assert_cmpint (story.domain.repair_checkpoints ().length, EQ, 0);
  assert_true (story.first.query_state () == READY);
  assert_true (story.first.list_disks ()[0].state == UNKNOWN);
  assert_true (story.first.list_disks (SIZE)[0].state == READY);
}

void find_what_drifted () throws Error {
  var story = new Story ();
  story.drift ();
  var findings = story.domain.verify_checkpoints ();
  assert_cmpstr (found (findings), EQ, LOST + LEFT);
  assert_true ("bitmap 'first' on disk 'vda' is missing" in findings[0].message);
  assert_true ("stop tracking" in findings[0].remedy);
  assert_true (findings[0].severity == PROBLEM && findings[1].severity == NOTE);
  assert_cmpstr (outcomes (findings), EQ, "would left left");
  assert_true (story.first.query_state () == MISSING);
  var disks = story.first.list_disks (SIZE);
  assert_true (disks[0].state == MISSING && disks[1].state == READY);
}

void repair_it () throws Error {
  var story = new Story ();
  story.drift ();
  assert_cmpstr (found (story.domain.repair_checkpoints (DRY_RUN)), EQ, LOST + LEFT);
  assert_cmpstr (found (story.domain.verify_checkpoints ()), EQ, LOST + LEFT);
  assert_cmpstr (outcomes (story.domain.repair_checkpoints (DRY_RUN | ORPHANS)), EQ,
                 "left would would");
  var repaired = story.domain.repair_checkpoints ();
  assert_cmpstr (found (repaired), EQ, LOST + LEFT);
  assert_cmpstr (outcomes (repaired), EQ, "done left left");
  assert_cmpstr (found (story.domain.repair_checkpoints (ORPHANS)), EQ, LEFT);
  assert_cmpint (story.domain.verify_checkpoints ().length, EQ, 0);
  assert_false ("name: " in story.backend.describe ("vda"));
  assert_true ("name: first" in story.backend.describe ("vdb"));
  assert_false ("name: second" in story.backend.describe ("vdb"));
  assert_false (story.first.list_disks ()[0].tracked);
  assert_true (story.first.query_state () == READY);
}

void keep_what_is_away () throws Error {
  const string AWAY = "disk-unreachable first vda first\ndisk-unreachable second vda second\n";
  var story = new Story ();
  var image = story.backend.image ("vda");
  assert_true (FileUtils.rename (image, image + ".away") == 0);
  var findings = story.domain.verify_checkpoints ();
  assert_cmpstr (found (findings), EQ, AWAY);
  assert_true (findings[0].severity == NOTE && "No such file" in findings[0].message);
  Vck.RepairFlags[] all = { 0, BROKEN };
  foreach (var flags in all) {
    var left = story.domain.repair_checkpoints (flags);
    assert_cmpstr (found (left), EQ, AWAY);
    assert_cmpstr (outcomes (left), EQ, "left left");
  }
  assert_true (story.first.query_state () == UNKNOWN);
  var disks = story.first.list_disks (SIZE);
  assert_true (disks[0].state == UNKNOWN && disks[1].state == READY);
  assert_true (FileUtils.rename (image + ".away", image) == 0);
  assert_cmpint (story.domain.verify_checkpoints ().length, EQ, 0);
  assert_true (story.first.query_state () == READY);
}

async string repair_in_background (Story story) throws Error {
  var before = yield story.domain.verify_checkpoints_async ();
  var repaired = yield story.domain.repair_checkpoints_async ();
  var after = yield story.domain.verify_checkpoints_async ();
  return "%s%s%s".printf (found (before), found (repaired), found (after));
}

void repair_it_without_blocking () throws Error {
  var story = new Story ();
  AsyncResult? result = null;
  story.drift ();
  repair_in_background.begin (story, (_, finished) => {
    result = finished;
  });
  wait_until (() => result != null);
  assert_cmpstr (repair_in_background.end (result), EQ, LOST + LEFT + LOST + LEFT + LEFT);
}

void go_and_come_back () throws Error {
  var story = new Story ();
  var document = story.domain.export_checkpoints ();
  story.first.delete (METADATA_ONLY | CHILDREN);
  story.backend.remove_bitmap ("vdb", "second");
  var verified = story.domain.import_checkpoints (document, VERIFY);
  assert_cmpstr (results (verified), EQ, "first yes, second no");
  assert_null (verified[0].message);
  assert_true ("'second'" in verified[1].message);
  assert_cmpstr (story.domain.lookup_checkpoint ("first").description, EQ, DESCRIPTION);
  var again = story.domain.import_checkpoints (document);
  assert_cmpstr (results (again), EQ, "first no, second yes");
  var replaced = story.domain.import_checkpoints (document, REPLACE);
  assert_cmpstr (results (replaced), EQ, "first yes, second yes");
  assert_cmpstr (names (story.domain.list_checkpoints (TOPOLOGICAL)), EQ, "first second");
}

void hand_them_over () throws Error {
  var story = new Story ();
  var xml = story.domain.get_xml_desc ();
  var document = story.domain.hand_over_checkpoints ();
  assert_cmpint ((int) story.domain.count_checkpoints (), EQ, 0);
  var elsewhere = Vck.Connection.open (story.backend.uri + "-elsewhere");
  var moved = elsewhere.define_domain_xml (xml);
  var imported = moved.import_checkpoints (document, VERIFY);
  assert_cmpstr (results (imported), EQ, "first yes, second yes");
  assert_cmpstr (outcomes (story.domain.repair_checkpoints (ORPHANS)), EQ, "left left left left");
  assert_cmpint (moved.verify_checkpoints ().length, EQ, 0);
  assert_cmpint (moved.hand_over_checkpoints ().length, EQ, document.length);
}

void rename_it () throws Error {
  var story = new Story ();
  var notified = 0;
  // What it is called with holds the story, and the domain it.
  var handler = story.domain.notify["name"].connect (() => {
    assert_cmpstr (story.domain.name, EQ, "Bücher");
    notified++;
  });
  assert_true (story.domain.rename ("Bücher"));
  wait_until (() => notified > 0);
  assert_cmpint (notified, EQ, 1);
  assert_true (story.connection.lookup_domain_by_name ("Bücher") == story.domain);
  assert_true (story.domain.lookup_checkpoint ("second") == story.second);
  assert_fails (Vck.Error.NO_DOMAIN, () => story.connection.lookup_domain_by_name ("guest"));
  story.domain.disconnect (handler);
}

void refuse_what_makes_no_sense () throws Error {
  var story = new Story ();
  story.connection.define_domain_xml ("<domain><name>other</name></domain>");
  var message = assert_fails (Vck.Error.DOMAIN_EXISTS, () => story.domain.rename ("other"));
  assert_true ("'other'" in message);
  assert_fails (Vck.Error.XML_ERROR, () => story.domain.import_checkpoints ("<x/>"));
  var document = story.domain.export_checkpoints ();
  assert_fails (Vck.Error.INVALID_ARG, () => {
    story.domain.import_checkpoints (document, VERIFY | METADATA_ONLY);
  });
}

void refuse_on_read_only () throws Error {
  var story = new Story ();
  var document = story.domain.export_checkpoints ();
  story.drift ();
  var reader = Vck.Connection.open (story.backend.uri, READ_ONLY);
  var domain = reader.lookup_domain_by_name ("guest");
  assert_fails (Vck.Error.OPERATION_DENIED, () => domain.repair_checkpoints ());
  assert_fails (Vck.Error.OPERATION_DENIED, () => domain.rename ("other"));
  assert_fails (Vck.Error.OPERATION_DENIED, () => domain.import_checkpoints (document));
  assert_cmpstr (found (domain.verify_checkpoints ()), EQ, LOST + LEFT);
}

// Counts the living among what calls have returned.
class Census {
  public int living = 0;

  private void watch (Object object) {
    living++;
    object.weak_ref (() => {
      living--;
    });
  }

  public void use_and_drop (Vck.Domain domain) throws Error {
    var findings = domain.verify_checkpoints ();
    var imported = domain.import_checkpoints (domain.export_checkpoints ());
    findings.foreach (finding => watch (finding));
    imported.foreach (result => watch (result));
    assert_cmpint (living, EQ, 4);
  }
}

void let_go_of_findings () throws Error {
  var story = new Story ();
  var census = new Census ();
  story.drift ();
  census.use_and_drop (story.domain);
  assert_cmpint (census.living, EQ, 0);
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add ("repair/healthy", find_them_healthy);
  add ("repair/verify", find_what_drifted);
  add ("repair/repair", repair_it);
  add ("repair/reach", keep_what_is_away);
  add ("repair/async", repair_it_without_blocking);
  add ("repair/import", go_and_come_back);
  add ("repair/hand-over", hand_them_over);
  add ("repair/rename", rename_it);
  add ("repair/errors", refuse_what_makes_no_sense);
  add ("repair/read-only", refuse_on_read_only);
  add ("repair/death", let_go_of_findings);
  return Test.run ();
}
