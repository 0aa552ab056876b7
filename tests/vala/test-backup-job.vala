// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Backup jobs: how far they are, how they end, and what is left, on memory: and with real images.

using Support;

const int64 MIB = 1024 * 1024;

Vck.Domain prepare (Backend backend, int64 size) throws Error {
  var domain = define (Vck.Connection.open (backend.uri), backend);
  backend.write ("vda", 0, size);
  backend.write ("vdb", 0, size);
  return domain;
}

string[] files (Backend backend) {
  return { backend.backup ("vda"), backend.backup ("vdb") };
}

async Vck.BackupJob back_up (Vck.Domain domain, Backend backend, string name = "monday")
  throws Error {
  var xml = backup_xml ({ "vda", "vdb" }, files (backend));
  return yield domain.begin_backup_async (xml, checkpoint_xml (name));
}

void assert_nothing_left (Vck.Domain domain, Backend backend) throws Error {
  assert_cmpint (domain.count_checkpoints (), EQ, 0);
  foreach (var path in files (backend)) {
    assert_false (FileUtils.test (path, EXISTS));
  }
}

Vck.BackupJobDisk get_disk (Vck.BackupJob job, uint index) {
  return (Vck.BackupJobDisk) job.disks.get_item (index);
}

async void follow (Backend backend) throws Error {
  var domain = prepare (backend, MIB);
  assert_fails (Vck.Error.NO_BACKUP, () => domain.get_backup_job ());
  var job = yield back_up (domain, backend);
  var heard = "";
  job.notify["state"].connect (() => heard += "%d ".printf (job.state));
  job.ended.connect (state => heard += "ended %d ".printf (state));
  var disk = get_disk (job, 1);
  assert_cmpuint (job.disks.get_n_items (), EQ, 2);
  assert_cmpstr (disk.name, EQ, "vdb");
  assert_cmpstr (disk.file, EQ, files (backend)[1]);
  assert_null (disk.@base);
  assert_true (job.domain == domain);
  assert_true (job.mode == PUSH);
  assert_cmpstr (job.checkpoint_name, EQ, "monday");

  assert_true (yield job.wait_async ());
  assert_true (job.state == DONE);
  assert_true (job.error == null);
  assert_cmpint ((int) job.bytes_done, EQ, (int) job.bytes_total);
  assert_cmpint ((int) (get_disk (job, 0).bytes_done + disk.bytes_done), EQ, (int) job.bytes_done);
  assert_true (get_disk (job, 1) == disk);
  wait_until (() => "ended 3 " in heard);
  assert_true (heard.has_suffix ("3 ended 3 "));
  assert_cmpstr (names (domain.list_checkpoints ()), EQ, "monday");
  var again = yield domain.get_backup_job_async ();
  assert_true (again == job && job.wait ());
}

async void cancel_job (Backend backend) throws Error {
  var domain = prepare (backend, 64 * MIB);
  var job = yield back_up (domain, backend);
  var caught = 0;
  assert_true (yield job.cancel_async ());
  try {
    yield job.wait_async ();
  } catch (IOError.CANCELLED error) {
    caught++;
  }
  try {
    job.wait ();
  } catch (IOError.CANCELLED error) {
    caught++;
  }
  assert_cmpint (caught, EQ, 2);
  assert_true (job.state == CANCELLED);
  assert_error (job.error, IOError.quark (), IOError.CANCELLED);
  assert_nothing_left (domain, backend);
  assert_true (job.cancel ());
}

async void cancel_wait (Backend backend) throws Error {
  var domain = prepare (backend, 64 * MIB);
  var job = yield back_up (domain, backend);
  var cancellable = new Cancellable ();
  var caught = 0;
  Idle.add (() => {
    cancellable.cancel ();
    return Source.REMOVE;
  });
  try {
    yield job.wait_async (cancellable);
  } catch (IOError.CANCELLED error) {
    caught++;
  }
  assert_cmpint (caught, EQ, 1);
  assert_true (yield job.wait_async ());
}

// Begins one that does not end before it can be limited, however busy the computer is.
async Vck.BackupJob back_up_limited (Vck.Domain domain, Backend backend, int64 speed) throws Error {
  for (var number = 1;; number++) {
    string[] paths = {};
    foreach (var path in files (backend)) {
      paths += "%s.%d".printf (path, number);
    }
    var job = yield domain.begin_backup_async (backup_xml ({ "vda", "vdb" }, paths),
                                               checkpoint_xml ("limited-%d".printf (number)));
    try {
      assert_true (job.limit_speed (speed));
      return job;
    } catch (Vck.Error.NO_BACKUP error) {
      yield job.wait_async ();
    }
  }
}

async void limit (Backend backend) throws Error {
  var job = yield back_up_limited (prepare (backend, 64 * MIB), backend, 1024);
  wait_until (() => job.speed == 1024);
  job.speed = 0;
  assert_true (yield job.wait_async ());
  assert_fails (Vck.Error.NO_BACKUP, () => job.limit_speed (1));
}

async void refuse (Backend backend) throws Error {
  var domain = prepare (backend, 64 * MIB);
  var caught = 0;
  var job = yield back_up (domain, backend);
  try {
    yield back_up (domain, backend, "tuesday");
  } catch (Vck.Error.BUSY error) {
    caught++;
  }
  try {
    yield domain.begin_backup_async ("<domainbackup><disks><disk/></disks></domainbackup>");
  } catch (Vck.Error.XML_INVALID_SCHEMA error) {
    caught++;
  }
  assert_cmpint (caught, EQ, 2);
  assert_true (yield job.wait_async ());
  assert_cmpstr (names (domain.list_checkpoints ()), EQ, "monday");
}

async void fail () throws Error {
  var backend = new LocalBackend ();
  var domain = prepare (backend, 8 * MIB);
  backend.damage ("vda");
  var job = yield back_up (domain, backend);
  string? message = null;
  try {
    yield job.wait_async ();
  } catch (Vck.Error.OPERATION_FAILED error) {
    message = error.message;
  }
  assert_true (message != null && "vda" in message);
  assert_true (job.state == FAILED);
  assert_error (job.error, Vck.Error.quark (), Vck.Error.OPERATION_FAILED);
  assert_cmpstr (job.error.message, EQ, message);
  assert_nothing_left (domain, backend);
}

delegate void Start (AsyncReadyCallback callback);
delegate void Finish (AsyncResult result) throws Error;

// Runs an async function to its end in the default main context.
void complete (Start start, Finish finish) throws Error {
  AsyncResult? result = null;
  start ((_, it) => result = it);
  wait_until (() => result != null);
  finish (result);
}

int main (string[] args) {
  Test.init (ref args);
  add_both ("backup-job/follow", backend => complete (
    callback => follow.begin (backend, callback), result => follow.end (result)));
  add_both ("backup-job/cancel", backend => complete (
    callback => cancel_job.begin (backend, callback), result => cancel_job.end (result)));
  add_both ("backup-job/cancel-wait", backend => complete (
    callback => cancel_wait.begin (backend, callback), result => cancel_wait.end (result)));
  add_both ("backup-job/limit", backend => complete (
    callback => limit.begin (backend, callback), result => limit.end (result)));
  add_both ("backup-job/refuse", backend => complete (
    callback => refuse.begin (backend, callback), result => refuse.end (result)));
  add ("backup-job/fail", () => complete (
    callback => fail.begin (callback), result => fail.end (result)));
  return Test.run ();
}
