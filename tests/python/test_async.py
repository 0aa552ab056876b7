# SPDX-License-Identifier: LGPL-2.1-or-later

"""Async pairs with callbacks on the main loop, and cancellation."""

from support import LocalBackend, MemoryBackend, SilentQemu, VckTestCase, checkpoint_xml, domain_xml, names
from gi.repository import Gio, GLib, Vck


class AsyncCases:
    """The same calls as in the scenario, none of which blocks."""

    def open_async(self, flags=Vck.ConnectionFlags(0)):
        connection = self.call(Vck.Connection.open_async, self.backend.uri, flags, None)
        self.addCleanup(connection.close)
        return connection

    def define_async(self, connection, name='guest'):
        xml = domain_xml(name, self.backend.disks('vda', 'vdb'))
        return self.call(connection.define_domain_xml_async, xml, None)

    def test_scenario(self):
        connection = self.open_async()
        domain = self.define_async(connection)
        created = [
            self.call(domain.create_checkpoint_xml_async, checkpoint_xml(name), 0, None)
            for name in ('first', 'second')
        ]
        flags = Vck.CheckpointListFlags.TOPOLOGICAL
        self.assertEqual(self.call(domain.list_checkpoints_async, flags, None), created)
        self.assertEqual(self.call(domain.count_checkpoints_async, flags, None), 2)
        first, second = created
        self.assertIs(self.call(domain.lookup_checkpoint_async, 'second', None), second)
        self.assertIs(self.call(second.query_parent_async, None), first)
        self.assertEqual(self.call(first.list_children_async, 0, None), [second])
        self.assertEqual(self.call(first.count_children_async, 0, None), 1)
        xml = self.call(second.get_xml_desc_async, Vck.CheckpointXmlFlags.NO_DOMAIN, None)
        self.assertIn('<name>second</name>', xml)
        disks = self.call(second.list_disks_async, Vck.CheckpointXmlFlags.SIZE, None)
        self.assertEqual([disk.get_size() for disk in disks], [0, 0])
        self.assertTrue(self.call(first.delete_async, 0, None))
        self.assertEqual(names(domain.list_checkpoints(0, None)), ['second'])

    def test_domains(self):
        connection = self.open_async()
        domain = self.define_async(connection, 'Bücher')
        self.assertIn(domain, self.call(connection.list_domains_async, 0, None))
        self.assertGreaterEqual(self.call(connection.count_domains_async, 0, None), 1)
        found = self.call(connection.lookup_domain_by_name_async, 'Bücher', None)
        self.assertIs(found, domain)
        self.assertIs(self.call(connection.lookup_domain_by_uuid_async, domain.get_uuid(), None), domain)
        self.assertIs(self.call(connection.lookup_domain_async, 'Bücher', None), domain)
        self.assertIs(self.call(connection.lookup_domain_async, domain.get_uuid(), None), domain)
        self.assertFails(Vck.Error.NO_DOMAIN, self.call, connection.lookup_domain_async, 'nosuch', None)
        self.assertEqual(self.call(domain.query_state_async, None), Vck.DomainState.SHUTOFF)
        self.assertEqual(len(self.call(domain.list_disks_async, None)), 2)
        self.assertIn('Bücher', self.call(domain.get_xml_desc_async, 0, None))
        self.assertTrue(self.call(domain.undefine_async, 0, None))
        self.assertFails(Vck.Error.NO_DOMAIN, self.call, domain.query_state_async, None)

    def test_errors(self):
        domain = self.define_async(self.open_async())
        message = self.assertFails(
            Vck.Error.NO_DOMAIN_CHECKPOINT, self.call, domain.lookup_checkpoint_async, 'nosuch', None
        )
        self.assertIn("'nosuch'", message)
        self.assertFails(
            Vck.Error.XML_ERROR, self.call, domain.create_checkpoint_xml_async, '<domaincheckpoint>', 0, None
        )

    def test_never_calls_back_at_once(self):
        domain = self.define(self.open())
        results = []
        domain.count_checkpoints_async(0, None, lambda *_: results.append(1))
        self.assertEqual(results, [])
        self.wait_until(lambda: results)

    def test_many_at_once(self):
        domain = self.define(self.open())
        results = []

        def done(source, result):
            results.append(source.create_checkpoint_xml_finish(result).get_name())

        expected = [f'c{number}' for number in range(12)]
        for name in expected:
            domain.create_checkpoint_xml_async(checkpoint_xml(name), 0, None, done)
        self.wait_until(lambda: len(results) == len(expected))
        self.assertEqual(sorted(results), sorted(expected))
        self.assertEqual(domain.count_checkpoints(0, None), len(expected))
        chain = domain.list_checkpoints(Vck.CheckpointListFlags.TOPOLOGICAL, None)
        parents = [checkpoint.get_parent_name() for checkpoint in chain]
        self.assertEqual(parents, [None] + names(chain)[:-1])



class TestMemoryAsync(AsyncCases, VckTestCase):
    backend_class = MemoryBackend


class TestLocalAsync(AsyncCases, VckTestCase):
    backend_class = LocalBackend


class CancellationCases:
    def assertCancelled(self, call, *arguments):
        with self.assertRaises(GLib.Error) as caught:
            call(*arguments)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def setUp(self):
        super().setUp()
        self.domain = self.define(self.open())
        self.cancelled = Gio.Cancellable()
        self.cancelled.cancel()

    def test_open(self):
        self.assertCancelled(Vck.Connection.open, self.backend.uri, 0, self.cancelled)
        self.assertCancelled(self.call, Vck.Connection.open_async, self.backend.uri, 0, self.cancelled)

    def test_readers(self):
        self.assertCancelled(self.domain.count_checkpoints, 0, self.cancelled)
        self.assertCancelled(self.domain.list_checkpoints, 0, self.cancelled)
        self.assertCancelled(self.domain.lookup_checkpoint, 'nosuch', self.cancelled)
        self.assertCancelled(self.call, self.domain.list_checkpoints_async, 0, self.cancelled)

    def test_change_before_it_starts(self):
        xml = checkpoint_xml('first')
        self.assertCancelled(self.domain.create_checkpoint_xml, xml, 0, self.cancelled)
        self.assertCancelled(self.call, self.domain.create_checkpoint_xml_async, xml, 0, self.cancelled)
        self.assertEqual(self.domain.count_checkpoints(0, None), 0)

    def test_change_reports_what_happened(self):
        """A change that was cancelled on its way was either made and said so, or not made."""
        cancellable = Gio.Cancellable()
        outcomes = []

        def done(source, result):
            try:
                outcomes.append(source.create_checkpoint_xml_finish(result).get_name())
            except GLib.Error as error:
                self.assertTrue(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
                outcomes.append(None)

        self.domain.create_checkpoint_xml_async(checkpoint_xml('first'), 0, cancellable, done)
        cancellable.cancel()
        self.wait_until(lambda: outcomes)
        expected = [] if outcomes == [None] else ['first']
        self.assertEqual(names(self.domain.list_checkpoints(0, None)), expected)

    def test_cancellable_that_is_not_cancelled(self):
        cancellable = Gio.Cancellable()
        self.assertEqual(self.domain.count_checkpoints(0, cancellable), 0)
        self.assertEqual(self.call(self.domain.count_checkpoints_async, 0, cancellable), 0)


class TestMemoryCancellation(CancellationCases, VckTestCase):
    pass


class TestLocalCancellation(CancellationCases, VckTestCase):
    backend_class = LocalBackend


class TestCancellationOfWaiting(VckTestCase):
    """The part "cancel" of scenario.md: a QEMU that does not answer makes calls wait."""

    backend_class = LocalBackend

    def setUp(self):
        super().setUp()
        path = self.backend.folder / 'qmp'
        xml = domain_xml('silent', self.backend.disks('vda'), qmp=path)
        self.domain = self.open().define_domain_xml(xml, None)
        self.qemu = SilentQemu(self, path)

    def assertCancelledWhileWaiting(self, start, finish, *arguments):
        """The call is cancelled once it, or what it waits for, has connected to QEMU."""
        cancellable = Gio.Cancellable()
        results = []
        before = len(self.qemu.clients)
        start(*arguments, cancellable, lambda _source, result: results.append(result))
        self.wait_until(lambda: len(self.qemu.clients) > before, 'a connection')
        self.assertEqual(results, [])
        cancellable.cancel()
        self.wait_until(lambda: results, 'the end of the call')
        with self.assertRaises(GLib.Error) as caught:
            finish(results[0])
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_waiting(self):
        domain = self.domain
        xml = checkpoint_xml('first')
        self.assertCancelledWhileWaiting(
            domain.create_checkpoint_xml_async, domain.create_checkpoint_xml_finish, xml, 0
        )
        self.assertEqual(domain.list_checkpoints(0, None), [])
        self.assertCancelledWhileWaiting(domain.query_state_async, domain.query_state_finish)
        self.qemu.close()
        created = domain.create_checkpoint_xml(xml, 0, None)
        self.assertEqual(domain.list_checkpoints(0, None), [created])
