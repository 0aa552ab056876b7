# SPDX-License-Identifier: LGPL-2.1-or-later

"""Asynchronous calls that are awaited, with asyncio and with a main loop of GLib."""

import asyncio
import contextlib
import gc
import io
import pathlib
import signal
import tempfile
import threading
import weakref

from support import LocalBackend, SilentQemu, VckTestCase, checkpoint_xml, domain_xml
from gi.repository import Gio, GLib, Vck
from gi.overrides._vck_await import in_context, start as start_call


class AwaitCases:
    """The same coroutines, in both kinds of loop."""

    def define_waiting(self, connection):
        """A domain whose QEMU never answers."""
        folder = tempfile.TemporaryDirectory(prefix='vck-')
        self.addCleanup(folder.cleanup)
        socket = pathlib.Path(folder.name) / 'qmp'
        xml = domain_xml('silent', self.backend.disks('vdc'), uuid=None, qmp=socket)
        return connection.define_domain_xml(xml), SilentQemu(self, socket)

    def test_calls(self):
        async def program():
            connection = await Vck.Connection.open_async(self.backend.uri)
            xml = domain_xml('guest', self.backend.disks('vda', 'vdb'))
            domain = await connection.define_domain_xml_async(xml)
            first = await domain.create_checkpoint_xml_async(checkpoint_xml('first'))
            self.assertEqual(await domain.list_checkpoints_async('TOPOLOGICAL'), [first])
            self.assertIs(await domain.lookup_checkpoint_async(name='first'), first)
            self.assertEqual(await domain.count_checkpoints_async(), 1)
            with self.assertRaises(Vck.CheckpointNotFound):
                await domain.lookup_checkpoint_async('second')
            self.assertTrue(await first.delete_async())
            connection.close()
            return 'end'

        self.assertEqual(self.run_coroutine(program()), 'end')

    def test_async_with(self):
        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                self.assertTrue(connection.is_open())
            self.assertFalse(connection.is_open())
            async with Vck.Connection.open(self.backend.uri) as connection:
                self.assertTrue(connection.is_open())
            self.assertFalse(connection.is_open())
            with self.assertRaises(Vck.NotConnected):
                async with Vck.Connection.open_async('nosuch:///x'):
                    self.fail('it was entered')

        self.run_coroutine(program())

    def test_cursor_and_mount(self):
        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                domain = self.define(connection)
                checkpoint = await domain.create_checkpoint_xml_async(checkpoint_xml('first'))
                self.backend.write('vda', 0, 65536)
                cursor = await checkpoint.open_extents_async('vda')
                self.assertEqual([each.length async for each in cursor], [65536])
                with tempfile.TemporaryDirectory() as folder:
                    path = pathlib.Path(folder)
                    repository = await Vck.Repository.open_async(path / 'store', 'CREATE')
                    backup = await repository.backup_async(domain)
                    async with repository.mount_async(backup, path / 'socket'):
                        self.assertTrue((path / 'socket').is_socket())
                    self.assertFalse((path / 'socket').exists())

        self.run_coroutine(program())

    def test_cancel(self):
        """Cancelling what awaits cancels the call; nothing is made."""

        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                domain, qemu = self.define_waiting(connection)
                for start in (
                    lambda cancellable: domain.query_state_async(cancellable),
                    lambda cancellable: domain.create_checkpoint_xml_async(
                        checkpoint_xml('never'), 0, cancellable
                    ),
                ):
                    cancellable = Gio.Cancellable()
                    pending = start(cancellable)
                    self.assertFalse(pending.done())
                    self.assertTrue(pending.cancel())
                    with self.assertRaises(asyncio.CancelledError):
                        await pending
                    self.assertTrue(pending.cancelled())
                    self.assertTrue(cancellable.is_cancelled())
                    self.assertFalse(pending.cancel())
                qemu.close()
                self.assertEqual(await domain.count_checkpoints_async(), 0)

        self.run_coroutine(program())

    def test_own_cancellable(self):
        """That of the program raises what a call with a callback does."""

        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                domain, _qemu = self.define_waiting(connection)
                cancellable = Gio.Cancellable()
                pending = domain.query_state_async(cancellable=cancellable)
                cancellable.cancel()
                with self.assertRaises(Vck.Cancelled):
                    await pending

        self.run_coroutine(program())

    def test_cancel_task(self):
        seen = []

        async def wait(domain):
            try:
                seen.append('waits')
                await domain.query_state_async()
            finally:
                seen.append('ends')

        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                domain, _qemu = self.define_waiting(connection)
                task = self.create_task(wait(domain))
                while not seen:
                    await connection.count_domains_async()
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                self.assertTrue(task.cancelled())
                self.assertEqual(seen, ['waits', 'ends'])

        self.run_coroutine(program())

    async def open_and_define(self):
        """A domain whose signals no longer include that of its definition."""
        connection = await Vck.Connection.open_async(self.backend.uri)
        seen = []
        connection.connect('domain-added', lambda *_: seen.append(1))
        domain = self.define(connection)
        while not seen:
            await connection.count_domains_async()
        return connection, domain

    def test_true_outcome(self):
        """What cannot be stopped any more has its result."""

        async def program():
            connection, domain = await self.open_and_define()
            cancelled = []
            pending = domain.create_checkpoint_xml_async(checkpoint_xml('first'))
            # It is emitted when the checkpoint is stored, before the call ends.
            domain.connect('checkpoint-added', lambda *_: cancelled.append(pending.cancel()))
            self.assertEqual((await pending).name, 'first')
            self.assertEqual(cancelled, [True])
            self.assertFalse(pending.cancel())
            self.assertFalse(pending.cancelled())
            self.assertEqual(pending.result().name, 'first')
            self.assertEqual(await domain.count_checkpoints_async(), 1)
            connection.close()

        self.run_coroutine(program())

    def test_cancel_too_late(self):
        """A task that is cancelled when its change is stored gets the result, and is cancelled at the next await."""
        seen = []

        async def create(domain):
            names = [f'c{number}' for number in range(3)]
            try:
                for name in names:
                    await domain.create_checkpoint_xml_async(checkpoint_xml(name))
                    seen.append(name)
            except asyncio.CancelledError:
                seen.append('cancelled')
                seen.append(await domain.count_checkpoints_async())
                raise

        async def program():
            connection, domain = await self.open_and_define()
            task = self.create_task(create(domain))
            domain.connect('checkpoint-added', lambda *_: task.cancel())
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual(seen, ['c0', 'cancelled', 1])
            connection.close()

        self.run_coroutine(program())

    def test_cancel_before_the_result_is_taken(self):
        """A task that is cancelled when its call has ended, and it does not run yet, gets the result."""
        seen = []
        tasks = []

        async def create(domain):
            pending = domain.create_checkpoint_xml_async(checkpoint_xml('first'))
            pending.add_done_callback(lambda _: tasks[0].cancel())
            seen.append((await pending).name)
            await domain.count_checkpoints_async()
            seen.append('went on')

        async def program():
            connection, domain = await self.open_and_define()
            tasks.append(self.create_task(create(domain)))
            with self.assertRaises(asyncio.CancelledError):
                await tasks[0]
            self.assertEqual(seen, ['first'])
            connection.close()

        self.run_coroutine(program())

    def test_cancel_while_the_task_runs(self):
        """A call that it awaits then and that returns nevertheless: its next await is cancelled."""
        seen = []
        begun = []
        tasks = []

        async def work(connection):
            pending = start_call(lambda _, ended: begun.append(ended), str, [None], 0)
            tasks[0].cancel()
            seen.append(await pending)
            await connection.count_domains_async()
            seen.append('went on')

        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                tasks.append(self.create_task(work(connection)))
                while not begun:
                    await connection.count_domains_async()
                begun[0](None, 'returns')
                with self.assertRaises(asyncio.CancelledError):
                    await tasks[0]
                self.assertEqual(seen, ['returns'])

        self.run_coroutine(program())

    def test_cancel_too_late_for_several(self):
        """Whether calls that were begun before return or fail: the first one that is begun after them is cancelled."""
        seen = []
        begun = []

        def finish(result):
            if result == 'fails':
                raise ZeroDivisionError
            return result

        def start():
            return start_call(lambda _, ended: begun.append(ended), finish, [None], 0)

        async def work(connection):
            first, second = start(), start()
            for pending in first, second:
                try:
                    seen.append(await pending)
                except ZeroDivisionError:
                    seen.append('failed')
            await connection.count_domains_async()
            seen.append('went on')

        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                task = self.create_task(work(connection))
                while not begun:
                    await connection.count_domains_async()
                task.cancel()
                begun[0](None, 'fails')
                while not seen:
                    await connection.count_domains_async()
                begun[1](None, 'returns')
                with self.assertRaises(asyncio.CancelledError):
                    await task
                self.assertEqual(seen, ['failed', 'returns'])

        self.run_coroutine(program())

    def test_cancel_too_late_in_a_mount(self):
        """The mount is closed, though the next await is cancelled."""
        begun = []

        async def use(repository, backup, socket):
            async with repository.mount_async(backup, socket):
                await start_call(lambda _, ended: begun.append(ended), str, [None], 0)

        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                domain = self.define(connection)
                with tempfile.TemporaryDirectory() as folder:
                    path = pathlib.Path(folder)
                    repository = await Vck.Repository.open_async(path / 'store', 'CREATE')
                    backup = await repository.backup_async(domain)
                    task = self.create_task(use(repository, backup, path / 'socket'))
                    while not begun:
                        await connection.count_domains_async()
                    self.assertTrue((path / 'socket').is_socket())
                    task.cancel()
                    begun[0](None, 'returns')
                    with self.assertRaises(asyncio.CancelledError):
                        await task
                    self.assertFalse((path / 'socket').exists())

        self.run_coroutine(program())

    def test_interrupt_at_the_end_of_a_call(self):
        """The call ends with it, too."""

        def finish(_result):
            raise KeyboardInterrupt

        async def program():
            begun = []
            pending = start_call(lambda _, ended: begun.append(ended), finish, [None], 0)
            with self.assertRaises(KeyboardInterrupt):
                begun[0](None, None)
            self.assertTrue(pending.done())
            with self.assertRaises(KeyboardInterrupt):
                await pending

        self.run_coroutine(program())

    def test_callback(self):
        """A call with a callback ends in the loop in which it is started, and in its thread."""

        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                seen = []
                connection.list_domains_async(
                    callback=lambda source, result: seen.append(
                        (source.list_domains_finish(result), threading.current_thread())
                    )
                )
                while not seen:
                    await connection.count_domains_async()
                self.assertEqual(seen, [([], threading.current_thread())])

        self.run_coroutine(program())

    def test_signals(self):
        """Signals come in the loop in which the connection was opened, and in its thread."""

        async def program():
            for connection in (
                await Vck.Connection.open_async(self.backend.uri),
                Vck.Connection.open(self.backend.uri),
                Vck.Connection.open(self.backend.uri, 0, Gio.Cancellable()),
            ):
                seen = []
                connection.connect(
                    'domain-added',
                    lambda _, domain: seen.append((domain.name, threading.current_thread())),
                )
                domain = self.define(connection, uuid=None)
                while not seen:
                    await connection.count_domains_async()
                self.assertEqual(seen, [('guest', threading.current_thread())])
                domain.undefine()
                connection.close()

        self.run_coroutine(program())

    def test_exception(self):
        async def program():
            raise ZeroDivisionError

        with self.assertRaises(ZeroDivisionError):
            self.run_coroutine(program())


class TestAsyncio(AwaitCases, VckTestCase):
    backend_class = LocalBackend

    @staticmethod
    def run_coroutine(coroutine):
        return asyncio.run(coroutine)

    @staticmethod
    def create_task(coroutine):
        return asyncio.create_task(coroutine)

    def test_many(self):
        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                domain = self.define(connection)
                counts = await asyncio.gather(*(domain.count_checkpoints_async() for _ in range(200)))
                self.assertEqual(counts, 200 * [0])

        self.run_coroutine(program())

    def test_timeout(self):
        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                domain, _qemu = self.define_waiting(connection)
                with self.assertRaises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await domain.query_state_async()
                with self.assertRaises(TimeoutError):
                    await asyncio.wait_for(domain.query_state_async(), 0.01)

        self.run_coroutine(program())

    def create_and_count(self, withdraw):
        """Cancels the task when its change is stored; withdraws that, or not, before the next await."""

        async def program():
            connection, domain = await self.open_and_define()
            task = asyncio.current_task()
            domain.connect('checkpoint-added', lambda *_: task.cancel())
            await domain.create_checkpoint_xml_async(checkpoint_xml('first'))
            if withdraw:
                self.assertEqual(task.uncancel(), 0)
            self.assertEqual(await domain.count_checkpoints_async(), 1)
            await asyncio.sleep(0)
            connection.close()
            return 'end'

        return program()

    def test_cancel_that_is_withdrawn(self):
        """As asyncio.timeout() does it when what is in it has ended."""
        self.assertEqual(self.run_coroutine(self.create_and_count(withdraw=True)), 'end')

    def test_cancel_is_counted_once(self):
        async def program():
            task = asyncio.create_task(self.create_and_count(withdraw=False))
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual(task.cancelling(), 1)

        self.run_coroutine(program())

    def test_cancel_message(self):
        """What cancels a task finds its message in CancelledError, however late it comes."""
        messages = []
        begun = []

        def start():
            return start_call(lambda _, ended: begun.append(ended), str, [None], 0)

        async def work(calls):
            for call in calls:
                try:
                    messages.append(await call())
                except asyncio.CancelledError as cancelled:
                    messages.append(cancelled.args)

        async def cancel(connection, domain, before_it_ends):
            messages.clear()
            begun.clear()
            calls = domain.query_state_async, start, connection.count_domains_async
            task = asyncio.create_task(work(calls))
            await asyncio.sleep(0)
            task.cancel('in time')
            while not begun:
                await connection.count_domains_async()
            if before_it_ends:
                task.cancel('late')
            begun[0](None, 'returns')
            if not before_it_ends:
                task.cancel('late')
            await task
            self.assertEqual(messages, [('in time',), 'returns', ('late',)])

        async def program():
            async with Vck.Connection.open_async(self.backend.uri) as connection:
                domain, _qemu = self.define_waiting(connection)
                await cancel(connection, domain, before_it_ends=True)
                await cancel(connection, domain, before_it_ends=False)

        self.run_coroutine(program())

    def test_interrupt(self):
        """Ctrl-C once a change is stored ends the program at its next await."""

        async def program():
            connection, domain = await self.open_and_define()
            domain.connect('checkpoint-added', lambda *_: signal.raise_signal(signal.SIGINT))
            for name in 'first', 'second':
                await domain.create_checkpoint_xml_async(checkpoint_xml(name))

        self.addCleanup(
            signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, signal.default_int_handler)
        )
        with self.assertRaises(KeyboardInterrupt):
            self.run_coroutine(program())
        domain = self.open().list_domains()[0]
        self.assertEqual([each.name for each in domain.list_checkpoints()], ['first'])

    def test_threads(self):
        """Each thread has its own loop, and all may use one connection."""
        connection = self.open()
        self.define(connection)
        results = []

        async def program():
            for _ in range(20):
                results.append(await connection.count_domains_async())

        threads = [threading.Thread(target=asyncio.run, args=[program()]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, 80 * [1])

    def test_loop_of_glib_elsewhere(self):
        """A main loop of GLib that runs in the main thread does not take what asyncio awaits."""
        connection = self.open()
        loop = GLib.MainLoop()
        results = []

        async def program():
            results.append(await connection.count_domains_async())

        def work():
            asyncio.run(program())
            GLib.idle_add(loop.quit)

        thread = threading.Thread(target=work)
        GLib.idle_add(thread.start)
        loop.run()
        thread.join()
        self.assertEqual(results, [0])

    def test_loop_that_ended_is_not_kept(self):
        """Its main context still waited for something."""

        async def program():
            timeout = GLib.timeout_source_new_seconds(3600)
            timeout.set_callback(lambda *_: None)
            with in_context():
                timeout.attach(GLib.MainContext.get_thread_default())
            async with Vck.Connection.open_async(self.backend.uri):
                return weakref.ref(asyncio.get_running_loop())

        first = self.run_coroutine(program())
        self.run_coroutine(program())
        gc.collect()
        self.assertIsNone(first())

    def test_call_of_another_loop(self):
        connection = self.open()
        pending = connection.count_domains_async()

        async def program():
            await pending

        with self.assertRaisesRegex(RuntimeError, 'started outside of the asyncio loop'):
            self.run_coroutine(program())
        self.wait_until(pending.done, 'the call')


class TestGLib(AwaitCases, VckTestCase):
    backend_class = LocalBackend

    def run_coroutine(self, coroutine):
        task = Vck.create_task(coroutine)
        self.wait_until(task.done, 'the task')
        return task.result()

    @staticmethod
    def create_task(coroutine):
        return Vck.create_task(coroutine)

    def test_main_loop(self):
        loop = GLib.MainLoop()

        async def program():
            connection = await Vck.Connection.open_async(self.backend.uri)
            connection.close()
            loop.quit()

        task = Vck.create_task(program())
        with self.assertRaises(asyncio.InvalidStateError):
            task.result()
        loop.run()
        self.assertIsNone(task.result())

    def test_cancel_before_it_begins(self):
        async def program():
            self.fail('it began')

        task = Vck.create_task(program())
        task.cancel()
        self.wait_until(task.done, 'the task')
        self.assertTrue(task.cancelled())

    def test_interrupt(self):
        """Ctrl-C in the task ends it, and what awaits it."""

        async def interrupted():
            raise KeyboardInterrupt

        async def program():
            await tasks[0]

        with contextlib.redirect_stderr(io.StringIO()) as printed:
            tasks = [Vck.create_task(interrupted())]
            tasks.append(Vck.create_task(program()))
            self.wait_until(lambda: all(task.done() for task in tasks), 'the tasks')
        self.assertIn('KeyboardInterrupt', printed.getvalue())
        for task in tasks:
            with self.assertRaises(KeyboardInterrupt):
                task.result()

    def test_what_cannot_be_awaited(self):
        async def program():
            await asyncio.sleep(0)

        with self.assertRaisesRegex(RuntimeError, 'a task of Vck cannot await None'):
            self.run_coroutine(program())

    def test_exception_that_is_not_looked_at(self):
        async def program():
            raise ZeroDivisionError

        with contextlib.redirect_stderr(io.StringIO()) as printed:
            task = Vck.create_task(program())
            self.wait_until(task.done, 'the task')
            del task
        self.assertIn('ZeroDivisionError', printed.getvalue())

    def test_done_callback(self):
        seen = []
        pending = self.open().count_domains_async()
        pending.add_done_callback(seen.append)
        self.wait_until(pending.done, 'the call')
        pending.add_done_callback(seen.append)
        self.assertEqual(seen, [pending, pending])

    def test_done_callback_that_fails(self):
        """Those after it are called."""
        seen = []
        pending = self.open().count_domains_async()
        pending.add_done_callback(lambda _: 1 / 0)
        pending.add_done_callback(seen.append)
        with contextlib.redirect_stderr(io.StringIO()) as printed:
            self.wait_until(pending.done, 'the call')
        self.assertEqual(seen, [pending])
        self.assertIn('ZeroDivisionError', printed.getvalue())


class TestNoLoop(VckTestCase):
    def test_await(self):
        async def program():
            await self.open().count_domains_async()

        with self.assertRaisesRegex(RuntimeError, r'this await is in no loop; run .* asyncio\.run\(\)'):
            program().send(None)
