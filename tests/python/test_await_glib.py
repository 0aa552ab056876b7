# SPDX-License-Identifier: LGPL-2.1-or-later

"""Asynchronous calls that are awaited, with a main loop of GLib, and with no loop."""

import asyncio
import contextlib
import io

from await_cases import AwaitCases
from support import LocalBackend, VckTestCase
from gi.repository import GLib, Vck


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
