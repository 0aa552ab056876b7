// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The lists in the models and widgets of GTK.

import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Gtk from 'gi://Gtk?version=4.0';
import System from 'system';
import Vck from 'gi://Vck?version=1';

import {atEnd, describe, it, run} from './tap.js';
import {MemoryBackend, assert, assertList, assertSame, create, define, open, until} from './support.js';

const N_LONG = 10000;

Gtk.init();

function openDomain() {
  const backend = new MemoryBackend();
  const connection = open(backend);
  return [define(connection, backend), connection];
}

function drain() {
  while (GLib.MainContext.default().iteration(false));
}

// --- trees ---

function childrenOf({children}) {
  return children.n_items > 0 ? children : null;
}

function openTree(domain, autoexpand, childrenFunction = childrenOf) {
  const roots = domain.root_checkpoints;
  roots.load();
  return Gtk.TreeListModel.new(roots, false, autoexpand, childrenFunction);
}

// The name, the depth, and "+" if it can be expanded, of each row.
function assertTree(tree, ...expected) {
  drain();
  const found = [];
  for (let i = 0; i < tree.get_n_items(); i++) {
    const row = tree.get_item(i);
    found.push(`${row.get_item().name}${row.get_depth()}${row.is_expandable() ? '+' : ''}`);
  }
  assertList(found, expected);
}

// --- a window ---

function makeColumn(title, bind, unbind) {
  const factory = new Gtk.SignalListItemFactory();
  factory.connect('setup', (_, item) => item.set_child(new Gtk.TreeExpander({child: new Gtk.Label()})));
  factory.connect('bind', (_, item) => bind(item));
  factory.connect('unbind', (_, item) => unbind(item));
  return Gtk.ColumnViewColumn.new(title, factory);
}

function bindName(item) {
  item.get_child().set_list_row(item.get_item());
  item.get_child().get_child().set_text(item.get_item().get_item().name);
}

function unbindName(item) {
  item.get_child().set_list_row(null);
}

function bindSize(item) {
  item.binding = item.get_item().get_item().bind_property('size', item.get_child().get_child(), 'label',
    GObject.BindingFlags.SYNC_CREATE);
}

function unbindSize(item) {
  item.binding.unbind();
}

// With the tree of the checkpoints, all expanded, and what was measured of them.
function openWindow(domain) {
  const tree = Gtk.TreeListModel.new(domain.root_checkpoints, false, true, childrenOf);
  const table = Gtk.ColumnView.new(Gtk.SingleSelection.new(tree));
  table.append_column(makeColumn('Name', bindName, unbindName));
  table.append_column(makeColumn('Size', bindSize, unbindSize));
  const window = new Gtk.Window({child: new Gtk.ScrolledWindow({child: table}), default_width: 400, default_height: 300});
  window.present();
  return window;
}

// GJS lets no handler be called while it collects garbage: rows are unbound before that.
function closeWindow(window) {
  window.get_child().get_child().set_model(null);
  window.destroy();
}

function* descendants(widget) {
  for (let child = widget.get_first_child(); child !== null; child = child.get_next_sibling()) {
    if (child.get_mapped()) {
      yield child;
      yield* descendants(child);
    }
  }
}

// The labels of each row that is shown: the name and the size.
function rowsOf(window) {
  const rows = [...descendants(window)].filter(each => each.get_css_name() === 'row');
  return rows.map(row => [...descendants(row)].filter(each => each instanceof Gtk.Label).map(each => each.label).join(' '));
}

async function untilShown(window, ...rows) {
  await until(() => `${rowsOf(window)}` === `${rows}`, `the rows ${rows}`);
}

describe('a list in GTK', () => {
  it('makes a tree', () => {
    const [domain] = openDomain();
    const tree = openTree(domain, true);
    assertTree(tree);
    const a = create(domain, 'a');
    assertTree(tree, 'a0');
    const b = create(domain, 'b');
    create(domain, 'c');
    assertTree(tree, 'a0+', 'b1+', 'c2');
    b.delete();
    assertTree(tree, 'a0+', 'c1');
    a.delete('CHILDREN');
    assertTree(tree);
  });

  it('announces a row that is no leaf any more', () => {
    const [domain] = openDomain();
    const {checkpoints} = domain;
    checkpoints.load();
    const flat = Gtk.TreeListModel.new(checkpoints, false, false, childrenOf);
    const tree = openTree(domain, false);
    const empty = openTree(domain, false, ({children}) => children);
    create(domain, 'a');
    assertTree(flat, 'a0');
    assertTree(tree, 'a0');
    assertTree(empty, 'a0+');
    const b = create(domain, 'b');
    assertTree(flat, 'a0', 'b0');
    assertTree(tree, 'a0+');
    b.delete();
    assertTree(tree, 'a0');
  });

  it('leaves expanded what is', () => {
    const [domain] = openDomain();
    const tree = openTree(domain, false);
    for (const name of ['a', 'b', 'c'])
      create(domain, name);
    assertTree(tree, 'a0+');
    tree.get_item(0).set_expanded(true);
    const d = create(domain, 'd');
    assertTree(tree, 'a0+', 'b1+');
    tree.get_item(1).set_expanded(true);
    assertTree(tree, 'a0+', 'b1+', 'c2+');
    d.delete();
    assertTree(tree, 'a0+', 'b1+', 'c2');
    domain.lookup_checkpoint('a').delete();
    assertTree(tree, 'b0+');
  });

  it('is sorted and filtered', () => {
    const [domain] = openDomain();
    const {checkpoints} = domain;
    const ordered = Gtk.SortListModel.new(checkpoints, Gtk.CustomSorter.new((one, other) =>
      (one.name > other.name) - (one.name < other.name)));
    const shown = Gtk.FilterListModel.new(ordered, Gtk.CustomFilter.new(({name}) => name.length === 1));
    const namesOf = model => Array.from({length: model.get_n_items()}, (_, i) => model.get_item(i).name);
    checkpoints.load();
    create(domain, 'b');
    create(domain, 'ab');
    const a = create(domain, 'a');
    drain();
    assertList(namesOf(ordered), ['a', 'ab', 'b']);
    assertList(namesOf(shown), ['a', 'b']);
    a.delete();
    drain();
    assertList(namesOf(shown), ['b']);
  });

  it('is shown in a table', async () => {
    const [domain] = openDomain();
    const window = openWindow(domain);
    atEnd(() => closeWindow(window));
    await until(() => !domain.root_checkpoints.loading);
    const a = create(domain, 'a');
    await untilShown(window, 'a -1');
    const b = create(domain, 'b');
    await untilShown(window, 'a -1', 'b -1');
    domain.measure_checkpoints();
    await untilShown(window, 'a 0', 'b 0');
    create(domain, 'c');
    await untilShown(window, 'a 0', 'b 0', 'c -1');
    b.delete();
    await untilShown(window, 'a 0', 'c -1');
    a.delete('CHILDREN');
    await untilShown(window);
  });

  it('has a long chain', () => {
    const [domain] = openDomain();
    for (let i = 0; i < N_LONG; i++)
      create(domain, `c${i}`);
    const tree = openTree(domain, true);
    assertSame(tree.get_n_items(), N_LONG);
    create(domain, 'last');
    domain.lookup_checkpoint('c0').delete();
    drain();
    assertSame(tree.get_n_items(), N_LONG);
    assertSame(tree.get_item(N_LONG - 1).get_depth(), N_LONG - 1);
    domain.lookup_checkpoint('c1').delete('CHILDREN');
    drain();
    assertSame(tree.get_n_items(), 0);
  });

  it('belongs to the widget', async () => {
    const [domain] = openDomain();
    create(domain, 'a');
    let window = openWindow(domain);
    await untilShown(window, 'a -1');
    System.gc();
    assertSame(domain.root_checkpoints.n_items, 1);
    closeWindow(window);
    window = null;
    // The domain makes a new list, which has not loaded yet.
    await until(() => {
      System.gc();
      return domain.root_checkpoints.n_items === 0;
    });
  });

  it('is let go of while it loads', async () => {
    const [domain] = openDomain();
    create(domain, 'a');
    for (let iterations = 0; iterations < 10; iterations++) {
      const window = openWindow(domain);
      for (let i = 0; i < iterations; i++)
        GLib.MainContext.default().iteration(false);
      closeWindow(window);
      drain();
    }
    await until(() => {
      System.gc();
      return domain.root_checkpoints.n_items === 0;
    });
  });

  it('stays when the connection is closed', async () => {
    const [domain, connection] = openDomain();
    create(domain, 'a');
    const window = openWindow(domain);
    atEnd(() => closeWindow(window));
    const roots = domain.root_checkpoints;
    assert(roots.loading);
    await untilShown(window, 'a -1');
    await until(() => !roots.loading);
    assertSame(roots.error, null);
    connection.close();
    await until(() => roots.error !== null);
    assert(roots.error.matches(Vck.Error, Vck.Error.NO_CONNECT));
    drain();
    await untilShown(window, 'a -1');
  });
});

run();
