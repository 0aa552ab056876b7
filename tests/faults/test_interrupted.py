# SPDX-License-Identifier: LGPL-2.1-or-later

"""Backups into a repository that are cancelled, or lose what copies for them, at any moment."""

import hashlib
import os
import pathlib
import signal
import threading
import time

from qemu import Guest
from running import DATA, MIB, RunningTestCase
from support import backup_xml, checkpoint_xml, run
from gi.repository import Gio, GLib, Vck

ROUNDS = 8


def children():
    """The processes that this one has started."""
    found = []
    for thread in pathlib.Path('/proc/self/task').iterdir():
        found += (thread / 'children').read_text().split()
    return [int(each) for each in found]


class InterruptedTestCase(RunningTestCase):
    def setUp(self):
        super().setUp()
        self.open_store(self.folder / 'store')
        self.content = {target: bytearray(b'\1' * (3 * DATA) + bytes(DATA)) for target in self.targets}
        self.hashes = {}
        self.number = 0

    def make_image(self, image):
        run('qemu-img', 'create', '-q', '-f', 'qcow2', image, 4 * DATA)
        run('qemu-io', '-f', 'qcow2', '-c', f'write -P 1 0 {3 * DATA}', image)

    def write(self):
        """To both disks, also of a domain that is off."""
        self.number += 1
        value = 1 + self.number % 255
        for target in self.targets:
            if self.qemu.process is not None:
                self.qemu.write(target, 0, 2 * DATA, value)
            else:
                run('qemu-io', '-f', 'qcow2', '-c', f'write -q -P {value} 0 {2 * DATA}', self.images[target])
            self.content[target][:2 * DATA] = bytes([value]) * (2 * DATA)

    def measure(self):
        """How long a backup takes, in seconds."""
        start = time.monotonic()
        self.back_up()
        return time.monotonic() - start

    def note(self):
        """Backups that are new hold what was written."""
        now = {target: hashlib.sha256(content).hexdigest() for target, content in self.content.items()}
        for backup in self.listed():
            self.hashes.setdefault(backup, now)

    def check_after(self, lost=False):
        """What is listed, with a backup that nothing interrupts, is what the disks held. That one is
        incremental, unless bitmaps may have been `lost`."""
        before = self.listed()
        self.back_up()
        names = self.listed()
        self.assertEqual(len(names), len(before) + 1)
        self.note()
        for backup in names[-3:]:
            self.assertEqual(self.hash_backup(backup), self.hashes[backup], backup)
        for target, disk in self.manifest(names[-1])['disks'].items() if not lost else ():
            self.assertEqual(disk['base'], names[-2], f'{target}: {disk["why_full"]}')
        self.assertNothingLeft(lost)


class TestCancelled(InterruptedTestCase):
    def test_through_a_cancellable(self):
        length = self.measure()
        self.check_after()
        states = set()
        for number in range(ROUNDS):
            self.write()
            cancellable = Gio.Cancellable()
            timer = threading.Timer(length * number / (ROUNDS - 2), cancellable.cancel)
            if number < ROUNDS - 1:
                timer.start()
            try:
                self.repository.backup(self.domain, None, 0, 0, Vck.BackupFlags.FULL, cancellable)
                states.add('done')
            except GLib.Error as error:
                self.assertTrue(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error)
                states.add('cancelled')
            if number < ROUNDS - 1:
                timer.join()
            self.assertNothingLeft()
            self.check_after()
        self.assertEqual(states, {'done', 'cancelled'})

    def test_from_another_thread(self):
        """The job is cancelled as soon as it is in a state, and while it comes there."""
        guest = Guest(self.qemu, over_nbd=False)
        ends = set()
        for number in range(ROUNDS):
            files = {target: self.folder / f'{target}-{number}' for target in self.targets}
            job = self.domain.begin_backup(backup_xml(files), checkpoint_xml(f'c{number}'), 0, None)
            wanted = Vck.JobState.FINISHING if number % 2 else Vck.JobState.RUNNING
            thread = threading.Thread(target=self.cancel_in_state, args=(wanted, number / 100))
            thread.start()
            try:
                job.wait(None)
            except GLib.Error as error:
                self.assertTrue(error.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED), error)
            thread.join()
            done = job.get_state() == Vck.JobState.DONE
            ends.add(done)
            self.assertIn(job.get_state(), (Vck.JobState.DONE, Vck.JobState.CANCELLED))
            self.assertEqual({path.exists() for path in files.values()}, {done})
            found = [each.get_name() for each in self.domain.list_checkpoints(0, None)]
            self.assertEqual(f'c{number}' in found, done)
            self.assertEqual(sorted(self.qemu.bitmaps('vda')), sorted(found))
            self.assertEqual(self.qemu.leftovers(), [])
        guest.end()
        self.assertEqual(guest.errors, [])
        self.assertIn(False, ends)

    def cancel_in_state(self, state, delay):
        job = self.domain.get_backup_job(None)
        while job.get_state() < state:
            time.sleep(0)
        time.sleep(delay if state == Vck.JobState.RUNNING else 0)
        job.cancel(None)


class TestQemuKilled(InterruptedTestCase):
    def test_at_any_moment(self):
        length = self.measure()
        self.check_after()
        n_lost = 0
        for number in range(ROUNDS):
            self.write()
            timer = threading.Timer(length * number / (ROUNDS - 3), self.qemu.process.kill)
            timer.start()
            try:
                self.back_up()
            except GLib.Error as error:
                self.assertEqual(error.domain, 'vck-error-quark', error)
                n_lost += 1
            timer.join()
            self.qemu.kill()
            self.note()
            for target, image in self.images.items():  # what it had not stored is lost
                self.content[target] = self.read_image(image)
            self.qemu.start()
            self.domain.refresh(None)
            self.check_after(lost=True)
        self.assertGreater(n_lost, 0)  # how many, depends on what else the host does


class TestDaemonKilled(InterruptedTestCase):
    def test_at_any_moment(self):
        """The domain is off, and a storage daemon copies."""
        self.write()
        self.qemu.stop()
        length = self.measure()
        self.check_after()
        n_lost = 0
        for number in range(ROUNDS):
            self.write()
            timer = threading.Timer(length * number / (ROUNDS - 3), self.kill_children)
            timer.start()
            try:
                self.repository.backup(self.domain, None, 0, 0, Vck.BackupFlags.FULL, None)
            except GLib.Error as error:
                self.assertEqual(error.domain, 'vck-error-quark', error)
                n_lost += 1
            timer.join()
            self.check_after()
        self.assertGreater(n_lost, 0)  # how many, depends on what else the host does

    def kill_children(self):
        for child in children():
            os.kill(child, signal.SIGKILL)
