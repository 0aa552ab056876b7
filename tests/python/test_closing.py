# SPDX-License-Identifier: LGPL-2.1-or-later

"""Opening and closing: the property that says so, and closing without blocking."""

import asyncio

from support import LocalBackend, VckTestCase
from gi.repository import Gio, Vck


class ClosingCases:
    def test_property(self):
        connection = Vck.Connection(uri=self.backend.uri)
        seen = []
        connection.connect('notify::is-open', lambda each, _spec: seen.append(each.is_open))
        connection.connect('closed', lambda _each, _reason: seen.append('closed'))
        self.assertIs(connection.is_open, False)
        self.assertIs(connection.props.is_open, False)
        connection.init()
        self.assertIs(connection.is_open, True)
        self.assertEqual(seen, [])
        self.wait_until(lambda: seen, 'notify::is-open')
        self.assertEqual(seen, [True])
        connection.close()
        self.assertFalse(connection.is_open)
        self.assertEqual(seen, [True])
        self.wait_until(lambda: 'closed' in seen, 'closed')
        self.assertEqual(seen, [True, False, 'closed'])

    def test_background(self):
        connection = self.open()
        self.assertTrue(self.call(connection.close_async, None))
        self.assertFalse(connection.is_open)
        self.assertTrue(self.call(connection.close_async, None))

    def test_await(self):
        async def program():
            connection = await Vck.Connection.open_async(self.backend.uri)
            self.assertTrue(await connection.close_async())
            return connection.is_open

        self.assertFalse(asyncio.run(program()))

    def test_cancelled(self):
        connection = self.open()
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        with self.assertRaises(Vck.Cancelled):
            self.call(connection.close_async, cancellable)
        self.assertTrue(connection.is_open)

    def test_unopened(self):
        connection = Vck.Connection(uri=self.backend.uri)
        self.assertFails(Vck.Error.INVALID_CONNECT, self.call, connection.close_async, None)


class TestMemoryClosing(ClosingCases, VckTestCase):
    pass


class TestLocalClosing(ClosingCases, VckTestCase):
    backend_class = LocalBackend


class TestVersion(VckTestCase):
    def test_version(self):
        version = Vck.get_major_version(), Vck.get_minor_version(), Vck.get_micro_version()
        self.assertEqual(version, (Vck.MAJOR_VERSION, Vck.MINOR_VERSION, Vck.MICRO_VERSION))
        self.assertEqual(Vck.get_version(), '.'.join(map(str, version)))
        self.assertTrue(Vck.check_version(*version))
        self.assertTrue(Vck.check_version(version[0] - 1, 99, 0))
        self.assertFalse(Vck.check_version(*version[:2], version[2] + 1))
