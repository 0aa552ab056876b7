# SPDX-License-Identifier: LGPL-2.1-or-later

"""Lives of repositories, backups, mounts, plans and cursors: what docs/threads.md says, as a script can see it."""

import contextlib
import gc
import pathlib
import socket
import tempfile
import threading
import time
import weakref

from support import GRANULARITY, LocalBackend, MemoryBackend, VckTestCase, settle
from gi.repository import Gio, Vck

MIB = 1 << 20
N_MOMENTS = 8


class ResultTestCase(VckTestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.connection = self.open()
        self.domain = self.define(self.connection)
        self.repository = Vck.Repository.open(self.folder / 'store', 'CREATE')
        self.backup = self.repository.backup(self.domain, 'first')
        self.checkpoint = self.create(self.domain, 'monday')
        for number in range(4):
            self.backend.write('vda', 2 * number * MIB, GRANULARITY)
        self.extents = self.offsets(self.checkpoint.list_extents('vda'))

    @staticmethod
    def offsets(extents):
        return [each.offset for each in extents]

    def file(self, name):
        return self.folder / name

    def assertServed(self, path):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            self.assertEqual(client.recv(8, socket.MSG_WAITALL), b'NBDMAGIC')

    def collect(self, *weak):
        """Nothing holds these any more."""
        def are_gone():
            gc.collect()
            return not any(each() for each in weak)

        self.wait_until(are_gone, 'the end of the objects')
        settle()

    def count_made(self, call):
        """Makes a call to its end, and then cancels it at parts of the time that this took; returns how many were made."""
        start = time.monotonic()
        call(0, None)
        duration = time.monotonic() - start
        made = 1
        for number in range(1, N_MOMENTS + 1):
            cancellable = Gio.Cancellable()
            timer = threading.Timer(duration * number / N_MOMENTS, cancellable.cancel)
            timer.start()
            with contextlib.suppress(Vck.Cancelled):
                call(number, cancellable)
                made += 1
            timer.join()
        return made


class OnMemory(ResultTestCase):
    backend_class = MemoryBackend

    # --- the last reference ---

    def test_dropped_during_calls(self):
        connection = Vck.Connection.open(self.backend.uri)
        domain = connection.lookup_domain_by_name('guest')
        repository = Vck.Repository.open(self.file('store'))
        backup = repository.lookup_backup(domain.uuid, self.backup.id)
        weak = [weakref.ref(each) for each in (connection, domain, repository, backup)]
        ended = []

        def begin(start, finish, *arguments):
            start(*arguments, callback=lambda source, result: ended.append(getattr(source, finish)(result)))

        begin(repository.plan_backup_async, 'plan_backup_finish', domain)
        begin(repository.mount_async, 'mount_finish', backup, self.file('socket'))
        begin(repository.restore_async, 'restore_finish', backup, 'vda', self.file('to'))
        begin(repository.backup_async, 'backup_finish', domain)
        begin(domain.plan_checkpoint_async, 'plan_checkpoint_finish')
        del connection, domain, repository, backup, begin
        self.wait_until(lambda: len(ended) == 5, 'all calls')
        self.assertServed(self.file('socket'))
        self.assertTrue(self.file('to').exists())
        ended.clear()
        self.collect(*weak)
        self.assertFalse(self.file('socket').exists())

    def test_cursor_dropped_during_a_call(self):
        connection = Vck.Connection.open(self.backend.uri)
        cursor = connection.lookup_domain_by_name('guest').lookup_checkpoint('monday').open_extents('vda')
        weak = [weakref.ref(each) for each in (connection, cursor)]
        read = []
        cursor.read_async(2, callback=lambda cursor, result: read.append(cursor.read_finish(result)))
        del connection, cursor
        self.wait_until(lambda: read, 'the extents')
        self.assertEqual(self.offsets(read[0]), self.extents[:2])
        self.collect(*weak)
        self.backend.write('vda', 0, GRANULARITY)  # nothing holds the image

    def test_dropped_in_a_handler(self):
        repository = Vck.Repository.open(self.file('store'))
        held = {
            'repository': repository,
            'plan': repository.plan_backup(self.domain),
            'backup': repository.lookup_backup(self.domain.uuid, self.backup.id),
            'mount': repository.mount(self.backup, self.file('socket')),
            'cursor': self.checkpoint.open_extents('vda'),
            'checkpoint plan': self.domain.plan_checkpoint(),
        }
        self.assertEqual(self.offsets(held['cursor']), self.extents)  # else it holds the image
        weak = [weakref.ref(each) for each in held.values()]
        made = []
        self.domain.connect('checkpoint-added', lambda *_: held.clear())
        repository.backup_async(
            self.domain, callback=lambda repository, result: made.append(repository.backup_finish(result)))
        del repository
        self.wait_until(lambda: made, 'the backup')
        self.wait_until(lambda: not held, 'the handler')
        self.collect(*weak)
        self.assertFalse(self.file('socket').exists())
        self.assertEqual(self.repository.count_backups(self.domain.uuid), 2)

    # --- after closing ---

    def test_after_close(self):
        plan = self.repository.plan_backup(self.domain)
        checkpoint_plan = self.domain.plan_checkpoint()
        cursor = self.checkpoint.open_extents('vda')
        first = self.offsets(cursor.read(1))
        mount = self.repository.mount(self.backup, self.file('socket'))
        self.connection.close()
        for call in (
            lambda: cursor.read(1),
            lambda: next(iter(cursor)),
            lambda: self.repository.plan_backup(self.domain),
            lambda: self.repository.backup(self.domain),
            lambda: self.domain.plan_checkpoint(),
            lambda: self.checkpoint.open_extents('vda'),
        ):
            with self.assertRaises(Vck.NotConnected):
                call()
        self.assertEqual(first, self.extents[:1])
        self.assertEqual(cursor.dirty_bytes, GRANULARITY * len(first))
        self.assertEqual([disk.base for disk in plan.list_disks()], [self.backup.id] * 2)
        self.assertEqual([disk.target for disk in checkpoint_plan.list_disks()], ['vda', 'vdb'])
        self.assertTrue(self.repository.restore(self.backup, 'vda', self.file('to')))
        self.assertServed(mount.socket)

    def test_after_close_of_a_mount(self):
        with self.repository.mount(self.backup, self.file('socket')) as mount:
            self.assertServed(mount.socket)
        self.assertFalse(self.file('socket').exists())
        self.assertTrue(mount.close())
        self.assertEqual(mount.socket, str(self.file('socket')))
        with self.repository.mount(self.backup, self.file('socket')):
            mount.close()
            self.assertServed(mount.socket)

    def test_after_the_end(self):
        cursor = self.checkpoint.open_extents('vda')
        self.assertEqual(self.offsets(cursor), self.extents)
        self.assertEqual(([*cursor], cursor.read(1)), ([], []))

    # --- cancelling ---

    def test_cancel_a_backup(self):
        """Each is there with all it needs or not at all, so the next one is based on the last."""
        made = 1 + self.count_made(lambda _number, cancellable: self.repository.backup(self.domain, cancellable=cancellable))
        self.repository.recover(self.domain)
        backups = self.repository.list_backups(self.domain.uuid)
        self.assertEqual((len(backups), self.repository.verify(self.domain.uuid)), (made, []))
        self.assertEqual(self.repository.plan_backup(self.domain).list_disks()[0].base, backups[-1].id)

    def test_cancel_a_restore(self):
        made = self.count_made(lambda number, cancellable: self.repository.restore(
            self.backup, 'vda', self.file(f'restored.{number}'), cancellable=cancellable))
        self.assertEqual(len([*self.folder.glob('restored.*')]), made)

    def test_cancel_a_mount(self):
        def mount(number, cancellable):
            path = self.file(f'socket.{number}')
            with self.repository.mount(self.backup, path, cancellable):
                self.assertServed(path)

        self.count_made(mount)
        self.assertEqual([*self.folder.glob('socket.*')], [])

    def test_cancel_reads(self):
        """A read returns what it has read or is cancelled before: nothing is lost."""
        cursor = self.checkpoint.open_extents('vda')
        read = []
        for number in range(32):
            cancellable = Gio.Cancellable()
            timer = threading.Timer(number / 50_000, cancellable.cancel)
            timer.start()
            with contextlib.suppress(Vck.Cancelled):
                read += self.offsets(cursor.read(1, cancellable))
            timer.join()
        self.assertEqual(read + self.offsets(cursor), self.extents)

    # --- threads ---

    def test_threads(self):
        """One cursor for all, and one mount that each of them closes: each extent is read once."""
        cursor = self.checkpoint.open_extents('vda')
        shared = self.repository.mount(self.backup, self.file('shared'))

        def work(number):
            read = []
            with self.repository.mount(self.backup, self.file(f'socket.{number}')) as mount:
                self.assertServed(mount.socket)
                self.assertEqual(self.offsets(self.checkpoint.open_extents('vda')), self.extents)
                self.assertEqual(len(self.repository.plan_backup(self.domain).list_disks()), 2)
                self.assertTrue(self.repository.restore(self.backup, 'vda', self.file(f'to.{number}')))
            while True:
                try:
                    part = self.offsets(cursor.read(1))
                except Vck.Busy:
                    continue
                if not part:
                    break
                read += part
            with contextlib.suppress(Vck.Busy):
                self.repository.backup(self.domain)
            shared.close()
            return read

        read = self.in_threads(work)
        self.assertEqual(sorted(sum(read, [])), self.extents)
        self.assertFalse(self.file('shared').exists())
        self.assertEqual(self.repository.verify(self.domain.uuid), [])


class OnLocal(OnMemory):
    backend_class = LocalBackend
