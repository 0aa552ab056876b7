// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Shows the domains (virtual machines) of a connection and their checkpoints in a window, and follows them.

// A row with an empty list could be expanded: domains may have one, checkpoints without children have none.
ListModel? children_of (Object item) {
  if (item is Vck.Domain)
    return ((Vck.Domain) item).root_checkpoints;
  var children = ((Vck.Checkpoint) item).children;
  return children.n_items > 0 ? children : null;
}

bool show (Binding binding, Value from, ref Value to) {
  if (from.type ().is_enum ())
    to.set_string (((EnumClass) from.type ().class_ref ()).get_value (from.get_enum ()).value_nick);
  else if (from.holds (typeof (int64)))
    to.set_string (from.get_int64 () >= 0 ? format_size (from.get_int64 ()) : "");
  else
    from.copy (ref to);
  return true;
}

// Shows a property of the rows that have it, and follows it.
Gtk.ColumnViewColumn make_column (string title, string name, float xalign, int width) {
  var factory = new Gtk.SignalListItemFactory ();
  factory.bind.connect ((item) => {
    var row = (Gtk.TreeListRow) item.item;
    var label = new Gtk.Label (null) { hexpand = true, xalign = xalign, width_chars = width };
    var expander = new Gtk.TreeExpander () { child = label };
    if (name == "name")
      expander.list_row = row;
    if (row.item.get_class ().find_property (name) != null)
      row.item.bind_property (name, label, "label", SYNC_CREATE, show);
    item.child = expander;
  });
  factory.unbind.connect ((item) => item.child = null);
  return new Gtk.ColumnViewColumn (title, factory) { expand = name == "name" };
}

void show_window (Vck.DomainList domains) {
  var loop = new MainLoop ();
  var table = new Gtk.ColumnView (new Gtk.NoSelection (new Gtk.TreeListModel (domains, false, true, children_of)));
  table.append_column (make_column ("Name", "name", 0, -1));
  table.append_column (make_column ("State", "state", 0, 12));
  table.append_column (make_column ("Size", "size", 1, 10));
  var window = new Gtk.Window () { title = "Checkpoints", titlebar = new Gtk.HeaderBar () };
  window.child = new Gtk.ScrolledWindow () { child = table };
  window.set_default_size (560, 360);
  window.close_request.connect (() => {
    loop.quit ();
    return false;
  });
  domains.notify["error"].connect (() => window.title = domains.error?.message ?? "Checkpoints");
  // What was measured comes as changes of the properties. When it fails, what is shown stays.
  Timeout.add_seconds (2, () => {
    for (uint i = 0; i < domains.n_items; i++)
      ((Vck.Domain) domains.get_item (i)).measure_checkpoints_async.begin ();
    return Source.CONTINUE;
  });
  window.present ();
  loop.run ();
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length > 2 || (args.length == 2 && args[1].has_prefix ("-"))) {
    var help = args.length == 2 && args[1] == "--help";
    (help ? stdout : stderr).printf ("usage: %s [URI]\n", args[0]);
    return help ? 0 : 1;
  }
  try {
    var connection = Vck.Connection.open (args[1], READ_ONLY);
    Gtk.init ();
    show_window (connection.domains);
  } catch (Error error) {
    printerr ("window: %s\n", error.message);
    return 1;
  }
  return 0;
}
