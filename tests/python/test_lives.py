# SPDX-License-Identifier: LGPL-2.1-or-later

"""Lives of objects in calls and handlers: what docs/threads.md says, as a script can see it."""

import contextlib
import gc
import io
import threading
import weakref

from support import N_THREADS, VckTestCase, checkpoint_xml, settle
from gi.repository import Gio, Vck

N_CALLS = 64


class LivesTestCase(VckTestCase):
    def setUp(self):
        super().setUp()
        self.connection = self.open()
        self.domain = self.define(self.connection)

    @contextlib.contextmanager
    def assertPrints(self, kind):
        """An exception of this kind is printed meanwhile, and nothing else is."""
        printed = io.StringIO()
        with contextlib.redirect_stderr(printed):
            yield
        self.assertEqual(printed.getvalue().count('Traceback'), 1, printed.getvalue())
        self.assertIn(kind.__name__, printed.getvalue())


class TestExceptions(LivesTestCase):
    def test_in_a_handler(self):
        """It is printed; the next handler is called, and so are both for what follows."""
        seen = []

        def fail(_domain, checkpoint):
            seen.append(f'failing {checkpoint.name}')
            if checkpoint.name == 'a':
                raise ZeroDivisionError

        self.domain.connect('checkpoint-added', fail)
        self.domain.connect('checkpoint-added', lambda _domain, checkpoint: seen.append(checkpoint.name))
        with self.assertPrints(ZeroDivisionError):
            first, second = self.create(self.domain, 'a'), self.create(self.domain, 'b')
            self.wait_until(lambda: len(seen) == 4, 'the last handler')
        self.assertEqual(seen, ['failing a', 'a', 'failing b', 'b'])
        self.assertEqual(self.domain.list_checkpoints(), [first, second])

    def test_in_a_handler_of_a_property(self):
        seen = []

        def fail(checkpoint, _spec):
            seen.append(checkpoint.parent_name)
            raise ZeroDivisionError

        first, second = self.create(self.domain, 'a'), self.create(self.domain, 'b')
        second.connect('notify::parent-name', fail)
        with self.assertPrints(ZeroDivisionError):
            first.delete()
            self.wait_until(lambda: seen, 'notify')
        self.assertEqual((seen, second.parent_name), ([None], None))

    def test_in_a_handler_of_a_list(self):
        """The list is complete before its handlers are called."""
        seen = []

        def fail(model, *_change):
            seen.append(len(model))
            raise ZeroDivisionError

        checkpoints = self.domain.checkpoints
        checkpoints.connect('items-changed', fail)
        self.create(self.domain, 'a')
        with self.assertPrints(ZeroDivisionError):
            checkpoints.load()
        settle()
        self.assertEqual((seen, [each.name for each in checkpoints]), ([1], ['a']))

    def test_in_a_callback(self):
        """What the call has made is there all the same."""
        ended = []

        def fail(_source, _result):
            ended.append(1)
            raise ZeroDivisionError

        with self.assertPrints(ZeroDivisionError):
            self.domain.create_checkpoint_xml_async(checkpoint_xml('a'), callback=fail)
            self.wait_until(lambda: ended, 'the callback')
        self.assertEqual(self.domain.count_checkpoints(), 1)

    def test_in_authenticate(self):
        """A handler that fails has no answer: the next one is asked."""
        connection = Vck.Connection.new(self.backend.uri)

        def fail(*_question):
            raise ZeroDivisionError

        connection.connect('authenticate', fail)
        connection.connect('authenticate', lambda *_question: 'geheim')
        with self.assertPrints(ZeroDivisionError):
            answer = connection.emit('authenticate', Vck.Credential.PASSPHRASE, 'Schlüssel', None)
        self.assertEqual(answer, 'geheim')


class TestLastReference(LivesTestCase):
    def test_during_calls(self):
        """They hold what they need, complete, and let go of it. The other connection keeps what they made."""
        connection = Vck.Connection.open(self.backend.uri)
        domain = self.define(connection, 'web', uuid=None)
        weak = weakref.ref(domain)
        names = []
        for number in range(N_CALLS):
            domain.create_checkpoint_xml_async(
                checkpoint_xml(f'c{number}'),
                callback=lambda domain, result: names.append(domain.create_checkpoint_xml_finish(result).name),
            )
        del connection, domain
        gc.collect()
        self.wait_until(lambda: len(names) == N_CALLS, 'all calls')
        settle()
        self.assertIsNone(weak())
        self.assertEqual(len(set(names)), N_CALLS)
        self.assertEqual(self.connection.lookup_domain_by_name('web').count_checkpoints(), N_CALLS)

    def test_in_a_handler(self):
        held = {}
        seen = []

        def drop(domain, checkpoint):
            seen.append((domain.name, checkpoint.name))
            held.clear()

        held['domain'] = self.connection.lookup_domain_by_name('guest')
        held['domain'].connect('checkpoint-added', drop)
        self.domain = None
        for name in ('a', 'b'):
            self.create(self.connection.lookup_domain_by_name('guest'), name)
        self.wait_until(lambda: seen, 'checkpoint-added')
        settle()
        self.assertEqual(seen, [('guest', 'a')])

    def test_handler_on_what_nothing_holds(self):
        """It goes with the object, and the next one has none."""
        seen = []
        self.domain.connect('checkpoint-added', lambda *_: seen.append(1))
        self.domain = None
        gc.collect()
        self.create(self.connection.lookup_domain_by_name('guest'), 'a')
        settle()
        self.assertEqual(seen, [])

    def test_of_a_list_that_loads(self):
        ended = []
        self.create(self.domain, 'a')
        checkpoints = self.domain.checkpoints
        checkpoints.load_async(callback=lambda model, result: ended.append((model.load_finish(result), len(model))))
        del checkpoints
        self.domain = None
        gc.collect()
        self.wait_until(lambda: ended, 'the load')
        self.assertEqual(ended, [(True, 1)])

    def test_of_a_job(self):
        """Nothing waits for what nothing holds, and the job goes on to its end."""
        disks = ''.join(f"<disk name='{name}' type='file'><target file='/memory/{name}'/></disk>" for name in ('vda', 'vdb'))
        job = self.domain.begin_backup(f'<domainbackup><disks>{disks}</disks></domainbackup>', checkpoint_xml('monday'))
        weak = weakref.ref(job)
        waits = []
        job.wait_async(callback=lambda job, result: waits.append(job.wait_finish(result)))
        del job
        gc.collect()
        self.wait_until(lambda: waits, 'the end of the job')
        settle()
        self.assertIsNone(weak())
        self.assertEqual(waits, [True])
        self.assertEqual([each.name for each in self.domain.list_checkpoints()], ['monday'])


class TestThreads(LivesTestCase):
    def test_one_connection(self):
        """Changes and questions, and the one object for what all of them find."""
        def work(number):
            made = [self.create(self.domain, f'{number}-{each}') for each in range(N_CALLS // N_THREADS)]
            found = [self.connection.lookup_domain_by_name('guest').lookup_checkpoint(each.name) for each in made]
            self.assertEqual(found, made)
            made[0].delete()
            return made

        self.in_threads(work)
        self.assertEqual(self.domain.count_checkpoints(), N_CALLS - N_THREADS)

    def test_close_meanwhile(self):
        """Each call completes or fails with NO_CONNECT, and so does each one after it."""
        barrier = threading.Barrier(N_THREADS)

        def work(number):
            barrier.wait()
            if number == 0:
                return self.connection.close()
            for each in range(N_CALLS):
                try:
                    self.create(self.domain, f'{number}-{each}')
                except Vck.NotConnected:
                    return True
            return False

        results = self.in_threads(work)
        self.assertEqual(len(results), N_THREADS)
        with self.assertRaises(Vck.NotConnected):
            self.domain.list_checkpoints()

    def test_cancel_at_any_moment(self):
        """A change is made or cancelled; never is one reported as cancelled that was made, or the reverse."""
        made = []
        for number in range(N_CALLS):
            cancellable = Gio.Cancellable()
            timer = threading.Timer(number / 50_000, cancellable.cancel)
            timer.start()
            try:
                made.append(self.domain.create_checkpoint_xml(checkpoint_xml(f'c{number}'), 0, cancellable).name)
            except Vck.Cancelled:
                pass
            timer.join()
        self.assertEqual([each.name for each in self.domain.list_checkpoints('TOPOLOGICAL')], made)
