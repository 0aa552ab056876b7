# SPDX-License-Identifier: LGPL-2.1-or-later

"""A backup of a running domain is interrupted at calls by which it changes something: the program is
killed there, or the call fails, once or from then on. What is listed is right, QEMU has nothing left of
it, and the next backup is incremental on the last one that is listed."""

import hashlib
import os
import shutil
import subprocess

from running import DISK_SIZE, RunningTestCase
from support import clean_environment

# Sampled, and with each mode at other points.
EVERY = 1 if os.environ.get('VCK_CRASH_ALL') else 37
BLOCK = 65536
MANY = 60  # a chain is not to become too long


class TestKilled(RunningTestCase):
    def setUp(self):
        super().setUp()
        self.connection.close()  # else this process would connect to QEMU, too, and keep the other waiting
        self.mark = self.folder / 'mark'
        self.open_store(self.folder / 'store')
        self.content = {target: bytearray(DISK_SIZE) for target in self.targets}
        self.hashes = {}
        self.number = 0
        for _ in range(2):
            self.write()
            self.assertEqual(self.run_actor(), 0)
            self.note(self.hash_now())

    def write(self):
        """The guest writes to both disks: over what it wrote before, and beside it."""
        self.number += 1
        offset, value = self.number % 100 * BLOCK + 512, 1 + self.number % 255
        for target in self.targets:
            self.qemu.write(target, offset, BLOCK, value)
            self.content[target][offset:offset + BLOCK] = bytes([value]) * BLOCK

    def run_actor(self, **environment):
        command = [os.environ['CRASH_ACTOR'], self.uri, str(self.store.parent)]
        done = subprocess.run(command, check=False, env=clean_environment() | environment, capture_output=True)
        self.said = done.stderr.decode(errors='replace')
        return done.returncode

    def hash_now(self):
        return {target: hashlib.sha256(content).hexdigest() for target, content in self.content.items()}

    def note(self, hashes):
        """Backups that are new have this content."""
        for backup in self.listed():
            self.hashes.setdefault(backup, hashes)

    def check(self):
        for backup in self.listed()[-3:]:
            self.assertEqual(self.hash_backup(backup), self.hashes[backup], backup)

    def try_point(self, mode, number):
        """False if there are not so many points."""
        self.mark.unlink(missing_ok=True)
        before = self.hash_now()
        self.run_actor(LD_PRELOAD=os.environ['CRASH_POINTS'], VCK_CRASH_PROGRAM='backup-actor',
                       VCK_CRASH_MODE=mode, VCK_CRASH_AT=str(number), VCK_CRASH_MARK=str(self.mark),
                       ASAN_OPTIONS='verify_asan_link_order=0:detect_leaks=1')
        if not self.mark.exists():
            return False
        where = f'{mode} at call {number}, {self.mark.read_text()}: {self.said}'
        self.write()  # QEMU may still be copying
        self.note(before)
        self.check()
        self.assertEqual(self.run_actor(), 0, f'{where}: {self.said}')
        names = self.listed()
        for name in names[:-1]:
            self.hashes.setdefault(name, before)  # it is completed now
        self.note(self.hash_now())
        self.check()
        for target, disk in self.manifest(names[-1])['disks'].items():
            self.assertEqual(disk['base'], names[-2], f'{target}, {where}: {disk["why_full"]}')
        self.connect()
        with self.subTest(where):
            self.assertNothingLeft()
        self.connection.close()
        return True

    def go(self, mode, first):
        number = first
        while self.try_point(mode, number):
            number += EVERY
            if len(self.listed()) > MANY:
                self.begin_anew()
        print(f'# {mode}: {number} points')
        self.assertGreater(number, 100)

    def begin_anew(self):
        shutil.rmtree(self.store)
        self.connect()
        for checkpoint in self.domain.list_checkpoints(0, None):
            checkpoint.delete(0, None)
        self.connection.close()
        for _ in range(2):
            self.assertEqual(self.run_actor(), 0)
            self.note(self.hash_now())

    def test_killed(self):
        self.go('kill', 1)

    def test_killed_after(self):
        self.go('kill-after', 1 + EVERY // 2)

    def test_call_fails(self):
        """Also what is sent to QEMU: then the connection is lost."""
        self.go('eio', 1 + EVERY // 3)

    def test_full_from_then_on(self):
        self.go('full', 1 + 2 * EVERY // 3)
