# SPDX-License-Identifier: LGPL-2.1-or-later

"""Signals: which, in which order, with which objects, and in which main context."""

import os
import threading

from support import LocalBackend, VckTestCase, checkpoint_xml, domain_xml
from gi.repository import GLib, Vck


class SignalCases:
    def setUp(self):
        super().setUp()
        self.seen = []
        self.connection = self.open()
        for signal in ('domain-added', 'domain-removed'):
            self.connection.connect(signal, self.note_object, signal)
        self.connection.connect('closed', self.note_closed)

    def note_object(self, _emitter, object, signal):
        self.seen.append((signal, object))

    def note_closed(self, _connection, reason):
        self.assertEqual(reason, Vck.CloseReason.CLIENT)
        self.seen.append('closed')

    def follow(self, domain):
        for signal in ('checkpoint-added', 'checkpoint-removed'):
            domain.connect(signal, self.note_object, signal)

    def wait_for(self, expected):
        self.wait_until(lambda: len(self.seen) >= len(expected), f'{expected}, saw {self.seen}')
        self.assertEqual(self.seen, expected)

    def test_domain(self):
        domain = self.define(self.connection)
        self.wait_for([('domain-added', domain)])
        domain.undefine(0, None)
        self.wait_for([('domain-added', domain), ('domain-removed', domain)])

    def test_order(self):
        domain = self.define(self.connection)
        self.follow(domain)
        first = self.create(domain, 'first')
        second = self.create(domain, 'second')
        first.delete(0, None)
        domain.undefine(Vck.DomainUndefineFlags.CHECKPOINTS_METADATA, None)
        self.connection.close()
        self.wait_until(lambda: 'closed' in self.seen, 'closed')
        self.assertEqual(
            self.seen,
            [
                ('domain-added', domain),
                ('checkpoint-added', first),
                ('checkpoint-added', second),
                ('checkpoint-removed', first),
                ('checkpoint-removed', second),
                ('domain-removed', domain),
                'closed',
            ],
        )

    def test_never_inside_a_call(self):
        domain = self.define(self.connection)
        self.follow(domain)
        self.create(domain, 'first')
        self.assertEqual(self.seen, [])
        self.wait_until(lambda: len(self.seen) == 2, 'both signals')

    def test_redefined_domain_is_not_added_again(self):
        domain = self.define(self.connection)
        disks = {disk.get_target(): disk.get_source() for disk in domain.list_disks(None)}
        self.connection.define_domain_xml(domain_xml('guest', disks), None)
        self.connection.close()
        self.wait_until(lambda: 'closed' in self.seen, 'closed')
        self.assertEqual(self.seen, [('domain-added', domain), 'closed'])

    def test_delete_with_children(self):
        domain = self.define(self.connection)
        first = self.create(domain, 'first')
        second = self.create(domain, 'second')
        self.wait_until(lambda: self.seen == [('domain-added', domain)], 'domain-added')
        self.seen.clear()
        self.follow(domain)
        self.wait_until(lambda: not GLib.MainContext.default().pending(), 'silence')
        self.seen.clear()
        first.delete(Vck.CheckpointDeleteFlags.CHILDREN, None)
        self.wait_until(lambda: len(self.seen) == 2, 'both signals')
        self.assertCountEqual(
            self.seen, [('checkpoint-removed', first), ('checkpoint-removed', second)]
        )

    def test_another_connection_sees_it(self):
        other = self.open()
        seen = []
        other.connect('domain-added', lambda _connection, domain: seen.append(domain.get_name()))
        self.define(self.connection)
        self.wait_until(lambda: seen, 'domain-added of the other connection')
        self.assertEqual(seen, ['guest'])

    def test_disconnected_handler(self):
        seen = []
        handler = self.connection.connect('domain-added', lambda *_: seen.append(1))
        self.connection.disconnect(handler)
        domain = self.define(self.connection)
        self.wait_for([('domain-added', domain)])
        self.assertEqual(seen, [])

    def test_calls_inside_a_handler(self):
        domain = self.define(self.connection)
        counts = []
        domain.connect(
            'checkpoint-added', lambda each, _checkpoint: counts.append(each.count_checkpoints(0, None))
        )
        self.create(domain, 'first')
        self.wait_until(lambda: counts, 'checkpoint-added')
        self.assertEqual(counts, [1])

    def test_closing_inside_a_handler(self):
        self.connection.connect('domain-added', lambda connection, _domain: connection.close())
        self.define(self.connection)
        self.wait_until(lambda: 'closed' in self.seen, 'closed')
        self.assertFalse(self.connection.is_open)


class TestMemorySignals(SignalCases, VckTestCase):
    pass


class TestLocalSignals(SignalCases, VckTestCase):
    backend_class = LocalBackend


class TestContexts(VckTestCase):
    def test_thread_default_context(self):
        """Signals come where the connection was made, whichever thread makes the change."""
        context = GLib.MainContext.new()
        context.push_thread_default()
        try:
            connection = self.open()
        finally:
            context.pop_thread_default()
        seen = []
        connection.connect('domain-added', lambda *_: seen.append(threading.current_thread()))
        worker = threading.Thread(target=self.define, args=(connection,))
        worker.start()
        worker.join()
        while GLib.MainContext.default().iteration(False):
            pass
        self.assertEqual(seen, [])
        while not seen:
            context.iteration(True)
        self.assertEqual(seen, [threading.current_thread()])

    def test_many_threads(self):
        """Several threads change the same domain; every change is signalled once."""
        connection = self.open()
        domain = self.define(connection)
        seen = []
        domain.connect('checkpoint-added', lambda _domain, cp: seen.append(cp.get_name()))

        def create(prefix):
            for number in range(10):
                domain.create_checkpoint_xml(checkpoint_xml(f'{prefix}-{number}'), 0, None)

        workers = [threading.Thread(target=create, args=(prefix,)) for prefix in 'abcd']
        for worker in workers:
            worker.start()
        self.wait_until(lambda: len(seen) == 40, '40 signals')
        for worker in workers:
            worker.join()
        self.assertEqual(len(set(seen)), 40)
        self.assertEqual(domain.count_checkpoints(0, None), 40)


class TestWithoutLoop(VckTestCase):
    """What waits for a main context that is never run."""

    def resident(self):
        """Memory of this process, in KiB."""
        with open('/proc/self/statm', encoding='ascii') as file:
            return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') // 1024

    def churn(self, domain, count):
        for _ in range(count):
            self.create(domain, 'passing').delete(0, None)

    def test_memory(self):
        connection = self.open()
        domain = connection.lookup_domain_by_name('test', None)
        idle = self.open()
        of_idle = idle.lookup_domain_by_name('test', None)
        self.churn(domain, 1000)
        before = self.resident()
        self.churn(domain, 9000)
        self.assertLess(self.resident() - before, 3 * 1024)
        self.assertEqual(of_idle.count_checkpoints(0, None), 0)

    def test_lost(self):
        connection = self.open()
        domain = connection.lookup_domain_by_name('test', None)
        seen = []
        connection.connect('events-lost', lambda _connection: seen.append('lost'))
        domain.connect('checkpoint-added', lambda _d, checkpoint: seen.append(checkpoint))
        parent, child = self.create(domain, 'parent'), self.create(domain, 'child')
        self.churn(domain, 10000)
        before = self.resident()
        self.churn(domain, 5000)
        self.assertLess(self.resident() - before, 3 * 1024)
        parent.delete(0, None)
        self.wait_until(lambda: seen, 'a signal')
        self.assertEqual(seen, ['lost'])
        self.assertIsNone(child.props.parent_name)
        later = self.create(domain, 'later')
        self.wait_until(lambda: len(seen) == 2, 'the next signal')
        self.assertEqual(seen, ['lost', later])


class TestAuthenticate(VckTestCase):
    """What handlers are asked and answer, before the connection is opened."""

    def setUp(self):
        super().setUp()
        self.connection = Vck.Connection(uri=self.backend.uri, flags=Vck.ConnectionFlags.READ_ONLY)
        self.asked = []

    def answer(self, connection, credential, prompt, suggestion, answer):
        self.assertIs(connection, self.connection)
        self.asked.append((credential, prompt, suggestion))
        return answer

    def ask(self, suggestion=None):
        return self.connection.emit(
            'authenticate', Vck.Credential.PASSPHRASE, 'Schlüssel', suggestion
        )

    def test_without_handler(self):
        self.assertIsNone(self.ask())

    def test_first_answer(self):
        for answer in (None, 'geheim – 秘密', 'never asked'):
            self.connection.connect('authenticate', self.answer, answer)
        self.assertEqual(self.ask('vorher'), 'geheim – 秘密')
        self.assertEqual(self.asked, 2 * [(Vck.Credential.PASSPHRASE, 'Schlüssel', 'vorher')])

    def test_no_suggestion(self):
        self.connection.connect('authenticate', self.answer, '')
        self.assertEqual(self.ask(), '')
        self.assertEqual(self.asked, [(Vck.Credential.PASSPHRASE, 'Schlüssel', None)])

    def test_give_up(self):
        self.connection.connect('authenticate', self.answer, None)
        self.assertIsNone(self.ask())
        self.assertEqual(len(self.asked), 1)

    def test_open(self):
        self.connection.connect('authenticate', self.answer, 'never asked')
        self.assertFalse(self.connection.is_open)
        self.assertTrue(self.connection.init(None))
        self.assertTrue(self.connection.is_open)
        self.assertTrue(self.connection.is_read_only())
        self.assertEqual(self.asked, [])

    def test_open_async(self):
        connection = Vck.Connection.new(self.backend.uri, Vck.ConnectionFlags(0))
        self.assertFails(Vck.Error.INVALID_CONNECT, connection.list_domains, 0, None)
        self.assertTrue(self.call(connection.init_async, GLib.PRIORITY_DEFAULT, None))
        self.assertEqual(len(connection.list_domains(0, None)), 1)
