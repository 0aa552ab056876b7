# SPDX-License-Identifier: LGPL-2.1-or-later

"""The lists in the models and widgets of GTK."""

import gi

gi.require_version('Gtk', '4.0')

from support import VckTestCase, settle  # noqa: E402
from gi.repository import GLib, GObject, Gtk, Vck  # noqa: E402

N_LONG = 10000


def children_of(checkpoint):
    children = checkpoint.children
    return children if len(children) > 0 else None


# --- a window ---


def set_up(factory, item):
    item.set_child(Gtk.TreeExpander(child=Gtk.Label()))


def bind_name(factory, item):
    item.get_child().set_list_row(item.get_item())
    item.get_child().get_child().set_text(item.get_item().get_item().name)


def unbind_name(factory, item):
    item.get_child().set_list_row(None)


def bind_size(factory, item):
    item.binding = item.get_item().get_item().bind_property(
        'size', item.get_child().get_child(), 'label', GObject.BindingFlags.SYNC_CREATE)


def unbind_size(factory, item):
    item.binding.unbind()


def make_column(title, bind, unbind):
    factory = Gtk.SignalListItemFactory()
    factory.connect('setup', set_up)
    factory.connect('bind', bind)
    factory.connect('unbind', unbind)
    return Gtk.ColumnViewColumn.new(title, factory)


def open_window(domain):
    """With the tree of the checkpoints, all expanded, and what was measured of them."""
    tree = Gtk.TreeListModel.new(domain.root_checkpoints, False, True, children_of)
    table = Gtk.ColumnView.new(Gtk.SingleSelection.new(tree))
    table.append_column(make_column('Name', bind_name, unbind_name))
    table.append_column(make_column('Size', bind_size, unbind_size))
    window = Gtk.Window(child=Gtk.ScrolledWindow(child=table), default_width=400, default_height=300)
    window.present()
    return window


def descendants(widget):
    child = widget.get_first_child()
    while child is not None:
        if child.get_mapped():
            yield child
            yield from descendants(child)
        child = child.get_next_sibling()


def rows_of(window):
    """The labels of each row that is shown: (name, size)."""
    return [tuple(each.get_text() for each in descendants(row) if isinstance(each, Gtk.Label))
            for row in descendants(window) if row.get_css_name() == 'row']


class TestGtk(VckTestCase):
    def setUp(self):
        super().setUp()
        self.connection = self.open()
        self.domain = self.define(self.connection)

    def add(self, name):
        return self.create(self.domain, name)

    def wait_until_shown(self, window, *rows):
        self.wait_until(lambda: rows_of(window) == list(rows), str(rows))

    def open_tree(self, autoexpand, function=children_of):
        roots = self.domain.root_checkpoints
        roots.load()
        return Gtk.TreeListModel.new(roots, False, autoexpand, function)

    def open_window(self):
        window = open_window(self.domain)
        self.addCleanup(window.destroy)
        return window

    def assert_tree(self, tree, *expected):
        """(name, depth, whether it can be expanded) of each row."""
        settle()
        self.assertEqual([(row.get_item().name, row.get_depth(), row.is_expandable()) for row in tree],
                         list(expected))

    def test_tree(self):
        tree = self.open_tree(True)
        self.assert_tree(tree)
        a = self.add('a')
        self.assert_tree(tree, ('a', 0, False))
        b = self.add('b')
        self.add('c')
        self.assert_tree(tree, ('a', 0, True), ('b', 1, True), ('c', 2, False))
        b.delete()
        self.assert_tree(tree, ('a', 0, True), ('c', 1, False))
        a.delete('CHILDREN')
        self.assert_tree(tree)

    def test_leaf(self):
        """GTK asks once for children: the lists of roots and children announce a row again, that of all does not."""
        everything = self.domain.checkpoints
        everything.load()
        flat = Gtk.TreeListModel.new(everything, False, False, children_of)
        tree = self.open_tree(False)
        empty = self.open_tree(False, lambda checkpoint: checkpoint.children)
        self.add('a')
        self.assert_tree(flat, ('a', 0, False))
        self.assert_tree(tree, ('a', 0, False))
        self.assert_tree(empty, ('a', 0, True))
        b = self.add('b')
        self.assert_tree(flat, ('a', 0, False), ('b', 0, False))
        self.assert_tree(tree, ('a', 0, True))
        b.delete()
        self.assert_tree(tree, ('a', 0, False))

    def test_expanded(self):
        tree = self.open_tree(False)
        for name in 'a', 'b', 'c':
            self.add(name)
        self.assert_tree(tree, ('a', 0, True))
        tree.get_item(0).set_expanded(True)
        d = self.add('d')
        self.assert_tree(tree, ('a', 0, True), ('b', 1, True))
        tree.get_item(1).set_expanded(True)
        self.assert_tree(tree, ('a', 0, True), ('b', 1, True), ('c', 2, True))
        d.delete()
        self.assert_tree(tree, ('a', 0, True), ('b', 1, True), ('c', 2, False))
        self.domain.lookup_checkpoint('a').delete()
        self.assert_tree(tree, ('b', 0, True))

    def test_sorted(self):
        def compare(one, other, data):
            return (one.name > other.name) - (one.name < other.name)

        checkpoints = self.domain.checkpoints
        ordered = Gtk.SortListModel.new(checkpoints, Gtk.CustomSorter.new(compare, None))
        shown = Gtk.FilterListModel.new(ordered, Gtk.CustomFilter.new(lambda each: len(each.name) == 1))
        checkpoints.load()
        self.add('b')
        self.add('ab')
        a = self.add('a')
        settle()
        self.assertEqual([each.name for each in ordered], ['a', 'ab', 'b'])
        self.assertEqual([each.name for each in shown], ['a', 'b'])
        a.delete()
        settle()
        self.assertEqual([each.name for each in shown], ['b'])

    def test_shown(self):
        window = self.open_window()
        self.wait_until(lambda: not self.domain.root_checkpoints.loading)
        a = self.add('a')
        self.wait_until_shown(window, ('a', '-1'))
        b = self.add('b')
        self.wait_until_shown(window, ('a', '-1'), ('b', '-1'))
        self.domain.measure_checkpoints()
        self.wait_until_shown(window, ('a', '0'), ('b', '0'))
        self.add('c')
        self.wait_until_shown(window, ('a', '0'), ('b', '0'), ('c', '-1'))
        b.delete()
        self.wait_until_shown(window, ('a', '0'), ('c', '-1'))
        a.delete('CHILDREN')
        self.wait_until_shown(window)

    def test_long(self):
        """A chain is as deep as it is long."""
        for number in range(N_LONG):
            self.add(f'c{number:05}')
        tree = self.open_tree(True)
        self.assertEqual(len(tree), N_LONG)
        self.add('last')
        self.domain.lookup_checkpoint('c00000').delete()
        settle()
        self.assertEqual(len(tree), N_LONG)
        self.assertEqual(tree.get_item(N_LONG - 1).get_depth(), N_LONG - 1)
        self.domain.lookup_checkpoint('c00001').delete('CHILDREN')
        settle()
        self.assertEqual(len(tree), 0)

    def test_lives(self):
        """The widget holds the list, the domain does not: a new one has not loaded yet."""
        self.add('a')
        window = open_window(self.domain)
        self.wait_until_shown(window, ('a', '-1'))
        self.assertEqual(len(self.domain.root_checkpoints), 1)
        window.destroy()
        del window
        settle()
        self.wait_until(lambda: len(self.domain.root_checkpoints) == 0)
        self.assertTrue(self.domain.root_checkpoints.loading)

    def test_closed_during_load(self):
        for name in 'a', 'b', 'c':
            self.add(name)
        for iterations in range(10):
            window = open_window(self.domain)
            for _ in range(iterations):
                GLib.MainContext.default().iteration(False)
            window.destroy()
            del window
            settle()
            self.assertEqual(len(self.domain.root_checkpoints), 0)

    def test_connection_closed(self):
        self.add('a')
        window = self.open_window()
        roots = self.domain.root_checkpoints
        self.assertTrue(roots.loading)
        self.wait_until(lambda: rows_of(window) == [('a', '-1')] and not roots.loading)
        self.assertIsNone(roots.error)
        self.connection.close()
        self.wait_until(lambda: roots.error is not None)
        self.assertTrue(roots.error.matches(Vck.error_quark(), Vck.Error.NO_CONNECT))
        settle()
        self.assertEqual(rows_of(window), [('a', '-1')])
