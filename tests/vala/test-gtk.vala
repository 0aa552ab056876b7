// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The lists in the models and widgets of GTK.

using Support;

const uint N_LONG = 10000;

Vck.Domain open_domain () throws Error {
  var backend = new MemoryBackend ();
  return define (Vck.Connection.open (backend.uri), backend);
}

void drain () {
  while (MainContext.default ().iteration (false)) {
  }
}

// --- trees ---

ListModel? children_of (Object row) {
  var children = ((Vck.Checkpoint) row).children;
  return children.n_items > 0 ? children : null;
}

Gtk.TreeListModel open_tree (Vck.Domain domain, bool autoexpand) throws Error {
  var roots = domain.root_checkpoints;
  roots.load ();
  return new Gtk.TreeListModel (roots, false, autoexpand, children_of);
}

// The name, the depth, and "+" if it can be expanded, of each row.
void assert_tree (Gtk.TreeListModel tree, string expected) {
  string[] found = {};
  drain ();
  for (uint i = 0; i < tree.get_n_items (); i++) {
    var row = (Gtk.TreeListRow) tree.get_item (i);
    var checkpoint = (Vck.Checkpoint) row.get_item ();
    found += "%s%u%s".printf (checkpoint.name, row.get_depth (), row.is_expandable () ? "+" : "");
  }
  assert_cmpstr (string.joinv (" ", found), EQ, expected);
}

void test_tree () throws Error {
  var domain = open_domain ();
  var tree = open_tree (domain, true);
  assert_tree (tree, "");
  var a = create (domain, "a");
  assert_tree (tree, "a0");
  var b = create (domain, "b");
  create (domain, "c");
  assert_tree (tree, "a0+ b1+ c2");
  b.delete ();
  assert_tree (tree, "a0+ c1");
  a.delete (CHILDREN);
  assert_tree (tree, "");
}

// GTK asks once for children: the lists of roots and children announce a row again, that of all does not.
void test_leaf () throws Error {
  var domain = open_domain ();
  var all = domain.checkpoints;
  all.load ();
  var flat = new Gtk.TreeListModel (all, false, false, children_of);
  var tree = open_tree (domain, false);
  var empty = new Gtk.TreeListModel (domain.root_checkpoints, false, false, (row) => {
    return ((Vck.Checkpoint) row).children;
  });
  create (domain, "a");
  assert_tree (flat, "a0");
  assert_tree (tree, "a0");
  assert_tree (empty, "a0+");
  var b = create (domain, "b");
  assert_tree (flat, "a0 b0");
  assert_tree (tree, "a0+");
  b.delete ();
  assert_tree (tree, "a0");
}

void test_expanded () throws Error {
  var domain = open_domain ();
  var tree = open_tree (domain, false);
  foreach (unowned string name in new string[] { "a", "b", "c" })
    create (domain, name);
  assert_tree (tree, "a0+");
  tree.get_row (0).expanded = true;
  var d = create (domain, "d");
  assert_tree (tree, "a0+ b1+");
  tree.get_row (1).expanded = true;
  assert_tree (tree, "a0+ b1+ c2+");
  d.delete ();
  assert_tree (tree, "a0+ b1+ c2");
  domain.lookup_checkpoint ("a").delete ();
  assert_tree (tree, "b0+");
}

// --- other models ---

string names_of (ListModel model) {
  string[] found = {};
  for (uint i = 0; i < model.get_n_items (); i++)
    found += ((Vck.Checkpoint) model.get_item (i)).name;
  return string.joinv (" ", found);
}

void test_sorted () throws Error {
  var domain = open_domain ();
  var checkpoints = domain.checkpoints;
  var by_name = new Gtk.StringSorter (new Gtk.PropertyExpression (typeof (Vck.Checkpoint), null, "name"));
  var sorted = new Gtk.SortListModel (checkpoints, by_name);
  var shown = new Gtk.FilterListModel (sorted, new Gtk.CustomFilter ((row) => {
    return ((Vck.Checkpoint) row).name.length == 1;
  }));
  checkpoints.load ();
  create (domain, "b");
  create (domain, "ab");
  var a = create (domain, "a");
  drain ();
  assert_cmpstr (names_of (sorted), EQ, "a ab b");
  assert_cmpstr (names_of (shown), EQ, "a b");
  a.delete ();
  drain ();
  assert_cmpstr (names_of (shown), EQ, "b");
}

// --- windows ---

Gtk.ColumnViewColumn make_column (string title) {
  var factory = new Gtk.SignalListItemFactory ();
  factory.setup.connect ((item) => {
    item.child = new Gtk.TreeExpander () { child = new Gtk.Label (null) };
  });
  return new Gtk.ColumnViewColumn (title, factory);
}

Gtk.ColumnViewColumn make_name_column () {
  var column = make_column ("Name");
  var factory = (Gtk.SignalListItemFactory) column.factory;
  factory.bind.connect ((item) => {
    var expander = (Gtk.TreeExpander) item.child;
    expander.list_row = (Gtk.TreeListRow) item.item;
    ((Gtk.Label) expander.child).label = ((Vck.Checkpoint) expander.item).name;
  });
  factory.unbind.connect ((item) => {
    ((Gtk.TreeExpander) item.child).list_row = null;
  });
  return column;
}

Gtk.ColumnViewColumn make_size_column () {
  var column = make_column ("Size");
  var factory = (Gtk.SignalListItemFactory) column.factory;
  factory.bind.connect ((item) => {
    var checkpoint = ((Gtk.TreeListRow) item.item).item;
    var label = ((Gtk.TreeExpander) item.child).child;
    item.set_data<Binding> ("binding", checkpoint.bind_property ("size", label, "label", SYNC_CREATE));
  });
  factory.unbind.connect ((item) => {
    item.steal_data<Binding> ("binding").unbind ();
  });
  return column;
}

// With the tree of the checkpoints, all expanded, and what was measured of them.
Gtk.Window open_window (Vck.Domain domain) {
  var tree = new Gtk.TreeListModel (domain.root_checkpoints, false, true, children_of);
  var table = new Gtk.ColumnView (new Gtk.SingleSelection (tree));
  table.append_column (make_name_column ());
  table.append_column (make_size_column ());
  var window = new Gtk.Window () {
    child = new Gtk.ScrolledWindow () { child = table }, default_width = 400, default_height = 300
  };
  window.present ();
  return window;
}

// The labels of each row that is shown: the name and the size.
void append_shown (Gtk.Widget widget, StringBuilder text) {
  for (var child = widget.get_first_child (); child != null; child = child.get_next_sibling ()) {
    if (!child.get_mapped ())
      continue;
    if (child is Gtk.Label && widget is Gtk.TreeExpander)
      text.append (((Gtk.Label) child).label + " ");
    append_shown (child, text);
  }
}

void wait_until_shown (Gtk.Window window, string expected) {
  wait_until (() => {
    var text = new StringBuilder ();
    append_shown (window, text);
    return text.str.strip () == expected;
  });
}

void test_shown () throws Error {
  var domain = open_domain ();
  var window = open_window (domain);
  wait_until (() => !domain.root_checkpoints.loading);
  var a = create (domain, "a");
  wait_until_shown (window, "a -1");
  var b = create (domain, "b");
  wait_until_shown (window, "a -1 b -1");
  domain.measure_checkpoints ();
  wait_until_shown (window, "a 0 b 0");
  create (domain, "c");
  wait_until_shown (window, "a 0 b 0 c -1");
  b.delete ();
  wait_until_shown (window, "a 0 c -1");
  a.delete (CHILDREN);
  wait_until_shown (window, "");
  window.destroy ();
}

// A chain is as deep as it is long.
void test_long () throws Error {
  var domain = open_domain ();
  for (uint i = 0; i < N_LONG; i++)
    create (domain, "c%u".printf (i));
  var tree = open_tree (domain, true);
  assert_cmpuint (tree.get_n_items (), EQ, N_LONG);
  create (domain, "last");
  domain.lookup_checkpoint ("c0").delete ();
  drain ();
  assert_cmpuint (tree.get_n_items (), EQ, N_LONG);
  assert_cmpuint (tree.get_row (N_LONG - 1).get_depth (), EQ, N_LONG - 1);
  domain.lookup_checkpoint ("c1").delete (CHILDREN);
  drain ();
  assert_cmpuint (tree.get_n_items (), EQ, 0);
}

// The widget holds the list, the domain does not: a new one has not loaded yet.
void test_lives () throws Error {
  var domain = open_domain ();
  create (domain, "a");
  var window = open_window (domain);
  wait_until_shown (window, "a -1");
  assert_cmpuint (domain.root_checkpoints.n_items, EQ, 1);
  window.destroy ();
  window = null;
  drain ();
  assert_cmpuint (domain.root_checkpoints.n_items, EQ, 0);
  assert_true (domain.root_checkpoints.loading);
}

void test_closed_during_load () throws Error {
  var domain = open_domain ();
  create (domain, "a");
  for (uint n = 0; n < 10; n++) {
    var window = open_window (domain);
    for (uint i = 0; i < n; i++)
      MainContext.default ().iteration (false);
    window.destroy ();
    window = null;
    drain ();
    assert_cmpuint (domain.root_checkpoints.n_items, EQ, 0);
  }
}

void test_connection_closed () throws Error {
  var domain = open_domain ();
  create (domain, "a");
  var window = open_window (domain);
  var roots = domain.root_checkpoints;
  assert_true (roots.loading);
  wait_until_shown (window, "a -1");
  wait_until (() => !roots.loading);
  assert_true (roots.error == null);
  domain.connection.close ();
  wait_until (() => roots.error != null);
  assert_true (roots.error.matches (Vck.Error.quark (), Vck.Error.NO_CONNECT));
  drain ();
  wait_until_shown (window, "a -1");
  window.destroy ();
}

int main (string[] args) {
  Test.init (ref args);
  Gtk.init ();
  add ("gtk/tree", test_tree);
  add ("gtk/leaf", test_leaf);
  add ("gtk/expanded", test_expanded);
  add ("gtk/sorted", test_sorted);
  add ("gtk/shown", test_shown);
  add ("gtk/long", test_long);
  add ("gtk/lives", test_lives);
  add ("gtk/closed-during-load", test_closed_during_load);
  add ("gtk/connection-closed", test_connection_closed);
  return Test.run ();
}
