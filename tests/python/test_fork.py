# SPDX-License-Identifier: LGPL-2.1-or-later

"""A process that was forked: what it inherits it cannot use, and it opens its own."""

import multiprocessing

from support import LocalBackend, MemoryBackend, VckTestCase
from gi.repository import Gio, Vck


class ForkCases:
    def test_inherited(self):
        connection = self.open()
        domain = self.define(connection)
        checkpoint = self.create(domain, 'before')

        def use():
            code = Vck.Error.NO_CONNECT
            self.assertFails(code, connection.list_domains, 0, None)
            self.assertFails(code, domain.count_checkpoints, 0, Gio.Cancellable())
            self.assertFails(code, self.create, domain, 'never')
            self.assertFails(code, self.call, domain.list_checkpoints_async, 0, None)
            self.assertFails(code, checkpoint.delete, 0, None)
            self.assertFalse(connection.is_open)
            self.assertEqual(checkpoint.props.name, 'before')
            connection.close()

        self.in_child(use)
        self.assertTrue(connection.is_open)
        after = self.create(domain, 'after')
        self.assertEqual(domain.list_checkpoints(0, None), [checkpoint, after])

    def test_own(self):
        connection = self.open()
        self.define(connection)
        self.call(connection.list_domains_async, 0, None)

        def use():
            own = Vck.Connection.open(self.backend.uri, 0, None)
            domain = self.define(own, 'another', uuid=None)
            checkpoint = self.create(domain, 'first')
            listed = self.call(domain.list_checkpoints_async, 0, None)
            self.assertEqual(listed, [checkpoint])
            self.assertEqual(domain.count_checkpoints(0, Gio.Cancellable()), 1)
            own.close()

        self.in_child(use)
        self.assertEqual(len(connection.list_domains(0, None)), self.domains_after)

    def test_multiprocessing(self):
        connection = self.open()
        domain = self.define(connection)
        self.create(domain, 'first')
        with multiprocessing.get_context('fork').Pool(2) as pool:
            names = pool.map(_name_of_domain, 4 * [self.backend.uri])
        self.assertEqual(names, 4 * [self.first_name])
        self.assertEqual(domain.count_checkpoints(0, None), 1)


def _name_of_domain(uri):
    connection = Vck.Connection.open(uri, 0, None)
    name = connection.list_domains(0, None)[0].props.name
    connection.close()
    return name


class TestMemory(ForkCases, VckTestCase):
    """Each process has memory: backends of its own, with the ready domain."""

    backend_class = MemoryBackend
    domains_after = 2
    first_name = 'test'


class TestLocal(ForkCases, VckTestCase):
    """Processes share a store folder."""

    backend_class = LocalBackend
    domains_after = 2
    first_name = 'guest'
