# SPDX-License-Identifier: LGPL-2.1-or-later

"""Asynchronous calls that are awaited, with asyncio."""

import asyncio
import gc
import signal
import threading
import weakref

from await_cases import AwaitCases
from support import LocalBackend, VckTestCase, checkpoint_xml
from gi.repository import GLib, Vck
from gi.overrides._vck_await import in_context, start as start_call


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
