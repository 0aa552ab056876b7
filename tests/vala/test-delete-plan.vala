// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What deleting checkpoints would do.

using Support;

const string REASON = "only the metadata is deleted";

class Chain {
  public Vck.Connection connection;
  public Vck.Domain domain;
  public Vck.Checkpoint first;
  public Vck.Checkpoint second;
  public Vck.Checkpoint third;

  public Chain (Backend backend) throws Error {
    connection = Vck.Connection.open (backend.uri);
    domain = define (connection, backend);
    first = create (domain, "first");
    second = create (domain, "second");
    third = create (domain, "third");
  }
}

// "vda/first- vdb/first-": those that would be removed have a "-"
string bitmaps (Vck.DeletePlan plan) {
  string[] parts = {};
  foreach (var each in plan.list_bitmaps ()) {
    assert_cmpstr (each.name, EQ, each.checkpoint);
    assert_cmpstr (each.reason, EQ, each.removed ? null : REASON);
    parts += "%s/%s%s".printf (each.disk, each.name, each.removed ? "-" : "");
  }
  return string.joinv (" ", parts);
}

void plan_between (Backend backend) throws Error {
  var chain = new Chain (backend);
  var plan = chain.second.plan_delete ();
  var disks = chain.domain.list_disks ();
  assert_true (plan.list_checkpoints ()[0] == chain.second);
  assert_cmpstr (names (plan.list_checkpoints ()), EQ, "second");
  assert_cmpstr (bitmaps (plan), EQ, "vda/second- vdb/second-");
  for (var i = 0; i < 2; i++)
    assert_cmpstr (plan.list_bitmaps ()[i].source, EQ, disks[i].source);
  assert_cmpint (chain.domain.count_checkpoints (), EQ, 3);
  chain.second.delete ();
  assert_cmpstr (names (chain.domain.list_checkpoints ()), EQ, "first third");
  assert_cmpstr (bitmaps (plan), EQ, "vda/second- vdb/second-");
}

async Vck.DeletePlan plan_only_children (Vck.Checkpoint checkpoint) throws Error {
  return yield checkpoint.plan_delete_async (CHILDREN_ONLY);
}

void plan_children (Backend backend) throws Error {
  var chain = new Chain (backend);
  var plan = chain.first.plan_delete (CHILDREN);
  assert_cmpstr (names (plan.list_checkpoints ()), EQ, "first second third");
  assert_cmpstr (bitmaps (plan), EQ,
                 "vda/first- vdb/first- vda/second- vdb/second- vda/third- vdb/third-");
  AsyncResult? result = null;
  plan_only_children.begin (chain.first, (_, it) => result = it);
  wait_until (() => result != null);
  plan = plan_only_children.end (result);
  assert_cmpstr (names (plan.list_checkpoints ()), EQ, "second third");
  assert_cmpstr (bitmaps (plan), EQ, "vda/second- vdb/second- vda/third- vdb/third-");
  assert_cmpint (chain.domain.count_checkpoints (), EQ, 3);
}

void plan_metadata (Backend backend) throws Error {
  var chain = new Chain (backend);
  var config = new Vck.CheckpointConfig () { name = "third" };
  assert_cmpstr (bitmaps (chain.third.plan_delete (METADATA_ONLY)), EQ, "vda/third vdb/third");
  chain.third.delete (METADATA_ONLY);
  assert_fails (Vck.Error.OPERATION_FAILED, () => chain.domain.plan_checkpoint (config));
}

void plan_read_only (Backend backend) throws Error {
  var chain = new Chain (backend);
  var reader = Vck.Connection.open (backend.uri, READ_ONLY);
  var second = reader.lookup_domain ("guest").lookup_checkpoint ("second");
  assert_true (second != chain.second);
  var plan = second.plan_delete ();
  assert_true (plan.list_checkpoints ()[0] == second);
  assert_cmpstr (bitmaps (plan), EQ, "vda/second- vdb/second-");
  assert_fails (Vck.Error.OPERATION_DENIED, () => second.delete ());
}

void fail (Backend backend) throws Error {
  var chain = new Chain (backend);
  var plan = chain.first.plan_delete ();
  assert_fails (Vck.Error.INVALID_ARG, () => chain.first.plan_delete (CHILDREN | CHILDREN_ONLY));
  chain.second.delete ();
  var message = assert_fails (Vck.Error.NO_DOMAIN_CHECKPOINT, () => chain.second.plan_delete ());
  assert_true ("second" in message);
  chain.connection.close ();
  assert_fails (Vck.Error.NO_CONNECT, () => chain.first.plan_delete ());
  assert_true (plan.list_checkpoints ()[0] == chain.first);
  assert_cmpstr (bitmaps (plan), EQ, "vda/first- vdb/first-");
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add_both ("delete-plan/between", plan_between);
  add_both ("delete-plan/children", plan_children);
  add_both ("delete-plan/metadata", plan_metadata);
  add_both ("delete-plan/read-only", plan_read_only);
  add_both ("delete-plan/errors", fail);
  return Test.run ();
}
