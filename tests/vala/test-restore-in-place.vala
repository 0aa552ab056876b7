// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Disks that are restored under their own paths, and the next backup of them.

using Support;

async void go_on (LocalBackend backend) throws Error {
  var repository = Vck.Repository.open (backend.path ("store"), CREATE);
  var domain = define (Vck.Connection.open (backend.uri), backend);
  backend.write ("vda", 0, GRANULARITY);
  var first = yield repository.backup_async (domain);
  LocalBackend.run_program ({ "cp", backend.image ("vda"), backend.path ("kept") });
  backend.write ("vda", 0, 4 * GRANULARITY);
  var second = yield repository.backup_async (domain);
  assert_true (yield repository.restore_in_place_async (domain, first, "vda"));
  LocalBackend.run_program ({ "qemu-img", "compare", "-q", backend.image ("vda"), backend.path ("kept") });
  var third = yield repository.backup_async (domain);
  assert_cmpstr (third.list_disks ()[0].@base, EQ, first.id);
  assert_cmpstr (third.list_disks ()[1].@base, EQ, second.id);
  var findings = yield repository.verify_domain_async (domain);
  assert_cmpint (findings.length, EQ, 0);
  repository.restore_in_place (domain, second, null, NO_CHECKPOINT);
  assert_cmpint (domain.count_checkpoints (), EQ, 0);
  assert_null (repository.backup (domain).list_disks ()[0].@base);
  assert_fails (Vck.Error.INVALID_ARG,
                () => repository.restore_in_place (domain, first, null, REPLACE));
}

void restore () throws Error {
  var backend = new LocalBackend ();
  Error? caught = null;
  var loop = new MainLoop ();
  go_on.begin (backend, (_, result) => {
    try {
      go_on.end (result);
    } catch (Error error) {
      caught = error;
    }
    loop.quit ();
  });
  loop.run ();
  if (caught != null) {
    throw caught;
  }
}

int main (string[] args) {
  Test.init (ref args);
  add ("restore-in-place/go-on", restore);
  return Test.run ();
}
