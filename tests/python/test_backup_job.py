# SPDX-License-Identifier: LGPL-2.1-or-later

"""Backup jobs: how far they are, how they end, and what is left, on memory: and with real images."""

import itertools
import pathlib
import struct
import subprocess
import sys
import threading
import time
import weakref

from support import (
    DISK_SIZE,
    LocalBackend,
    MemoryBackend,
    VckTestCase,
    backup_xml,
    checkpoint_xml,
    names,
    run,
    settle,
)
from gi.repository import Gio, GLib, Vck

NO_FLAGS = Vck.BackupBeginFlags(0)

# What another program does: it begins a backup, and ends before that does.
OTHER_PROGRAM = """
import os, sys, gi
gi.require_version('Vck', '1')
from gi.repository import Vck
connection = Vck.Connection.open(sys.argv[1], 0, None)
domain = connection.lookup_domain_by_name('guest', None)
domain.begin_backup(sys.argv[2], sys.argv[3], 0, None)
os.kill(os.getpid(), 9)
"""


class Jobs:
    """The cases for every backend."""

    def setUp(self):
        super().setUp()
        self.connection = self.open()
        self.domain = self.define(self.connection)

    def fill(self):
        """What there is to copy takes long enough to do something meanwhile."""
        for target in ('vda', 'vdb'):
            self.backend.write(target, 0, DISK_SIZE)

    def files(self, name):
        return self.backend.backups(name, 'vda', 'vdb')

    def begin(self, name='monday', base=None):
        return self.domain.begin_backup(
            backup_xml(self.files(name), base), checkpoint_xml(name), NO_FLAGS, None
        )

    def begin_limited(self, speed):
        """Begins one that does not end before it can be limited, however busy the computer is."""
        for number in itertools.count(1):
            job = self.begin(f'limited-{number}')
            try:
                self.assertTrue(job.limit_speed(speed, None))
                return job
            except GLib.Error as error:
                self.assertMatches(error, Vck.Error.NO_BACKUP)
                self.assertTrue(job.wait(None))

    def list(self):
        return names(self.domain.list_checkpoints(Vck.CheckpointListFlags(0), None))

    def assertCancelled(self, call, *arguments):
        with self.assertRaises(GLib.Error) as caught:
            call(*arguments)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_done(self):
        """It is followed to its end; what is emitted is emitted in the main loop, in order, once."""
        self.assertFails(Vck.Error.NO_BACKUP, self.domain.get_backup_job, None)
        self.backend.write('vda', 0, DISK_SIZE // 8)
        job = self.begin()
        heard = []
        job.connect('notify::state', lambda job, _: heard.append(job.props.state.value_nick))
        job.connect('ended', lambda _, state: heard.append(f'ended {state.value_nick}'))
        disks = list(job.props.disks)
        self.assertEqual([disk.props.name for disk in disks], ['vda', 'vdb'])
        self.assertEqual({disk.props.name: disk.props.file for disk in disks},
                         {target: str(path) for target, path in self.files('monday').items()})
        self.assertEqual([disk.props.base for disk in disks], [None, None])
        self.assertEqual((job.props.domain, job.props.checkpoint_name), (self.domain, 'monday'))
        self.assertEqual(job.props.mode, Vck.BackupMode.PUSH)
        self.assertTrue(job.props.id)

        self.assertTrue(job.wait())
        self.assertEqual(job.props.state, Vck.JobState.DONE)
        self.assertIsNone(job.props.error)
        self.assertEqual(heard, [])
        self.assertEqual(job.props.bytes_done, job.props.bytes_total)
        self.assertEqual(sum(disk.props.bytes_done for disk in disks), job.props.bytes_done)
        self.assertEqual(list(job.get_disks()), disks)
        self.wait_until(lambda: 'ended done' in heard, 'the end')
        settle()
        self.assertEqual(heard[-2:], ['done', 'ended done'])
        self.assertEqual(heard.count('ended done'), 1)
        self.assertEqual(self.list(), ['monday'])
        self.assertIs(self.domain.get_backup_job(None), job)

    def test_incremental(self):
        self.assertTrue(self.begin().wait(None))
        self.backend.write('vda', 0, 65536)
        job = self.begin('tuesday', 'monday')
        self.assertTrue(job.wait(None))
        disks = {disk.get_name(): disk for disk in job.get_disks()}
        self.assertEqual(disks['vda'].get_base(), 'monday')
        if self.backend.has_images:
            self.assertEqual(disks['vda'].get_bytes_total(), 65536)
            self.assertEqual(disks['vdb'].get_bytes_total(), 0)
        self.assertEqual(self.list(), ['monday', 'tuesday'])

    def test_async(self):
        job = self.call(self.domain.begin_backup_async, backup_xml(self.files('monday')), None, NO_FLAGS, None)
        self.assertIsNone(job.props.checkpoint_name)
        heard = []
        for _ in range(50):  # more than there are threads
            job.wait_async(None, lambda job, result: heard.append(job.wait_finish(result)))
        self.wait_until(lambda: len(heard) == 50, 'all callbacks')
        self.assertEqual(set(heard), {True})
        self.assertIs(self.call(self.domain.get_backup_job_async, None), job)

    def test_cancel(self):
        """Nothing is left of it, and what was there before is as it was."""
        self.create(self.domain, 'before')
        self.fill()
        job = self.begin()
        job.cancel(None)
        self.assertCancelled(job.wait, None)
        self.assertEqual(job.props.state, Vck.JobState.CANCELLED)
        self.assertTrue(job.props.error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))
        self.assertTrue(self.call(job.cancel_async, None))
        self.assertEqual(self.list(), ['before'])
        self.assertFalse([path for path in self.files('monday').values() if path.exists()])
        self.assertTrue(self.begin().wait(None))

    def test_speed(self):
        """It is limited, as method and as property, until it no longer is."""
        self.fill()
        job = self.begin_limited(1024)
        deadline = time.monotonic() + 60
        while job.props.speed != 1024:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        job.props.speed = 0
        self.assertTrue(job.wait(None))
        self.assertFails(Vck.Error.NO_BACKUP, job.limit_speed, 1, None)

    def test_wait_in_two_threads(self):
        """One that is cancelled, and one that is not; the job does not care."""
        self.fill()
        job = self.begin()
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        self.assertCancelled(job.wait, cancellable)
        heard = []
        thread = threading.Thread(target=lambda: heard.append(job.wait(None)))
        thread.start()
        self.assertTrue(job.wait(None))
        thread.join()
        self.assertEqual(heard, [True])

    def test_again(self):
        """The object goes, the job does not; its result is kept."""
        self.fill()
        job = self.begin()
        job_id = job.props.id
        gone = weakref.ref(job)
        del job
        self.wait_until(lambda: settle() or gone() is None, 'the death of the object')
        job = self.domain.get_backup_job(None)
        self.assertEqual(job.props.id, job_id)
        self.assertTrue(job.wait(None))
        del job
        settle()
        job = self.domain.get_backup_job(None)
        heard = []
        job.connect('ended', lambda _, state: heard.append(state))
        self.assertEqual((job.props.id, job.props.state), (job_id, Vck.JobState.DONE))
        settle()
        self.assertEqual(heard, [Vck.JobState.DONE])

    def test_refused(self):
        def begin(document, checkpoint=None):
            return self.assertFails(
                Vck.Error.XML_INVALID_SCHEMA, self.domain.begin_backup, document, checkpoint, NO_FLAGS, None
            )

        begin('<domainbackup><disks><disk/></disks></domainbackup>')
        self.fill()
        job = self.begin_limited(1024)
        self.assertFails(Vck.Error.BUSY, self.begin, 'tuesday')
        job.props.speed = 0
        self.assertTrue(job.wait(None))
        self.assertNotIn('tuesday', self.list())
        reader = self.open(Vck.ConnectionFlags.READ_ONLY).lookup_domain_by_name('guest', None)
        seen = reader.get_backup_job(None)
        self.assertTrue(seen.wait(None))
        self.assertIsNot(seen, job)
        self.assertEqual(seen.props.id, job.props.id)
        xml = backup_xml(self.files('tuesday'))
        self.assertFails(Vck.Error.OPERATION_DENIED, reader.begin_backup, xml, None, NO_FLAGS, None)


class TestMemory(Jobs, VckTestCase):
    backend_class = MemoryBackend

    def test_progress(self):
        """A backup takes some steps here: each is seen, and the connection may be closed meanwhile."""
        job = self.begin()
        seen = []
        job.connect('notify::bytes-done', lambda job, _: seen.append(job.props.bytes_done))
        job.props.disks[0].connect('notify::bytes-done', lambda disk, _: seen.append(disk.props.name))
        self.wait_until(lambda: job.props.state == Vck.JobState.DONE, 'the end')
        settle()
        self.assertIn('vda', seen)
        self.assertEqual(seen[-1], job.props.bytes_total)
        self.assertGreaterEqual(job.props.time_elapsed, 0)

    def test_closed(self):
        job = self.begin()
        self.connection.close()
        self.assertFails(Vck.Error.NO_CONNECT, job.wait, None)
        self.assertFails(Vck.Error.NO_CONNECT, self.call, job.wait_async, None)


class TestLocal(Jobs, VckTestCase):
    backend_class = LocalBackend

    def damage(self, target):
        """A cluster of the image counts as compressed, and its content cannot be decompressed."""
        with open(self.backend.image(target), 'r+b') as file:
            (table,) = struct.unpack('>Q', file.read(48)[40:48])
            file.seek(table)
            (second,) = struct.unpack('>Q', file.read(8))
            file.seek((second & 0x00FFFFFFFFFFFE00) + 8 * 100)
            (entry,) = struct.unpack('>Q', file.read(8))
            file.seek(-8, 1)
            file.write(struct.pack('>Q', 1 << 62 | entry & 0x00FFFFFFFFFFFE00))

    def test_failure(self):
        """The image is damaged: the reason reaches the caller, and nothing is left."""
        self.backend.write('vda', 0, DISK_SIZE // 8)
        self.damage('vda')
        job = self.begin()
        message = self.assertFails(Vck.Error.OPERATION_FAILED, job.wait, None)
        self.assertIn('vda', message)
        self.assertEqual(job.props.state, Vck.JobState.FAILED)
        self.assertEqual(job.props.error.message, message)
        self.assertEqual(self.list(), [])
        self.assertFalse([path for path in self.files('monday').values() if path.exists()])

    def test_other_program_died(self):
        """What is left of a backup that was lost with its program is removed."""
        self.fill()
        other = subprocess.run(
            [sys.executable, '-c', OTHER_PROGRAM, self.backend.uri, backup_xml(self.files('monday')),
             checkpoint_xml('monday')],
            check=False)
        self.assertEqual(other.returncode, -9)
        job = self.domain.get_backup_job(None)
        self.assertEqual(job.props.state, Vck.JobState.LOST)
        self.assertFails(Vck.Error.OPERATION_FAILED, job.wait, None)
        self.assertEqual(self.list(), [])
        self.assertTrue(self.begin().wait(None))

    def test_pull(self):
        """It ends when it is cancelled, and that is a good end."""
        self.backend.write('vda', 65536, 512)
        socket = self.backend.folder / 'nbd'
        xml = f"<domainbackup mode='pull'><server transport='unix' socket='{socket}'/></domainbackup>"
        job = self.domain.begin_backup(xml, checkpoint_xml('monday'), NO_FLAGS, None)
        self.assertEqual((job.props.mode, job.props.state), (Vck.BackupMode.PULL, Vck.JobState.RUNNING))
        self.assertEqual((job.props.bytes_done, job.props.bytes_total, job.props.rate), (-1, -1, -1))
        run('qemu-io', '-r', '-f', 'raw', '-c', 'read -P 205 65536 512', f'nbd:unix:{socket}:exportname=vda')
        job.cancel(None)
        self.assertTrue(job.wait(None))
        self.assertEqual(job.props.state, Vck.JobState.DONE)
        self.assertEqual(self.list(), ['monday'])
        self.assertFalse(socket.exists())

    def test_content(self):
        self.backend.write('vda', 4096, 512)
        self.assertTrue(self.begin().wait(None))
        run('qemu-img', 'compare', self.backend.image('vda'), self.files('monday')['vda'])
        self.assertEqual(pathlib.Path(self.files('monday')['vda']).stat().st_mode & 0o077, 0)

