// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A store of backups: one that is new, and one that a domain is backed up to, as in every language: see
// tests/languages/scenario.md.

using Support;

void open_and_list () throws Error {
  var path = new LocalBackend ().path ("store");
  assert_fails (Vck.Error.NO_BACKUP, () => Vck.Repository.open (path));
  var made = Vck.Repository.open (path, CREATE);
  assert_cmpstr (made.path, EQ, path);
  var opened = Vck.Repository.open (path, READ_ONLY);
  assert_cmpstr (opened.uuid, EQ, made.uuid);
  assert_true (opened.read_only && !made.read_only);
  assert_cmpint (made.list_backups ().length, EQ, 0);
  assert_cmpint (opened.count_backups (UUID), EQ, 0);
  assert_cmpint (made.verify ().length, EQ, 0);
}

void fail () throws Error {
  var repository = Vck.Repository.open (new LocalBackend ().path ("store"), CREATE);
  var message = assert_fails (Vck.Error.NO_BACKUP, () => repository.lookup_backup (UUID, "x"));
  assert_true (UUID in message);
  assert_fails (Vck.Error.INVALID_ARG, () => repository.list_backups ("x"));
  assert_fails (Vck.Error.INVALID_ARG, () => repository.prune (UUID));
  assert_fails (Vck.Error.NO_BACKUP, () => repository.prune (UUID, 1));
}

const int64 MIB = 1 << 20;

// Of each disk: target, what it is based on, and how much is copied.
string plan_text (Vck.Repository repository, Vck.Domain domain) throws Error {
  var text = new StringBuilder ();
  foreach (var disk in repository.plan_backup (domain).list_disks ()) {
    assert_true ((disk.base == null) == (disk.why_full != null && "no backup" in disk.why_full));
    text.append_printf ("%s %s %s; ", disk.target, disk.base ?? "-",
                        disk.base == null ? "?" : disk.bytes.to_string ());
  }
  return text.str;
}

string backup_text (Vck.Backup backup) throws Error {
  var text = new StringBuilder ();
  foreach (var disk in backup.list_disks ()) {
    assert_true ((disk.base == null) == (disk.why_full != null && "no backup" in disk.why_full));
    text.append_printf ("%s %s %s; ", disk.target, disk.base ?? "-",
                        disk.base == null ? "?" : disk.bytes.to_string ());
  }
  return text.str;
}

void assert_restored (Vck.Repository repository, Vck.Backup backup, LocalBackend backend,
                      string image) throws Error {
  var to = backend.path ("restored.qcow2");
  repository.restore (backup, "vda", to, REPLACE);
  run_program ({ "qemu-img", "compare", to, image });
}

void run_program (string[] words) throws Error {
  new Subprocess.newv (words, STDOUT_SILENCE).wait_check ();
}

string prune_text (Vck.Repository repository, Vck.PruneFlags flags) throws Error {
  var text = new StringBuilder ();
  foreach (var decision in repository.prune (UUID, 1, 0, 0, flags)) {
    text.append_printf ("%s %s; ", decision.backup, decision.kept.to_string ());
  }
  return text.str;
}

Vck.Backup back_up_async (Vck.Repository repository, Vck.Domain domain) throws Error {
  AsyncResult? result = null;
  repository.backup_async.begin (domain, "night 2", 0, 0, 0, null, (source, ready) => {
    result = ready;
  });
  wait_until (() => result != null);
  return repository.backup_async.end (result);
}

void back_up_and_prune () throws Error {
  var backend = new LocalBackend ();
  var connection = Vck.Connection.open (backend.uri);
  var domain = define (connection, backend);
  var repository = Vck.Repository.open (backend.path ("store"), CREATE);
  var copy = backend.path ("copy.qcow2");

  backend.write ("vda", 0, 2 * GRANULARITY);
  assert_true (repository.plan_backup (domain).needed);
  assert_null (repository.plan_backup (domain).left_out);
  assert_cmpstr (plan_text (repository, domain), EQ, "vda - ?; vdb - ?; ");
  assert_cmpint (repository.count_backups (UUID), EQ, 0);

  var first = repository.backup (domain, "night 1");
  assert_cmpstr (first.label, EQ, "night 1");
  assert_null (first.problem);
  assert_cmpstr (backup_text (first), EQ, "vda - ?; vdb - ?; ");
  assert_cmpstr (names (domain.list_checkpoints ()), EQ, first.checkpoint);

  run_program ({ "cp", backend.image ("vda"), copy });
  backend.write ("vda", MIB, 2 * GRANULARITY);
  var expected = "vda %s 131072; vdb %s 0; ".printf (first.id, first.id);
  assert_cmpstr (plan_text (repository, domain), EQ, expected);
  var second = back_up_async (repository, domain);
  assert_cmpstr (backup_text (second), EQ, expected);
  assert_cmpint (domain.count_checkpoints (), EQ, 2);

  var backups = repository.list_backups (UUID);
  assert_cmpint (backups.length, EQ, 2);
  assert_cmpstr (backups[0].id, EQ, first.id);
  assert_cmpstr (backups[1].id, EQ, second.id);
  assert_cmpstr (repository.lookup_backup (UUID, second.id).label, EQ, "night 2");
  assert_restored (repository, first, backend, copy);
  assert_restored (repository, second, backend, backend.image ("vda"));

  expected = "%s false; %s true; ".printf (first.id, second.id);
  assert_cmpstr (prune_text (repository, DRY_RUN), EQ, expected);
  assert_cmpint (repository.count_backups (UUID), EQ, 2);
  assert_cmpstr (prune_text (repository, 0), EQ, expected);
  assert_cmpint (repository.count_backups (UUID), EQ, 1);
  assert_restored (repository, repository.list_backups (UUID)[0], backend, backend.image ("vda"));
  connection.close ();
}

void leave_out () throws Error {
  var backend = new LocalBackend ();
  var connection = Vck.Connection.open (backend.uri);
  string[] paths = { backend.disk ("vda"), backend.disk ("vdb") };
  var drive = "<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/><readonly/></disk>";
  var xml = domain_xml ("guest", { "vda", "vdb" }, paths).replace ("</devices>", drive + "</devices>");
  var domain = connection.define_domain_xml (xml);
  var repository = Vck.Repository.open (backend.path ("store"), CREATE);
  var plan = repository.plan_backup (domain);
  var backup = repository.backup (domain);

  assert_cmpstr (plan.left_out, EQ, "disk 'hdc': it is empty");
  assert_cmpstr (backup.left_out, EQ, "disk 'hdc': it is empty");
  assert_cmpstr (backup_text (backup), EQ, "vda - ?; vdb - ?; ");
  connection.close ();
}

int main (string[] args) {
  Test.init (ref args);
  add ("repository/open-and-list", open_and_list);
  add ("repository/fail", fail);
  add ("repository/back-up-and-prune", back_up_and_prune);
  add ("repository/leave-out", leave_out);
  return Test.run ();
}
