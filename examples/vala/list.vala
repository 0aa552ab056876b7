// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Lists the domains (virtual machines) of a connection: state, disks and how many checkpoints each has.

string state_nick (Vck.DomainState state) {
  var states = (EnumClass) typeof (Vck.DomainState).class_ref ();
  return states.get_value (state).value_nick;
}

string disk_names (Vck.Domain domain) throws Vck.Error, IOError {
  string[] names = {};
  foreach (var disk in domain.list_disks ())
    names += disk.target;
  return names.length > 0 ? string.joinv (" ", names) : "none";
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
    foreach (var domain in connection.list_domains ())
      print ("%s: %s, disks: %s, checkpoints: %d\n", domain.name, state_nick (domain.state), disk_names (domain),
             domain.count_checkpoints ());
  } catch (Error error) {
    printerr ("list: %s\n", error.message);
    return 1;
  }
  return 0;
}
