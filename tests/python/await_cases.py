# SPDX-License-Identifier: LGPL-2.1-or-later

"""What asynchronous calls that are awaited do in both kinds of loop."""

import asyncio
import pathlib
import tempfile
import threading

from support import SilentQemu, checkpoint_xml, domain_xml
from gi.repository import Gio, Vck
from gi.overrides._vck_await import start as start_call


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
                self.assertTrue(connection.is_open)
            self.assertFalse(connection.is_open)
            async with Vck.Connection.open(self.backend.uri) as connection:
                self.assertTrue(connection.is_open)
            self.assertFalse(connection.is_open)
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
