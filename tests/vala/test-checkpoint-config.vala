// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Checkpoints that are created from a configuration instead of XML.

using Support;

Vck.Domain open_domain (Backend backend) throws Error {
  return define (Vck.Connection.open (backend.uri), backend);
}

// "vda=bitmap vdb="
string describe (Vck.Checkpoint checkpoint) throws Error {
  string[] parts = {};
  foreach (var disk in checkpoint.list_disks ())
    parts += "%s=%s".printf (disk.name, disk.bitmap ?? "");
  return string.joinv (" ", parts);
}

void leave_out (Backend backend) throws Error {
  var checkpoint = open_domain (backend).create_checkpoint ();
  assert_cmpstr (describe (checkpoint), EQ, "vda=%s vdb=%s".printf (checkpoint.name, checkpoint.name));
}

void choose_disks (Backend backend) throws Error {
  var domain = open_domain (backend);
  var config = new Vck.CheckpointConfig () { name = "first", description = "a < b & c" };
  config.skip ("vda");
  var first = domain.create_checkpoint (config);
  assert_cmpstr (first.description, EQ, "a < b & c");
  assert_cmpstr (describe (first), EQ, "vda= vdb=first");
  config.name = "second";
  config.track ("vda", "other");
  assert_cmpstr (describe (domain.create_checkpoint (config)), EQ, "vda=other vdb=second");
  config.name = "third";
  config.track ("vda");
  config.disk_policy = LISTED;
  assert_cmpstr (describe (domain.create_checkpoint (config)), EQ, "vda=third vdb=");
}

async Vck.CheckpointPlan plan_nothing (Vck.Domain domain) throws Error {
  return yield domain.plan_checkpoint_async ();
}

void plan (Backend backend) throws Error {
  var domain = open_domain (backend);
  var config = new Vck.CheckpointConfig () { name = "first" };
  config.skip ("vda");
  var planned = domain.plan_checkpoint (config);
  assert_cmpstr (planned.name, EQ, "first");
  var disks = planned.list_disks ();
  assert_cmpint (disks.length, EQ, 2);
  assert_true (disks[0].target == "vda" && !disks[0].tracked && disks[0].bitmap == null);
  assert_cmpstr (disks[0].reason, EQ, "the configuration leaves it out");
  assert_true (disks[1].tracked && disks[1].reason == null);
  assert_cmpstr (disks[1].bitmap, EQ, "first");
  assert_cmpint (domain.count_checkpoints (), EQ, 0);
  assert_cmpstr (describe (domain.create_checkpoint (config)), EQ, "vda= vdb=first");
  assert_fails (Vck.Error.CHECKPOINT_EXISTS, () => domain.plan_checkpoint (config));
  AsyncResult? result = null;
  plan_nothing.begin (domain, (_, it) => result = it);
  wait_until (() => result != null);
  assert_null (plan_nothing.end (result).name);
}

async Vck.Checkpoint change_later (Backend backend) throws Error {
  var domain = open_domain (backend);
  var config = new Vck.CheckpointConfig () { name = "first" };
  Idle.add (() => {
    config.name = "later";
    return Source.REMOVE;
  });
  return yield domain.create_checkpoint_async (config);
}

void create_asynchronously (Backend backend) throws Error {
  AsyncResult? result = null;
  change_later.begin (backend, (_, it) => result = it);
  wait_until (() => result != null);
  assert_cmpstr (change_later.end (result).name, EQ, "first");
}

void list_disks () throws Error {
  var config = new Vck.CheckpointConfig ();
  config.track ("vda");
  config.skip ("vdb");
  assert_cmpuint (config.disks.get_n_items (), EQ, 2);
  var disk = (Vck.CheckpointDiskConfig) config.disks.get_item (0);
  assert_cmpstr (disk.target, EQ, "vda");
  assert_true (disk.tracked && disk.bitmap == null);
}

void use_xml () throws Error {
  var config = new Vck.CheckpointConfig.from_xml (checkpoint_xml ("a", "b"));
  assert_true (config.disk_policy == ALL);
  assert_cmpstr (new Vck.CheckpointConfig.from_xml (config.to_xml ()).description, EQ, "b");
  var domain = open_domain (new MemoryBackend ());
  assert_cmpstr (domain.create_checkpoint_xml (config.to_xml ()).name, EQ, "a");
}

void fail () throws Error {
  var domain = open_domain (new MemoryBackend ());
  var config = new Vck.CheckpointConfig ();
  assert_fails (Vck.Error.XML_ERROR, () => new Vck.CheckpointConfig.from_xml ("<domaincheckpoint>"));
  assert_fails (Vck.Error.OPERATION_INVALID, () => config.to_xml ());
  config.track ("vdz");
  assert_fails (Vck.Error.CONFIG_UNSUPPORTED, () => domain.create_checkpoint (config));
  var first = new Vck.CheckpointConfig () { name = "first" };
  domain.create_checkpoint (first);
  assert_fails (Vck.Error.CHECKPOINT_EXISTS, () => domain.create_checkpoint (first));
}

int main (string[] args) {
  Intl.setlocale ();
  Test.init (ref args);
  add_both ("left-out", leave_out);
  add_both ("disks", choose_disks);
  add_both ("plan", plan);
  add_both ("async", create_asynchronously);
  add ("list", list_disks);
  add ("xml", use_xml);
  add ("errors", fail);
  return Test.run ();
}
