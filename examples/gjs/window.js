// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Shows the domains (virtual machines) of a connection and their checkpoints in a window, and follows them.

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Gtk from 'gi://Gtk?version=4.0';
import System from 'system';
import Vck from 'gi://Vck?version=1';

function childrenOf(item) {
  // A row with an empty list could be expanded: domains may have one, checkpoints without children have none.
  if (item instanceof Vck.Domain)
    return item.root_checkpoints;
  return item.children.n_items > 0 ? item.children : null;
}

// Shows a property of the rows that have it, and follows it.
function makeColumn(title, name, show, label) {
  const factory = new Gtk.SignalListItemFactory();
  factory.connect('bind', (_factory, item) => {
    const row = item.get_item();
    const expander = new Gtk.TreeExpander({child: new Gtk.Label({hexpand: true, ...label})});
    if (name === 'name')
      expander.list_row = row;
    if (name in row.get_item()) {
      row.get_item().bind_property_full(name, expander.child, 'label', GObject.BindingFlags.SYNC_CREATE,
        (_binding, value) => [true, show(value, row.get_item())], null);
    }
    item.set_child(expander);
  });
  factory.connect('unbind', (_factory, item) => item.set_child(null));
  return new Gtk.ColumnViewColumn({title, factory, expand: name === 'name'});
}

const nickOf = (state, item) => {
  const states = item instanceof Vck.Domain ? Vck.DomainState : Vck.CheckpointState;
  return states[state].toLowerCase().replace('_', '-');
};

function showWindow(domains) {
  const loop = new GLib.MainLoop(null, false);
  const table = Gtk.ColumnView.new(Gtk.NoSelection.new(Gtk.TreeListModel.new(domains, false, true, childrenOf)));
  table.append_column(makeColumn('Name', 'name', name => name, {xalign: 0}));
  table.append_column(makeColumn('State', 'state', nickOf, {xalign: 0, width_chars: 12}));
  table.append_column(makeColumn('Size', 'size', size => size >= 0 ? GLib.format_size(size) : '',
    {xalign: 1, width_chars: 10}));
  const window = new Gtk.Window({title: 'Checkpoints', titlebar: new Gtk.HeaderBar(),
    child: new Gtk.ScrolledWindow({child: table}), default_width: 560, default_height: 360});
  window.connect('close-request', () => {
    table.model = null; // no handler may be called while GJS collects what is left
    loop.quit();
  });
  domains.connect('notify::error', () => window.set_title(domains.error?.message ?? 'Checkpoints'));
  // What was measured comes as changes of the properties. When it fails, what is shown stays.
  GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, 2, () => {
    for (const domain of domains)
      domain.measure_checkpoints_async().catch(() => {});
    return GLib.SOURCE_CONTINUE;
  });
  window.present();
  loop.run();
}

const help = System.programArgs.length === 1 && System.programArgs[0] === '--help';
if (System.programArgs.length > 1 || System.programArgs[0]?.startsWith('-')) {
  (help ? print : printerr)('usage: gjs -m window.js [URI]');
  System.exit(help ? 0 : 1);
}

try {
  const connection = Vck.Connection.open(System.programArgs[0], 'READ_ONLY');
  Gtk.init();
  showWindow(connection.domains);
} catch (error) {
  printerr(`window: ${error.message}`);
  System.exit(1);
}
