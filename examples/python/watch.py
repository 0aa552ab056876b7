#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Follows a domain (a virtual machine) by its signals, while asynchronous calls change it.

Usage: watch.py [URI]
"""

import sys

import gi

gi.require_version('Vck', '1')
from gi.repository import GLib, Vck


class Watch:
    def __init__(self, uri):
        self.loop = GLib.MainLoop()
        self.failure = None
        self.connection = Vck.Connection.open(uri)
        self.connection.connect('closed', self.on_closed)
        self.domain = self.connection.lookup_domain_by_name('test')
        self.domain.connect('checkpoint-added', self.on_added)
        self.domain.connect('checkpoint-removed', self.on_removed)

    def on_added(self, domain, checkpoint):
        print(f'{domain.props.name}: + {checkpoint.props.name}')

    def on_removed(self, domain, checkpoint):
        print(f'{domain.props.name}: - {checkpoint.props.name}')

    def on_closed(self, _connection, reason):
        print('closed' if reason == Vck.CloseReason.CLIENT else 'lost')
        self.loop.quit()

    def run(self):
        xml = '<domaincheckpoint><name>first</name></domaincheckpoint>'
        self.domain.create_checkpoint_xml_async(xml, callback=self.when_created)
        self.loop.run()
        if self.failure:
            raise self.failure

    def when_created(self, domain, result):
        try:
            checkpoint = domain.create_checkpoint_xml_finish(result)
            checkpoint.delete_async(callback=self.when_deleted)
        except GLib.Error as error:
            self.fail(error)

    def when_deleted(self, checkpoint, result):
        try:
            checkpoint.delete_finish(result)
            self.connection.close()
        except GLib.Error as error:
            self.fail(error)

    def fail(self, error):
        self.failure = error
        self.loop.quit()


def main(uri='memory:///default'):
    try:
        Watch(uri).run()
    except GLib.Error as error:
        sys.exit(f'watch: {error.message}')


if __name__ == '__main__':
    if len(sys.argv) > 2 or sys.argv[1:2] and sys.argv[1].startswith('-'):
        sys.exit('usage: watch.py [URI]')
    main(*sys.argv[1:])
