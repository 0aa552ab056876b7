#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Shows the domains (virtual machines) of a connection and their checkpoints in a window, and follows them.

usage: window.py [URI]
"""

import sys

import gi

gi.require_version('Gtk', '4.0')
gi.require_version('Vck', '1')
from gi.repository import GLib, GObject, Gtk, Vck


def children_of(item):
    # A row with an empty list could be expanded: domains may have one, checkpoints without children have none.
    if isinstance(item, Vck.Domain):
        return item.root_checkpoints
    return item.children if len(item.children) > 0 else None


def make_column(title, name, show, **label):
    # Shows a property of the rows that have it, and follows it.
    def bind(_factory, item):
        row, expander = item.get_item(), Gtk.TreeExpander(child=Gtk.Label(hexpand=True, **label))
        if name == 'name':
            expander.set_list_row(row)
        if row.get_item().find_property(name) is not None:
            row.get_item().bind_property(name, expander.get_child(), 'label', GObject.BindingFlags.SYNC_CREATE,
                                         lambda _binding, value: show(value))
        item.set_child(expander)

    factory = Gtk.SignalListItemFactory()
    factory.connect('bind', bind)
    factory.connect('unbind', lambda _factory, item: item.set_child(None))
    return Gtk.ColumnViewColumn(title=title, factory=factory, expand=name == 'name')


def measure(domains):
    # What was measured comes as changes of the properties. When it fails, what is shown stays.
    for domain in domains:
        domain.measure_checkpoints_async(callback=lambda _domain, _result: None)
    return GLib.SOURCE_CONTINUE


def main(uri=None):
    try:
        domains = Vck.Connection.open(uri, 'READ_ONLY').domains
    except Vck.Error as error:
        sys.exit(f'window: {error.message}')
    table = Gtk.ColumnView.new(Gtk.NoSelection.new(Gtk.TreeListModel.new(domains, False, True, children_of)))
    table.append_column(make_column('Name', 'name', str, xalign=0))
    table.append_column(make_column('State', 'state', lambda state: state.value_nick, xalign=0, width_chars=12))
    table.append_column(make_column('Size', 'size', lambda size: GLib.format_size(size) if size >= 0 else '',
                                    xalign=1, width_chars=10))
    loop = GLib.MainLoop()
    window = Gtk.Window(title='Checkpoints', titlebar=Gtk.HeaderBar(), child=Gtk.ScrolledWindow(child=table),
                        default_width=560, default_height=360)
    window.connect('close-request', lambda _window: loop.quit())
    domains.connect('notify::error', lambda *_: window.set_title(domains.error.message if domains.error else 'Checkpoints'))
    GLib.timeout_add_seconds(2, measure, domains)
    window.present()
    loop.run()


if __name__ == '__main__':
    if sys.argv[1:] == ['--help']:
        print(__doc__.strip())
    elif len(sys.argv) > 2 or sys.argv[1:2] and sys.argv[1].startswith('-'):
        sys.exit('usage: window.py [URI]')
    else:
        main(*sys.argv[1:])
