// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Follows a domain (a virtual machine) by its signals, while asynchronous calls change it.

async void watch (string uri) throws Error {
  var connection = yield Vck.Connection.open_async (uri);
  var domain = yield connection.lookup_domain_by_name_async ("test");
  domain.checkpoint_added.connect ((self, checkpoint) => {
    print ("%s: + %s\n", self.name, checkpoint.name);
  });
  domain.checkpoint_removed.connect ((self, checkpoint) => {
    print ("%s: - %s\n", self.name, checkpoint.name);
  });

  var checkpoint = yield domain.create_checkpoint_async (new Vck.CheckpointConfig () { name = "first" });
  yield checkpoint.delete_async ();

  // Signals are emitted as long as the connection lives; this one is the last.
  var reason = Vck.CloseReason.ERROR;
  connection.closed.connect ((self, why) => {
    reason = why;
    watch.callback ();
  });
  connection.close ();
  yield;
  print ("%s\n", reason == CLIENT ? "closed" : "lost");
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length == 2 && args[1] == "--help") {
    print ("usage: %s [URI]\n", args[0]);
    return 0;
  }
  if (args.length > 2 || (args.length == 2 && args[1].has_prefix ("-"))) {
    printerr ("usage: %s [URI]\n", args[0]);
    return 1;
  }
  var status = 0;
  var loop = new MainLoop ();
  watch.begin (args[1] ?? "memory:///default", (source, result) => {
    try {
      watch.end (result);
    } catch (Error error) {
      printerr ("watch: %s\n", error.message);
      status = 1;
    }
    loop.quit ();
  });
  loop.run ();
  return status;
}
