// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Prints the domains (virtual machines) of a connection and their checkpoints as a tree.

void print_checkpoints (Vck.Domain domain) throws Error {
  // One list of siblings per level, so that a chain of any length can be printed.
  var levels = new GenericArray<GenericArray<Vck.Checkpoint>> ();
  levels.add (domain.list_checkpoints (ROOTS));
  while (levels.length > 0) {
    var siblings = levels[levels.length - 1];
    if (siblings.length == 0) {
      levels.remove_index (levels.length - 1);
      continue;
    }
    var checkpoint = siblings.steal_index (0);
    print ("%s%s\n", string.nfill (2 * levels.length, ' '), checkpoint.name);
    levels.add (checkpoint.list_children ());
  }
}

string state_nick (Vck.DomainState state) {
  var states = (EnumClass) typeof (Vck.DomainState).class_ref ();
  return states.get_value (state).value_nick;
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
  try {
    var connection = Vck.Connection.open (args[1], READ_ONLY);
    foreach (var domain in connection.list_domains ()) {
      print ("%s (%s)\n", domain.name, state_nick (domain.state));
      print_checkpoints (domain);
    }
  } catch (Error error) {
    printerr ("tree: %s\n", error.message);
    return 1;
  }
  return 0;
}
