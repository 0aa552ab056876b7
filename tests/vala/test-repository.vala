// SPDX-License-Identifier: LGPL-2.1-or-later
//
// A store of backups that is new: what calls take and return, and how they fail.

using Support;

void open_and_list () throws Error {
  var path = new LocalBackend ().path ("store");
  assert_fails (Vck.Error.NO_BACKUP, () => Vck.Repository.open (path, 0));
  var made = Vck.Repository.open (path, CREATE);
  assert_cmpstr (made.path, EQ, path);
  var opened = Vck.Repository.open (path, READ_ONLY);
  assert_cmpstr (opened.uuid, EQ, made.uuid);
  assert_true (opened.read_only && !made.read_only);
  assert_cmpint (made.list_backups (null).length, EQ, 0);
  assert_cmpint (opened.count_backups (UUID), EQ, 0);
  assert_cmpint (made.verify (null, 0).length, EQ, 0);
}

void fail () throws Error {
  var repository = Vck.Repository.open (new LocalBackend ().path ("store"), CREATE);
  var message = assert_fails (Vck.Error.NO_BACKUP, () => repository.lookup_backup (UUID, "x"));
  assert_true (UUID in message);
  assert_fails (Vck.Error.INVALID_ARG, () => repository.list_backups ("x"));
  assert_fails (Vck.Error.INVALID_ARG, () => repository.prune (UUID, 0, 0, 0, 0));
  assert_fails (Vck.Error.NO_BACKUP, () => repository.prune (UUID, 1, 0, 0, 0));
}

int main (string[] args) {
  Test.init (ref args);
  add ("repository/open-and-list", open_and_list);
  add ("repository/fail", fail);
  return Test.run ();
}
