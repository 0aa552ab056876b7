# SPDX-License-Identifier: LGPL-2.1-or-later

"""What only libvirt has, shown with its test driver: logging in, its errors, silent changes."""

import asyncio
import pathlib
import tempfile
import threading
import unittest
import unittest.mock

from support import VckTestCase
from gi.repository import Gio, GLib, Vck

HOST = """
<node><auth><user password='geheim – 秘密'>anna</user></auth>
<domain type='test'><name>d</name><memory>1024</memory><os><type>hvm</type></os></domain></node>
"""


class TestFork(VckTestCase):
    """A child with a connection of its own, after the parent has used libvirt."""

    def test_own(self):
        connection = Vck.Connection.open('test:///default', 0, None)
        domain = connection.lookup_domain_by_name('test', None)

        def use():
            self.assertFails(Vck.Error.NO_CONNECT, domain.count_checkpoints, 0, None)
            own = Vck.Connection.open('test:///default', 0, None)
            own_domain = own.lookup_domain_by_name('test', None)
            for number in range(20):
                self.create(own_domain, f'c{number}')
            listed = self.call(own_domain.list_checkpoints_async, 0, None)
            self.assertEqual(len(listed), 20)
            own.close()

        self.in_child(use)
        self.assertEqual(domain.count_checkpoints(0, None), 0)
        connection.close()


class TestLogin(VckTestCase):
    """A host that lets only anna in."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix='vck-host-')
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / 'host.xml'
        path.write_text(HOST, encoding='utf-8')
        self.uri = f'test://{path}'
        self.password = 'geheim – 秘密'
        self.asked = []
        self.connection = Vck.Connection(uri=self.uri)
        self.connection.connect('authenticate', self.authenticate)

    def authenticate(self, connection, credential, prompt, _suggestion):
        self.assertIs(connection, self.connection)
        self.assertTrue(prompt)
        self.asked.append((credential, threading.current_thread()))
        return 'anna' if credential == Vck.Credential.AUTHNAME else self.password

    def check_logged_in(self):
        me = threading.current_thread()
        self.assertEqual(
            self.asked, [(Vck.Credential.AUTHNAME, me), (Vck.Credential.PASSPHRASE, me)]
        )
        self.assertEqual(self.connection.lookup_domain_by_name('d', None).props.name, 'd')

    def test_init(self):
        self.assertTrue(self.connection.init(None))
        self.check_logged_in()

    def test_init_cancellable(self):
        self.assertTrue(self.connection.init(Gio.Cancellable()))
        self.check_logged_in()

    def test_init_async(self):
        self.assertTrue(self.call(self.connection.init_async, GLib.PRIORITY_DEFAULT, None))
        self.check_logged_in()

    def test_wrong_password(self):
        self.password = 'guess'
        self.assertFails(Vck.Error.OPERATION_DENIED, self.connection.init, None)
        self.assertFalse(self.connection.is_open)

    def test_give_up(self):
        self.password = None
        self.assertFails(
            Vck.Error.OPERATION_DENIED,
            self.call, self.connection.init_async, GLib.PRIORITY_DEFAULT, None,
        )
        self.assertEqual(len(self.asked), 2)

    def test_without_handler(self):
        self.assertFails(Vck.Error.OPERATION_DENIED, Vck.Connection.open, self.uri, 0, None)

    def test_cancel_in_handler(self):
        cancellable = Gio.Cancellable()
        self.connection.connect('authenticate', lambda *_: cancellable.cancel())
        self.password = None
        for call in (
            lambda: self.connection.init(cancellable),
            lambda: self.call(self.connection.init_async, GLib.PRIORITY_DEFAULT, cancellable),
        ):
            cancellable.reset()
            with self.assertRaises(GLib.Error) as caught:
                call()
            self.assertTrue(
                caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED)
            )
        self.assertFalse(self.connection.is_open)


class TestDefault(unittest.TestCase):
    """libvirt's own test host, which all connections of a process share."""

    wait_until = VckTestCase.wait_until

    def setUp(self):
        self.mine, self.other = (Vck.Connection.open('test:///default', 0, None) for _ in '12')
        self.addCleanup(self.mine.close)
        self.addCleanup(self.other.close)

    def test_error(self):
        with self.assertRaises(GLib.Error) as caught:
            self.mine.lookup_domain_by_name('nosuch', None)
        self.assertTrue(caught.exception.matches(Vck.error_quark(), Vck.Error.NO_DOMAIN))
        self.assertIn('libvirt error 42', caught.exception.message)
        self.check_number(caught.exception)

    def check_number(self, error):
        self.assertIsInstance(error, Vck.DomainNotFound)
        self.assertEqual(error.libvirt_code, 42)
        self.assertGreater(error.libvirt_domain, 0)
        self.assertIn('Domain not found', error.libvirt_message)

    def test_number_of_callback(self):
        call = unittest.mock.Mock()
        self.mine.lookup_domain_by_name_async('nosuch', None, call)
        self.wait_until(lambda: call.called, 'the callback')
        with self.assertRaises(Vck.DomainNotFound) as caught:
            self.mine.lookup_domain_by_name_finish(call.call_args[0][1])
        self.check_number(caught.exception)

    def test_number_of_awaited(self):
        async def program():
            await self.mine.lookup_domain_by_name_async('nosuch')

        with self.assertRaises(Vck.DomainNotFound) as caught:
            asyncio.run(program())
        self.check_number(caught.exception)

    def test_number_is_of_that_failure(self):
        """A later failure that is not libvirt's has none."""
        with self.assertRaises(Vck.DomainNotFound):
            self.mine.lookup_domain_by_name('nosuch')
        with self.assertRaises(Vck.NotConnected) as caught:
            Vck.Connection.open('nosuch:///x')
        with Vck.Connection.open('memory:///default') as memory:
            with self.assertRaises(Vck.DomainNotFound) as caught:
                memory.lookup_domain_by_name('nosuch')
        self.assertEqual(caught.exception.libvirt_code, 0)
        self.assertIsNone(caught.exception.libvirt_message)

    def test_refresh_interval(self):
        domain = self.mine.lookup_domain_by_name('test', None)
        seen = []
        domain.connect('checkpoint-added', lambda _, each: seen.append('+' + each.get_name()))
        domain.connect('checkpoint-removed', lambda _, each: seen.append('-' + each.get_name()))
        self.assertEqual(domain.list_checkpoints(0, None), [])
        domain.props.refresh_interval = 1
        others_domain = self.other.lookup_domain_by_name('test', None)
        checkpoint = others_domain.create_checkpoint_xml(
            '<domaincheckpoint><name>silent</name></domaincheckpoint>', 0, None
        )
        self.wait_until(lambda: seen == ['+silent'], 'checkpoint-added')
        checkpoint.delete(0, None)
        self.wait_until(lambda: seen == ['+silent', '-silent'], 'checkpoint-removed')
